"""What both arms would have if everybody had been in each: a regression averaged over the participants (g-computation).

The variance is unconditional: it is that of another trial with other people, not of these people in another trial
(Ye, Shao, Yi & Zhao 2023; FDA 2023, section III.C).  It holds whether or not the regression is right, for the arms were
given out by chance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from ketadash.core.errors import FitError
from ketadash.stats.separation import is_separated

Array = NDArray[np.float64]
Bools = NDArray[np.bool_]
SEPARATED = (
    "with these covariates some people's outcome is certain (separation), so the adjusted difference has no finite "
    "fit: choose fewer covariates"
)
ONE_ARM = "the covariates tell the arms apart, so nobody is like anybody of the other arm: choose others"
STEPS, CLOSE = 100, 1e-12  # at most so many of Newton's steps, until one is this short


@dataclass(frozen=True, slots=True, eq=False)
class Standardised:
    """Both arms' means over everybody, their covariance (2, 2), control first, and the degrees of freedom."""

    control: float
    active: float
    covariance: Array
    df: int

    @property
    def difference(self) -> float:
        """Active minus control."""
        return self.active - self.control

    @property
    def variance(self) -> float:
        """Of the difference."""
        return max(float(self.covariance[0, 0] + self.covariance[1, 1] - 2 * self.covariance[0, 1]), 0.0)


def standardised(y: Array, active: Bools, covariates: Array, *, yes_no: bool) -> Standardised:
    """A logistic regression of yes and no, or a linear one of numbers, on arm and covariates, averaged over everybody.

    With φ what each participant adds (the influence function of both means, that of the coefficients in it), the
    covariance is Σφφ'/n² · n / (n − p), p columns: of few people the plain one is too small.

    Parameters
    ----------
    y : (n,) 0 or 1 where `yes_no`, else any number
    active : (n,) who is in the active arm
    covariates : (n, c); columns that repeat others count once

    Raises
    ------
    FitError
        With fewer people than columns, or an outcome that the columns separate.
    """
    n, arm = len(y), active.astype(float)
    Z = _independent(covariates)
    X = np.column_stack([np.ones(n), arm, Z])
    p = X.shape[1]
    if n <= p + 1:
        raise FitError(f"{n} participants are too few for {p} coefficients: choose fewer covariates")
    if np.linalg.matrix_rank(X) < p:
        raise FitError(ONE_ARM if 0 < arm.sum() < n else "only one arm has anybody in whom it is known")
    beta = _logistic(y, X) if yes_no else np.linalg.lstsq(X, y, rcond=None)[0]

    def mean(eta: Array) -> Array:
        return np.asarray(expit(eta)) if yes_no else eta

    def slope(mu: Array) -> Array:
        return mu * (1 - mu) if yes_no else np.ones(n)

    fitted = mean(X @ beta)
    information = (X * slope(fitted)[:, None]).T @ X / n
    scores = np.linalg.solve(information, (X * (y - fitted)[:, None]).T)  # (p, n)
    means, influence = [], []
    for k in (0.0, 1.0):
        all_in_arm = np.column_stack([np.ones(n), np.full(n, k), Z])
        mu = mean(all_in_arm @ beta)
        means.append(float(mu.mean()))
        influence.append(mu - mu.mean() + (all_in_arm * slope(mu)[:, None]).mean(axis=0) @ scores)
    phi = np.array(influence)
    return Standardised(means[0], means[1], phi @ phi.T / n**2 * n / (n - p), n - p)


def _independent(covariates: Array) -> Array:
    """The covariates as orthonormal columns beside a constant, without those that say nothing more.

    The arm is no part of it: a column made free of the arm would change with it.
    """
    n, rest = len(covariates), list[Array]()
    basis = np.full((n, 1), n**-0.5)
    for column in covariates.T:
        size = np.linalg.norm(column - column.mean())
        left = column - basis @ (basis.T @ column)
        left -= basis @ (basis.T @ left)
        if np.linalg.norm(left) > 1e-9 * max(float(size), 1e-300):
            rest.append(left / np.linalg.norm(left))
            basis = np.column_stack([basis, rest[-1]])
    return np.column_stack([np.zeros((n, 0)), *rest])


def _logistic(y: Array, X: Array) -> Array:
    """The maximum of the likelihood by Newton's steps, halved where they overshoot."""
    if is_separated(y, X):
        raise FitError(SEPARATED)
    beta = np.zeros(X.shape[1])

    def loss(b: Array) -> float:
        return float(np.logaddexp(0, (1 - 2 * y) * (X @ b)).sum())

    at = loss(beta)
    for _ in range(STEPS):
        mu = expit(X @ beta)
        step = np.linalg.solve((X * (mu * (1 - mu))[:, None]).T @ X, X.T @ (y - mu))
        while (then := loss(beta + step)) > at + 1e-12 * max(at, 1.0) and np.abs(step).max() > CLOSE:
            step /= 2
        beta, at = beta + step, then
        if np.abs(step).max() < CLOSE * max(float(np.abs(beta).max()), 1.0):
            return beta
    raise FitError("the regression on the covariates did not settle: choose fewer covariates")
