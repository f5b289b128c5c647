"""Re-randomisation: how often would shuffling who got what give a statistic as large as the one observed?

    p = (1 + #{|t_s| ≥ |t|}) / (1 + N)

over N shuffles s (Phipson & Smyth 2010): it holds at any number of people, whatever their days are like, for it assumes
nothing but the randomisation.  With a studentised t it also tells no more than a difference of the arms' means where
their spreads differ (Janssen 1997; Chung & Romano 2013).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb, prod, sqrt

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

TIE = 1e-6  # two statistics this close, against their size, are one: fits end within 1e-8 of where they should
NOISE = 1e-9  # differences and standard errors below this are none but for the computer's arithmetic
ENDS = 40  # halvings of the range in which an interval's end is looked for


@dataclass(frozen=True, slots=True)
class Tail:
    """How many of N shuffles are as large as what was observed, those without an answer among them.

    A shuffle without an answer is mostly one that separates the arms: it counts as large, so that p is never too small.
    """

    p: float
    monte_carlo_se: float
    n_as_large: int
    n_failed: int
    n: int


def shuffled(active: Bools, strata: Ints | None, first: int, count: int, *, seed: int) -> Bools:
    """Who would be in the active arm: shuffles `first` … `first + count` of a seed, (count, G).

    Each is drawn from its own number, so that it is the same whoever draws it, and when.  Arm sizes are kept, within
    each stratum of `strata` (G,) if there are any.
    """
    draws = np.tile(active, (count, 1))
    groups = [np.arange(len(active))] if strata is None else [np.flatnonzero(strata == s) for s in np.unique(strata)]
    for k in range(count):
        stream = np.random.default_rng([seed, first + k])
        for own in groups:
            draws[k, own] = stream.permutation(active[own])
    return draws


def n_allocations(active: Bools, strata: Ints | None) -> int:
    """How many different ways there are to give out the arms."""
    codes = np.zeros(len(active), int) if strata is None else strata
    return prod(comb(int((codes == s).sum()), int(active[codes == s].sum())) for s in np.unique(codes))


def tail(statistics: Array, observed: float) -> Tail:
    """The share of shuffles (N,) as large as `observed` in size, itself among them; NaN for one without an answer."""
    failed = np.isnan(statistics)
    as_large = failed | (np.abs(statistics) >= abs(observed) * (1 - TIE) - TIE)
    n, k = len(statistics), int(as_large.sum())
    p = (1 + k) / (1 + n)
    return Tail(p, sqrt(p * (1 - p) / max(n, 1)), k, int(failed.sum()), n)


def attainable(statistics: Array, level: float) -> float:
    """How often a test at `level` rejects where nothing differs, by the shuffles (N,) themselves: less if many tie."""
    size = np.sort(np.where(np.isnan(statistics), np.inf, np.abs(statistics)))
    least = np.searchsorted(size, size * (1 - TIE) - TIE)  # the place of the smallest that counts as equally large
    p = 1 - least / len(size)
    return float((p <= level).mean())


def welch(values: Array, active: Bools) -> tuple[Array, Array]:
    """Difference of means, active minus control, and its standard error without pooling, for each allocation.

    Parameters
    ----------
    values : (G,) or (N, G); NaN for whoever has none
    active : (N, G)

    Returns
    -------
    difference, se : (N,), NaN where an arm has fewer than two values
    """
    known = ~np.isnan(values)
    filled = np.where(known, values, 0.0)
    means, parts = [], []
    for arm in (active, ~active):
        inside = (arm & known).astype(float)
        n = inside.sum(axis=1)
        total, square = (inside * filled).sum(axis=1), (inside * filled**2).sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = total / n
            spread = np.maximum(square - n * mean**2, 0.0) / (n - 1)
            spread[spread < 1e-14] = 0.0
            means.append(mean)
            parts.append(np.where(n > 1, spread / n, np.nan))
    return means[0] - means[1], np.sqrt(parts[0] + parts[1])


def studentised(difference: Array, se: Array) -> Array:
    """Differences in standard errors; 0 / 0 is no difference, and a difference without any spread is infinite."""
    se = np.where(se < NOISE, 0.0, se)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where((se == 0) & (np.abs(difference) < NOISE), 0.0, difference / se)


def shift_interval(values: Array, active: Bools, draws: Bools, confidence: float) -> tuple[float, float] | None:
    """All shifts of the active arm that shuffling does not reject: an interval by inverting the test.

    If the treatment moved everybody's value by δ, taking δ off the active arm leaves values that shuffling cannot tell
    apart.  An end is where p falls below 1 − confidence, found by halving from the estimate outwards.

    Parameters
    ----------
    values : (G,) NaN for whoever has none
    active : (G,)
    draws : (N, G) shuffles

    Returns
    -------
    low, high, or None where there is no estimate or too few shuffles for the level, or where nobody differs from
    others of their arm: shifted by the difference all would be alike, and by anything else the arms as far apart as can
    be
    """
    difference, se = (float(v[0]) for v in welch(values, active[None]))
    if not np.isfinite(se) or se < NOISE or 1 / (1 + len(draws)) >= 1 - confidence:
        return None
    reach = max(4 * se, 1e-6)

    def rejected(shift: float) -> bool:
        moved = values - shift * active
        observed = studentised(*welch(moved, active[None]))[0]
        return tail(studentised(*welch(moved, draws)), float(observed)).p < 1 - confidence

    ends = []
    for side in (-1.0, 1.0):
        inside, outside = difference, difference + side * reach
        for _ in range(ENDS):  # few people: the interval may be wider than four standard errors
            if rejected(outside):
                break
            inside, outside = outside, outside + 2 * (outside - difference)
            if abs(outside - difference) > 1e3 * reach:
                return None
        for _ in range(ENDS):
            middle = (inside + outside) / 2
            inside, outside = (inside, middle) if rejected(middle) else (middle, outside)
            if abs(outside - inside) < 1e-4 * reach:
                break
        ends.append(inside)
    return ends[0], ends[1]
