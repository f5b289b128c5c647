"""The integrals of `adaptive` for people whose days are alike: the same rows of the design but for what a person keeps.

Where every day has a value, an arm's people share their days, and whatever else a model knows of them (a baseline, a
site) moves all of somebody's log-odds by the same:

    η_ij + σ z = f_j + u,   u = o_i + σ z

So Σ_j log(1 + exp(f_j + u)), and all that its derivatives need, are functions of u alone, tabulated once for a pattern
of days; of its outcome a person brings only how many days are 1, and Σ_j x_ij y_ij.  The integral over u is a sum over
evenly spaced points, whose error falls off exponentially in their number for a density like this (Trefethen & Weideman
2014): with `STEP` it is below 1e-10, and `integrate` says so where it is not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

Array = NDArray[np.float64]
Ints = NDArray[np.intp]


class UnsuitedError(Exception):
    """Points so spaced are too many, or do not settle an integral: `adaptive`'s nodes are asked."""


MANY = 2_000  # rows from which on a pattern's table is worth making
SHARED = 20  # people a pattern, on average, at least
STEP = 0.7  # between two points, in the least SD that anybody's u can have
REACH = 8.5  # of the points beyond the least and the largest o, in σ
MOST_POINTS = 2_000
MOST_LOG, LOG_2 = 700.0, float(np.log(2))  # exp(709) is the largest number
COARSER = 4  # among so many points is one near enough to the highest that none overflows
TOGETHER = 160  # people whose integrals are summed over the same points
NOTHING = 45.0  # below a density's highest logarithm: less than a rounding of its integral
OUTSIDE, COARSE = 1e-12, 1e-3  # the most of anybody's integral at an end, and that half the points may be off by


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    """People with the same days: `varying` (m, v) has the columns that vary within people, for one of them."""

    who: Ints
    varying: Array


@dataclass(frozen=True, slots=True, eq=False)
class Alike:
    """Everyone by pattern; in orthonormal columns a row is ``varying @ forth``, and what its person keeps."""

    patterns: tuple[Pattern, ...]
    forth: Array  # (v, p)
    kept: Array  # (G, p)


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """All that counts of an outcome: each person's days with a 1 (G,), and Σ of their varying rows (G, p)."""

    successes: Array
    rows: Array


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """Each log integral (G,), its score (G, p + 1) in (γ, σ), and the Hessian of their sum."""

    each: Array
    scores: Array
    hessian: Array


def find(X: Array, codes: Ints, back: Array) -> Alike | None:
    """The patterns of rows X (n, p), in order of participants `codes` (0, 1, …); None if there are too many.

    `back` takes X to orthonormal columns.
    """
    starts = np.flatnonzero(np.diff(codes, prepend=-1))
    if len(X) < MANY:
        return None
    within = np.diff(X, axis=0) * (np.diff(codes) == 0)[:, None]
    varies = within.any(axis=0)
    varying = np.ascontiguousarray(X[:, varies])
    members: dict[bytes, list[int]] = {}
    most = len(starts) // SHARED
    for i, (begin, end) in enumerate(zip(starts, [*starts[1:], len(X)], strict=True)):
        members.setdefault(varying[begin:end].tobytes(), []).append(i)
        if len(members) > most:
            return None
    ends = [*starts[1:], len(X)]
    size = np.maximum(np.abs(varying).max(axis=0, initial=0.0), 1e-300)
    patterns = tuple(Pattern(np.array(own), varying[starts[own[0]] : ends[own[0]]] / size) for own in members.values())
    return Alike(patterns, back[varies] * size[:, None], X[starts][:, ~varies] @ back[~varies])


def counted(a: Alike, sign: Array, inside: Array) -> Counted:
    """An outcome as (G, m), +1 or −1 where `inside` is 1."""
    y = (sign > 0) * inside
    rows = np.empty_like(a.kept)
    for one in a.patterns:
        rows[one.who] = y[one.who, : len(one.varying)] @ one.varying @ a.forth
    return Counted(y.sum(axis=1), rows)


def integrate(a: Alike, c: Counted, theta: Array) -> Sums:
    """The integrals at `theta` = (γ, σ), unpenalised.

    Raises
    ------
    UnsuitedError
        If points so spaced are too many, or not enough.
    """
    q = len(theta)
    each, scores, hessian = np.empty(len(a.kept)), np.empty((len(a.kept), q)), np.zeros((q, q))
    for one, log_integral, pieces in _by_pattern(a, c, theta):
        each[one.who], scores[one.who] = log_integral, pieces.score
        hessian += _hessian(a, pieces)
    return Sums(each, scores, hessian)


def informations(a: Alike, c: Counted, theta: Array) -> Array:
    """Each participant's observed information in (γ, σ), (G, p + 1, p + 1); `UnsuitedError` as of `integrate`."""
    info = np.empty((len(a.kept), len(theta), len(theta)))
    for one, _, pieces in _by_pattern(a, c, theta):
        info[one.who] = _informations(a, pieces)
    return info


