"""Means, their slopes and variances as functions of a linear predictor: what pseudo-likelihood linearises."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Family:
    """A mean as a function of η, its slope, and the variance as a function of the mean.

    `limit` is the |η| beyond which there is no weight left to linearise with; `binary` families can be separated.
    """

    name: str
    mean: Callable[[Array], Array]
    slope: Callable[[Array], Array]  # dμ/dη, from μ
    variance: Callable[[Array], Array]
    link: Callable[[Array], Array]
    limit: float
    binary: bool


def _ones(mu: Array) -> Array:
    return np.ones_like(mu)


LOGIT = Family("logit", expit, lambda mu: mu * (1 - mu), lambda mu: mu * (1 - mu), logit, 25.0, True)
IDENTITY = Family("identity", lambda eta: eta, _ones, _ones, lambda mu: mu, np.inf, False)
# a right-skewed measure whose SD grows with its mean, as a gamma's does; its working weights are all 1
LOG = Family("log", np.exp, lambda mu: mu, lambda mu: mu**2, np.log, 30.0, False)
