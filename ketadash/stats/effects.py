"""Two proportions: their difference, their odds ratio and the exact test of both.

Counts are (events, n) of a good outcome, e1 of n1 in the active arm and e0 of n0 in the control arm, so a positive
difference is a benefit.  Probabilities are fractions; ``None`` stands for what cannot be estimated.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import comb, exp, hypot, log, sqrt

import numpy as np
from scipy.special import betaincinv, ndtr, ndtri

from ketadash.core.errors import FitError
from ketadash.results import Estimate

MOST_COUNTED = 5_000  # people whose tables are counted in whole numbers: beyond, these are long


@dataclass(frozen=True, slots=True)
class Ratio:
    """A risk ratio or odds ratio, active to control; `corrected` if 0.5 was added to each cell, said in `message`."""

    estimate: float | None
    ci_low: float | None
    ci_high: float | None
    corrected: bool = False
    message: str | None = None


# --- intervals for proportions and their difference ------------------------------------------------------------------


def wilson(events: int, n: int, *, confidence: float = 0.95) -> Estimate:
    """Proportion with Wilson's (1927) score interval, no continuity correction; all None for n = 0.

    The limits are the p at which |events/n - p| equals z standard errors *under p*.
    """
    _check(events, n)
    if n == 0:
        return Estimate(None, None, None)
    p, z2 = events / n, _z(confidence) ** 2
    centre = p + z2 / (2 * n)
    half = sqrt(z2 * (p * (1 - p) / n + z2 / (4 * n * n)))
    low, high = (centre - half) / (1 + z2 / n), (centre + half) / (1 + z2 / n)
    # exact at the ends, where centre and half cancel only up to rounding
    return Estimate(p, 0.0 if events == 0 else low, 1.0 if events == n else high)


def clopper_pearson(events: int, n: int, *, confidence: float = 0.95) -> Estimate:
    """Proportion with the exact interval of Clopper & Pearson (1934); all None for n = 0.

    Each limit is the p under which a tail as far as `events` has probability (1 − confidence) / 2, a beta quantile.
    """
    _check(events, n)
    if n == 0:
        return Estimate(None, None, None)
    tail = (1 - confidence) / 2
    low = 0.0 if events == 0 else float(betaincinv(events, n - events + 1, tail))
    high = 1.0 if events == n else float(betaincinv(events + 1, n - events, 1 - tail))
    return Estimate(events / n, low, high)


def newcombe(e1: int, n1: int, e0: int, n0: int, *, confidence: float = 0.95) -> Estimate:
    """Risk difference p1 - p0 with Newcombe's (1998) hybrid score interval, his method 10; all None for an empty arm.

    Each limit moves the two proportions to the Wilson limits that widen it: with (l, u) of each arm,
    low = d - sqrt((p1 - l1)² + (u0 - p0)²), high = d + sqrt((u1 - p1)² + (p0 - l0)²).
    """
    one, nought = wilson(e1, n1, confidence=confidence), wilson(e0, n0, confidence=confidence)
    if one.estimate is None or nought.estimate is None:
        return Estimate(None, None, None)
    assert one.ci_low is not None and one.ci_high is not None  # Wilson has limits whenever it has an estimate
    assert nought.ci_low is not None and nought.ci_high is not None
    d = one.estimate - nought.estimate
    low = d - hypot(one.estimate - one.ci_low, nought.ci_high - nought.estimate)
    high = d + hypot(one.ci_high - one.estimate, nought.estimate - nought.ci_low)
    return Estimate(d, max(low, -1.0), min(high, 1.0))


def square_and_add(p1: float, n1: float, p0: float, n0: float, *, confidence: float = 0.95) -> Estimate:
    """Difference p1 - p0 with Newcombe's interval from any two shares and the numbers of participants they are worth.

    Where nobody was censored these are participants, and it is `newcombe`; an estimate with standard error s is worth
    p (1 - p) / s² participants (Zou & Donner 2008, *Stat Med* 27:1693, combine limits of any two estimates so).  The p
    is that of the level at which the interval just reaches 0, so that it never contradicts the interval.

    Parameters
    ----------
    p1, n1, p0, n0
        Shares between 0 and 1, and above 0 participants, of the active and the control arm.
    """
    p1, p0 = (min(max(p, 0.0), 1.0) for p in (p1, p0))  # a sum of steps can end a rounding error beyond them
    d = p1 - p0

    def limits(z: float) -> tuple[float, float]:
        (l1, u1), (l0, u0) = _wilson_limits(p1, n1, z), _wilson_limits(p0, n0, z)
        return d - hypot(p1 - l1, u0 - p0), d + hypot(u1 - p1, p0 - l0)

    low, high = limits(_z(confidence))
    return Estimate(d, max(low, -1.0), min(high, 1.0), p=_p_of_interval(d, limits))


def _wilson_limits(p: float, n: float, z: float) -> tuple[float, float]:
    c = z * z / n
    centre, half = (p + c / 2) / (1 + c), sqrt(c * (p * (1 - p) + c / 4)) / (1 + c)
    return (0.0 if p == 0 else centre - half), (1.0 if p == 1 else centre + half)


def _p_of_interval(d: float, limits: Callable[[float], tuple[float, float]]) -> float:
    """Twice the normal tail beyond the quantile at which the nearer limit is 0."""
    if d == 0:
        return 1.0
    near, far = 0.0, 40.0  # beyond 40 the tail is no number
    for _ in range(80):
        z = (near + far) / 2
        low, high = limits(z)
        near, far = (z, far) if (low > 0 or high < 0) else (near, z)
    return float(2 * ndtr(-near))


# --- ratios ----------------------------------------------------------------------------------------------------------


def odds_ratio(e1: int, n1: int, e0: int, n0: int, *, confidence: float = 0.95) -> Ratio:
    """Odds of the outcome, active to control, with Woolf's (1955) log-Wald interval: Var log OR = sum of 1/cell.

    0.5 is added to each cell if one is 0 (Haldane 1956, Anscombe 1956); with everyone or no one having the outcome in
    both arms there is no ratio.
    """
    _check(e1, n1)
    _check(e0, n0)
    if n1 == 0 or n0 == 0:
        return Ratio(None, None, None, message="an arm has no participants: no odds ratio")
    if e1 + e0 in (0, n1 + n0):
        whom = "no one" if e1 + e0 == 0 else "everyone"
        return Ratio(None, None, None, message=f"{whom} in both arms had the outcome: no odds ratio")
    cells = [e1, n1 - e1, e0, n0 - e0]
    corrected = 0 in cells
    a, b, c, d = (cell + (0.5 if corrected else 0.0) for cell in cells)
    return _log_wald(log(a * d / (b * c)), sqrt(1 / a + 1 / b + 1 / c + 1 / d), confidence, corrected)


def fisher_p(e1: int, n1: int, e0: int, n0: int) -> float | None:
    """Two-sided p of Fisher's exact test (tables no likelier than this one); None for an empty arm."""
    _check(e1, n1)
    _check(e0, n0)
    if n1 == 0 or n0 == 0:
        return None
    if n1 + n0 > MOST_COUNTED:
        from scipy.stats import fisher_exact  # costs most of a second to import

        return float(fisher_exact(np.array([[e1, n1 - e1], [e0, n0 - e0]])).pvalue)
    # in whole numbers, so exact; a table's ways follow from those of the one before
    total, low = e1 + e0, max(0, e1 + e0 - n0)
    ways = [comb(n1, low) * comb(n0, total - low)]
    for k in range(low, min(n1, total)):
        ways.append(ways[-1] * (n1 - k) * (total - k) // ((k + 1) * (n0 - total + k + 1)))
    return sum(w for w in ways if w <= ways[e1 - low]) / comb(n1 + n0, total)


# --- small parts -----------------------------------------------------------------------------------------------------


def _log_wald(log_ratio: float, se: float, confidence: float, corrected: bool) -> Ratio:
    half = _z(confidence) * se
    message = "0.5 was added to each cell of the table, because one is 0" if corrected else None
    return Ratio(exp(log_ratio), exp(log_ratio - half), exp(log_ratio + half), corrected, message)


def _z(confidence: float) -> float:
    return float(ndtri(0.5 + confidence / 2))


def _check(events: int, n: int) -> None:
    if not 0 <= events <= n:
        raise FitError(f"{events} events among {n} participants; give 0 to n events")
