"""Rows that are people × days: what pseudo-likelihood needs of them, from a few numbers a day and a few a person.

A model's columns are products of what a person keeps (an arm, a baseline) and of what a day is (its number, its
square):

    x_ij = A_i φ_j,   φ_j = (1, …) of k ≤ p numbers for day j, the same for everybody

so that Σ_j w_ij x_ij x_ij' = A_i (Σ_j w_ij φ_j φ_j') A_i'.  The sum over days is one product of the weights (G, T) with
a table of the days; what follows costs nothing that grows with them.  The same holds for sums and differences of
neighbouring days, which AR(1) needs:

    u_j φ_j − u_{j−1} φ_{j−1} = (u_j − u_{j−1}) φ_j + u_{j−1} (φ_j − φ_{j−1})

where nothing is lost to rounding though neighbours are alike.  For yes/no days only: one exponential gives all that
their linearisation needs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

Array = NDArray[np.float64]
Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]

MANY = 2_000  # rows from which on a grid is worth laying out
FILLED = 0.5  # of the grid, at least
SETTLED = 1e-7  # a Newton step of an intercept: the next has its square
AT_ONCE = 16_000  # cells whose products are made together: they stay in a cache


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """G people × T days, and what makes the model's orthonormal columns of them."""

    inside: Bools | None  # (G, T) which of them are rows; None where all are
    shape: tuple[int, int]
    basis: Array  # (k, T) φ, the first of them 1
    people: Array  # (p, k, G) A
    even: bool  # whether all days are equally far apart: neighbours in the grid are neighbours of AR(1)

    def spread(self, rows: Array) -> Array:
        """Rows (n,) as (G, T), 0 where there is none."""
        if self.inside is None:
            return rows.reshape(self.shape)
        cells = np.zeros(self.shape)
        cells[self.inside] = rows
        return cells

    def rows(self, cells: Array) -> Array:
        """Of (G, T) those that are rows (n,)."""
        return cells.ravel() if self.inside is None else cells[self.inside]

    def predictor(self, beta: Array, intercepts: Array) -> Array:
        """The linear predictor (n,) from coefficients (p,) of the orthonormal columns and everyone's intercept (G,)."""
        return self.rows(self.cells(beta, intercepts))

    def cells(self, beta: Array, intercepts: Array) -> Array:
        """The same in all cells (G, T)."""
        own = np.tensordot(beta, self.people, axes=1)  # (k, G)
        own[0] += intercepts
        return np.asarray(own.T @ self.basis)

    def portions(self) -> Iterator[slice]:
        """People, some at a time, whose cells a cache holds."""
        G, T = self.shape
        most = max(1, AT_ONCE // T)
        return (slice(i, i + most) for i in range(0, G, most))


def find(X: Array, back: Array, group: Ints, day: Array) -> Grid | None:
    """The grid of rows X (n, p) by participant (0, 1, …) and day; None where they are few, or columns are no products.

    `back` takes X to orthonormal columns, ``X @ back``.
    """
    n, G = len(X), int(group[-1]) + 1
    if n < MANY:
        return None
    days, place = np.unique(day, return_inverse=True)
    if n < FILLED * G * len(days):
        return None
    first = np.searchsorted(group, np.arange(G))
    kept = X[first]  # (G, p)
    varies = (kept[group] != X).any(axis=0)
    factors = _factors(X, kept, varies, group, place, len(days))
    if factors is None:
        return None
    of_person, of_day, functions = factors
    q, r = np.linalg.qr(functions.T)
    sign, root = np.sign(r[0, 0]), np.sqrt(len(days))
    basis, r = q.T * (sign * root), r * (sign / root)  # functions = basis' r
    people = np.stack([(of_person * r[k, of_day]) @ back for k in range(len(r))]).transpose(2, 0, 1)
    inside = None
    if n < G * len(days):
        inside = np.zeros((G, len(days)), bool)
        inside[group, place] = True
    gaps = np.diff(days)
    even = bool((gaps == gaps[:1]).all())
    return Grid(inside, (G, len(days)), np.ascontiguousarray(basis), np.ascontiguousarray(people), even)


def _factors(
    X: Array, kept: Array, varies: Bools, group: Ints, place: Ints, n_days: int
) -> tuple[Array, Ints, Array] | None:
    """Each column as a number a person (G, p) and one of the functions of the day, ``(p,)`` of (k, T); or None."""
    functions, of_day, of_person = [np.ones(n_days)], np.zeros(X.shape[1], np.intp), np.where(varies, 1.0, kept)
    others = []
    for c in np.flatnonzero(varies):
        f = np.empty(n_days)
        f[place] = X[:, c]
        if (f[place] == X[:, c]).all():
            of_day[c] = len(functions)
            functions.append(f)
        else:
            others.append(c)
    for c in others:
        products = ((k, d) for d in range(1, len(functions)) for k in np.flatnonzero(~varies))
        for k, d in products:
            if (kept[group, k] * functions[d][place] == X[:, c]).all():
                of_day[c], of_person[:, c] = d, kept[:, k]
                break
        else:
            return None
    return of_person, of_day, np.array(functions)


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """Person by person, of the rows and, with AR(1), of sums and of differences of neighbours (1 or 3 of each).

    `squares` (·, k, k, G) are Σ w φφ', `outcome` (·, k, G) Σ w P φ, and `total` (·,) everyone's Σ w P².
    """

    squares: Array
    outcome: Array
    total: Array


def sums(grid: Grid, eta: Array, y: Array, ar1: bool) -> Sums:
    """The sums of a yes or no y (n,), linearised about the predictor eta (n,)."""
    k, (G, _), parts = len(grid.basis), grid.shape, 3 if ar1 else 1
    i, j = np.triu_indices(k)
    squares, outcome, total = np.empty((parts, len(i), G)), np.empty((parts, k, G)), np.zeros(parts)
    products = grid.basis[i] * grid.basis[j]
    neighbours = _Neighbours.of(grid.basis, i, j)
    eta, y = grid.spread(eta), grid.spread(y)
    for who in grid.portions():
        u, p = _linearised(eta[who], y[who])
        if grid.inside is not None:
            u, p = u * grid.inside[who], p * grid.inside[who]
        squares[0][:, who], outcome[0][:, who] = products @ (u * u).T, grid.basis @ (u * p).T
        total[0] += _square(p)
        if ar1:
            both_known = None if grid.inside is None else grid.inside[who, 1:] & grid.inside[who, :-1]
            for part, pair in enumerate(neighbours.sums(u, p, both_known), 1):
                squares[part][:, who], outcome[part][:, who] = pair[:2]
                total[part] += pair[2]
    both = np.empty((parts, k, k, G))
    both[:, i, j] = both[:, j, i] = squares
    return Sums(both, outcome, total)


def _linearised(eta: Array, y: Array) -> tuple[Array, Array]:
    """√w and √w P.

    With t = exp(−η / 2): √w = 1 / (t + 1 / t), and (y − μ) / √w is t for a yes and −1 / t for a no.
    """
    t = np.exp(eta * -0.5)
    other = 1 / t
    weight = 1 / (t + other)
    outcome = np.where(y > 0.5, t, -other)
    outcome += weight * eta
    return weight, outcome


def _square(values: Array) -> float:
    """The sum of squares, by one thread: BLAS shares a block out among threads, which may have to wait for a core."""
    return float(np.einsum("gt,gt->", values, values))


@dataclass(frozen=True, slots=True, eq=False)
class _Neighbours:
    """Of two days in a row the later one's φ, δ by which it differs from the earlier one's, and their products."""

    later: Array  # (k, T − 1)
    step: Array
    squared: Array  # (·, T − 1) φφ', φδ' + δφ' and δδ'
    mixed: Array
    steps: Array

    @staticmethod
    def of(basis: Array, i: Ints, j: Ints) -> _Neighbours:
        """The tables of the days, the products by rows `i` and columns `j`."""
        later, step = basis[:, 1:], np.diff(basis, axis=1)
        return _Neighbours(later, step, later[i] * later[j], later[i] * step[j] + step[i] * later[j], step[i] * step[j])

    def sums(self, u: Array, p: Array, both_known: Bools | None) -> Iterator[tuple[Array, Array, float]]:
        """Σ w φφ', Σ w P φ and Σ w P² of neighbours' sums, then of their differences, where `both_known`."""
        before = u[:, :-1] if both_known is None else u[:, :-1] * both_known
        apart = self.steps @ (before * before).T
        for sign in (1.0, -1.0):
            own, outcome = u[:, 1:] + sign * u[:, :-1], p[:, 1:] + sign * p[:, :-1]
            if both_known is not None:
                own *= both_known
                outcome *= both_known
            squares = self.squared @ (own * own).T - sign * (self.mixed @ (own * before).T) + apart
            yield (
                squares,
                self.later @ (own * outcome).T - sign * (self.step @ (before * outcome).T),
                _square(outcome),
            )


def scores_and_informations(
    grid: Grid, by_part: Sums, weights: Array, beta: Array, ratio: float
) -> tuple[Array, Array]:
    """Everyone's X'V⁻¹e (p, G) and X'V⁻¹X (p, p, G).

    Parameters
    ----------
    weights : (·,) of rows, sums and differences, with which they add up to what they are under C⁻¹
    beta : (p,) of the orthonormal columns, whose residuals are e
    ratio : σ_b² / φ
    """
    squares, outcome = (np.tensordot(weights, each, axes=1) for each in (by_part.squares, by_part.outcome))
    turned = _turned(grid, squares)
    residual = outcome - np.tensordot(beta, turned, axes=1)  # (k, G)
    k = ratio / (1 + ratio * squares[0, 0])  # Sherman–Morrison: V⁻¹ = C⁻¹ − k C⁻¹11'C⁻¹
    scores = (grid.people * residual).sum(axis=1) - k * residual[0] * turned[:, 0]
    p = len(beta)
    informations = np.empty((p, p, len(k)))
    for i in range(p):
        informations[i] = (turned[i] * grid.people).sum(axis=1) - k * turned[i, 0] * turned[:, 0]
    return scores, informations


def _turned(grid: Grid, squares: Array) -> Array:
    """A_i S_i (p, k, G) of everyone's S (k, k, G)."""
    turned = grid.people[:, :1] * squares[0]
    for m in range(1, len(squares)):
        turned += grid.people[:, m : m + 1] * squares[m]
    return turned


def tables(grid: Grid, by_person: Sums) -> tuple[Array, Array]:
    """The parts as `reml.Moments` has them: Σ vv' of the outcome and the columns (·, q, q), and v'1 (·, q + 1, G)."""
    p, k, G = grid.people.shape
    parts = len(by_person.total)
    total, person = np.empty((parts, p + 1, p + 1)), np.empty((parts, p + 2, G))
    flat = grid.people.reshape(p, k * G)
    for part, squares in enumerate(by_person.squares):
        turned = _turned(grid, squares)
        total[part, 0, 0] = by_person.total[part]
        total[part, 0, 1:] = total[part, 1:, 0] = flat @ by_person.outcome[part].ravel()
        total[part, 1:, 1:] = turned.reshape(p, k * G) @ flat.T
        person[part, 0], person[part, 1:-1], person[part, -1] = by_person.outcome[part, 0], turned[:, 0], squares[0, 0]
    return total, person


def likeliest_intercepts(grid: Grid, beta: Array, y: Array, ratio: float, limit: float) -> Array:
    """Everyone's likeliest intercept (G,) beside coefficients (p,), their days taken for independent."""
    fixed, y = grid.cells(beta, np.zeros(grid.shape[0])), grid.spread(y)
    every, successes = np.zeros(len(fixed)), y.sum(axis=1)
    for who in grid.portions():
        own, b = fixed[who], every[who]
        for _ in range(8):
            mu = 1 / (1 + np.exp(-np.clip(own + b[:, None], -limit, limit)))
            if grid.inside is not None:
                mu *= grid.inside[who]
            expected = mu.sum(axis=1)
            information = expected - np.einsum("gt,gt->g", mu, mu) + 1 / ratio
            step = np.clip((successes[who] - expected - b / ratio) / information, -1, 1)
            b += step
            if np.abs(step).max() < SETTLED:
                break
    return every


def pooled_step(grid: Grid, gamma: Array, y: Array, ridge: float, limit: float) -> Array:
    """A step (p,) of an ordinary logistic fit from coefficients `gamma` (p,) of the orthonormal columns."""
    G, k = grid.shape[0], len(grid.basis)
    mu = expit(np.clip(grid.predictor(gamma, np.zeros(G)), -limit, limit))
    i, j = np.triu_indices(k)
    both = np.empty((k, k, G))
    both[i, j] = both[j, i] = (grid.basis[i] * grid.basis[j]) @ grid.spread(mu * (1 - mu)).T
    p, flat = len(gamma), grid.people.reshape(len(gamma), -1)
    information = _turned(grid, both).reshape(p, -1) @ flat.T + ridge * np.eye(p)
    score = flat @ (grid.basis @ grid.spread(y - mu).T).ravel() - ridge * gamma
    return np.asarray(np.linalg.solve(information, score))
