"""Probabilities that a fitted logistic mixed model implies, with delta-method gradients over all its parameters.

Averaged over the people of a trial they vary for two reasons: the parameters are estimated, and other people might have
been in the trial.  `Predicted.variance` has both, so that it is unconditional (Ye, Shao, Yi & Zhao 2023).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from ketadash.stats.quadrature import logistic_normal

Array = NDArray[np.float64]
Ints = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Predicted:
    """Probabilities in d settings, and how they follow from the model's q parameters.

    `probability` is (d,); `gradient` (d, q) are its derivatives in (β, σ), or in β and whatever else the covariance is
    over.  `among` (d, u) is by how much each of u covariate patterns' probability is above their mean; None where
    nothing is averaged.
    """

    probability: Array
    gradient: Array
    among: Array | None = None

    def __sub__(self, other: Predicted) -> Predicted:
        """The difference, whose parts rest on the same parameters and the same people."""
        among = None if self.among is None or other.among is None else self.among - other.among
        return Predicted(self.probability - other.probability, self.gradient - other.gradient, among)

    def se(self, covariance: Array) -> Array:
        """Delta-method standard errors (d,) for a covariance (q, q) of the same parameters, the people held fixed."""
        return np.sqrt(np.maximum(np.einsum("dp,pq,dq->d", self.gradient, covariance, self.gradient), 0))

    def variance(self, covariance: Array, pattern: Ints, influence: Array | None = None) -> Array:
        """Variances (d,) for other people as well as other parameters.

        Participant i adds φ_i = gradient'ψ_i + (m_i − mean) / n, with ψ_i what i adds to the parameters and m_i their
        own probability.  With ψ known the variance is Σφ_i².  Without, a model that is right has scores that expect 0
        whatever the covariates are, so that the two parts do not go together, and their variances add up.

        Parameters
        ----------
        covariance : (q, q) of the parameters
        pattern : (n,) each participant's covariate pattern
        influence : (n, q) ψ, whose squares add up to the covariance (`robust.influences`); None for the model's own
            standard errors
        """
        if self.among is None:
            return self.se(covariance) ** 2
        n = len(pattern)
        each = self.among[:, pattern] / np.sqrt(n * max(n - 1, 1))
        if influence is None:
            return np.asarray(self.se(covariance) ** 2 + (each**2).sum(axis=1))
        return np.asarray(((self.gradient @ influence.T + each) ** 2).sum(axis=1))


def population_averaged(beta: Array, sigma: float, X: Array, weight: Array) -> Predicted:
    """Integrate the random intercept out and average over covariate patterns (g-computation).

    Parameters
    ----------
    X : (d, u, p) for each of d settings (an arm on a day), each of u covariate patterns
    weight : (u,) share of participants with each pattern, summing to 1
    """
    mean, d_eta, d_sigma = logistic_normal(X @ beta, sigma)
    gradient = np.einsum("u,du,dup->dp", weight, d_eta, X)
    average = mean @ weight
    return Predicted(average, np.column_stack([gradient, d_sigma @ weight]), mean - average[:, None])


def averaged_over_slopes(beta: Array, sd: Array, d_sd: Array, X: Array, weight: Array) -> Predicted:
    """As `population_averaged`, where people differ more on some days than on others: with random slopes.

    A day's random part is normal with one SD, so its integral is that of a random intercept of that SD.

    Parameters
    ----------
    sd, d_sd : (d,) and (d, k), the SD in each setting and its derivatives in the parameters that make it
    X, weight : as in `population_averaged`
    """
    values = [logistic_normal(x @ beta, float(s)) for x, s in zip(X, sd, strict=True)]
    mean, d_eta, d_sigma = (np.array(each) for each in zip(*values, strict=True))
    gradient = np.einsum("u,du,dup->dp", weight, d_eta, X)
    average = mean @ weight
    by_sd = (d_sigma @ weight)[:, None] * d_sd
    return Predicted(average, np.column_stack([gradient, by_sd]), mean - average[:, None])


def typical(beta: Array, X: Array, others: int = 1) -> Predicted:
    """The probability of a participant whose random effects are 0; X is (d, p), `others` the parameters besides β."""
    p = expit(X @ beta)
    return Predicted(p, np.column_stack([(p * (1 - p))[:, None] * X, np.zeros((len(X), others))]))


def interval(probability: Array, se: Array, quantile: Array | float) -> tuple[Array, Array]:
    """Ends of an interval `quantile` SEs to either side on the logit scale, so that they stay within 0 and 1."""
    p = np.clip(probability, 1e-12, 1 - 1e-12)
    half = quantile * se / (p * (1 - p))
    return expit(logit(p) - half), expit(logit(p) + half)
