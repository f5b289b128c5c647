"""Where pseudo-likelihood begins: a cold start's predictors, and intercepts beside coefficients of a fit nearby."""

from __future__ import annotations

import numpy as np

from ketadash.stats import day_grid
from ketadash.stats.glm_families import LOGIT, Family
from ketadash.stats.pql_design import Array, Design, grid_for


def starts(d: Design, family: Family = LOGIT) -> list[Array]:
    """Linear predictors (n,) to begin from: a fit that ignores the participants, and halfway between data and mean."""
    X, gamma = d.X, np.zeros(len(d.X))
    gamma[0] = float(family.link(np.array(d.y.mean()))) / X[0, 0] if not family.binary else 0.0
    ridge = 1e-3 * len(d.y) if family.binary else 0.0
    for _ in range(8):
        step = _pooled_step(d, gamma, ridge, family)
        gamma = gamma + step
        if np.abs(step).max() < 1e-5:  # the next one has its square
            break
    halfway = (d.y + (0.5 if family.binary else d.y.mean())) / 2
    return [gamma @ X, family.link(halfway)]


def _pooled_step(d: Design, gamma: Array, ridge: float, family: Family) -> Array:
    """A step (p,) of the fit that ignores the participants."""
    if (grid := grid_for(d, family, ar1=False)) is not None:
        return day_grid.pooled_step(grid, gamma, d.y, ridge, family.limit)
    mu = family.mean(np.clip(gamma @ d.X, -family.limit, family.limit))
    slope, variance = family.slope(mu), family.variance(mu)
    information = (d.X * (slope**2 / variance)) @ d.X.T + ridge * np.eye(len(d.X))
    return np.asarray(np.linalg.solve(information, d.X @ (slope / variance * (d.y - mu)) - ridge * gamma), np.float64)


def likeliest_intercepts(d: Design, beta: Array, ratio: float, family: Family) -> Array:
    """Each participant's likeliest intercept at a ratio σ_b² / φ, their days taken for independent.

    A run that begins with the intercepts of another outcome is thrown off by them.
    """
    if (grid := grid_for(d, family, ar1=False)) is not None:
        return day_grid.likeliest_intercepts(grid, beta, d.y, ratio, family.limit)
    fixed, b = beta @ d.X, np.zeros(len(d.layout.starts))
    for _ in range(8):
        mu = family.mean(np.clip(fixed + b[d.group], -family.limit, family.limit))
        slope, variance = family.slope(mu), family.variance(mu)
        each = np.array([slope / variance * (d.y - mu), slope**2 / variance])
        score, information = np.add.reduceat(each, d.layout.starts, axis=1)
        b += np.clip((score - b / ratio) / (information + 1 / ratio), -1, 1)
    return b
