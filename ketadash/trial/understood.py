"""What was understood of a trial's files: the tables by role, the recipe that says how, and the sentences that tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ketadash.core.findings import Answer, Check, listed, short
from ketadash.files import Table
from ketadash.trial.answers import QUESTIONS
from ketadash.trial.recipe import Recipe


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was understood.

    Attributes
    ----------
    field
        The field of the recipe that changes it.
    text
        In a sentence.
    doubt
        Whether it was a guess that could as well be otherwise.
    """

    field: str
    text: str
    doubt: bool = False


@dataclass(frozen=True, eq=False)
class Understood:
    """The reading of a trial's files.

    Attributes
    ----------
    tables
        By role, under canonical column names, one row a participant-day in ``days``.
    recipe
        Everything that was said or recognised; reading the same files with it gives the same tables.
    lines
        The same in sentences.
    checks
        What was left out, and what is doubtful.
    amount
        The daily column, if one was recognised or said.
    files
        The names of the files used, by role.
    """

    tables: dict[str, Table]
    recipe: Recipe
    lines: tuple[Line, ...]
    checks: tuple[Check, ...]
    amount: str | None
    files: dict[str, tuple[str, ...]]


@dataclass
class Notes:
    """Where the steps of a reading put what they decide and say."""

    recipe: Recipe
    lines: list[Line] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    declared_unit: str | None = None  # what `trial.toml` says that the amounts are counted in

    def say(self, what: str, text: str, doubt: bool = False) -> None:
        """One more sentence about the recipe's field `what`; a doubt is a warning too."""
        if Line(what, text, doubt) in self.lines:  # two sheets may be read alike, and are told once
            return
        self.lines.append(Line(what, text, doubt))
        if doubt:
            self.checks.append(Check("reading", "warning", text, 1))

    def decide(self, **choices: Any) -> None:
        """Write a choice into the recipe."""
        self.recipe = replace(self.recipe, **choices)

    def column(self, name: str, header: str) -> None:
        """Write which header is the column `name` into the recipe."""
        self.decide(columns=tuple({**dict(self.recipe.columns), name: header}.items()))

    def ask(
        self,
        key: str,
        message: str,
        answers: Mapping[str, str],
        *,
        name: str = "",
        option: str = "",
        count: int = 0,
        provisional: str | None = None,
    ) -> str:
        """The answer that the recipe gives; without one, `provisional` or the first, and a question.

        It stands only until a person has chosen: nothing is analysed before, and readings that give the
        same numbers are no question (`questions.settled`).

        Parameters
        ----------
        key
            Under which the recipe keeps the answer, one of `answers.QUESTIONS`.
        message
            What was found in the file, and what is asked: a sentence and a question.
        answers
            What the recipe then says, each with its meaning in a clinician's words.
        name
            The check's name; the key, unless it is another.
        option
            The command line's own option for it, where there is one.
        count
            How many rows, cells or participants it concerns.
        provisional
            The answer to read with until one is given, if the first cannot be.
        """
        if key not in QUESTIONS:
            raise KeyError(key)
        given = self.recipe.answer(key)
        if given is not None and given in answers:
            answer = Answer(given, answers[given])
            both = f"{message} Answered: {answer.label}"
            self.checks.append(Check("answered", "note", both, count, (), key, (answer,), question=message))
            return given
        if given is not None:
            allowed = listed([f"'{short(a)}'" for a in answers], most=12)
            self.checks.append(
                Check(
                    "recipe",
                    "error",
                    f"the answer {key} = '{short(given)}' is none of {allowed}; choose one of these",
                    1,
                )
            )
        elif all(c.key != key for c in self.checks):  # two sheets may ask the same, and it is asked once
            offered = tuple(Answer(value, label) for value, label in answers.items())
            self.checks.append(Check(name or key, "question", message, count, (), key, offered, option))
        return provisional or next(iter(answers))

    def left_out(self, n: int, text: str, where: tuple[str, ...] = ()) -> None:
        """Rows, sheets or columns that are not used: counted and listed, never silent."""
        self.checks.append(Check("left_out", "note", text, n, where))
