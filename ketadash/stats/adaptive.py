"""The integrals of a logistic model over each participant's random intercept, by adaptive Gauss–Hermite quadrature.

    L_i = ∫ ∏_j P(y_ij | z) φ(z) dz,   logit P(y_ij = 1 | z) = x_ij'γ + σ z

A participant's nodes are centred on the posterior mean of z and scaled by its posterior SD (Naylor & Smith 1982;
Rabe-Hesketh, Skrondal & Pickles 2005), kept as an offset from the mode and its curvature, which are found anew for
every θ; with many nodes their spacing is narrowed rather than their reach widened.  Derivatives are those of the
integral, taken under the integral sign with the nodes' posterior weights (Louis 1982): score = E[s], Hessian = E[H]
+ Var[s].
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from ketadash.core.errors import stop_point
from ketadash.stats import alike
from ketadash.stats.quadrature import gauss_hermite
from ketadash.stats.refusals import refuse_too_few_rows, repeated_column

Array = NDArray[np.float64]
Ints = NDArray[np.intp]

CHUNK = 100_000  # participants × days × nodes per block: an array of that size stays in a cache, and is worth a call
BLOCK = 400  # days whose probabilities are multiplied before a logarithm is taken
FURTHEST = 345.0  # exp(−345) exp(−345) is still a number
NEAR = 0.02  # SDs of the last step to a mode: the integral hardly depends on where exactly it is centred


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """Rows padded to participants × the most rows of any, the columns made orthonormal; knows no outcome."""

    X1: Array  # (G, m, p + 1) orthonormalised columns, then 1; all 0 on padding
    cell: tuple[Ints, Ints]  # participant and place of each row
    order: Ints  # rows sorted by participant
    back: Array  # (p, p): β = back @ γ
    precision: Array  # (p + 1, p + 1) of the penalty on (γ, σ)
    inside: Array  # (G, m) 1 for a row, 0 on padding
    days: Array  # (G,) rows
    alike: alike.Alike | None  # who has whose days, where many share them


@dataclass(frozen=True, slots=True, eq=False)
class Blocks:
    """A layout with an outcome."""

    sign: Array  # (G, m) +1 for y = 1, −1 for y = 0, +1 on padding
    X1: Array
    back: Array
    precision: Array
    inside: Array  # (G, m) 1 for a row, 0 on padding
    days: Array  # (G,) rows, and those of them with y = 1
    successes: Array
    alike: alike.Alike | None


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Participants with equally many nodes, few enough for the cache, and what no θ changes.

    Days lead: whatever is done to a day is done to all participants and nodes in one sweep.
    """

    who: Ints  # (g,)
    points: int
    rows: Array  # (m g, p) orthonormalised columns
    sign: Array  # (m, g)
    inside: Array  # (m, g)
    pick: Ints  # (m g,) row of a table of every participant's nodes, then of the inverse
    signed: Array  # (g, p + 1, m), and its sum over days (p + 1, g)
    total: Array


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """Where the nodes of each participant lie: `mode` (G,), and the posterior mean's distance from it and SD, both
    in SDs by the curvature at the mode; `points` is the number of nodes.
    """

    mode: Array
    shift: Array
    ratio: Array
    points: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Integrals:
    """Penalised log-likelihood, its score (p + 1,) and Hessian (p + 1, p + 1) in (γ, σ), each participant's log
    integral (G,) and its score (G, p + 1), unpenalised; `place` has the means and SDs found on the way.
    """

    value: float
    score: Array
    hessian: Array
    each: Array
    scores: Array
    place: Place


def lay_out(X: Array, group: NDArray[np.int64]) -> Layout:
    """Pad and orthonormalise; FitError for no rows or a column that repeats others."""
    n, p = X.shape
    refuse_too_few_rows(n, p)
    q, r = np.linalg.qr(X)
    r, q = r / np.sqrt(n), q * np.sqrt(n)
    size = np.sqrt((X**2).sum(axis=0) / n)
    flat = np.flatnonzero(np.abs(np.diag(r)) < 1e-9 * np.maximum(size, 1e-300))
    if flat.size:
        raise repeated_column(int(flat[0]), p)
    codes = np.unique(group, return_inverse=True)[1]
    order = np.argsort(codes, kind="stable")
    counts = np.bincount(codes)
    cell = (codes[order], np.arange(n) - np.repeat(np.cumsum(counts) - counts, counts))
    X1 = np.zeros((len(counts), int(counts.max()), p + 1))
    X1[cell] = np.column_stack([q, np.ones(n)])[order]
    back = np.linalg.inv(r)
    inside = np.ascontiguousarray(X1[..., -1])
    shared = alike.find(X[order], codes[order], back)
    return Layout(X1, cell, order, back, np.zeros((p + 1, p + 1)), inside, inside.sum(axis=1), shared)


