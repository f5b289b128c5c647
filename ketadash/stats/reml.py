"""REML for a weighted linear model with a random intercept and AR(1), from moments of its rows.

    v | b ~ (b·1, φ C(ρ)),   b ~ N(0, σ_b²),   C_st = ρ^|day_s − day_t|

in rows already multiplied with the square root of their weight.  AR(1) has a tridiagonal inverse whose entries depend
on ρ and the gap between two reported days only.  All that REML needs are therefore moments of rows and of neighbours,
taken once for each distinct gap: its search over (root, z) then costs nothing that grows with the days.

The search is over root = √(σ_b² / φ), so that 0 is an interior point of a function even in it, and z = atanh ρ.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ketadash.core.errors import FitError, stop_point

Array = NDArray[np.float64]
Ints = NDArray[np.intp]

EDGE = 9.0  # |z| goes no further: |ρ| ≤ 1 − 3e-8
PUSH = 0.1  # what root leaves 0 by, or less
SOLVED = 1e-4  # a Newton step that gains less in −2 log L leaves about its square to be gained
AT_ONCE = 4_000  # rows whose moments are taken together: they and their pairs stay in a cache
INDEPENDENT = np.zeros(3)  # log |C| and its derivatives without AR(1)


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """Participants one after the other, their days in order; two reported days in a row are a pair, sorted by gap.

    K gaps between days are distinct.  Moments are taken of the sums and of the differences of a pair, so each gap comes
    twice.
    """

    starts: Ints  # (G,) each participant's first row
    unit: int  # greatest common divisor of the gaps: 7 if all days reported lie weeks apart; gaps are counted in it
    n_pairs: Array  # (2K,) how many pairs have each distinct gap
    exponent: Array  # (3, 2K): `factor` × ρ^`exponent` is ± ρ^gap, for sums and differences, and its derivatives in ρ
    factor: Array  # (3, 2K)
    n_rows: int
    later: Ints  # (pairs,) a pair's later row; its earlier one is the row before
    cuts: Ints  # where the pairs of each (gap, participant) begin
    cell: tuple[Ints, Ints]  # the number of that gap, and that participant

    @property
    def unbroken(self) -> bool:
        """Whether all pairs are equally far apart: then they need not be sorted."""
        return len(self.n_pairs) == 2

    def portions(self) -> Iterator[tuple[slice, slice, Ints]]:
        """Participants, some at a time, whose rows a cache holds: which, their rows, and where each begins in those."""
        ends = np.append(self.starts[1:], self.n_rows)
        begin = 0
        while begin < len(self.starts):
            first = int(self.starts[begin])
            end = max(begin + 1, int(np.searchsorted(ends, first + AT_ONCE, side="right")))
            yield slice(begin, end), slice(first, int(ends[end - 1])), self.starts[begin:end] - first
            begin = end


def laid_out(group: Ints, day: Array) -> Layout:
    """Lay out rows sorted by participant (0, 1, …) and day.

    Raises
    ------
    FitError
        If a participant has two rows for one day.
    """
    first = np.diff(group, prepend=-1) > 0
    later = np.flatnonzero(~first)
    gap = day[later] - day[later - 1]
    if (gap < 1).any():
        raise FitError("a participant has two rows for one day; keep one row per participant and day")
    # ρ^7 is flat at ρ = 0, where the search begins; ρ per unit is not
    unit = max(1, int(np.gcd.reduce(gap.astype(np.int64))))
    gaps, kind, n_pairs = np.unique(gap / unit, return_inverse=True, return_counts=True)
    by_gap = np.argsort(kind, kind="stable")
    later, kind = later[by_gap], kind[by_gap]
    cuts = np.flatnonzero(np.diff(kind * (group[-1] + 1) + group[later], prepend=-1))
    g = np.tile(gaps, 2)
    sign = np.repeat([1.0, -1.0], len(gaps))
    return Layout(
        np.flatnonzero(first),
        unit,
        np.tile(n_pairs.astype(float), 2),
        np.array([g, g - 1, np.maximum(g - 2, 0)]),
        np.array([sign, sign * g, sign * g * (g - 1)]),
        len(group),
        later,
        cuts,
        (kind[cuts], group[later[cuts]]),
    )


class Moments(NamedTuple):
    """What REML needs of the rows: a row of `table` for the rows themselves and, gap by gap, for pairs' sums and
    differences.

    Such a row holds Σ v v' of the outcome and the columns (q of them) and, participant by participant, the sums of v
    times the random intercept's column, which is the last of v.
    """

    table: Array  # (1 + 2K, q² + (q + 1) G); one row without AR(1)
    q: int
    layout: Layout
    n_free: int  # rows less columns
    free_scale: bool


def moments(v: Array, layout: Layout, ar1: bool, free_scale: bool) -> Moments:
    """Moments of v (q + 1, n): the outcome, the columns, the random intercept's column, each times √weight."""
    q, n, G, K = len(v) - 1, v.shape[1], len(layout.starts), len(layout.n_pairs) // 2 if ar1 else 0
    table = np.zeros((1 + 2 * K, q * q + (q + 1) * G))
    total, person = table[:, : q * q].reshape(-1, q, q), table[:, q * q :].reshape(-1, q + 1, G)
    if K == 1:
        _unbroken(v, layout, total, person)
    else:
        np.matmul(v[:-1], v[:-1].T, out=total[0])
        np.add.reduceat(v * v[-1], layout.starts, axis=1, out=person[0])
    if K > 1:
        _broken(v, layout, K, total, person)
    return Moments(table, q, layout, n - q + 1, free_scale)


