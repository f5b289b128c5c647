"""The integrals of a logistic model over each participant's random intercept, by adaptive Gauss–Hermite quadrature.

    L_i = ∫ ∏_j P(y_ij | z) φ(z) dz,   logit P(y_ij = 1 | z) = x_ij'γ + σ z

A participant's nodes are centred on the posterior mean of z and scaled by its posterior SD (Naylor & Smith 1982;
Rabe-Hesketh, Skrondal & Pickles 2005), kept as an offset from the mode and its curvature, which are found anew for
every θ; with many nodes their spacing is narrowed rather than their reach widened.  Derivatives are those of the
integral, taken under the integral sign with the nodes' posterior weights (Louis 1982): score = E[s], Hessian = E[H]
+ Var[s].
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from ketadash.errors import FitError
from ketadash.stats.quadrature import gauss_hermite

Array = NDArray[np.float64]
Ints = NDArray[np.intp]

CHUNK = 24_000  # participants × days × nodes per block: a few arrays of that size stay in a core's cache
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


@dataclass(frozen=True, slots=True, eq=False)
class Blocks:
    """A layout with an outcome."""

    sign: Array  # (G, m) +1 for y = 1, −1 for y = 0, +1 on padding
    X1: Array
    back: Array
    precision: Array

    def of(self, who: Ints) -> Blocks:
        """The same for some participants."""
        return replace(self, sign=self.sign[who], X1=self.X1[who])


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """Where the nodes of each participant lie: `mode` (G,), and the posterior mean's distance from it and SD, both
    in SDs by the curvature at the mode; `points` is the number of nodes.
    """

    mode: Array
    shift: Array
    ratio: Array
    points: Ints

    def of(self, who: Ints) -> Place:
        """The same for some participants."""
        return Place(self.mode[who], self.shift[who], self.ratio[who], self.points[who])


@dataclass(frozen=True, slots=True, eq=False)
class Integrals:
    """Penalised log-likelihood, its score (p + 1,) and Hessian (p + 1, p + 1) in (γ, σ), and each participant's
    log integral (G,); `place` has the means and SDs found on the way.
    """

    value: float
    score: Array
    hessian: Array
    each: Array
    place: Place


def lay_out(X: Array, group: NDArray[np.int64]) -> Layout:
    """Pad and orthonormalise; FitError for no rows or a column that repeats others."""
    if len(X) == 0:
        raise FitError("no rows to fit: every day in the window is missing or excluded")
    n, p = X.shape
    if n < p:
        raise FitError(f"{n} rows cannot tell the {p} columns of the model apart; choose a longer window")
    q, r = np.linalg.qr(X)
    r, q = r / np.sqrt(n), q * np.sqrt(n)
    size = np.sqrt((X**2).sum(axis=0) / n)
    flat = np.flatnonzero(np.abs(np.diag(r)) < 1e-9 * np.maximum(size, 1e-300))
    if flat.size:
        raise FitError(
            f"column {flat[0] + 1} of {p} of the model is constant or repeats the others; leave that variable out"
        )
    codes = np.unique(group, return_inverse=True)[1]
    order = np.argsort(codes, kind="stable")
    counts = np.bincount(codes)
    cell = (codes[order], np.arange(n) - np.repeat(np.cumsum(counts) - counts, counts))
    X1 = np.zeros((len(counts), int(counts.max()), p + 1))
    X1[cell] = np.column_stack([q, np.ones(n)])[order]
    return Layout(X1, cell, order, np.linalg.inv(r), np.zeros((p + 1, p + 1)))


def with_outcome(layout: Layout, y: Array) -> Blocks:
    """The layout's rows with an outcome (n,) of 0 and 1."""
    sign = np.ones(layout.X1.shape[:2])
    sign[layout.cell] = 2 * y[layout.order] - 1
    return Blocks(sign, layout.X1, layout.back, layout.precision)


