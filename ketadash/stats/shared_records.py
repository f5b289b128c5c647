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
        """Σ_j log(1 + exp(f_j + u)) at u (m, K); None where one is beyond the table."""
        at = (u - self.low[:, None]) / STEP
        place = at.astype(int)
        n = self._pieces.shape[1]
        if place.min() < 0 or at.min() < 0 or place.max() >= n:
            return None
        at -= place
        place += n * np.arange(len(u))[:, None]
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


Density = Callable[[Array], Array]  # of z (m, K), up to a constant: logarithms


def density(shared: Shared, record: Array, f: Array, o: Array, sigma: Array, sums: Callable[..., Array]) -> Density:
    """The density of one person's z, as a function.

    Parameters
    ----------
    record : (T,) their days, 0 or 1, NaN where missing
    f : (T, m) the days' log-odds that people share
    o : (m,) what this one adds
    sums : gives Σ log(1 + exp(η + moved)) over days η (t, m) at moved (m, K), for the missing days and beyond the table
    """
    missing = np.isnan(record)
    s, off = float(np.nansum(record)), f[missing] + o

    def at(z: Array) -> Array:
        moved = sigma[:, None] * z
        u = o[:, None] + moved
        total = shared.over_all_days(u)
        total = sums(f + o, moved) if total is None else total
        return -(z**2) / 2 + s * u - total + sums(off, moved)

    return at
