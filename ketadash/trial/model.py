"""What a trial is once read: `Trial`, what its `trial.toml` declared, and the outcome of one check."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import pandas as pd

from ketadash.errors import DataError
from ketadash.spec import AnalysisSpec, Window

SHOWN = 5  # places named in a message; the rest are counted
COLUMNS_SHOWN = 25  # columns named when one is looked for


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


@dataclass(frozen=True, slots=True)
class Described:
    """A row of Table 1 as `trial.toml` describes it: its label (None: the column's name), levels as (value, label)."""

    column: str
    label: str | None
    levels: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Declared:
    """What `trial.toml` says about the trial; None where it says nothing."""

    control: str | None = None
    active: str | None = None
    days: Window | None = None
    amount: str | None = None
    baseline: str | None = None
    event: str | None = None
    links: tuple[tuple[str, str], ...] = ()  # (visit measure, "log" or "identity")
    published: AnalysisSpec = field(default_factory=AnalysisSpec)  # the published or pre-specified analysis
    called: str | None = None  # which of these it is; None where the file declares none
    strict: bool = False  # whether p-values of any other analysis are hidden
    screened: int | None = None  # before randomisation, which the data cannot know
    enrolled: int | None = None
    table1: tuple[Described, ...] = ()


@dataclass(frozen=True, eq=False)
class Trial:
    """A trial as read: every row and every column, cells turned into numbers where they are numbers.

    Attributes
    ----------
    sha256
        Fingerprint of the bytes of every file read, with their roles; the key of every cached result.
    days
        One row a participant-day: `participant_id` (str), `arm` (str), `day` (int64), then every other
        column of the file.  The index is the line of the file.
    participants
        One row a participant, in natural order of the ids: `participant_id`, `arm`, then every column that
        has one value a participant.  Someone without a single day is here too: they were randomised.
    visits, adverse_events
        As read, `participant_id` as str and a visit's `day` as int64; None if there is no such file.
    day_file, decimal_comma
        Name of the file of days, and whether its numbers may carry a decimal comma.
    published
        Text of `published.toml` beside the data: the printed numbers of the trial's report (`ketadash.published`).
    """

    title: str
    sha256: str
    synthetic: bool
    days: pd.DataFrame = field(repr=False)
    participants: pd.DataFrame = field(repr=False)
    visits: pd.DataFrame | None = field(repr=False)
    adverse_events: pd.DataFrame | None = field(repr=False)
    declared: Declared
    warnings: tuple[str, ...]
    day_file: str = "the file"
    decimal_comma: bool = False
    published: str | None = field(default=None, repr=False)

    @property
    def arms(self) -> tuple[str, ...]:
        """Every arm's name, in alphabetical order."""
        return tuple(sorted(self.participants["arm"].unique()))


def listed(items: Iterable[str], count: int | None = None, most: int = SHOWN) -> str:
    """The first few of `items` and how many more there are: ``"P01, P02, and 3 more"``."""
    every = list(items)
    total = len(every) if count is None else count
    shown = every[:most]
    more = total - len(shown)
    return ", ".join(shown) + (f", and {more} more" if more else "")


def counted(n: int, singular: str, plural: str = "") -> str:
    """``"1 row"``, ``"3 rows"``."""
    return f"{n:,} {singular if n == 1 else plural or singular + 's'}"