def _by_pattern(a: Alike, c: Counted, theta: Array) -> Iterator[tuple[Pattern, Array, _Pieces]]:
    """Each pattern with its people's log integrals, and what their derivatives are made of."""
    sigma = float(theta[-1])
    for one in a.patterns:
        o = a.kept[one.who] @ theta[:-1]
        expected, log_integral = _expected(_table(one, a, theta, o), o, c.successes[one.who], sigma)
        yield one, log_integral + c.rows[one.who] @ theta[:-1], _pieces(a, c, one, expected, o, sigma)


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """At each u (K,): Σ_j log(1 + exp(f_j + u)), and the functions whose expectation derivatives need (·, K)."""

    u: Array
    logs: Array
    functions: Array


def _table(one: Pattern, a: Alike, theta: Array, o: Array) -> _Table:
    """First 1, and 1 at every other u; with p_j and w_j = p_j (1 − p_j) at u the others are

    g = (Σ v p, Σ p, u Σ p, u), gg' above its diagonal and on it, then Σ v v'w, Σ v w, Σ w, u Σ v w, u Σ w, u² Σ w.
    """
    sigma, (m, v) = float(theta[-1]), one.varying.shape
    step = STEP / np.sqrt(1 / sigma**2 + m / 4) if sigma > 0 else 0.0
    low, high = o.min() - REACH * sigma, o.max() + REACH * sigma
    if not step > 0 or not (high - low) / step < MOST_POINTS:
        raise UnsuitedError
    u = np.arange(low, high + step, step)
    p, w, logs = _by_day(one.varying @ (a.forth @ theta[:-1]), u)
    by_column = np.column_stack([one.varying, np.ones(m)]).T  # (v + 1, m)
    pairs = (one.varying[:, :, None] * one.varying[:, None]).reshape(m, v * v).T
    P, W = by_column @ p, by_column @ w
    g = np.vstack([P, u * P[-1], u])
    i, j = _upper(len(g))
    ones, every_other = np.ones(len(u)), np.arange(len(u)) % 2 == 0
    functions = np.vstack([ones, every_other, g, g[i] * g[j], pairs @ w, W, u * W, u * u * W[-1]])
    return _Table(u, logs, functions)


def _by_day(f: Array, u: Array) -> tuple[Array, Array, Array]:
    """p_j and w_j (m, K) of days with f (m,) at u (K,), and Σ_j log(1 + exp(f_j + u)) (K,).

    exp(f + u) is exp(f) exp(u): exponentials of the margins alone, and logarithms of as many days' product as a number
    can hold.
    """
    largest = float(np.abs(f).max() + np.abs(u).max()) + LOG_2
    if largest > MOST_LOG:
        log_odds = f[:, None] + u
        p = expit(log_odds)
        return p, p * (1 - p), np.logaddexp(0, log_odds).sum(axis=0)
    odds, at_once = np.exp(f)[:, None] * np.exp(u), int(MOST_LOG / largest)
    above = 1 + odds
    p = odds / above
    products = [above[k : k + at_once].prod(axis=0) for k in range(0, len(f), at_once)]
    return p, p / above, np.log(products).sum(axis=0)


def _expected(table: _Table, o: Array, s: Array, sigma: float) -> tuple[Array, Array]:
    """Everyone's posterior expectations of the table's functions, and log integrals (g,) but for what no u changes.

    Somebody's density is that of ``k u − logs − u² / 2σ²``, with k = s + o / σ²: concave, and the further up the larger
    k.  So of people in order of k some at a time need the points alone that the first and the last of them reach.
    """
    u, k = table.u, s + o / sigma**2
    level = table.logs + u * u / (2 * sigma**2)
    sums, tops, order = np.empty((len(k), len(table.functions))), np.empty(len(k)), np.argsort(k)
    for some in _portions(order):
        low, high = _reached(u, level, k[some[0]], k[some[-1]])
        sums[some], tops[some] = _summed(u[low:high], level[low:high], table.functions[:, low:high], k[some])
    total = sums[:, :1]
    scale = np.log((u[1] - u[0]) / (sigma * np.sqrt(2 * np.pi)))
    log_integral = np.log(total[:, 0]) + tops - o**2 / (2 * sigma**2) + scale
    return sums[:, 2:] / total, log_integral


@lru_cache(maxsize=8)
def _upper(n: int) -> tuple[Ints, Ints]:
    """`np.triu_indices`, which takes as long as a pattern's integrals need for five people."""
    return np.triu_indices(n)


