"""Where a label of the tipping map may stand: beside its mark, on the right side of the limit, over nothing."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ketadash.results.sensitivity import TippingMap

STEP = 0.125  # how finely places for the label are tried, in cells
# the sides of a mark on which its label may stand, best first
SIDES = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1))
Box = tuple[float, float, float, float]  # left, right, bottom, top, in cells


def box_at(at: tuple[float, float], size: tuple[float, float], side: tuple[int, int], off: tuple[float, float]) -> Box:
    """The room of a label on one side of a mark."""
    low = [a + (o if s > 0 else -o - z if s < 0 else -z / 2) for a, z, s, o in zip(at, size, side, off, strict=True)]
    return low[0], low[0] + size[0], low[1], low[1] + size[1]


def free(box: Box, tm: TippingMap, taken: Sequence[Box], at: tuple[float, float]) -> bool:
    """Whether a label can be there; on a wider page it comes closer to its mark."""
    reach = (min(box[0], at[0]), max(box[1], at[0]), min(box[2], at[1]), max(box[3], at[1]))
    return _inside(box, tm) and not meets(box, taken) and len(_signs(reach, tm)) < 2


def _inside(b: Box, tm: TippingMap) -> bool:
    end = len(tm.stops) - 0.5
    return min(b[0], b[2]) >= -0.5 and max(b[1], b[3]) <= end


def meets(b: Box, taken: Sequence[Box]) -> bool:
    """Whether a box overlaps any of those already taken."""
    return any(b[0] < t[1] and t[0] < b[1] and b[2] < t[3] and t[2] < b[3] for t in taken)


def _signs(b: Box, tm: TippingMap) -> set[float]:
    """The signs of the margin over a box and a little around it: both where the line crosses.

    Between stops the margin is linear along either side, so that its extremes lie on the box's edges and at stops.
    """
    x, y = (
        np.r_[low - 0.15, np.arange(math.ceil(low - 0.15), high + 0.15), high + 0.15]
        for low, high in ((b[0], b[1]), (b[2], b[3]))
    )
    values = between(tm.margin, x, y)
    return {float(s) for s in np.unique(np.sign(values)) if s == s}


def between(grid: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """`grid` (control, active) at fractional places, linear in both, as plotly draws its contours."""
    x, y = (np.clip(v, 0, len(grid) - 1) for v in (x, y))
    i, j = (np.minimum(v.astype(int), len(grid) - 2) for v in (x, y))
    s, t = (x - i)[:, None], (y - j)[None, :]
    g = [[grid[np.ix_(i + a, j + b)] for b in (0, 1)] for a in (0, 1)]
    mixed: np.ndarray = (g[0][0] * (1 - t) + g[0][1] * t) * (1 - s) + (g[1][0] * (1 - t) + g[1][1] * t) * s
    return mixed


def on_the_wrong_side(tm: TippingMap, size: tuple[float, float], taken: Sequence[Box]) -> Box | None:
    """The place nearest to the line where the whole label lies among intervals that include no difference."""
    at = np.arange(-0.5, len(tm.stops) - 0.5 + STEP / 2, STEP)
    margin = between(tm.margin, at, at)
    w, h = (int(np.ceil((z + 0.3) / STEP)) + 1 for z in size)  # in steps, with air around
    if max(w, h) > len(at):
        return None
    above = np.cumsum(np.cumsum(np.pad(~(margin < 0), ((1, 0), (1, 0))), axis=0), axis=1)
    crossed = above[w:, h:] - above[:-w, h:] - above[w:, :-h] + above[:-w, :-h]  # points of each place not below 0
    middle = margin[w // 2 : w // 2 + crossed.shape[0], h // 2 : h // 2 + crossed.shape[1]]
    free = np.argwhere(crossed == 0)
    for i, j in free[np.argsort(-middle[crossed == 0], kind="stable")].tolist():
        x, y = float(at[i]) + 0.15, float(at[j]) + 0.15
        box = (x, x + size[0], y, y + size[1])
        if not meets(box, taken):
            return box
    return None
