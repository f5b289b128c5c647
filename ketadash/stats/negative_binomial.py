"""Counts of two groups by negative binomial regression with an offset, and the ratio of their rates with robust errors.

    E(y_i) = d_i exp(α + β x_i),   Var(y_i) = μ_i + μ_i² / θ

With one two-valued covariate each group has its own rate, so for a given θ the scores are two equations of one unknown
each.  Standard errors are the sandwich of White (1982) with n / (n − 2), as R's ``sandwich::vcovHC(type = "HC1")`` of
``MASS::glm.nb``; amounts need not be whole.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq, minimize_scalar
from scipy.special import gammaln

from ketadash.core.errors import FitError

Array = NDArray[np.float64]
Bools = NDArray[np.bool_]

LEAST, MOST = -8.0, 14.0  # of log θ; at the upper end the spread is Poisson's


@dataclass(frozen=True, slots=True)
class RateRatio:
    """Rates of the second and the first group, their log ratio with its robust standard error, and θ."""

    log_ratio: float
    se: float
    rates: tuple[float, float]  # first group, second
    theta: float


def fit(y: Array, days: Array, second: Bools) -> RateRatio:
    """The ratio of two groups' rates.

    Parameters
    ----------
    y, days : (G,) amounts, and the days (above 0) on which they are known
    second : (G,) who is in the second group

    Raises
    ------
    FitError
        Where a group is empty or has no amount above 0, or there are too few people for an error.
    """
    if len(y) < 3 or second.all() or not second.any():
        raise FitError("a rate needs people in both arms, and three in all")
    if not (y[second].sum() > 0 and y[~second].sum() > 0):
        raise FitError("an arm has a rate of 0, so that the ratio of rates has no finite answer")

    def minus_loglik(log_theta: float) -> float:
        theta = float(np.exp(log_theta))
        mu = _means(y, days, second, theta)
        parts = gammaln(y + theta) - gammaln(theta) - theta * np.log1p(mu / theta) + y * np.log(mu / (mu + theta))
        return -float(parts.sum())

    best = minimize_scalar(minus_loglik, bounds=(LEAST, MOST), method="bounded", options={"xatol": 1e-10})
    theta = float(np.exp(best.x))
    mu = _means(y, days, second, theta)
    X = np.column_stack([np.ones(len(y)), second.astype(float)])
    weight = 1 / (1 + mu / theta)
    scores = ((y - mu) * weight)[:, None] * X
    bread = np.linalg.inv(X.T @ (X * (mu * weight)[:, None]))
    covariance = bread @ (scores.T @ scores) @ bread * len(y) / (len(y) - 2)
    rates = tuple(float(mu[group][0] / days[group][0]) for group in (~second, second))
    return RateRatio(float(np.log(rates[1] / rates[0])), float(np.sqrt(covariance[1, 1])), (rates[0], rates[1]), theta)


def _means(y: Array, days: Array, second: Bools, theta: float) -> Array:
    """The means (G,) that maximise the likelihood at θ: in each group, Σ (y − μ) / (1 + μ / θ) = 0."""
    mu = np.empty(len(y))
    for group in (~second, second):
        amount, known = y[group], days[group]
        each = amount / known

        def score(log_rate: float, amount: Array = amount, known: Array = known) -> float:
            m = known * np.exp(log_rate)
            return float(((amount - m) / (1 + m / theta)).sum())

        centre = float(np.log(amount.sum() / known.sum()))
        top = float(np.log(each.max())) + 1e-9  # at the largest rate of anybody no term is above 0
        low = min(centre, top) - 1.0
        while score(low) < 0:
            low -= 5.0
        mu[group] = known * np.exp(brentq(score, low, top, xtol=1e-13, rtol=1e-14))
    return mu
