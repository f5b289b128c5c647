"""The density of a participant's random intercept, for many whose days are alike but for those that are missing.

    log p(z | record) = −z² / 2 + s u − Σ_known log(1 + exp(f_j + u)),   u = o + σ z, up to a constant

s is the number of known days that are 1.  o is what a participant's own columns (a baseline, say) add to every day, and
f_j what the columns that change from day to day add on day j, the same for everybody with the same days.  So the sum
over *all* days is a function of u alone: it is tabulated once for an imputation, and the few missing days are taken off
again.  Between two points of the table stands the polynomial of degree five that has the values, slopes and curvatures
at both: off by less than 1e-10 for a year of days.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

Array = NDArray[np.float64]
Bools = NDArray[np.bool_]

MANY = 2_000  # days from which on tables are worth making
SHARED = 20  # people whose days are alike, at least
STEP = 0.05  # between two points
REACH = 12.0  # of the points, in σ beyond the least and the largest o
MOST_POINTS = 4_000
ROWS = 160  # people times imputations whose densities are tabulated together
# from values, slopes and curvatures at both ends of a step to a polynomial's coefficients over it
_HERMITE = np.array(
    [
        [1, 0, 0, 0, 0, 0],
        [0, 1, 0, 0, 0, 0],
        [0, 0, 0.5, 0, 0, 0],
        [-10, -6, -1.5, 10, -4, 0.5],
        [15, 8, 1.5, -15, 7, -1],
        [-6, -3, -0.5, 6, -3, 0.5],
    ]
)


class Shared:
    """The table of people with the same days: the sum over all days by u, for each of m imputations.

    `fits` is False where it would need more than `MOST_POINTS` points; there is then no table.
    """

    def __init__(self, f: Array, o: Array, sigma: Array) -> None:
        """Make the table.

        Parameters
        ----------
        f : (T, m) the log-odds that they share
        o : (m, g) what each of g people adds
        sigma : (m,) SD of the random intercept
        """
        self.low = o.min(axis=1) - REACH * sigma
        n = int(np.ceil((o.max(axis=1) + REACH * sigma - self.low).max() / STEP)) + 2
        self.fits = n <= MOST_POINTS
        if not self.fits:
            return
        u = self.low[:, None] + STEP * np.arange(n)  # (m, n)
        value, slope, curvature = np.zeros((3, *u.shape))
        for day in f:
            log_odds = day[:, None] + u
            p = expit(log_odds)
            value += np.logaddexp(0, log_odds)
            slope += p
            curvature += p * (1 - p)
        ends = np.stack([value, STEP * slope, STEP**2 * curvature], axis=-1)
        self._pieces = np.concatenate([ends[:, :-1], ends[:, 1:]], axis=-1) @ _HERMITE.T  # (m, n - 1, 6)

    def over_all_days(self, u: Array) -> Array | None:
        """Σ_j log(1 + exp(f_j + u)) at u (g m, K) of g people; None where one is beyond the table."""
        imputation = np.arange(len(u)) % len(self.low)
        at = (u - self.low[imputation, None]) / STEP
        place = at.astype(int)
        n = self._pieces.shape[1]
        if place.min() < 0 or at.min() < 0 or place.max() >= n:
            return None
        at -= place
        place += n * imputation[:, None]
        c = self._pieces.reshape(-1, 6).take(place.ravel(), axis=0).reshape(*u.shape, 6)
        total = c[..., 5] * at
        for power in (4, 3, 2, 1):
            total += c[..., power]
            total *= at
        total += c[..., 0]
        return np.asarray(total)


def alike(X: Array, who: Bools) -> Iterator[tuple[NDArray[np.intp], Bools]]:
    """People among `who` (G,) with the same rows X (G, T, p) but for columns that are constant over a person's days.

    Yields each such group's places (g,), and which columns those are (p,).
    """
    if X.shape[0] * X.shape[1] < MANY:
        return
    keeps = (X[:, :1] == X).all(axis=(0, 1))
    groups: dict[bytes, list[int]] = {}
    for i in np.flatnonzero(who):
        groups.setdefault(X[i][:, ~keeps].tobytes(), []).append(int(i))
    for people in groups.values():
        if len(people) >= SHARED:
            yield np.array(people), keeps


def handfuls(y: Array, m: int) -> Iterator[NDArray[np.intp]]:
    """Places of some people at a time among those with records y (g, T): alike many missing days, for m imputations.

    Left out is whose known days are no more than the missing ones: a sum over them is the shorter one.
    """
    n_missing = np.isnan(y).sum(axis=1)
    order = np.argsort(n_missing, kind="stable")
    order = order[2 * n_missing[order] < y.shape[1]]
    at_once = max(1, ROWS // m)
    return (order[i : i + at_once] for i in range(0, len(order), at_once))


Density = Callable[[Array], Array]  # of z (m, K), up to a constant: logarithms


def density(shared: Shared, records: Array, f: Array, o: Array, sigma: Array, sums: Callable[..., Array]) -> Density:
    """The density of z of g people, as a function of z (g m, K): one person's m imputations after another's.

    Parameters
    ----------
    records : (g, T) their days, 0 or 1, NaN where missing
    f : (T, m) the days' log-odds that people share
    o : (m, g) what each adds
    sums : gives Σ log(1 + exp(η + moved)) over days η (t, g m) at moved (g m, K), for missing days and beyond the table
    """
    (n_people, _), m = records.shape, len(sigma)
    missing, successes = np.isnan(records), np.repeat(np.nansum(records, axis=1), m)[:, None]
    own, spread = o.T.ravel(), np.tile(sigma, n_people)[:, None]
    off = np.full((missing.sum(axis=1).max(), n_people, m), -np.inf)  # a day that never is 1 adds nothing
    for k, days in enumerate(missing):
        off[: days.sum(), k] = f[days] + o[:, k]
    off = off.reshape(len(off), -1)

    def at(z: Array) -> Array:
        moved = spread * z
        u = own[:, None] + moved
        total = shared.over_all_days(u)
        total = sums(np.tile(f, n_people) + own, moved) if total is None else total
        return -(z**2) / 2 + successes * u - total + sums(off, moved)

    return at