def of_tables(total: Array, person: Array, layout: Layout, free_scale: bool) -> Moments:
    """The same where Σ v v' (·, q, q) and v'1 (·, q + 1, G) are known, of rows, sums and differences."""
    parts, q = total.shape[:2]
    table = np.concatenate([total.reshape(parts, -1), person.reshape(parts, -1)], axis=1)
    return Moments(table, q, layout, layout.n_rows - q + 1, free_scale)


def _unbroken(v: Array, layout: Layout, total: Array, person: Array) -> None:
    """Moments of the rows and of their only gap's pairs: of neighbouring rows, less those of two participants."""
    portions = list(layout.portions())
    widest = max(rows.stop - rows.start for _, rows, _ in portions)
    room, products = np.empty((2, 3, len(v), widest))
    for who, rows, starts in portions:
        part, pairs, product = v[:, rows], room[..., : rows.stop - rows.start], products[..., : rows.stop - rows.start]
        pairs[0] = part
        np.add(part[:, 1:], part[:, :-1], out=pairs[1, :, 1:])
        np.subtract(part[:, 1:], part[:, :-1], out=pairs[2, :, 1:])
        pairs[1:, :, starts] = 0.0
        total += pairs[:, :-1] @ pairs[:, :-1].transpose(0, 2, 1)
        np.multiply(pairs, pairs[:, -1:], out=product)
        np.add.reduceat(product, starts, axis=2, out=person[:, :, who])


def _broken(v: Array, layout: Layout, K: int, total: Array, person: Array) -> None:
    """Moments of the pairs of each of K gaps."""
    q, G = len(v) - 1, len(layout.starts)
    now, before = v.take(layout.later, axis=1), v.take(layout.later - 1, axis=1)
    u = np.array([now + before, now - before])
    ends = np.cumsum(layout.n_pairs[:K]).astype(int).tolist()
    for k, (begin, end) in enumerate(zip([0, *ends], ends, strict=False)):
        part = u[:, :-1, begin:end]
        total[1 + k :: K] = part @ part.transpose(0, 2, 1)
    by_cell = np.add.reduceat(u * u[:, -1:], layout.cuts, axis=2)
    person[1:].reshape(2, K, q + 1, G)[:, layout.cell[0], :, layout.cell[1]] = by_cell.transpose(2, 0, 1)


def _weights(layout: Layout, rho: float) -> tuple[Array, Array]:
    """The weights with which moments add up to those under C⁻¹, and log |C|: with both derivatives in ρ.

    For a pair with r = ρ^gap, C⁻¹ adds −½ r / (1 + r) × the sum's square and ½ r / (1 − r) × the difference's to what
    independent rows have: with e = ± r that is (q − 1) / 2, q = 1 / (1 + e), for either.
    """
    e, e1, e2 = layout.factor * rho**layout.exponent
    q = 1 / (1 + e)
    slope = q * e1
    logs = np.array([np.log1p(e), slope, q * e2 - slope * slope])
    weights = np.zeros((3, 1 + len(e)))
    weights[0, 0] = 1
    weights[0, 1:] = (q - 1) / 2
    weights[1:, 1:] = q / -2 * np.array([slope, logs[2] - slope * slope])
    return weights, logs @ layout.n_pairs


def weights(layout: Layout, rho: float) -> Array:
    """The weights (1 + 2K,) with which moments add up to those under C⁻¹."""
    return _weights(layout, rho)[0][0]


