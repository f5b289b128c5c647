"""The integrals of a logistic model over each participant's intercept and slope of day, by adaptive quadrature.

    L_i = ∫∫ ∏_j P(y_ij | z) φ(z₁) φ(z₂) dz,   logit P(y_ij = 1 | z) = x_ij'γ + (L z)'(1, t_ij)

with t the day, centred and scaled, and L the lower triangular root of the covariance of intercept and slope.  The nodes
are those of a product Gauss–Hermite rule, centred on each participant's posterior mean and turned and scaled by its
posterior covariance, both kept relative to the mode and its curvature, which are found anew for every θ (as in
`ketadash.stats.adaptive`, in two dimensions).  One node a dimension is Laplace's approximation.  Derivatives are those
of the integral: score = E[s], Hessian = E[H] + Var[s] (Louis 1982).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_expit

from ketadash.core.errors import stop_point
from ketadash.stats.adaptive import BLOCK, CHUNK, Blocks, narrowing
from ketadash.stats.quadrature import gauss_hermite

Array = NDArray[np.float64]
Ints = NDArray[np.intp]

CERTAIN = 800.0  # log-odds of a row that is only padding: exp(−800) is 0
NEAR = 0.02  # SDs of the last step to a mode: the integral hardly depends on where exactly it is centred
REACH = 8.0  # posterior SDs, beyond which there are no nodes
FEW = 5  # nodes a dimension, with fewer of which posterior moments are too rough to place nodes by


@dataclass(frozen=True, slots=True, eq=False)
class Days:
    """Rows of `adaptive.Blocks` with the day of each; days are centred and scaled, 0 on padding.

    `alike` (G,) is the same number for people whose rows and outcomes are the same, as of many who are always one way:
    their integrals are computed once.
    """

    b: Blocks
    t: Array  # (G, m)
    rows: Array  # (G, m, p + 2) orthonormalised columns, 1, t
    signed: Array  # (G, p + 2, m) the same × sign
    total: Array  # (G, p + 2) its sum over days
    alike: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """Where each participant's nodes lie: `mode` (G, 2), and the posterior mean (G, 2) and root of the posterior
    covariance (G, 2, 2) in SDs by the curvature at the mode; `points` (G,) nodes a dimension.
    """

    mode: Array
    shift: Array
    root: Array
    points: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Integrals:
    """Log-likelihood, its score (q,) and Hessian (q, q) in θ = (γ, L₁₁, L₂₁, L₂₂), and each participant's log integral
    (G,), score (G, q) and information (G, q, q); `place` has the moments found on the way.
    """

    value: float
    score: Array
    hessian: Array
    each: Array
    scores: Array
    informations: Array
    place: Place


def with_days(b: Blocks, t: Array) -> Days:
    """Outcomes laid out by participant with the day of each row, t (G, m), centred and scaled, 0 on padding."""
    rows = np.concatenate([b.X1, t[..., None]], axis=2)
    signed = np.ascontiguousarray((b.sign[..., None] * rows).swapaxes(1, 2))
    # orthonormal columns of equal rows agree to rounding only
    known = np.concatenate([signed.round(9) + 0.0, b.inside[:, None]], axis=1)
    numbers: dict[bytes, int] = {}
    alike = np.array([numbers.setdefault(own.tobytes(), len(numbers)) for own in known])
    return Days(b, t, rows, signed, signed.sum(axis=2), alike)


def _once(d: Days, points: Ints, who: Ints) -> tuple[Ints, Ints]:
    """One of all people who are alike and have equally many nodes; and for each of `who` the place of theirs there."""
    _, first, kind = np.unique(d.alike[who] * (points.max() + 1) + points[who], return_index=True, return_inverse=True)
    return who[first], kind


def anywhere(d: Days, points: int) -> Place:
    """Where nodes begin: at the prior's mean, `points` a dimension, as wide as the curvature at the mode will say."""
    G = len(d.t)
    return Place(np.zeros((G, 2)), np.zeros((G, 2)), np.broadcast_to(np.eye(2), (G, 2, 2)), np.full(G, points))


