"""Two arms compared within strata: Mantel–Haenszel's risk difference, and the rank test of van Elteren.

A stratum in which only one arm has anybody tells nothing, and counts for nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ketadash.core.errors import FitError

Array = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
NOTHING = "no stratum has people of both arms, so nothing can be compared within strata"


@dataclass(frozen=True, slots=True)
class Score:
    """A test's score, active against control, and its variance where the arms do not differ."""

    score: float
    variance: float


@dataclass(frozen=True, slots=True)
class RiskDifference:
    """Mantel–Haenszel's difference in risk, active minus control, Sato's variance, and the test's score."""

    difference: float
    variance: float
    test: Score


def risk_difference(y: Array, active: Bools, strata: Ints) -> RiskDifference:
    """Mantel–Haenszel's risk difference: that of each stratum weighted by n₁n₀/N (Greenland & Robins 1985).

    The variance is Sato's (1989), which holds for few large strata and for many small ones; the test is that of Cochran
    and Mantel & Haenszel, without a continuity correction.

    Parameters
    ----------
    y : (n,) 0 or 1
    active, strata : (n,) who is in the active arm, and codes

    Raises
    ------
    FitError
        Where no stratum has both arms.
    """
    tables = [(n1, n0, float(yes[a].sum()), float(yes[~a].sum())) for yes, a, n1, n0 in _each(y, active, strata)]
    n1, n0, e1, e0 = np.array(tables, dtype=float).T
    n = n1 + n0
    weight = float((n1 * n0 / n).sum())
    difference = float(((e1 * n0 - e0 * n1) / n).sum()) / weight
    p = float(((n1**2 * e0 - n0**2 * e1 + n1 * n0 * (n0 - n1) / 2) / n**2).sum())
    q = float(((e1 * (n0 - e0) + e0 * (n1 - e1)) / (2 * n)).sum())
    events = e1 + e0
    test = Score(
        float((e1 - events * n1 / n).sum()),
        float((n1 * n0 * events * (n - events) / (n**2 * np.maximum(n - 1, 1))).sum()),
    )
    return RiskDifference(difference, (difference * p + q) / weight**2, test)


def van_elteren(values: Array, active: Bools, strata: Ints) -> Score:
    """Wilcoxon's rank sums within strata, each weighted by 1 / (N + 1) (van Elteren 1960); ties have mid-ranks.

    Parameters
    ----------
    values, active, strata : (n,) numbers, who is in the active arm, and codes

    Raises
    ------
    FitError
        Where no stratum has both arms.
    """
    score, variance = 0.0, 0.0
    for x, a, n1, n0 in _each(values, active, strata):
        n, ranks = n1 + n0, mid_ranks(x)
        middle = (n + 1) / 2
        score += float(ranks[a].sum() - n1 * middle) / (n + 1)
        variance += n1 * n0 / (n * (n - 1)) * float(((ranks - middle) ** 2).sum()) / (n + 1) ** 2
    return Score(score, variance)


def mid_ranks(x: Array) -> Array:
    """Ranks from 1 up; equal values share the mean of theirs."""
    _, place, count = np.unique(x, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(count) - (count - 1) / 2)[place])


def _each(values: Array, active: Bools, strata: Ints) -> Iterator[tuple[Array, Bools, int, int]]:
    """Values and arms of each stratum with both arms, and how many each has."""
    both = False
    for stratum in np.unique(strata):
        own = strata == stratum
        n1, n0 = int(active[own].sum()), int((~active[own]).sum())
        if n1 and n0:
            both = True
            yield values[own], active[own], n1, n0
    if not both:
        raise FitError(NOTHING)