def whitened(v: Array, layout: Layout, rho: float) -> Array:
    """Rows v (q, n) with products that are those of v under C⁻¹: each row less what the day before says of it."""
    white = v.copy()
    if layout.unbroken:
        r = rho ** layout.exponent[0, 0]
        white[:, 1:] -= r * v[:, :-1]
        white /= math.sqrt(1 - r * r)
        white[:, layout.starts] = v[:, layout.starts]
        return white
    gaps = len(layout.n_pairs) // 2
    r = np.repeat(rho ** layout.exponent[0, :gaps], layout.n_pairs[:gaps].astype(int))
    white[:, layout.later] = (v[:, layout.later] - r * v[:, layout.later - 1]) / np.sqrt(1 - r * r)
    return white


class Point(NamedTuple):
    """The restricted likelihood at one (root, z), β and φ being the best for it.

    With AR(1) `total`, `person` and `log_c` have a leading axis: the value, and its two derivatives in ρ.
    """

    root: float
    z: float
    rho: float
    total: Array  # ((3,) q, q) moments under C⁻¹
    person: Array  # ((3,) q + 1, G) 1'C⁻¹v
    log_c: Array
    h: Array  # (G,) 1 / (1 + τ 1'C⁻¹1), τ = root²
    k: Array  # τ h
    spread: Array  # (X'V⁻¹X)⁻¹ in units of φ
    contrast: Array  # (1, −β)
    scale: float  # φ
    value: float  # −2 × restricted log-likelihood, constants dropped

    @property
    def intercepts(self) -> Array:
        """The random intercepts predicted."""
        return self.k * (self.contrast @ self.person[0, :-1])


def profile(m: Moments, root: float, z: float) -> Point:
    """β and φ that maximise the restricted likelihood at (root, z)."""
    table, q, rho, log_c = m.table, m.q, math.tanh(z), INDEPENDENT
    if len(table) > 1:
        weights, log_c = _weights(m.layout, rho)
        table = weights @ table
    total, person = table[:, : q * q].reshape(-1, q, q), table[:, q * q :].reshape(len(table), q + 1, -1)
    b, tau = person[0, :-1], root**2
    h = 1 / (1 + tau * person[0, -1])
    k = tau * h  # Sherman–Morrison: V⁻¹ = C⁻¹ − k C⁻¹11'C⁻¹
    full = total[0] - (b * k) @ b.T
    A, contrast = full[1:, 1:], np.ones(q)
    spread = np.linalg.inv(A)
    contrast[1:] = -spread @ full[1:, 0]
    rss = max(float(contrast @ full @ contrast), 1e-100)  # rounding could make it negative
    scale = rss / m.n_free if m.free_scale else 1.0
    value = float(log_c[0] - np.log(h).sum() + np.linalg.slogdet(A)[1])
    value += m.n_free * math.log(scale) if m.free_scale else rss
    return Point(root, z, rho, total, person, log_c, h, k, spread, contrast, scale, value)


def _moment_derivatives(o: Point) -> tuple[Array, Array]:
    """Derivatives of the moments under V⁻¹, M − Σ k b b', and of log |V|.

    In τ = root² and ρ: (τ, ρ, ττ, τρ, ρρ), without AR(1) (τ, ττ).  Those of second order are only used against
    symmetric matrices and left unsymmetric.
    """
    q, k, b, a = len(o.contrast), o.k, o.person[:, :-1], o.person[:, -1]
    h2, ah = o.h * o.h, a[0] * o.h
    if len(b) == 1:
        return (b[0] * np.array([-h2, 2 * ah * h2])[:, None]) @ b[0].T, np.array([ah.sum(), -(ah @ ah)])
    k2, h2a = k * k, h2 * a[1]
    k2a = k2 * a[1]
    # minus k and its derivatives in τ, ρ, ττ, τρ, ρρ, against products of b with b, b_ρ, b_ρρ
    weights = np.array([-k, -h2, k2a, 2 * ah * h2, 2 * k * h2a, k2 * a[2] - 2 * k * k2a * a[1]])
    t = ((b[0] * weights[:, None]) @ b.reshape(-1, len(k)).T).reshape(6, q, 3, q)
    F = t[1:, :, 0].copy()
    F[1] += o.total[1] + t[0, :, 1] + t[0, :, 1].T
    F[3] += 2 * t[1, :, 1]
    F[4] += o.total[2] + 4 * t[2, :, 1] + 2 * t[0, :, 2] - 2 * (b[1] * k) @ b[1].T
    logs = [ah.sum(), k @ a[1] + o.log_c[1], -(ah @ ah), h2a.sum(), k @ a[2] - k2a @ a[1] + o.log_c[2]]
    return F, np.array(logs)


