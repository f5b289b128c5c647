"""Standardised differences of baseline characteristics: how far apart two arms are, in standard deviations.

Austin (2009), Statistics in Medicine 28:3083, section 2, for means and proportions; Yang & Dalton (2012), SAS Global
Forum, paper 335, for characteristics of more than two levels.  No p-values: see docs/methods/table-1.md.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# Shares are ratios of small counts; an eigenvalue of their covariance below this is a rounded zero.
_ZERO = 1e-12


def of_means(x: Array, active: NDArray[np.bool_]) -> float | None:
    """Difference in means, active minus control, over the root mean of the arms' two variances.

    Parameters
    ----------
    x
        (n,) values, NaN where not known.
    active
        (n,) True in the active arm.

    Returns
    -------
    float or None
        In standard deviations; None with fewer than two values in an arm, or where neither arm varies and
        the means differ.
    """
    one, zero = x[active & ~np.isnan(x)], x[~active & ~np.isnan(x)]
    if len(one) < 2 or len(zero) < 2:
        return None
    gap = float(one.mean() - zero.mean())
    spread = math.sqrt((float(one.var(ddof=1)) + float(zero.var(ddof=1))) / 2)
    if spread == 0:
        return 0.0 if gap == 0 else None
    return gap / spread


def of_shares(control: NDArray[np.int64], active: NDArray[np.int64]) -> float | None:
    """Standardised difference of a characteristic of two or more levels.

    Two levels: difference of the first level's shares over the root mean of p(1 − p), with its sign.  More:
    the Mahalanobis distance between the vectors of shares, which has no sign; with two levels it is the former's
    absolute value.

    Parameters
    ----------
    control, active
        (k,) participants at each level.

    Returns
    -------
    float or None
        None where an arm is empty, or where the arms share no level (the distance is infinite).
    """
    if control.sum() == 0 or active.sum() == 0:
        return None
    seen = (control + active) > 0
    p, q = active[seen] / active.sum(), control[seen] / control.sum()
    if len(p) == 1:
        return 0.0
    distance = _distance(p[:-1] - q[:-1], (_covariance(p) + _covariance(q)) / 2)
    return distance if distance is None or len(p) > 2 else math.copysign(distance, p[0] - q[0])


def _covariance(p: Array) -> Array:
    """Covariance of the indicators of all levels but the last: p(1 − p) and −p_k p_l."""
    return np.diag(p[:-1]) - np.outer(p[:-1], p[:-1])


def _distance(gap: Array, covariance: Array) -> float | None:
    """√(gapᵀ covariance⁻¹ gap); None where the gap points where the covariance has no width."""
    values, vectors = np.linalg.eigh(covariance)
    along = vectors.T @ gap
    wide = values > _ZERO
    if np.any(np.abs(along[~wide]) > math.sqrt(_ZERO)):
        return None
    return float(math.sqrt(np.sum(along[wide] ** 2 / values[wide])))
