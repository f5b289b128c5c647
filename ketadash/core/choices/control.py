"""The kinds of control by which a choice is made, and how each writes a value in a link and on the command line.

Nothing here draws: `ketadash.ui.controls` has one function for each kind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ketadash.core.errors import SpecError

AUTO = "as the trial says"  # a column or an arm that is left to the trial, in lists and links


@dataclass(frozen=True, kw_only=True)
class Control:
    """A control of any kind.

    Attributes
    ----------
    metavar
        What stands for a value in the command line's help; None for values that have names.
    parse
        A value from what the command line or a declaration says.
    """

    metavar: str | None = None
    parse: Callable[[str], Any] = str

    def word(self, value: Any) -> Any:
        """A value as the control and the link have it."""
        return value

    def read(self, word: str) -> Any:
        """The value of a link's word; KeyError, ValueError or SpecError for a word that means none."""
        return self.parse(word)


@dataclass(frozen=True, kw_only=True)
class Buttons(Control):
    """A row of buttons; `words`: what stands on each in English and in the link, and what it means."""

    words: Mapping[str, Any]

    def word(self, value: Any) -> Any:
        """What stands on the button of a value."""
        return next((word for word, meant in self.words.items() if meant == value), value)

    def read(self, word: str) -> Any:
        """What the button means."""
        return self.words[word]


@dataclass(frozen=True, kw_only=True)
class OptionList(Control):
    """A list of the words `offered`, where other values are possible too; `write` and `reads` turn values into words
    and back.
    """

    offered: tuple[str, ...]
    write: Callable[[Any], str] = str
    reads: Callable[[str], Any] | None = None

    def word(self, value: Any) -> str:
        """A value as the list has it."""
        return self.write(value)

    def read(self, word: str) -> Any:
        """The value that a word of the list stands for."""
        return (self.reads or self.parse)(word)


@dataclass(frozen=True, kw_only=True)
class DataName(Control):
    """A list of arms or columns, which the data name; None is left to the trial, or whatever `unsaid` says."""

    unsaid: str = AUTO
    placed: bool = False  # whether it stands above the picture on some page

    def word(self, value: str | None) -> str:
        """A name as the list and the link have it."""
        return value or self.unsaid

    def read(self, word: str) -> str | None:
        """The name, or None where it is left to the trial."""
        return None if word == self.unsaid else word


def columns_named(text: str) -> tuple[str, ...]:
    """``"site, sex"`` as names, each once."""
    return tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))


@dataclass(frozen=True, kw_only=True)
class DataNames(Control):
    """Several of the data's columns, with commas between them; none is ()."""

    parse: Callable[[str], tuple[str, ...]] = columns_named

    def word(self, value: tuple[str, ...]) -> list[str]:
        """The names as the list on screen has them; links and the command line join them with commas."""
        return list(value)


@dataclass(frozen=True, kw_only=True)
class NumberBox(Control):
    """A box for a number within bounds, whole ones if the bounds are; `narrow` ones share a line."""

    least: float
    most: float
    narrow: bool = False


@dataclass(frozen=True, kw_only=True)
class TextBox(Control):
    """A box to write in.

    Attributes
    ----------
    placeholder
        What stands in it while it is empty, which is None.
    until
        What holds until something that can be read is written.
    empty
        What an empty box means.
    """

    placeholder: str
    until: str
    empty: Any = None

    def word(self, value: Any) -> str:
        """A value as it is written."""
        return "" if value == self.empty else str(value)

    def read(self, word: str) -> Any:
        """What is written; `empty` for nothing."""
        return self.parse(word) if word else self.empty


@dataclass(frozen=True, kw_only=True)
class DialSlider(Control):
    """One arm's ratio on the dial of missing days."""

    def word(self, value: float) -> str:
        """A ratio as the dial and the link have it."""
        return odds_word(value)


def odds_word(odds: float) -> str:
    """An odds ratio as the dial and the link have it."""
    return "inf" if odds == float("inf") else f"{odds:g}"


def day_number(text: str) -> int:
    """A day as it is written.

    Raises
    ------
    SpecError
        For anything but a whole number.
    """
    try:
        return int(text)
    except ValueError:
        raise SpecError(f"'{text[:20]}' is not a day; write a whole number such as 21") from None


def share_of(text: str) -> float:
    """``"95%"`` as 0.95."""
    return float(text.rstrip("%")) / 100