def modes(d: Days, theta: Array, z: Array, tolerance: float = NEAR) -> tuple[Array, Array]:
    """Mode (G, 2) of each participant's integrand, and the root (G, 2, 2) of the inverse curvature there.

    The logarithm of the integrand is concave: Newton steps, halved where they do not rise, until all are below
    `tolerance` SDs.
    """
    l11, l21, l22 = theta[-3:]
    a1, a2 = d.b.inside * l11 + l21 * d.t, l22 * d.t
    eta, sign, inside = d.b.X1[..., :-1] @ theta[:-3], d.b.sign, d.b.inside
    base, best, step = z, np.full(len(z), -np.inf), np.zeros_like(z)
    for _ in range(100):
        own = sign * (eta + a1 * z[:, :1] + a2 * z[:, 1:])
        height = np.einsum("gm,gm->g", log_expit(own), inside) - (z * z).sum(axis=1) / 2
        worse = height < best - 1e-10 * np.abs(best)
        p = expit(own)
        residual, v = sign * (1 - p) * inside, p * (1 - p) * inside
        score = np.stack([(a1 * residual).sum(axis=1), (a2 * residual).sum(axis=1)], axis=1) - z
        h11, h22 = 1 + (v * a1 * a1).sum(axis=1), 1 + (v * a2 * a2).sum(axis=1)
        h12 = (v * a1 * a2).sum(axis=1)
        determinant = h11 * h22 - h12 * h12
        newton = np.stack([h22 * score[:, 0] - h12 * score[:, 1], h11 * score[:, 1] - h12 * score[:, 0]], axis=1)
        newton /= determinant[:, None]
        length = np.sqrt(np.maximum((newton * score).sum(axis=1), 0))
        base, best = np.where(worse[:, None], base, z), np.where(worse, best, height)
        if not worse.any() and length.max() < tolerance:
            c11 = np.sqrt(h22 / determinant)
            c21 = -h12 / determinant / c11
            zero = np.zeros_like(c11)
            root = np.stack([np.stack([c11, zero], 1), np.stack([c21, 1 / np.sqrt(h22)], 1)], 1)
            return z + newton, root
        step = np.where(worse[:, None], step / 2, newton)
        z = base + step
    raise ArithmeticError("the modes of the integrands were not found")


def integrate(d: Days, theta: Array, place: Place) -> Integrals:
    """The integrals at `theta`, centred on its modes, which are looked for from those of `place`."""
    mode, curve = modes(d, theta, place.mode)
    centre, spread = mode + np.einsum("gij,gj->gi", curve, place.shift), curve @ place.root
    G, q = len(mode), len(theta)
    each, scores, informations = np.empty(G), np.empty((G, q)), np.empty((G, q, q))
    mean, covariance = np.empty((G, 2)), np.empty((G, 2, 2))
    some, kind = _once(d, place.points, np.arange(G))
    for who, points in parts(d, place.points, some):
        stop_point()
        nodes = nodes_at(d, who, points, theta, centre[who], spread[who])
        each[who], mean[who], covariance[who] = nodes.log_integral, nodes.mean, nodes.covariance
        scores[who], informations[who] = _derivatives(d, who, nodes, q)
    every = some[kind]
    each, scores, informations = each[every], scores[every], informations[every]
    mode, moments = mode[every], _moments(mode, curve, mean, covariance, place.points, every)
    hessian = -informations.sum(axis=0)
    moved = Place(mode, *moments, place.points)
    return Integrals(float(each.sum()), scores.sum(axis=0), hessian, each, scores, informations, moved)


