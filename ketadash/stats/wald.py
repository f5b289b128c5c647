"""Containment degrees of freedom and the Wald tests and intervals that use them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import fdtrc, ndtri, stdtr, stdtrit

Array = NDArray[np.float64]

ROUNDING = 1e-13  # of a sum's terms: what is smaller may be of either sign


def containment_df(X: Array, group: NDArray[np.intp]) -> int:
    """SAS's containment denominator for a random intercept: n − rank[X Z].

    No fixed effect contains the subject syntactically, so each gets what is left after all columns of X
    and the subjects' indicators: n − (G + rank of X within subjects).

    Parameters
    ----------
    X : (n, p) fixed-effect columns
    group : (n,) subjects, any integer codes; those without a row do not count
    """
    group = np.unique(group, return_inverse=True)[1]
    size = np.bincount(group).astype(float)
    mean = np.stack([np.bincount(group, weights=column) for column in X.T], axis=1) / size[:, None]
    within = X - mean[group]
    scale = np.sqrt((X**2).sum(axis=0))
    within = within / np.where(scale > 0, scale, 1.0)
    if len(within) > within.shape[1]:
        within = np.linalg.qr(within, mode="r")  # the same singular values, of a small matrix
    return len(X) - len(size) - int(np.linalg.matrix_rank(within, tol=1e-9 * np.sqrt(len(X))))


def contrast_variance(contrast: Array, covariance: Array) -> float:
    """c'Vc, and exactly 0 where it is no more than rounding: where people alike leave a contrast nothing to vary by.

    Parameters
    ----------
    contrast : (p,)
    covariance : (p, p)
    """
    variance = float(contrast @ covariance @ contrast)
    terms = float(np.abs(contrast) @ np.abs(covariance) @ np.abs(contrast))
    return 0.0 if variance <= ROUNDING * terms else variance  # NaN stays NaN


def t_test(estimate: float, se: float | None, df: float, confidence: float) -> tuple[float | None, ...]:
    """t, two-sided p, and the interval's ends; all None where there is no standard error."""
    if se is None or not np.isfinite(se) or se <= 0 or df <= 0:
        return None, None, None, None
    t = estimate / se
    half = float(t_quantile(confidence, df)) * se
    # sf of |t|, not 1 − cdf: at t = 9.5 the latter is exactly 0
    return t, t_tails(t, df), float(estimate - half), float(estimate + half)


def normal_quantile(confidence: float) -> float:
    """How many standard errors an interval of that level reaches to either side."""
    return float(ndtri((1 + confidence) / 2))


# `scipy.special` has these tails and quantiles to the same bit as `scipy.stats`, which takes most of a second to
# import, in every worker process too.


def t_quantile(confidence: float, df: float | Array) -> Array:
    """The t quantile that an interval at a level reaches to either side; the normal's where `df` is infinite."""
    return np.asarray(stdtrit(df, (1 + confidence) / 2))


def t_tails(t: float, df: float) -> float:
    """Two-sided p of a t statistic."""
    return 2 * float(stdtr(df, -abs(t)))


def f_tail(f: float, df: float) -> float:
    """The p of an F statistic with one degree of freedom in the numerator."""
    return float(fdtrc(1, df, f))
