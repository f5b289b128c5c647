"""Does a fitted model describe the days?  What people would do if it were true, against what they did.

Days are drawn from the model for the same people on the same days, again and again, and a few measures that the model
was not fitted to are taken of each: neighbouring days, spells, people who are always one way, people's own trends.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

Array = NDArray[np.float64]
Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]

LAG1, SPELLS, ALWAYS, SLOPES = "lag1_odds_ratio", "spells", "always_one_way", "slopes"
QUANTILE = 1.96  # 95% bands
MOST_DRAWS, FEWEST_DRAWS = 300, 40
CELLS = 1_200_000  # participant-days drawn in all: some 30 ms
SLOPE_DAYS = 5  # days that a trend of one's own takes


@dataclass(frozen=True, slots=True)
class Measure:
    """What was observed, what the model expects, and the band in which it would lie 95 of 100 times if that were true.

    All are None where they cannot be had.
    """

    observed: float | None
    expected: float | None
    low: float | None
    high: float | None

    @property
    def side(self) -> int:
        """1 above the band, −1 below it, 0 within it or unknown."""
        if self.observed is None or self.low is None or self.high is None:
            return 0
        return int(self.observed > self.high) - int(self.observed < self.low)


@dataclass(frozen=True, slots=True, eq=False)
class Days:
    """Rows in order of participant and day, n of G participants."""

    order: Ints  # (n,) places of the sorted rows among those given
    group: Ints  # (n,) participants as 0, 1, …
    first: Ints  # (G,) each participant's first row
    next_day: Ints  # rows whose row before is the same participant's day before
    slope: Array  # (n,) what a person's own slope multiplies each day with; 0 for people with too few days
    arm: Array  # (G,) 1 for whoever is in the active arm
    has_slope: Bools  # (G,)


def lay_out(group: Ints, day: Array, active: Array) -> Days:
    """Sort rows by participant and day.

    Parameters
    ----------
    group, day, active : (n,) participants as any integer codes, whole days, and 1 for rows of the active arm
    """
    order = np.lexsort((day, group))
    codes = np.unique(group, return_inverse=True)[1][order]
    day, active = day[order], active[order]
    first = np.flatnonzero(np.diff(codes, prepend=-1) > 0)
    size = np.diff([*first, len(codes)])
    next_day = np.flatnonzero((np.diff(codes, prepend=-1) == 0) & (np.diff(day, prepend=np.inf) == 1))
    centred = day - (np.add.reduceat(day, first) / size)[codes]
    spread = np.add.reduceat(centred**2, first)
    has_slope = (size >= SLOPE_DAYS) & (spread > 0)
    slope = np.where(has_slope[codes], centred / np.where(spread > 0, spread, 1.0)[codes], 0.0)
    return Days(order, codes, first, next_day, slope, active[first], has_slope)


def measured(y: Bools, d: Days) -> dict[str, Array]:
    """Four measures (S,) of each of S sets of days.

    The odds ratio of a day and the next, 0.5 added to each cell, among people who are not always one way; the mean
    length of a spell; the share of people who are always one way; the SD of people's own slopes within arms.

    Parameters
    ----------
    y : (S, n) in the order of `d`; True for a day of the kind that comes in spells
    """
    size = np.diff([*d.first, y.shape[1]])
    each = np.add.reduceat(y, d.first, axis=1, dtype=np.int64)
    one_way = (each == 0) | (each == size)
    mixed = ~one_way[:, d.group[d.next_day]]  # pairs of days of people who are not always one way
    before, now = y[:, d.next_day - 1], y[:, d.next_day]
    repeated = before & now
    both = (repeated & mixed).sum(axis=1)
    only_before, only_now = (before & mixed).sum(axis=1) - both, (now & mixed).sum(axis=1) - both
    neither = mixed.sum(axis=1) - both - only_before - only_now
    odds_ratio = (both + 0.5) * (neither + 0.5) / ((only_before + 0.5) * (only_now + 0.5))
    odds_ratio = np.where(mixed.any(axis=1), odds_ratio, np.nan)
    total = y.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        spells = np.where(total > 0, total / (total - repeated.sum(axis=1)), np.nan)
    always = one_way.mean(axis=1)
    slopes = np.add.reduceat(y * d.slope, d.first, axis=1)[:, d.has_slope]
    arm = d.arm[d.has_slope]
    parts = [slopes[:, arm == k] for k in (0.0, 1.0) if (arm == k).sum() > 1]
    degrees = sum(part.shape[1] - 1 for part in parts)
    square = sum(((part - part.mean(axis=1, keepdims=True)) ** 2).sum(axis=1) for part in parts)
    spread = np.sqrt(square / degrees) if degrees else np.full(len(y), np.nan)
    return {LAG1: odds_ratio, SPELLS: spells, ALWAYS: always, SLOPES: np.asarray(spread)}


def simulated(eta: Array, sigma: float | Array, rho: float | None, d: Days, n: int, *, seed: int) -> Bools:
    """Days (n, rows) that a model would give new people like these.

    Parameters
    ----------
    eta : (rows,) fixed part of the log-odds, in the order of `d`
    sigma
        Of the random intercept; or (rows, k), what a row's log-odds are of k standard normal numbers of a person's own.
    rho
        Correlation of neighbouring days beyond it, None for none: a day then follows the one before as a chain of
        yes/no days with that correlation does (Qaqish 2003), as far as probabilities allow.
    """
    stream = np.random.default_rng([seed, n, len(eta)])
    z = stream.standard_normal((n, len(d.first)))
    loadings = np.reshape(sigma, (-1, 1)) if np.ndim(sigma) < 2 else np.asarray(sigma)
    random = loadings[:, 0] * z[:, d.group]
    for loading in loadings.T[1:]:
        random += loading * stream.standard_normal(z.shape)[:, d.group]
    p = expit(eta + random)
    uniform = stream.random(p.shape)
    if not rho:
        return np.asarray(uniform < p)
    y = uniform < p
    place = np.arange(len(eta)) - d.first[d.group]
    for j in range(1, int(place.max(initial=0)) + 1):
        now = d.next_day[place[d.next_day] == j]
        v, w = p[:, now] * (1 - p[:, now]), p[:, now - 1] * (1 - p[:, now - 1])
        moved = p[:, now] + rho * np.sqrt(v / np.maximum(w, 1e-12)) * (y[:, now - 1] - p[:, now - 1])
        y[:, now] = uniform[:, now] < moved
    return np.asarray(y)


def check(y: Bools, eta: Array, sigma: float | Array, rho: float | None, d: Days, *, seed: int) -> dict[str, Measure]:
    """Every measure of the days `y` (rows,) against those of days drawn from the model; rows in the order of `d`.

    `y`, `eta` and the model speak of days of the kind that comes in spells: drinking, not abstinence.
    """
    n = int(np.clip(CELLS // max(len(eta), 1), FEWEST_DRAWS, MOST_DRAWS))
    observed, drawn = measured(y[None], d), measured(simulated(eta, sigma, rho, d, n, seed=seed), d)
    return {name: _measure(name, float(observed[name][0]), drawn[name]) for name in observed}


def _measure(name: str, observed: float, drawn: Array) -> Measure:
    """A measure as observed against the same of the sets drawn (N,), NaN in those where it does not exist."""
    drawn = drawn[np.isfinite(drawn)]
    if not np.isfinite(observed) or len(drawn) < FEWEST_DRAWS // 2:
        return Measure(observed if np.isfinite(observed) else None, None, None, None)
    ratio = name in (LAG1, SPELLS)  # positive and skewed: the band is made of logarithms
    values = np.log(drawn) if ratio else drawn
    mean, half = float(values.mean()), QUANTILE * float(values.std(ddof=1))
    ends = np.array([mean, mean - half, mean + half])
    expected, low, high = (float(v) for v in (np.exp(ends) if ratio else ends))
    if name == ALWAYS:
        low, high = max(low, 0.0), min(high, 1.0)
    return Measure(observed, expected, max(low, 0.0), high)
