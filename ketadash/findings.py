"""What a check found, and the small words that findings are made of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ketadash.errors import DataError

SEVERITIES = ("error", "warning", "note")  # worst first
SHOWN = 5  # places named in a message; the rest are counted
COLUMNS_SHOWN = 25  # columns named when one is looked for
LONGEST = 60  # characters of a name from a file that a message repeats
LONGEST_ITEM = 200  # of one item of a list


@dataclass(frozen=True, slots=True)
class Check:
    """One finding about a file.

    Attributes
    ----------
    name
        The check's stable name, such as ``duplicate_days``.
    severity
        ``error`` (cannot be analysed), ``warning`` (can, but read this) or ``note``.
    message
        What, where and how to mend it, in one sentence.
    count
        How many rows, cells or participants it concerns.
    where
        The first of them, as ``line 12 (P014, day 22)``.
    """

    name: str
    severity: str
    message: str
    count: int = 0
    where: tuple[str, ...] = ()


class CheckFailedError(DataError):
    """A failed check that stops the reading at once (a file that is no table has no cells to check)."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.check = Check(name, "error", message, 1)


def listed(items: Iterable[str], count: int | None = None, most: int = SHOWN) -> str:
    """The first few of `items` and how many more there are: ``"P01, P02, and 3 more"``."""
    every = list(items)
    total = len(every) if count is None else count
    shown = [short(item, LONGEST_ITEM) for item in every[:most]]
    more = total - len(shown)
    return ", ".join(shown) + (f", and {more} more" if more else "")


def counted(n: int, singular: str, plural: str = "") -> str:
    """``"1 row"``, ``"3 rows"``."""
    return f"{n:,} {singular if n == 1 else plural or singular + 's'}"


def short(text: str, most: int = LONGEST) -> str:
    """`text` cut to `most` characters: a cell of 10,000 must not fill the page."""
    return text if len(text) <= most else text[: most - 1] + "…"
