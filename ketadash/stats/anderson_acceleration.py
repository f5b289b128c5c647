"""Anderson's (1965) extrapolation of a fixed-point iteration."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def extrapolated(begun: Array, ended: Array) -> Array:
    """The combination of rounds whose own change would be least, were the map linear.

    Parameters
    ----------
    begun, ended : (k, n) where each of the last k rounds began and ended, the newest last

    Returns
    -------
    (n,) where to go on from
    """
    change = ended - begun
    turn = change[1:] - change[:-1]
    normal = turn @ turn.T
    share = np.linalg.solve(normal + 1e-14 * np.trace(normal) * np.eye(len(turn)), turn @ change[-1])
    further: Array = ended[-1] - share @ (ended[1:] - ended[:-1])
    return further
