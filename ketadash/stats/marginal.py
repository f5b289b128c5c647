"""Probabilities that a fitted logistic mixed model implies, with delta-method gradients over all its parameters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from ketadash.stats.quadrature import logistic_normal

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Predicted:
    """`probability` (d,) and `gradient` (d, p + 1) in (β, σ)."""

    probability: Array
    gradient: Array

    def se(self, covariance: Array) -> Array:
        """Delta-method standard errors (d,) for a covariance (p + 1, p + 1) of (β, σ)."""
        return np.sqrt(np.maximum(np.einsum("dp,pq,dq->d", self.gradient, covariance, self.gradient), 0))


def population_averaged(beta: Array, sigma: float, X: Array, weight: Array) -> Predicted:
    """Integrate the random intercept out and average over covariate patterns (g-computation).

    Parameters
    ----------
    X : (d, u, p) for each of d settings (an arm on a day), each of u covariate patterns
    weight : (u,) share of participants with each pattern, summing to 1
    """
    mean, d_eta, d_sigma = logistic_normal(X @ beta, sigma)
    gradient = np.einsum("u,du,dup->dp", weight, d_eta, X)
    return Predicted(mean @ weight, np.column_stack([gradient, d_sigma @ weight]))


def typical(beta: Array, X: Array) -> Predicted:
    """One participant's probability at random intercept 0; X is (d, p)."""
    p = expit(X @ beta)
    return Predicted(p, np.column_stack([(p * (1 - p))[:, None] * X, np.zeros(len(X))]))


def interval(probability: Array, se: Array, quantile: Array | float) -> tuple[Array, Array]:
    """Ends of an interval `quantile` SEs to either side on the logit scale, so that they stay within 0 and 1."""
    p = np.clip(probability, 1e-12, 1 - 1e-12)
    half = quantile * se / (p * (1 - p))
    return expit(logit(p) - half), expit(logit(p) + half)
