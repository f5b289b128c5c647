"""Two groups compared by ranks: the Wilcoxon–Mann–Whitney test and the Hodges–Lehmann shift with its interval.

As R's ``wilcox.test(exact = FALSE, conf.int = TRUE)``: normal approximation with ties and continuity correction.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from ketadash.results import Estimate

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RankTest:
    """How often a value of the first group exceeds one of the second (ties count a half), and p; None without one."""

    statistic: float
    p: float | None


def rank_sum(x: Array, y: Array) -> RankTest:
    """The test of `x` (m,) against `y` (n,); infinite values are allowed, and tie among themselves."""
    differences = np.sign(_gaps(x, y))
    statistic = float((differences > 0).sum() + 0.5 * (differences == 0).sum())
    centre = statistic - len(x) * len(y) / 2
    sigma = _sigma(len(x), len(y), np.concatenate([x, y]))
    if sigma == 0:
        return RankTest(statistic, None)
    z = (centre - np.sign(centre) * 0.5) / sigma
    return RankTest(statistic, float(min(2 * ndtr(-abs(z)), 1.0)))


def shift(x: Array, y: Array, confidence: float) -> Estimate:
    """The median of all differences x − y, and the shifts that the test does not reject; None for infinite ones.

    Moving `x` leaves no ties but those within each group, so the interval's ends are two of the sorted differences,
    equally far from either end.

    Parameters
    ----------
    x, y : (m,) and (n,) values of the first and the second group, infinite ones allowed
    """
    each = np.sort(_gaps(x, y), axis=None)
    sigma = _sigma(len(x), len(y), x, y)
    keep = len(each) / 2 + 0.5 + float(ndtri(0.5 + confidence / 2)) * sigma
    place = int(np.floor(keep))
    low, high = (each[-1 - place], each[place]) if place < len(each) else (np.nan, np.nan)
    return Estimate(*(float(v) if np.isfinite(v) else None for v in (np.median(each), low, high)))


def _gaps(x: Array, y: Array) -> Array:
    """(m, n) all differences; 0 between two values that are infinite alike."""
    with np.errstate(invalid="ignore"):
        gaps = x[:, None] - y[None, :]
    return np.where(np.isnan(gaps), 0.0, gaps)


def _sigma(m: int, n: int, *tied: Array) -> float:
    """Standard deviation of the statistic where values within each of `tied` may be equal."""
    ties = sum(float((c.astype(float) ** 3 - c).sum()) for c in (np.unique(t, return_counts=True)[1] for t in tied))
    total = m + n
    return float(np.sqrt(max(m * n / 12 * (total + 1 - ties / (total * (total - 1))), 0.0)))
