"""What a pseudo-likelihood fit works on: its design, its state, its linearised outcome (Wolfinger & O'Connell 1993)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ketadash.core.errors import FitError
from ketadash.stats import day_grid, reml
from ketadash.stats.glm_families import LOGIT, Family
from ketadash.stats.refusals import refuse_too_few_rows, repeated_column

Array = NDArray[np.float64]
Ints = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """n rows in order of participant and day, one a column of `rows`."""

    order: Ints  # (n,) places of the sorted rows among those given
    y: Array  # (n,) the outcome
    rows: Array  # (p + 2, n): room for the pseudo-data P, the model's columns made orthonormal, ones
    back: Array  # (p, p) takes the orthonormal columns' coefficients to those of the columns given
    group: Ints  # (n,) participants as 0, 1, …
    layout: reml.Layout
    grid: day_grid.Grid | None  # the rows as people × days, where they are that
    with_scores: bool = True  # whether participants' scores and informations are wanted

    @property
    def X(self) -> Array:
        """The model's columns (p, n), orthogonal and each of length √n."""
        return self.rows[1:-1]


class State(NamedTuple):
    """What a round of pseudo-likelihood has found: `root` and `z` as in `reml`, coefficients of orthonormal columns."""

    root: float  # √(σ_b² / φ)
    z: float  # atanh ρ
    beta: Array  # (p,)
    intercepts: Array  # (G,) predicted
    scale: float  # φ
    spread: Array  # (X'V⁻¹X)⁻¹ in units of φ


def refuse_constant(y: Array) -> None:
    """FitError where the outcome y (n,) never varies."""
    if (y == y[0]).all():
        raise FitError("the outcome is the same on every day of every participant: there is nothing to model")


def design(y: Array, X: Array, group: NDArray[np.int64], day: Array) -> Design:
    """Rows by participant and day, the columns made orthonormal; FitError for columns that repeat each other."""
    n = len(y)
    refuse_too_few_rows(n, X.shape[1])
    refuse_constant(y)
    order = np.lexsort((day, group))
    X, group = X[order], np.unique(group, return_inverse=True)[1][order]
    q, r = np.linalg.qr(X)
    r, q = r / np.sqrt(n), q * np.sqrt(n)
    flat = np.flatnonzero(np.abs(np.diag(r)) < 1e-9 * np.maximum(np.sqrt((r**2).sum(axis=0)), 1e-300))
    if flat.size:
        raise repeated_column(int(flat[0]), X.shape[1])
    rows = np.vstack([np.zeros(n), q.T, np.ones(n)])
    back, day = np.linalg.inv(r), day[order]
    return Design(order, y[order], rows, back, group, reml.laid_out(group, day), day_grid.find(X, back, group, day))


def grid_for(d: Design, family: Family, ar1: bool) -> day_grid.Grid | None:
    """The grid, where sums over it do: for yes/no days, with AR(1) if neighbours are all equally far apart."""
    usable = d.grid is not None and family is LOGIT and (not ar1 or (d.grid.even and d.layout.unbroken))
    return d.grid if usable else None


def moments(d: Design, eta: Array, family: Family, ar1: bool, free_scale: bool) -> reml.Moments:
    """What REML needs of the rows linearised about `eta` (n,)."""
    grid = grid_for(d, family, ar1)
    if grid is None:
        return reml.moments(linearised(d, eta, family), d.layout, ar1, free_scale)
    return reml.of_tables(*day_grid.tables(grid, day_grid.sums(grid, eta, d.y, ar1)), d.layout, free_scale)


def predictor(d: Design, s: State) -> Array:
    """The linear predictor (n,), each participant's intercept in it."""
    if d.grid is not None:
        return d.grid.predictor(s.beta, s.intercepts)
    return s.beta @ d.X + s.intercepts[d.group]


def bounded(d: Design, state: State, family: Family) -> Array:
    """The linear predictor (n,) within the family's bounds, beyond which weights vanish."""
    return np.clip(predictor(d, state), -family.limit, family.limit)


def linearised(d: Design, eta: Array, family: Family) -> Array:
    """√w (P, X, 1), a column for each row: the pseudo-data and what they are regressed on (p + 2, n)."""
    mu = family.mean(eta)
    slope = np.maximum(family.slope(mu), 1e-12)
    weight = slope / np.sqrt(np.maximum(family.variance(mu), 1e-12))
    v = d.rows * weight
    v[0] = (eta + (d.y - mu) / slope) * weight
    return v


def scores_and_informations(d: Design, s: State, ar1: bool, family: Family) -> tuple[Array, Array]:
    """Each participant's score (G, p) and information (G, p, p) of the working linear model, for the columns given.

    X_i'V_i⁻¹e_i and X_i'V_i⁻¹X_i at the last linearisation.
    """
    forth, rho, grid = np.linalg.inv(d.back), math.tanh(s.z) if ar1 else 0.0, grid_for(d, family, ar1)
    if grid is not None:
        by_person = day_grid.sums(grid, bounded(d, s, family), d.y, ar1)
        weights = reml.weights(d.layout, rho) if ar1 else np.ones(1)
        scores, informations = day_grid.scores_and_informations(grid, by_person, weights, s.beta, s.root**2)
        return scores.T @ forth / s.scale, forth.T @ informations.transpose(2, 0, 1) @ forth / s.scale
    v = linearised(d, bounded(d, s, family), family)
    v[0] -= s.beta @ v[1:-1]  # √w e
    white = reml.whitened(v, d.layout, rho)
    p, tau = len(s.beta), s.root**2
    person = np.add.reduceat(white * white[-1], d.layout.starts, axis=1)  # (p + 2, G) v'C⁻¹1
    k = tau / (1 + tau * person[-1])  # Sherman–Morrison: V⁻¹ = C⁻¹ − k C⁻¹11'C⁻¹
    columns = white[1:-1]
    scores = np.add.reduceat(columns * white[0], d.layout.starts, axis=1) - k * person[0] * person[1:-1]
    informations = np.empty((p, p, len(k)))
    for i in range(p):
        for j in range(i + 1):  # one pair of columns at a time, which a cache holds: all at once are p² times the rows
            informations[i, j] = informations[j, i] = np.add.reduceat(columns[i] * columns[j], d.layout.starts)
    informations -= k * person[1:-1, None] * person[None, 1:-1]
    return scores.T @ forth / s.scale, forth.T @ informations.transpose(2, 0, 1) @ forth / s.scale
