"""How many nodes each participant's integral over intercept and slope needs, so that −2 log L is what is promised.

People differ in that: who is always one way needs few, who changed once for good many.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ketadash.stats import glmm
from ketadash.stats import slope_integrals as integrals
from ketadash.stats.slope_integrals import Days, Integrals, Place

Array = NDArray[np.float64]
Ints = NDArray[np.intp]

MOST_POINTS = 101
SETTLED = 1e-3  # what −2 log L is promised to, for each 100 participants


def needed(d: Days, theta: Array, at: Integrals) -> tuple[Place, Array, bool]:
    """For each participant the first of n, 3n/2, … nodes that the next one agrees with, by how much they differ (G,),
    and whether all have one.

    The errors of all may add up to a quarter of what is promised; those with the largest get more nodes, which are
    placed anew.
    """
    place, each = at.place, at.each.copy()
    points, error = place.points.copy(), np.full(len(each), np.inf)
    enough, doubtful = _enough(each), _doubtful(d, theta)
    while True:
        open_ = _largest(error, enough / 2)
        new, place = integrals.log_integrals(d, theta, replace(place, points=_more(points)), open_)
        error[open_], each[open_] = np.abs(new - each[open_]), new
        if error.sum() < enough:
            if not doubtful:
                return replace(place, points=points), error, True
            everybody = np.arange(len(points))
            third, _ = integrals.log_integrals(d, theta, replace(place, points=_more(_more(points))), everybody)
            apart = np.abs(third - each)
            if apart.sum() < enough:
                return replace(place, points=points), np.maximum(error, apart), True
            error, more = apart, _largest(apart, enough / 2)
            points[more] = _more(points[more])
            continue
        if _more(points).max() > MOST_POINTS:
            return replace(place, points=points), error, False
        still = open_[np.isin(open_, _largest(error, enough / 2))]
        points[still] = _more(points[still])


def still_enough(d: Days, theta: Array, at: Integrals, error: Array, who: Ints) -> tuple[Array, bool]:
    """Everybody's error (G,) where the outcomes of some, `who`, are others than those it was found for, and whether
    the nodes that there are do for all.
    """
    error = error.copy()
    error[who] = 0
    points = at.place.points
    for _ in range(2 if _doubtful(d, theta) else 1):
        points = _more(points)
        new, _ = integrals.log_integrals(d, theta, replace(at.place, points=points), who)
        error[who] = np.maximum(error[who], np.abs(new - at.each[who]))
    return error, bool(error.sum() < _enough(at.each))


def _enough(each: Array) -> float:
    return SETTLED * max(1.0, len(each) / 100) / 4


def _doubtful(d: Days, theta: Array) -> bool:
    """Where people differ very much two numbers of nodes may agree by chance: a third must agree too."""
    return bool(np.hypot(theta[-3] + theta[-2] * d.t, theta[-1] * d.t).max() >= glmm.LARGE_SD)


def _more(points: Ints) -> Ints:
    """Half as many again, an odd number: 9, 13, 19, 27, …."""
    return points + 2 * np.maximum(points // 4, 1)


def _largest(error: Array, rest: float) -> Ints:
    """The participants who need more nodes so that the errors of the others add up to no more than `rest`."""
    order = np.argsort(error)
    return np.sort(order[np.cumsum(error[order]) > rest])
