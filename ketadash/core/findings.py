"""What a check found, and the small words that findings are made of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ketadash.core.errors import DataError

SEVERITIES = ("error", "question", "warning", "note")  # worst first
SHOWN = 5  # places named in a message; the rest are counted
COLUMNS_SHOWN = 25  # columns named when one is looked for
LONGEST = 60  # characters of a name from a file that a message repeats
LONGEST_ITEM = 200  # of one item of a list
MOST_LISTED = 30  # messages one below the other


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer to a question about a file, and what the reading gives with it.

    Attributes
    ----------
    value
        What is written into the recipe.
    label
        The same in a clinician's words.
    participants, days, abstinent_share
        How many participants and known days of the analysis window the reading has, and the share of these days
        without use; None where it was not tried.
    trouble
        Why there are no such numbers, in a sentence; empty where there are.
    """

    value: str
    label: str
    participants: int | None = None
    days: int | None = None
    abstinent_share: float | None = None
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One finding about a file.

    Attributes
    ----------
    name
        The check's stable name, such as ``duplicate_days``.
    severity
        ``error`` (cannot be analysed), ``question`` (not before a person has answered), ``warning`` (can, but read
        this) or ``note``.
    message
        What, where and how to mend it, in one sentence.
    count
        How many rows, cells or participants it concerns.
    where
        The first of them, as ``line 12 (P014, day 22)``.
    key, answers, option
        Of a question: where the recipe keeps the answer, the answers there are, and the option of the command line.
    question
        Of the note that a question was answered: the question alone; `key` is its own, `answers` the one given.
    """

    name: str
    severity: str
    message: str
    count: int = 0
    where: tuple[str, ...] = ()
    key: str = ""
    answers: tuple[Answer, ...] = ()
    option: str = ""
    question: str = ""


class CheckFailedError(DataError):
    """A failed check that stops the reading at once (a file that is no table has no cells to check)."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.check = Check(name, "error", message, 1)


class UnansweredError(DataError):
    """Nothing is analysed before these questions have an answer."""

    def __init__(self, questions: Iterable[Check]) -> None:
        self.questions = tuple(questions)
        n = len(self.questions)
        head = "a question must be answered first" if n == 1 else f"{n} questions must be answered first"
        super().__init__("\n".join([head, *map(how_to_answer, self.questions)]))


_LAST_ASKS = re.compile(
    r"(?:^|[.:;] )(?:which|what|whose|who|how|where|when|is|are|do|does|did|should)\b[^.:;]*$", re.IGNORECASE
)


def ended(message: str) -> str:
    """A message, which has no mark at its end, with the one that its last sentence wants.

    >>> ended("dates could be read either way round. Which comes first"), ended("say where day 1 is")
    ('dates could be read either way round. Which comes first?', 'say where day 1 is.')
    """
    return message if message.endswith((".", "?", "!")) else message + ("?" if _LAST_ASKS.search(message) else ".")


def how_to_answer(question: Check) -> str:
    """A question with each answer as the command line takes it, and what that reading gives."""
    lines = [f"question {question.key}: {question.message}"]
    for answer in question.answers:
        given = f" ({preview})" if (preview := what_it_gives(answer)) else ""
        lines.append(f"  {answer_option(question, answer)}  {answer.label}{given}")
    example = question.answers[0].value if question.answers else "…"
    lines.append(f'  or in a recipe (--recipe FILE), under [answers]: {question.key} = "{example}"')
    return "\n".join(lines)


def answer_option(question: Check, answer: Answer) -> str:
    """The piece of a command line that gives this answer."""
    value = f"{question.key}={answer.value}" if question.option == "" else answer.value
    quoted = value if value.replace("=", "").replace("_", "").isalnum() else f'"{value}"'
    return f"{question.option or '--answer'} {quoted}"


def what_it_gives(answer: Answer) -> str:
    """``"12 participants, 168 days known, 64% of them without use"``; why not, where that reading cannot be made."""
    if answer.participants is None or answer.days is None:
        return answer.trouble
    known = f"{counted(answer.participants, 'participant')}, {counted(answer.days, 'day')} known"
    return known if answer.abstinent_share is None else f"{known}, {answer.abstinent_share:.0%} of them without use"


def listed(items: Iterable[str], count: int | None = None, most: int = SHOWN) -> str:
    """The first few of `items` and how many more there are: ``"P01, P02, and 3 more"``."""
    every = list(items)
    total = len(every) if count is None else count
    shown = [short(item, LONGEST_ITEM) for item in every[:most]]
    more = total - len(shown)
    return ", ".join(shown) + (f", and {more} more" if more else "")


def enumerated(names: Iterable[str]) -> str:
    """All of them, of which there is one at least: ``"site, sex and age"``."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def counted(n: int, singular: str, plural: str = "") -> str:
    """``"1 row"``, ``"3 rows"``."""
    return f"{n:,} {singular if n == 1 else plural or singular + 's'}"


def lowered(label: str) -> str:
    """A label, or a sentence, as part of a sentence: it begins small, unless it begins with an acronym.

    >>> lowered("Age at entry"), lowered("WHO risk level")
    ('age at entry', 'WHO risk level')
    """
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def short(text: str, most: int = LONGEST) -> str:
    """`text` cut to `most` characters: a cell of 10,000 must not fill the page."""
    return text if len(text) <= most else text[: most - 1] + "…"


def first_of(messages: Sequence[str], most: int = MOST_LISTED) -> list[str]:
    """So many messages, and how many more there are."""
    more = len(messages) - most
    return [*messages[:most], *([f"and {more:,} more like these"] if more > 0 else [])]