def derivatives(m: Moments, o: Point) -> tuple[Array, Array]:
    """Gradient (2,) and Hessian (2, 2) of the profile's value in (root, z).

    Without AR(1) z has slope 0 and curvature 1, so that a step leaves it where it is.
    """
    F, logs = _moment_derivatives(o)
    free, q = (1 if len(F) == 2 else 2), m.q
    against = np.zeros((2, q, q))
    against[0, 1:, 1:] = o.spread
    against[1] = o.contrast[:, None] * o.contrast
    trace, rss = against.reshape(2, -1) @ F.reshape(-1, q * q).T
    plain = (logs + trace + rss / o.scale).tolist()
    # what the second derivatives owe to β's and φ's following
    turned, y = o.spread @ F[:free, 1:, 1:], F[:free, 1:] @ o.contrast
    owed = turned.reshape(free, -1) @ turned.transpose(0, 2, 1).reshape(free, -1).T + 2 / o.scale * y @ o.spread @ y.T
    if m.free_scale:
        owed += rss[:free, None] * rss[:free] / (o.scale**2 * m.n_free)
    # from (τ, ρ) to (root, z)
    root, chain = o.root, 1 - o.rho**2
    if free == 1:
        first, second = plain
        return np.array([2 * root * first, 0]), np.array(
            [[4 * root**2 * (second - float(owed[0, 0])) + 2 * first, 0], [0, 1]]
        )
    by_tau, by_rho, *second = plain
    tt, tr, rr = (a - b for a, b in zip(second, owed.ravel()[[0, 1, 3]].tolist(), strict=True))
    cross = 2 * root * chain * tr
    return np.array([2 * root * by_tau, chain * by_rho]), np.array(
        [[4 * root**2 * tt + 2 * by_tau, cross], [cross, chain**2 * rr - 2 * o.rho * chain * by_rho]]
    )


def _newton(gradient: Array, hessian: Array) -> Array:
    """A step downhill, along axes of negative curvature too."""
    (a, b), (_, c) = hessian.tolist()
    x, y = gradient.tolist()
    determinant = a * c - b * b
    if a > 0 and determinant > 1e-6 * max(a, c) ** 2:  # the usual case, cheaply
        return np.array([b * y - c * x, b * x - a * y]) / determinant
    curvature, axes = np.linalg.eigh(hessian)
    curvature = np.maximum(np.abs(curvature), 1e-6 * max(float(np.abs(curvature).max()), 1e-6))
    return -axes @ ((axes.T @ gradient) / curvature)


def maximised(m: Moments, root: float, z: float, loose: float = 0.0) -> Point:
    """The restricted likelihood's maximum, by damped Newton steps from (root, z).

    With `loose` above 0 the search ends as soon as a step is shorter than √loose.
    """
    point = profile(m, root, z)
    for _ in range(25):
        stop_point()
        root, z, value = point.root, point.z, point.value
        gradient, hessian = derivatives(m, point)
        step = _newton(gradient, hessian)
        decrement, gain = float(-gradient @ step), -float(hessian[0, 0]) * PUSH**2 / 2
        # 0 is stationary even where the likelihood rises on leaving it; a lesser gain may drown in rounding
        if root < PUSH / 2 and gradient[0] <= 0 and gain > 1e-8:
            step[0], decrement = PUSH, decrement + gain
        size = float(np.abs(step).max())
        if decrement < 1e-18 * max(1.0, abs(value)):
            break
        by, turn = (step * min(1.0, 1.0 / size)).tolist()
        by = max(by, -1.5 * root)  # beyond 0 it comes back, and from −root to where it was: no better, and no worse
        if 0 < by < root / 2:  # to second order a step in log root: of that, growing, it is more nearly quadratic
            by = root * math.expm1(by / root + (by / root) ** 2)
        for halving in range(30):
            part = 0.5**halving
            point = profile(m, abs(root + part * by), min(max(z + part * turn, -EDGE), EDGE))
            if point.value <= value or decrement < 1e-8:  # less than that may drown in rounding
                break
        solved = decrement < SOLVED or (size**2 < loose and decrement < 1)
        # a variance on its way to 0, or away from there, is followed
        if (solved and abs(point.root - root) < 0.1 * root) or decrement < 1e-14:
            break
    return point
