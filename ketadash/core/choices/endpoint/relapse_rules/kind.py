"""What a kind of relapse rule consists of: its numbers, its words, on which day it happens, the same in R and SAS."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import numpy as np

    Days = np.ndarray[Any, np.dtype[np.bool_]]
    Weeks = np.ndarray[Any, np.dtype[np.float64]]

Numbers = tuple[int, ...]
WEEK = 7  # days


@dataclass(frozen=True, eq=False)
class Reported:
    """What is known of everybody's days.

    Attributes
    ----------
    use, heavy
        (…, G, T) bool: known to be such a day.
    known
        (…, G, T) bool: reported.
    positive, tested
        (G, T) bool: days with a positive test, and with any.
    needs_test
        Whether a week without a test has no information, whatever was reported.
    fill
        (…, G, W) weeks of use, 1, 0 or NaN where nothing is known → the same under the missing-day rule.
    """

    use: Days
    heavy: Days
    known: Days
    positive: Days
    tested: Days
    needs_test: bool
    fill: Callable[[Weeks], Weeks]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of relapse rule.

    Attributes
    ----------
    word
        On the command line and in links, before the numbers; never changed.
    form
        How it is written: ``heavy:KinM``.
    pattern
        A regular expression of the whole, with a group for each number.
    possible
        Whether the numbers can go together, and are not absurd.
    what
        The numbers → the event in words; ``{heavy}`` stands for a heavy day, ``{day}`` for a day of use.
    of
        Which days are counted.
    by_weeks
        Whether weeks are counted, of which some may be unknown: the missing-day rule then comes in.
    least
        How many days a run has at least.
    falls_on
        (what is known, the numbers) → (…, G, T) bool: the days on which such a run begins.
    r, sas
        Whether the event falls on a day, in R and SAS, with the numbers in their places.
    part
        The part of the R and SAS programs that it needs before; empty for none.
    """

    word: str
    form: str
    pattern: str
    what: Callable[[Numbers], str]
    of: Literal["use", "heavy"]
    least: Callable[[Numbers], int]
    falls_on: Callable[[Reported, Numbers], Days]
    r: str
    sas: str
    possible: Callable[[Numbers], bool] = lambda numbers: True
    by_weeks: bool = False
    part: str = ""


def some_of(day: str, numbers: Numbers) -> str:
    """K such days within M in words."""
    k, m = numbers
    if k == 1:
        return f"the first {day}"
    return f"the first of {k} {day}s {'in a row' if k == m else f'within {m} days'}"


def days_within(of: Literal["use", "heavy"], day: str) -> Kind:
    """K days of a kind within M days in a row; `day` is what such a day is called, a field of the trial's terms."""
    return Kind(
        word=of,
        form=f"{of}:KinM",
        pattern=rf"{of}:(\d{{1,3}})in(\d{{1,3}})",
        what=partial(some_of, day),
        of=of,
        possible=lambda numbers: 1 <= numbers[0] <= numbers[1],
        least=lambda numbers: numbers[0],
        falls_on=lambda days, numbers: at_least(days.heavy if of == "heavy" else days.use, *numbers),
        r=f"days_in(d${of}, {{0}}, {{1}})",
        sas=f"{of} and (select sum(b.{of}) from days b where b.participant_id = days.participant_id and "
        "b.day between days.day and days.day + {1} - 1) >= {0}",
        part="days in",
    )


def at_least(days: Days, least: int, of: int) -> Days:
    """(…, T) bool → the days that are such a day and begin `of` days with at least `least` of them."""
    import numpy as np

    total = np.concatenate([np.zeros((*days.shape[:-1], 1), int), days.cumsum(axis=-1)], axis=-1)
    n = days.shape[-1]
    end = np.minimum(np.arange(n) + of, n)
    return np.asarray(days & (total[..., end] - total[..., :-1] >= least))
