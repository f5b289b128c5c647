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
    """`probability` (d,) and `gradient` (d, q) in (β, σ), or β and what else the covariance is over."""

    probability: Array
    gradient: Array

    def se(self, covariance: Array) -> Array:
        """Delta-method standard errors (d,) for a covariance (q, q) of the same parameters."""
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


def averaged_over_slopes(beta: Array, sd: Array, d_sd: Array, X: Array, weight: Array) -> Predicted:
    """The same where people's SD is another on each day, as with random slopes.

    A day's random part is normal with one SD, so its integral is that of a random intercept of that SD.

    Parameters
    ----------
    sd, d_sd : (d,) and (d, k), the SD in each setting and its derivatives in the parameters that make it
    X, weight : as in `population_averaged`
    """
    values = [logistic_normal(x @ beta, float(s)) for x, s in zip(X, sd, strict=True)]
    mean, d_eta, d_sigma = (np.array(each) for each in zip(*values, strict=True))
    gradient = np.einsum("u,du,dup->dp", weight, d_eta, X)
    return Predicted(mean @ weight, np.column_stack([gradient, (d_sigma @ weight)[:, None] * d_sd]))


def typical(beta: Array, X: Array, others: int = 1) -> Predicted:
    """One participant's probability at random effects 0; X is (d, p), `others` the parameters besides β."""
    p = expit(X @ beta)
    return Predicted(p, np.column_stack([(p * (1 - p))[:, None] * X, np.zeros((len(X), others))]))


def interval(probability: Array, se: Array, quantile: Array | float) -> tuple[Array, Array]:
    """Ends of an interval `quantile` SEs to either side on the logit scale, so that they stay within 0 and 1."""
    p = np.clip(probability, 1e-12, 1 - 1e-12)
    half = quantile * se / (p * (1 - p))
    return expit(logit(p) - half), expit(logit(p) + half)
