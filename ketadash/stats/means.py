"""Means that a fitted mixed model with an identity or a log link implies, with delta-method gradients in β."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ketadash.stats.wald import t_quantile

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Mean:
    """`mean` (d,), standard error (d,) and the interval's ends (d,), in the outcome's units."""

    mean: Array
    se: Array
    low: Array
    high: Array


def modelled(
    beta: Array,
    covariance: Array,
    sigma: float,
    X: Array,
    weight: Array,
    n: int,
    *,
    log: bool,
    typical: bool,
    confidence: float,
    df: float = np.inf,
) -> Mean:
    """Mean outcome averaged over covariate patterns and, unless `typical`, over the random intercept.

    With a log link, E exp(η + b) = exp(η + σ²/2) for b ~ N(0, σ²); with an identity link the intercept averages out.
    σ is taken as known, as a pseudo-likelihood fit gives it no standard error.

    Parameters
    ----------
    beta, covariance : (p,), (p, p)
    sigma : standard deviation of the random intercept on the link's scale
    X : (d, u, p) for each of d settings (an arm in a week), each of u covariate patterns
    weight : (u,) share of participants with each pattern, summing to 1
    n : participants averaged over, who might have been others: their variance is in the standard error
    df : of the interval's t quantile; infinite for the normal's
    """
    eta = X @ beta
    each = np.exp(eta + (0.0 if typical else sigma**2 / 2)) if log else eta
    slope = each if log else np.ones_like(eta)
    mean = each @ weight
    gradient = np.einsum("u,du,dup->dp", weight, slope, X)
    among = (each - mean[:, None]) ** 2 @ weight / max(n - 1, 1)
    se = np.sqrt(np.maximum(np.einsum("dp,pq,dq->d", gradient, covariance, gradient), 0) + among)
    half = t_quantile(confidence, df) * se
    if log:  # made on the log scale, so that its ends stay positive
        with np.errstate(over="ignore"):  # an interval without an upper end ends at infinity
            return Mean(mean, se, mean * np.exp(-half / mean), mean * np.exp(half / mean))
    return Mean(mean, se, mean - half, mean + half)