def log_integrals(d: Days, theta: Array, place: Place, who: Ints) -> tuple[Array, Place]:
    """Log integrals of some participants, (len(who),), and the place with their moments as these nodes have them."""
    mode, curve = modes(d, theta, place.mode)
    centre, spread = mode + np.einsum("gij,gj->gi", curve, place.shift), curve @ place.root
    each, mean, covariance = np.empty(len(mode)), mode.copy(), np.broadcast_to(np.eye(2), spread.shape).copy()
    some, kind = _once(d, place.points, who)
    for own, n in parts(d, place.points, some):
        stop_point()
        nodes = nodes_at(d, own, n, theta, centre[own], spread[own])
        each[own], mean[own], covariance[own] = nodes.log_integral, nodes.mean, nodes.covariance
    every = some[kind]
    shift, root = place.shift.copy(), place.root.copy()
    shift[who], root[who] = _moments(mode, curve, mean, covariance, place.points, every)
    mode[who] = mode[every]
    return each[every], Place(mode, shift, root, place.points)


def parts(d: Days, points: Ints, who: Ints | None = None) -> list[tuple[Ints, int]]:
    """Everyone, or some, in parts of equally many nodes, small enough for a cache."""
    everyone = np.arange(len(points)) if who is None else who
    made: list[tuple[Ints, int]] = []
    for n in sorted(set(points[everyone].tolist())):
        own = everyone[points[everyone] == n]
        most = max(1, CHUNK // (n * n * d.t.shape[1]))
        made += [(own[i : i + most], n) for i in range(0, len(own), most)]
    return made


def _moments(mode: Array, curve: Array, mean: Array, covariance: Array, points: Ints, who: Ints) -> tuple[Array, Array]:
    """Posterior mean and root of the covariance of some in SDs by the curvature; bounded: few nodes measure badly."""
    back = np.linalg.inv(curve[who])
    shift = np.einsum("gij,gj->gi", back, mean[who] - mode[who]).clip(-2, 2)
    values, axes = np.linalg.eigh(back @ covariance[who] @ back.swapaxes(1, 2))
    # the symmetric root: it moves smoothly, where axes of their own would turn about from one θ to the next
    root = axes * np.sqrt(values.clip(0.25, 6.25))[:, None, :] @ axes.swapaxes(1, 2)
    many = points[who] >= FEW
    return np.where(many[:, None], shift, 0.0), np.where(many[:, None, None], root, np.eye(2))


@dataclass(frozen=True, slots=True, eq=False)
class Nodes:
    """N nodes of each of g people, and what they give."""

    z: Array  # (g, 2, N)
    weight: Array  # (g, N) posterior, adding up to 1
    own: Array  # (g, m, N) the probability of the outcome that each row has
    log_integral: Array  # (g,)
    mean: Array  # (g, 2) posterior mean of z
    covariance: Array  # (g, 2, 2) and covariance


def nodes_at(d: Days, who: Ints, points: int, theta: Array, centre: Array, spread: Array) -> Nodes:
    """Each participant's nodes, weighted by the posterior, and its mean and covariance there."""
    x, log_weight = _product_rule(points)
    z = centre[:, :, None] + spread @ x
    own = _own(d, who, theta, z)
    with np.errstate(divide="ignore"):  # a node so far out that its probability is 0 has no weight
        log_p = np.log(own[:, :BLOCK].prod(axis=1))
        for k in range(BLOCK, own.shape[1], BLOCK):
            log_p += np.log(own[:, k : k + BLOCK].prod(axis=1))
    log_p += log_weight - (z * z).sum(axis=1) / 2
    top = np.maximum(log_p.max(axis=1, keepdims=True), -1e300)
    w = np.exp(log_p - top)
    total = np.maximum(w.sum(axis=1, keepdims=True), 1e-300)
    w /= total
    mean = (z @ w[:, :, None])[..., 0]
    covariance = (z * w[:, None, :]) @ z.swapaxes(1, 2) - mean[:, :, None] * mean[:, None, :]
    size = np.log(np.abs(spread[:, 0, 0] * spread[:, 1, 1] - spread[:, 0, 1] * spread[:, 1, 0]))
    return Nodes(z, w, own, (top + np.log(total))[:, 0] + size, mean, covariance)


@lru_cache(maxsize=32)
def _product_rule(points: int) -> tuple[Array, Array]:
    """Nodes (2, N) in SDs, and the logarithms of their weights over the normal density's kernel at them."""
    x, log_weight = gauss_hermite(points)
    x, log_weight = x * narrowing(points), log_weight + np.log(narrowing(points))
    a, b = (grid.ravel() for grid in np.meshgrid(x, x, indexing="ij"))
    weight = np.add.outer(log_weight, log_weight).ravel() + np.log(2) - np.log(2 * np.pi)
    within = 2 * (a**2 + b**2) <= REACH**2  # the square's corners hold most of its nodes and none of the integral
    return np.sqrt(2) * np.stack([a, b])[:, within], weight[within]


def _own(d: Days, who: Ints, theta: Array, z: Array) -> Array:
    """Probability of the outcome that a row has, at each node: (g, m, N); 1 on padding."""
    l11, l21, l22 = theta[-3:]
    sign, inside = d.b.sign[who], d.b.inside[who]
    eta = np.where(inside > 0, sign * (d.b.X1[who, :, :-1] @ theta[:-3]), CERTAIN)
    by_row = -np.stack([eta, sign * inside, sign * d.t[who]], axis=2)
    by_node = np.stack([np.ones_like(z[:, 0]), l11 * z[:, 0], l21 * z[:, 0] + l22 * z[:, 1]], axis=1)
    own = by_row @ by_node
    with np.errstate(over="ignore"):  # 1 / (1 + ∞) is the 0 that it should be
        np.exp(own, out=own)
    own += 1
    return np.divide(1, own, out=own)


def _derivatives(d: Days, who: Ints, nodes: Nodes, q: int) -> tuple[Array, Array]:
    """Each participant's score (g, q) and information (g, q, q), of its log integral; uses up `nodes.own`."""
    z, w, own, p = nodes.z, nodes.weight, nodes.own, q - 3
    # y − p = sign × (1 − P(own outcome))
    sums = d.total[who][:, :, None] - d.signed[who] @ own
    s = np.concatenate(
        [sums[:, :p], sums[:, p : p + 1] * z[:, :1], sums[:, p + 1 :] * z[:, :1], sums[:, p + 1 :] * z[:, 1:]], axis=1
    )
    weighted = s * w[:, None, :]
    mean = weighted.sum(axis=2)
    information = mean[:, :, None] * mean[:, None, :] - weighted @ s.swapaxes(1, 2)
    own -= own * own  # p (1 − p), the same for either outcome; 0 on padding
    z1, z2 = z[:, 0], z[:, 1]
    moments = np.stack([w, w * z1, w * z2, w * z1 * z1, w * z1 * z2, w * z2 * z2], axis=2)
    v = own @ moments  # (g, m, 6)
    X, t = d.rows[who, :, :p], d.t[who]
    # of a row's predictor, the derivatives are (x, z₁, t z₁, t z₂)
    information[:, :p, :p] += (X * v[:, :, :1]).swapaxes(1, 2) @ X
    cross = np.stack([v[..., 1], t * v[..., 1], t * v[..., 2]], axis=1) @ X
    information[:, p:, :p] += cross
    information[:, :p, p:] += cross.swapaxes(1, 2)
    by_power = np.stack([np.ones_like(t), t, t * t], axis=1) @ v[..., 3:]  # (g, power of t, z₁² z₁z₂ z₂²)
    for a, b, power, k in ((0, 0, 0, 0), (0, 1, 1, 0), (0, 2, 1, 1), (1, 1, 2, 0), (1, 2, 2, 1), (2, 2, 2, 2)):
        information[:, p + a, p + b] += by_power[:, power, k]
        if a != b:
            information[:, p + b, p + a] += by_power[:, power, k]
    return mean, information
