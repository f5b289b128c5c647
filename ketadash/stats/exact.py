"""Two proportions under every count of successes among the participants whose outcome is unknown: no simulation."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, ndtri

Array = NDArray[np.float64]
Ints = NDArray[np.int64]


def newcombe(e1: Ints, n1: int, e0: Ints, n0: int, confidence: float) -> tuple[Array, Array, Array]:
    """Risk differences e1/n1 − e0/n0 with Newcombe's (1998) method 10, as `effects.newcombe`, for arrays of counts.

    Returns
    -------
    difference, low, high : of the shape to which `e1` and `e0` broadcast
    """
    (p1, l1, u1), (p0, l0, u0) = _wilson(e1, n1, confidence), _wilson(e0, n0, confidence)
    d = p1 - p0
    return d, np.maximum(d - np.hypot(p1 - l1, u0 - p0), -1), np.minimum(d + np.hypot(u1 - p1, p0 - l0), 1)


def _wilson(events: Ints, n: int, confidence: float) -> tuple[Array, Array, Array]:
    z2, p = float(ndtri(0.5 + confidence / 2)) ** 2, np.asarray(events, float) / n
    centre = p + z2 / (2 * n)
    half = np.sqrt(z2 * (p * (1 - p) / n + z2 / (4 * n * n)))
    low, high = (centre - half) / (1 + z2 / n), (centre + half) / (1 + z2 / n)
    return p, np.where(events == 0, 0.0, low), np.where(events == n, 1.0, high)


def fisher(e1: Ints, n1: int, e0: Ints, n0: int) -> Array:
    """Two-sided p of Fisher's exact test, tables no likelier than the chosen one, for arrays of counts that broadcast.

    Tables of one total share their probabilities, so each total is tabulated once; 1 + 1e-7 is R's allowance for
    two tables that are equally likely but for rounding.
    """
    shape = np.broadcast_shapes(e1.shape, e0.shape)
    events = np.broadcast_to(e1, shape).ravel()
    total = events + np.broadcast_to(e0, shape).ravel()
    if not total.size:
        return np.empty(shape)
    log_choose1, log_choose0 = _log_choose(n1), _log_choose(n0)
    cells = np.argsort(total, kind="stable")  # cells of one total beside each other
    p_values = np.empty(total.size)
    ends = np.flatnonzero(np.diff(total[cells])) + 1
    for own in np.split(cells, ends):
        t = int(total[own[0]])
        low, high = max(0, t - n0), min(n1, t)
        k = np.arange(low, high + 1)
        log_p = log_choose1[k] + log_choose0[t - k]
        p = np.exp(log_p - log_p.max())
        p /= p.sum()
        order = np.argsort(p)
        ordered = p[order]
        as_rare = np.cumsum(ordered)[np.searchsorted(ordered, p * (1 + 1e-7), side="right") - 1]
        p_values[own] = np.minimum(as_rare[events[own] - low], 1.0)
    return p_values.reshape(shape)


def _log_choose(n: int) -> Array:
    """The logarithms of n over 0 … n."""
    k = np.arange(n + 1)
    return np.asarray(gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1))