def with_outcome(layout: Layout, y: Array) -> Blocks:
    """The layout's rows with an outcome (n,) of 0 and 1."""
    sign = np.ones(layout.X1.shape[:2])
    sign[layout.cell] = 2 * y[layout.order] - 1
    inside, days = layout.inside, layout.days
    successes = ((sign > 0) * inside).sum(axis=1)
    return Blocks(sign, layout.X1, layout.back, layout.precision, inside, days, successes, layout.alike)


def parts(b: Blocks, points: Ints, who: Ints | None = None) -> list[Part]:
    """Everyone, or some, in parts by how many nodes each has; `points` is everyone's."""
    made: list[Part] = []
    chosen = points if who is None else points[who]
    for K in sorted(set(chosen.tolist())):
        own = np.flatnonzero(chosen == K)
        own = own if who is None else who[own]
        most = max(1, CHUNK // (K * b.sign.shape[1]))
        made += [_part(b, own[i : i + most], K) for i in range(0, len(own), most)]
    return made


def _part(b: Blocks, who: Ints, K: int) -> Part:
    g, signed = len(who), np.ascontiguousarray((b.sign[who][..., None] * b.X1[who]).swapaxes(1, 2))
    rows = np.ascontiguousarray(b.X1[who, :, :-1].swapaxes(0, 1)).reshape(-1, b.X1.shape[2] - 1)
    sign = np.ascontiguousarray(b.sign[who].T)
    pick = (np.arange(g) + g * (sign < 0)).ravel()
    return Part(who, K, rows, sign, np.ascontiguousarray(b.inside[who].T), pick, signed, signed.sum(axis=2).T)


def anywhere(b: Blocks, n_quad: int) -> Place:
    """Nodes as they are before anything is known: to be centred on the modes."""
    G = len(b.sign)
    return Place(np.zeros(G), np.zeros(G), np.ones(G), np.full(G, n_quad))


def modes(b: Blocks, theta: Array, z: Array, tolerance: float = 1e-7) -> tuple[Array, Array]:
    """Mode of each participant's integrand, (G,), and the SD of a normal density curved as it is there.

    Newton steps kept inside a bracket, until one is below `tolerance` SDs.  The score in z, σ Σ(y − p) − z, falls in
    z and lies within σ Σ(y − 1) − z … σ Σ y − z, which brackets its root; plain Newton cycles at large σ.
    """
    sigma, inside, successes = theta[-1], b.inside, b.successes
    eta = b.X1 @ np.append(theta[:-1], 0.0)
    low, high = sigma * (successes - b.days), sigma * successes
    z = np.clip(z, low, high)
    for _ in range(80):
        p = expit(eta + sigma * z[:, None])
        p *= inside
        expected = p.sum(axis=1)
        score = sigma * (successes - expected) - z
        curvature = 1 + sigma**2 * (expected - np.einsum("gm,gm->g", p, p))
        width = 1 / np.sqrt(curvature)
        new, size = z + score / curvature, np.abs(score) * width
        if size.max() < tolerance:
            return new, width
        low, high = np.where(score >= 0, z, low), np.where(score <= 0, z, high)
        # a root found lies at an end of its bracket: halving would leave it again
        z = np.where(((new > low) & (new < high)) | (size < tolerance), new, (low + high) / 2)
    return z, width


def integrate(b: Blocks, theta: Array, place: Place, within: list[Part] | None = None) -> Integrals:
    """The integrals at `theta`, centred on its modes, which are looked for from those of `place`.

    `within` are the `parts` by the nodes of `place`, for whoever integrates at many θ.
    """
    mode, width = modes(b, theta, place.mode, NEAR)
    centre, scale = mode + place.shift * width, place.ratio * width
    score, hessian = -b.precision @ theta, -b.precision
    each, mean, sd = np.empty((3, len(mode)))
    scores = np.empty((len(mode), len(theta)))
    for part in within if within is not None else parts(b, place.points):
        stop_point()
        nodes = _nodes(part, theta, centre[part.who], scale[part.who])
        each[part.who], mean[part.who], sd[part.who] = nodes.log_integral, nodes.mean, nodes.sd
        scores[part.who], h = _derivatives(part, nodes)
        hessian = hessian + h
    score = score + scores.sum(axis=0)
    value = float(each.sum()) - float(theta @ b.precision @ theta) / 2
    many = place.points > 3  # few nodes measure badly, so within bounds
    shift = np.where(many, ((mean - mode) / width).clip(-2, 2), 0.0)
    ratio = np.where(many, (sd / width).clip(0.5, 2.5), 1.0)
    return Integrals(value, score, hessian, each, scores, Place(mode, shift, ratio, place.points))


def tabulated(b: Blocks) -> Callable[[Array, Place], Integrals]:
    """`integrate` for people whose days are alike, by their tables; the place of nodes is left as it is.

    What it returns raises `alike.UnsuitedError` where tables do not do.
    """
    assert b.alike is not None
    known = b.alike
    counted = alike.counted(known, b.sign, b.inside)

    def at(theta: Array, place: Place) -> Integrals:
        stop_point()
        sums = alike.integrate(known, counted, theta)
        value = float(sums.each.sum()) - float(theta @ b.precision @ theta) / 2
        score = sums.scores.sum(axis=0) - b.precision @ theta
        return Integrals(value, score, sums.hessian - b.precision, sums.each, sums.scores, place)

    return at


def informations(b: Blocks, theta: Array, place: Place) -> Array:
    """Each participant's observed information in (γ, σ), (G, p + 1, p + 1): minus the Hessian of its log integral."""
    if b.alike is not None:
        try:
            return alike.informations(b.alike, alike.counted(b.alike, b.sign, b.inside), theta)
        except alike.UnsuitedError:
            pass  # by nodes
    centre, scale = nodes_of(b, theta, place)
    q = len(theta)
    info = np.empty((len(centre), q, q))
    for part in parts(b, place.points):
        stop_point()
        nodes = _nodes(part, theta, centre[part.who], scale[part.who])
        z, w, own = nodes.z, nodes.weight, nodes.own
        s = part.total.T[:, :, None] - np.matmul(part.signed, own.transpose(1, 0, 2))  # (g, q, K)
        s[:, -1] *= z
        mean = np.einsum("gqk,gk->gq", s, w)
        spread = np.matmul(s * w[:, None], s.swapaxes(1, 2)) - mean[:, :, None] * mean[:, None]
        own -= own * own
        v = np.stack([(own * w * z**power).sum(axis=2) for power in (0, 1, 2)])  # (3, m, g)
        rows = part.rows.reshape(*part.sign.shape, q - 1)
        own_info = np.empty_like(spread)
        own_info[:, :-1, :-1] = np.einsum("mgp,mg,mgq->gpq", rows, v[0], rows, optimize=True)
        own_info[:, :-1, -1] = own_info[:, -1, :-1] = np.einsum("mgp,mg->gp", rows, v[1])
        own_info[:, -1, -1] = v[2].sum(axis=0)
        info[part.who] = own_info - spread
    return info


def log_integrals(b: Blocks, theta: Array, centre: Array, scale: Array, points: Ints, who: Ints) -> Array:
    """Log integrals of some participants; `centre`, `scale` and `points` of their nodes are everyone's (G,)."""
    each = np.empty(len(centre))
    for part in parts(b, points, who):
        each[part.who] = _nodes(part, theta, centre[part.who], scale[part.who]).log_integral
    return each[who]


def nodes_of(b: Blocks, theta: Array, place: Place) -> tuple[Array, Array]:
    """Centre and scale of everyone's nodes (G,) at `theta`, whose modes are looked for from those of `place`."""
    mode, width = modes(b, theta, place.mode, NEAR)
    return mode + place.shift * width, place.ratio * width


def at_a_glance(b: Blocks, theta: Array, within: list[Part]) -> tuple[float, Array]:
    """An approximate log-likelihood, and posterior means (0 of who is not `within`), by a few nodes common to all."""
    mean, value = np.zeros(len(b.sign)), -float(theta @ b.precision @ theta) / 2
    for part in within:
        nodes = _nodes(part, theta, np.zeros(len(part.who)), np.ones(len(part.who)))
        mean[part.who], value = nodes.mean, value + float(nodes.log_integral.sum())
    return value, mean


@dataclass(frozen=True, slots=True, eq=False)
class _Nodes:
    """Nodes z and posterior weights (g, K), the probability of the outcome at hand there (m, g, K), and the sums."""

    z: Array
    weight: Array
    own: Array
    log_integral: Array
    mean: Array
    sd: Array


def _nodes(part: Part, theta: Array, centre: Array, scale: Array) -> _Nodes:
    x, log_weight = _rule(part.points)
    scale = scale * (np.sqrt(2) * narrowing(part.points))
    z = centre[:, None] + scale[:, None] * x
    own = _own(part, theta, z)
    with np.errstate(divide="ignore"):  # a node so far out that its probability is 0 has no weight
        log_p = np.log(own[:BLOCK].prod(axis=0))
        for k in range(BLOCK, len(own), BLOCK):
            log_p += np.log(own[k : k + BLOCK].prod(axis=0))
    log_p += log_weight
    log_p -= z * z / 2
    top = np.maximum(log_p.max(axis=1, keepdims=True), -1e300)
    w = np.exp(log_p - top)
    total = np.maximum(w.sum(axis=1, keepdims=True), 1e-300)
    w /= total
    wz = w * z
    mean = wz.sum(axis=1)
    sd = np.sqrt(np.maximum((wz * z).sum(axis=1) - mean**2, 0))
    return _Nodes(z, w, own, (top + np.log(total))[:, 0] + np.log(scale), mean, sd)


@lru_cache(maxsize=32)
def _rule(n_quad: int) -> tuple[Array, Array]:
    x, log_weight = gauss_hermite(n_quad)
    return x, log_weight - 0.5 * np.log(2 * np.pi)


def narrowing(n_quad: int) -> float:
    """By how much the nodes are drawn together, against a rule made for a normal density.

    n nodes reach √(4n + 2) SDs, further than need be, while the logistic's poles, π / σ from the axis, ask for nodes
    close together: with this factor they reach 7.6 SDs for 25 and 10.2 for 83, and the error falls a hundredfold.
    """
    return min(1.0, 0.75 * (25 / n_quad) ** 0.25)


def _own(part: Part, theta: Array, z: Array) -> Array:
    """Probability of the outcome that a row has, at each node: (m, g, K); 1 on padding.

    1 / (1 + exp(∓η) exp(∓σz)): exponentials of a table's margins, none of its cells.
    """
    eta = part.sign * (part.rows @ theta[:-1]).reshape(part.sign.shape)
    by_row = np.exp(-eta.clip(-FURTHEST, FURTHEST))
    by_row *= part.inside
    by_node = np.exp(-(theta[-1] * z).clip(-FURTHEST, FURTHEST))
    own = np.concatenate([by_node, 1 / by_node]).take(part.pick, axis=0).reshape(*by_row.shape, -1)
    own *= by_row[:, :, None]
    own += 1
    return np.divide(1, own, out=own)


def _derivatives(part: Part, nodes: _Nodes) -> tuple[Array, Array]:
    """Score of each log integral (g, p + 1), and their Hessian summed over the part; uses up `nodes.own`."""
    z, w, own, (q, g) = nodes.z, nodes.weight, nodes.own, part.total.shape
    p = q - 1
    # y − p = sign × (1 − P(own outcome)); s (q, g, K) so that one product sums over participants and nodes
    s = np.empty((q, *z.shape))
    np.matmul(part.signed, own.swapaxes(0, 1), out=s.swapaxes(0, 1))
    np.subtract(part.total[:, :, None], s, out=s)
    s[-1] *= z
    weighted = s * w
    mean = weighted.sum(axis=2)
    hessian = weighted.reshape(q, -1) @ s.reshape(q, -1).T - mean @ mean.T
    own -= own * own  # p (1 − p), the same for either outcome; 0 on padding
    sums, wz = np.empty((len(own), g, 3)), w * z
    np.matmul(own.swapaxes(0, 1), np.stack([w, wz, wz * z], axis=2), out=sums.swapaxes(0, 1))
    v = sums.reshape(-1, 3)
    hessian[:p, :p] -= (part.rows * v[:, :1]).T @ part.rows
    cross = v[:, 1] @ part.rows
    hessian[:p, p] -= cross
    hessian[p, :p] -= cross
    hessian[p, p] -= v[:, 2].sum()
    return mean.T, hessian
