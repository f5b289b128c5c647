"""Observed shares by week, and of all days so far: other ways to look at the points of a daily yes/no outcome.

Nothing is estimated: counts of days are added up.  There are no intervals, since one person's days are alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from ketadash.results import BinaryOutcome, ObservedPoint

DAILY, WEEKLY, CUMULATIVE = "daily", "weekly", "cumulative"
WAYS = (DAILY, WEEKLY, CUMULATIVE)


@dataclass(frozen=True, slots=True)
class Share:
    """The share of an arm's counted days from `first` to `last`, and of how many days and people at most."""

    first: int
    last: int
    share: float
    days: int
    n: int


def shares(result: BinaryOutcome, arm: str, way: str) -> tuple[Share, ...]:
    """An arm's shares by week of the window or of all days so far; days on which nobody counts give nothing."""
    start = result.window[0]
    known = [p for p in result.observed if p.arm == arm and p.proportion is not None and p.n]
    if way == CUMULATIVE:
        return tuple(_share(known[: k + 1]) for k in range(len(known)))
    return tuple(_share(list(week)) for _, week in groupby(known, key=lambda p: (p.day - start) // 7))


def _share(points: Sequence[ObservedPoint]) -> Share:
    days = sum(p.n for p in points)
    share = sum((p.proportion or 0.0) * p.n for p in points) / days
    return Share(points[0].day, points[-1].day, share, days, max(p.n for p in points))
