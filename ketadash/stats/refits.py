"""One model fitted again and again to the same days while little of it changes: who was given what, or who is in it.

Each fit begins where a fit nearby ended, and comes with standard errors clustered by participant (CR1, `robust`), the
plainest that do not take a person's days for independent.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ketadash.core.errors import FitError
from ketadash.stats import adaptive, glmm, pql, slopes
from ketadash.stats.adaptive import Place
from ketadash.stats.robust import clustered

Array = NDArray[np.float64]
Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]

NEAR = 1e-10  # squared distance from the maximum, in standard errors, at which the last step is taken


@dataclass(frozen=True, slots=True, eq=False)
class Refit:
    """Where a fit ended: β (p,), the random intercept's SD σ, and two covariances of both (p + 1, p + 1).

    `covariance` is the model's and `robust` the one clustered by participant.  With random slopes `effects` has their
    distribution, and the covariances are over its three numbers in the place of σ (`slopes.SlopeFit`).
    """

    beta: Array
    sigma: float
    covariance: Array
    robust: Array
    effects: slopes.RandomDays | None = None


@dataclass(frozen=True, slots=True, eq=False)
class QuadratureStart:
    """Where a quadrature fit ended: coefficients and σ, and each participant's nodes."""

    beta: Array
    sigma: float
    place: Place
    penalty: glmm.Penalty | None


@dataclass(frozen=True, slots=True, eq=False)
class PqlStart:
    """Where a pseudo-likelihood fit ended, and whether it had AR(1) and a scale."""

    fit: pql.PqlFit
    ar1: bool


Start = QuadratureStart | PqlStart | slopes.SlopeFit


def begin_quadrature(
    y: Array, X: Array, group: Ints, arm_columns: Bools, n_quad: int, penalty: glmm.Penalty | None
) -> QuadratureStart | None:
    """The fit without the columns `arm_columns` (p,), as a start for fits with them; None where there is none."""
    layout = glmm.laid_out(X[:, ~arm_columns], group, penalty)
    b = adaptive.with_outcome(layout, y)
    f, _, place = glmm.fit_from(b, *glmm.start(b), n_quad, penalty)
    if f.separated or not f.convergence.ok:
        return None
    beta = np.zeros(len(arm_columns))
    beta[~arm_columns] = f.beta
    return QuadratureStart(beta, f.sigma, place, penalty)


def begin_slopes(y: Array, X: Array, group: Ints, day: Array, arm_columns: Bools) -> slopes.SlopeFit | None:
    """The fit with random slopes without the columns `arm_columns` (p,), as a start for fits with them, or None."""
    f = slopes.fit(y, X[:, ~arm_columns], group, day)
    if f.separated or not f.convergence.ok:
        return None
    beta = np.zeros(len(arm_columns))
    beta[~arm_columns] = f.beta
    return replace(f, beta=beta)


def begin_pql(
    y: Array, X: Array, group: Ints, day: Array, arm_columns: Bools, *, ar1: bool, free_scale: bool
) -> PqlStart | None:
    """The pseudo-likelihood fit without the columns `arm_columns` (p,), as a start for fits with them, or None."""
    f = pql.fit(y, X[:, ~arm_columns], group, day, ar1=ar1, free_scale=free_scale)
    if f.separated or not f.convergence.ok:
        return None
    beta = np.zeros(len(arm_columns))
    beta[~arm_columns] = f.beta
    return PqlStart(replace(f, beta=beta), ar1)


def by_quadrature(
    y: Array, X: Array, group: Ints, start: QuadratureStart | None, n_quad: int, penalty: glmm.Penalty | None
) -> Refit | None:
    """The fit from a start nearby, or from none; None where it has no finite answer.

    `start` must be of the same participants in the same order.

    Raises
    ------
    FitError
        If a column repeats others.
    """
    layout = glmm.laid_out(X, group, penalty)
    b = adaptive.with_outcome(layout, y)
    if start is not None and len(start.place.mode) == len(b.sign):
        theta = np.append(np.linalg.solve(layout.back, start.beta), max(start.sigma, 0.1))
        theta, at, trace = glmm.by_tables(b, theta, start.place, NEAR) or glmm.maximise(b, theta, start.place, NEAR)
        # far out, only the whole fit can tell whether there is a maximum
        if trace.converged and theta[-1] > 1e-3 and theta[-1] < glmm.RUNAWAY_SD and _definite(at.hessian):
            step, _ = glmm.newton_step(at.hessian, at.score)
            covariance = np.asarray(np.linalg.inv(-at.hessian), float)
            return _clustered(layout.back, theta + step, covariance, at.scores)
    f = glmm.fit(y, X, group, n_quad=n_quad, penalty=penalty)
    if f.separated or not f.convergence.ok or not np.isfinite(f.covariance).all():
        return None
    return Refit(f.beta, f.sigma, f.covariance, clustered(f.scores, f.covariance))


def _definite(hessian: Array) -> bool:
    """Whether the fit holds every coefficient, to within the vagueness that a separated outcome has."""
    return bool(np.linalg.eigvalsh(-hessian)[0] > glmm.VAGUE**-2)


def _clustered(back: Array, theta: Array, covariance: Array, scores: Array) -> Refit:
    """The fit at `theta` (β, σ) of orthonormal columns, as one of the columns given, to whose β `back` takes it."""
    p = len(back)
    turn = np.eye(p + 1)
    turn[:p, :p] = back
    robust = clustered(scores, covariance)
    return Refit(back @ theta[:p], float(theta[p]), turn @ covariance @ turn.T, turn @ robust @ turn.T)


def by_slopes(y: Array, X: Array, group: Ints, day: Array, start: slopes.SlopeFit | None) -> Refit | None:
    """As `by_quadrature`, with random slopes; the covariances are over their three numbers too."""
    f = slopes.fit_many(y[None], X, group, day, start)[0]
    if f.separated or not f.convergence.ok or not np.isfinite(f.covariance).all():
        return None
    robust = clustered(f.scores, f.covariance)
    return Refit(f.beta, f.effects.intercept_sd, f.covariance, robust, f.effects)


def by_pql(
    y: Array, X: Array, group: Ints, day: Array, start: PqlStart | None, *, ar1: bool, free_scale: bool
) -> Refit | None:
    """As `by_quadrature`, by pseudo-likelihood; the covariances are 0 in σ, which is taken as known."""
    near = start.fit if start is not None else None
    f = pql.fit_many(y[None], X, group, day, ar1=ar1, free_scale=free_scale, near=near)[0]
    if isinstance(f, FitError) or f.separated or not f.convergence.ok or not np.isfinite(f.covariance).all():
        return None
    p = len(f.beta)
    model, robust = np.zeros((p + 1, p + 1)), np.zeros((p + 1, p + 1))
    model[:p, :p], robust[:p, :p] = f.covariance, clustered(f.scores, f.covariance)
    return Refit(f.beta, f.sigma, model, robust)