def anywhere(b: Blocks, n_quad: int) -> Place:
    """Nodes as they are before anything is known: to be centred on the modes."""
    G = len(b.sign)
    return Place(np.zeros(G), np.zeros(G), np.ones(G), np.full(G, n_quad))


def modes(b: Blocks, theta: Array, z: Array, tolerance: float = 1e-7) -> tuple[Array, Array]:
    """Mode of each participant's integrand, (G,), and the SD of a normal density curved as it is there.

    Newton steps kept inside a bracket, until one is below `tolerance` SDs.  The score in z, σ Σ(y − p) − z, falls in
    z and lies within σ Σ(y − 1) − z … σ Σ y − z, which brackets its root; plain Newton cycles at large σ.
    """
    sigma, inside = theta[-1], b.X1[..., -1]
    eta = b.X1[..., :-1] @ theta[:-1]
    successes = ((b.sign > 0) * inside).sum(axis=1)
    low, high = sigma * (successes - inside.sum(axis=1)), sigma * successes
    z = np.clip(z, low, high)
    for _ in range(80):
        p = expit(eta + sigma * z[:, None])
        p *= inside
        expected = p.sum(axis=1)
        score = sigma * (successes - expected) - z
        curvature = 1 + sigma**2 * (expected - np.einsum("gm,gm->g", p, p))
        low, high = np.where(score >= 0, z, low), np.where(score <= 0, z, high)
        new, size = z + score / curvature, np.abs(score) / np.sqrt(curvature)
        # a root found lies at an end of its bracket: halving would leave it again
        new = np.where(((new > low) & (new < high)) | (size < tolerance), new, (low + high) / 2)
        done = (np.abs(new - z) * np.sqrt(curvature)).max() < tolerance
        z = new
        if done:
            break
    return z, 1 / np.sqrt(curvature)


def integrate(b: Blocks, theta: Array, place: Place, derivatives: bool = True) -> Integrals:
    """The integrals at `theta`, centred on its modes, which are looked for from those of `place`."""
    mode, width = modes(b, theta, place.mode, NEAR)
    score, hessian = -b.precision @ theta, -b.precision
    each, mean, sd = (np.empty(len(b.sign)) for _ in range(3))
    for who in _batches(place.points, b.sign.shape[1]):
        part, K = b.of(who), int(place.points[who[0]])
        nodes = _nodes(part, theta, mode[who] + place.shift[who] * width[who], place.ratio[who] * width[who], K)
        each[who], mean[who], sd[who] = nodes.log_integral, nodes.mean, nodes.sd
        if derivatives:
            s, h = _derivatives(part, nodes)
            score, hessian = score + s, hessian + h
    value = float(each.sum()) - float(theta @ b.precision @ theta) / 2
    many = place.points > 3  # few nodes measure badly, so within bounds
    shift = np.where(many, np.clip((mean - mode) / width, -2, 2), 0.0)
    ratio = np.where(many, np.clip(sd / width, 0.5, 2.5), 1.0)
    return Integrals(value, score, hessian, each, Place(mode, shift, ratio, place.points))


def at_a_glance(b: Blocks, theta: Array) -> tuple[float, Array]:
    """About the log-likelihood, and each participant's posterior mean, by a few nodes that adapt to nobody."""
    nodes = _nodes(b, theta, np.zeros(len(b.sign)), np.ones(len(b.sign)), 15)
    return float(nodes.log_integral.sum()) - float(theta @ b.precision @ theta) / 2, nodes.mean