def _portions(order: Ints) -> Iterator[Ints]:
    """Some people at a time, evenly many."""
    n = max(1, len(order) // TOGETHER)
    ends = [len(order) * part // n for part in range(n + 1)]
    return (order[begin:end] for begin, end in pairwise(ends))


def _reached(u: Array, level: Array, least: float, most: float) -> tuple[int, int]:
    """The points between which densities of k from `least` to `most` have all but nothing of their integrals."""
    below, above = least * u - level, most * u - level
    return int(np.argmax(below > below.max() - NOTHING)), len(u) - int(np.argmax(above[::-1] > above.max() - NOTHING))


def _summed(u: Array, level: Array, functions: Array, k: Array) -> tuple[Array, Array]:
    """Sums of the functions over weights (g, ·) that are 1 near their highest, and the logarithm of what 1 stands for.

    Each cell is written by one product, raised, and read by another: nothing else is done to that many.
    """
    margins = np.array([u, level, np.ones(len(u))])
    by_person = np.column_stack([k, -np.ones(len(k)), np.zeros(len(k))])
    by_person[:, 2] = -(by_person @ margins[:, ::COARSER]).max(axis=1)  # within one of the highest
    weight = by_person @ margins
    np.exp(weight, out=weight)
    sums = weight @ functions.T
    total, half = sums[:, :1], sums[:, 1:2]
    ends = np.maximum(weight[:, 0], weight[:, -1])
    if not (ends < OUTSIDE * total[:, 0]).all() or not (np.abs(2 * half - total) < COARSE * total).all():
        raise UnsuitedError
    return sums, -by_person[:, 2]


@dataclass(frozen=True, slots=True, eq=False)
class _Pieces:
    """A pattern's people: score and variance of s = constant + turn @ g, and Σ of vv'w, vw, w, z vw, z w, z² w."""

    kept: Array
    score: Array  # (g, p + 1)
    turn: Array  # (g, p + 1, d)
    spread: Array  # (g, d, d)
    vvw: Array  # (g, v, v)
    vw: Array
    w: Array
    z_vw: Array
    z_w: Array
    zz_w: Array


def _pieces(a: Alike, c: Counted, one: Pattern, expected: Array, o: Array, sigma: float) -> _Pieces:
    """From the expected `functions` of u to those of z = (u − o) / σ; in σ the score is z (successes − Σ p)."""
    v, (g, p) = one.varying.shape[1], (len(one.who), a.kept.shape[1])
    s, kept, d, by = c.successes[one.who], a.kept[one.who], v + 3, o[:, None]
    parts = np.cumsum([d, d * (d + 1) // 2, v * v, v, 1, v, 1])
    first, half, vvw, vw, w, uvw, uw, uuw = np.split(expected, parts, axis=1)
    second, (i, j) = np.empty((g, d, d)), _upper(d)
    second[:, i, j] = second[:, j, i] = half
    turn, constant = np.zeros((g, p + 1, d)), np.zeros((g, p + 1))
    turn[:, :p, :v], turn[:, :p, v] = -a.forth.T, -kept
    turn[:, p, v], turn[:, p, v + 1], turn[:, p, v + 2] = o / sigma, -1 / sigma, s / sigma
    constant[:, :p], constant[:, p] = c.rows[one.who] + kept * s[:, None], -s * o / sigma
    score = constant + np.einsum("iad,id->ia", turn, first)
    spread = second - first[:, :, None] * first[:, None]
    z_vw, z_w, zz_w = (uvw - by * vw) / sigma, (uw - by * w) / sigma, (uuw - 2 * by * uw + by**2 * w) / sigma**2
    return _Pieces(kept, score, turn, spread, vvw.reshape(g, v, v), vw, w, z_vw, z_w, zz_w)


def _hessian(a: Alike, e: _Pieces) -> Array:
    """Σ E[H] + Var[s] over a pattern's people (p + 1, p + 1)."""
    p, forth = a.kept.shape[1], a.forth
    hessian = np.tensordot(e.turn @ e.spread, e.turn, axes=([0, 2], [0, 2]))
    mixed = forth.T @ e.vw.T @ e.kept
    hessian[:p, :p] -= forth.T @ e.vvw.sum(axis=0) @ forth + mixed + mixed.T + (e.kept * e.w).T @ e.kept
    cross = e.z_vw.sum(axis=0) @ forth + e.z_w[:, 0] @ e.kept
    hessian[:p, p] -= cross
    hessian[p, :p] -= cross
    hessian[p, p] -= e.zz_w.sum()
    return np.asarray(hessian)


def _informations(a: Alike, e: _Pieces) -> Array:
    """Minus the same, person by person (g, p + 1, p + 1)."""
    p, forth = a.kept.shape[1], a.forth
    info = -(e.turn @ e.spread @ e.turn.swapaxes(1, 2))
    mixed = (e.vw @ forth)[:, :, None] * e.kept[:, None]
    own = e.kept[:, :, None] * e.kept[:, None] * e.w[:, :, None]
    info[:, :p, :p] += forth.T @ e.vvw @ forth + mixed + mixed.swapaxes(1, 2) + own
    cross = e.z_vw @ forth + e.z_w * e.kept
    info[:, :p, p] += cross
    info[:, p, :p] += cross
    info[:, p, p] += e.zz_w[:, 0]
    return np.asarray(info)