def _batches(points: Ints, n_days: int) -> list[Ints]:
    """Participants with equally many nodes, few enough at a time for the cache."""
    found: list[Ints] = []
    for K in set(points.tolist()):
        own = np.flatnonzero(points == K)
        most = max(1, CHUNK // (K * n_days))
        found += [own[i : i + most] for i in range(0, len(own), most)]
    return found


@dataclass(frozen=True, slots=True, eq=False)
class _Nodes:
    """Nodes z and posterior weights (g, K), the probability of the outcome at hand there (g, m, K), and the sums."""

    z: Array
    weight: Array
    own: Array
    log_integral: Array
    mean: Array
    sd: Array


def _nodes(b: Blocks, theta: Array, centre: Array, scale: Array, n_quad: int) -> _Nodes:
    x, log_weight = gauss_hermite(n_quad)
    m = b.sign.shape[1]
    scale = np.sqrt(2) * scale * _narrowing(n_quad)
    z = centre[:, None] + scale[:, None] * x
    own = _own(b, theta, z)
    with np.errstate(divide="ignore"):  # a node so far out that its probability is 0 has no weight
        log_p = sum((np.log(own[:, k : k + BLOCK].prod(axis=1)) for k in range(0, m, BLOCK)), np.zeros(z.shape))
    log_terms = log_p + (log_weight - 0.5 * np.log(2 * np.pi)) - z**2 / 2
    top = np.maximum(log_terms.max(axis=1, keepdims=True), -1e300)
    w = np.exp(log_terms - top)
    total = np.maximum(w.sum(axis=1, keepdims=True), 1e-300)
    w /= total
    wz = w * z
    mean = wz.sum(axis=1)
    sd = np.sqrt(np.maximum((wz * z).sum(axis=1) - mean**2, 0))
    return _Nodes(z, w, own, (top + np.log(total))[:, 0] + np.log(scale), mean, sd)


def _narrowing(n_quad: int) -> float:
    """By how much the nodes are drawn together, against a rule made for a normal density.

    n nodes reach √(4n + 2) SDs, further than need be, while the logistic's poles, π / σ from the axis, ask for nodes
    close together: with this factor they reach 7.6 SDs for 25 and 10.2 for 83, and the error falls a hundredfold.
    """
    return min(1.0, 0.75 * (25 / n_quad) ** 0.25)


def _own(b: Blocks, theta: Array, z: Array) -> Array:
    """Probability of the outcome that a row has, at each node: (g, m, K); 1 on padding.

    1 / (1 + exp(∓η) exp(∓σz)): exponentials of a table's margins, none of its cells.
    """
    (g, m), K = b.sign.shape, z.shape[1]
    eta = np.clip(b.sign * (b.X1[..., :-1] @ theta[:-1]), -FURTHEST, FURTHEST)
    by_row = np.exp(-eta) * b.X1[..., -1]
    by_node = np.exp(-np.clip(theta[-1] * z, -FURTHEST, FURTHEST))
    either = np.stack([by_node, 1 / by_node], axis=1).reshape(2 * g, K)
    own = np.take(either, (2 * np.arange(g)[:, None] + (b.sign < 0)).ravel(), axis=0).reshape(g, m, K)
    own *= by_row[:, :, None]
    own += 1
    return np.divide(1, own, out=own)


def _derivatives(b: Blocks, nodes: _Nodes) -> tuple[Array, Array]:
    """Score and Hessian of the log integrals, summed over the batch; uses up `nodes.own`."""
    z, w, own, q = nodes.z, nodes.weight, nodes.own, b.X1.shape[2]
    # y − p = sign × (1 − P(own outcome))
    signed = b.sign[:, :, None] * b.X1
    s = signed.sum(axis=1)[:, None, :] - own.swapaxes(1, 2) @ signed  # (g, K, q)
    s[..., -1] *= z
    mean = (w[:, None, :] @ s)[:, 0]
    flat = (s * np.sqrt(w)[..., None]).reshape(-1, q)
    hessian = flat.T @ flat - mean.T @ mean
    own -= own * own  # p (1 − p), the same for either outcome; 0 on padding
    v = own @ np.stack([w, w * z, w * z * z], axis=2)  # (g, m, 3)
    rows, v = b.X1[..., :-1].reshape(-1, q - 1), v.reshape(-1, 3)
    hessian[:-1, :-1] -= (rows * v[:, :1]).T @ rows
    cross = rows.T @ v[:, 1]
    hessian[:-1, -1] -= cross
    hessian[-1, :-1] -= cross
    hessian[-1, -1] -= float(v[:, 2].sum())
    return mean.sum(axis=0), hessian
