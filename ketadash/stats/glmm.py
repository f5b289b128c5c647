"""Logistic mixed model with a random intercept, by maximum likelihood and adaptive Gauss–Hermite quadrature.

    logit P(y_ij = 1 | z_i) = x_ij'β + σ z_i,   z_i ~ N(0, 1)

Each participant's integral is taken at nodes centred on the mode of the integrand and scaled by its curvature
(Pinheiro & Bates 1995).  Derivatives are those of the integral, taken under the integral sign with the nodes'
posterior weights (Louis 1982): score = E[s], Hessian = E[H] + Var[s] summed over participants.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from ketadash.errors import FitError
from ketadash.results import Convergence
from ketadash.stats.quadrature import gauss_hermite

Array = NDArray[np.float64]

SETTLED = 1e-4  # a tenth of the 1e-3 that −2 log L is promised to
MOST_POINTS = 1700
CHUNK = 100_000  # participants × nodes × days per block: about what a core's cache holds
NEAR = 1e-4  # of a mode, in SDs of the random intercept: the integral hardly depends on where it is centred
VAGUE = 10.0  # a standard error, in log-odds per SD of a column, that says the data hold no finite answer
RUNAWAY = 60.0  # log-odds per SD at which iterating further is pointless
RUNAWAY_SD = 25.0


@dataclass(frozen=True, slots=True)
class Penalty:
    """Normal priors that keep a separated fit finite: on each slope per two SDs of its column, and on σ.

    Gelman et al. (2008) scale columns this way; 2.5 and 5 are weak (an odds ratio of 12 per SD is unsurprised).
    """

    slope_sd: float = 2.5
    sigma_sd: float = 5.0


@dataclass(frozen=True, slots=True, eq=False)
class GlmmFit:
    """`covariance` (p + 1, p + 1) is the inverse observed information of (β, σ), NaN where it has none."""

    beta: Array
    sigma: float
    covariance: Array
    minus2ll: float
    n_quad: int
    convergence: Convergence
    separated: bool


@dataclass(frozen=True, slots=True, eq=False)
class _Blocks:
    """Rows padded to participants × the most rows of any, the columns made orthonormal."""

    sign: Array  # (G, m) +1 for y = 1, −1 for y = 0
    X1: Array  # (G, m, p + 1) orthonormalised columns, then 1; all 0 on padding
    n_padding: Array  # (G,)
    back: Array  # (p, p): β = back @ γ
    precision: Array  # (p + 1, p + 1) of the penalty on (γ, σ)


def fit(y: ArrayLike, X: ArrayLike, group: ArrayLike, *, n_quad: int = 25, penalty: Penalty | None = None) -> GlmmFit:
    """Fit the model; the number of nodes is raised from `n_quad` until −2 log L settles.

    Parameters
    ----------
    y : (n,) 0 or 1
    X : (n, p) fixed effects; the first column must be the intercept (all 1)
    group : (n,) participants, any integer codes
    n_quad : odd number of quadrature nodes to begin with
    penalty : adds `Penalty` to the log-likelihood; `minus2ll` stays the plain one

    Raises
    ------
    FitError
        If there are no rows, or a column of X is a combination of others.
    """
    blocks = _pad(np.asarray(y, float), np.asarray(X, float), np.asarray(group), penalty)
    theta, modes = _start(blocks)
    n_iter = 0
    while True:
        theta, modes, information, trace = _maximise(blocks, theta, modes, n_quad)
        n_iter += trace.n_iter
        if trace.runaway:
            settled = False
            break
        needed, settled = _points_needed(blocks, theta, modes, n_quad, trace.value)
        if needed == n_quad:
            break
        n_quad = needed
    return _finish(blocks, theta, modes, information, replace(trace, n_iter=n_iter), n_quad, settled, penalty)


def _points_needed(b: _Blocks, theta: Array, modes: Array, n_quad: int, value: float) -> tuple[int, bool]:
    """The first of n, 2n + 1, … nodes that the next one agrees with (`value` is that of n), and whether one does."""
    while (finer := 2 * n_quad + 1) <= MOST_POINTS:
        finer_value = _value(b, theta, modes, finer)
        if abs(finer_value - value) < SETTLED / 2:
            return n_quad, True
        n_quad, value = finer, finer_value
    return n_quad, False


@dataclass(frozen=True, slots=True)
class _Trace:
    converged: bool
    runaway: bool
    n_iter: int
    gradient_norm: float
    value: float


def _pad(y: Array, X: Array, group: NDArray[np.int64], penalty: Penalty | None) -> _Blocks:
    if len(y) == 0:
        raise FitError("no rows to fit: every day in the window is missing or excluded")
    n, p = X.shape
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
    place = np.arange(n) - np.repeat(np.cumsum(counts) - counts, counts)
    shape = (len(counts), int(counts.max()))
    sign, X1 = np.ones(shape), np.zeros((*shape, p + 1))
    sign[codes[order], place] = 2 * y[order] - 1
    X1[codes[order], place] = np.column_stack([q, np.ones(n)])[order]
    back = np.linalg.inv(r)
    precision = np.zeros((p + 1, p + 1))
    if penalty:
        slopes = np.diag((2 * X.std(axis=0) / penalty.slope_sd) ** 2)  # 0 for the intercept
        precision[:p, :p] = back.T @ slopes @ back
        precision[p, p] = penalty.sigma_sd**-2
    return _Blocks(sign, X1, (shape[1] - counts).astype(float), back, precision)


def _start(b: _Blocks) -> tuple[Array, Array]:
    """Ordinary logistic regression for β, then the likeliest of a few values of σ."""
    p = b.X1.shape[2] - 1
    rows = b.X1[b.X1[..., p] > 0][:, :p]
    y = (b.sign[b.X1[..., p] > 0] + 1) / 2
    gamma = np.zeros(p)
    for _ in range(8):
        mu = expit(rows @ gamma)
        information = (rows * (mu * (1 - mu))[:, None]).T @ rows + 1e-3 * len(y) * np.eye(p)
        gamma = gamma + np.linalg.solve(information, rows.T @ (y - mu) - 1e-3 * len(y) * gamma)
    best: tuple[float, Array, Array] | None = None
    for sigma in (0.5, 1.5, 3.0, 6.0):
        # a conditional slope is steeper than the marginal one by about √(1 + 0.346 σ²) (Zeger et al. 1988)
        theta = np.append(gamma * np.sqrt(1 + 0.346 * sigma**2), sigma)
        modes = _modes(b, theta, np.zeros(len(b.sign)), NEAR)
        value = _value(b, theta, modes, 9)
        if best is None or value > best[0]:
            best = (value, theta, modes)
    assert best is not None
    return best[1], best[2]


def _modes(b: _Blocks, theta: Array, z: Array, tolerance: float = 1e-7) -> Array:
    """Mode of each participant's integrand, by Newton steps kept inside a bracket.

    The score in z, σ Σ(y − p) − z, falls in z and lies within σ Σ(y − 1) − z … σ Σ y − z, which brackets its
    root; plain Newton cycles at large σ.
    """
    sigma, eta = theta[-1], b.X1[..., :-1] @ theta[:-1]
    inside = b.X1[..., -1]
    successes = ((b.sign + 1) / 2 * inside).sum(axis=1)
    low, high = sigma * (successes - inside.sum(axis=1)), sigma * successes
    z = np.clip(z, low, high)
    for _ in range(80):
        p = expit(eta + sigma * z[:, None]) * inside
        score = sigma * (successes - p.sum(axis=1)) - z
        low, high = np.where(score >= 0, z, low), np.where(score <= 0, z, high)
        step = score / (1 + sigma**2 * (p * (1 - p)).sum(axis=1))
        new = z + step
        new = np.where((new > low) & (new < high), new, (low + high) / 2)
        done = np.abs(new - z).max() < tolerance
        z = new
        if done:
            break
    return z


def _integrals(b: _Blocks, theta: Array, modes: Array, n_quad: int, derivatives: bool = True) -> tuple[Array, ...]:
    """Log-likelihood, score (p + 1,) and Hessian (p + 1, p + 1) in (γ, σ), penalty included."""
    x, log_weight = gauss_hermite(n_quad)
    G, m, q = b.X1.shape
    value, score, hessian = 0.0, np.zeros(q), np.zeros((q, q))
    sigma, step = theta[-1], max(1, CHUNK // (m * n_quad))
    for i in range(0, G, step):
        X1, sign, mode = b.X1[i : i + step], b.sign[i : i + step], modes[i : i + step]
        eta, inside = X1[..., :-1] @ theta[:-1], X1[..., -1]
        p = expit(eta + sigma * mode[:, None])
        width = np.sqrt(2 / (1 + sigma**2 * (p * (1 - p) * inside).sum(axis=1)))
        z = mode[:, None] + width[:, None] * x  # (g, K)
        t = (eta[:, None, :] + (sigma * z)[:, :, None] * inside[:, None, :]) * sign[:, None, :]  # (g, K, m)
        e = np.exp(-np.abs(t))
        np.minimum(t, 0, out=t)
        log_p = t.sum(axis=2) - _log_product(e) + b.n_padding[i : i + step, None] * np.log(2)
        log_terms = log_p + log_weight - z**2 / 2 + np.log(width)[:, None] - 0.5 * np.log(2 * np.pi)
        top = log_terms.max(axis=1, keepdims=True)
        w = np.exp(log_terms - top)
        total = w.sum(axis=1, keepdims=True)
        value += float((top + np.log(total)).sum())
        if not derivatives:
            continue
        w /= total
        inverse = 1 / (1 + e)
        # y − p = sign × P(the other outcome); t was clipped at 0, so t < 0 tells which branch
        residual = np.where(t < 0, inverse, e * inverse) * sign[:, None, :]
        s = residual @ X1  # (g, K, p + 1)
        s[..., -1] *= z
        mean = (w[:, None, :] @ s)[:, 0]
        score += mean.sum(axis=0)
        e *= inverse * inverse  # p (1 − p)
        v = np.stack([w, w * z, w * z * z], axis=1) @ e  # (g, 3, m)
        flat, rows = (s * np.sqrt(w)[..., None]).reshape(-1, q), X1.reshape(-1, q)
        hessian += flat.T @ flat - mean.T @ mean
        hessian[:-1, :-1] -= (rows[:, :-1] * v[:, 0].reshape(-1, 1)).T @ rows[:, :-1]
        cross = rows[:, :-1].T @ (v[:, 1] * inside).ravel()
        hessian[:-1, -1] -= cross
        hessian[-1, :-1] -= cross
        hessian[-1, -1] -= float((v[:, 2] * inside).sum())
    value -= float(theta @ b.precision @ theta) / 2
    return np.array(value), score - b.precision @ theta, hessian - b.precision


def _log_product(e: Array) -> Array:
    """Σ log(1 + e) over the last axis; one logarithm for 1,000 factors instead of one each (they are ≤ 2)."""
    m = e.shape[2]
    return sum((np.log(np.prod(1 + e[..., k : k + 1000], axis=2)) for k in range(0, m, 1000)), np.zeros(e.shape[:2]))


def _value(b: _Blocks, theta: Array, modes: Array, n_quad: int) -> float:
    return float(_integrals(b, theta, modes, n_quad, derivatives=False)[0])


def _maximise(b: _Blocks, theta: Array, modes: Array, n_quad: int) -> tuple[Array, Array, Array, _Trace]:
    """Newton's method, steps shortened until the log-likelihood rises; σ is reflected at 0, where it is even."""
    modes = _modes(b, theta, modes, NEAR)
    value, score, hessian = _integrals(b, theta, modes, n_quad)
    decrement = np.inf
    for n_iter in range(1, 61):
        step, decrement = _newton_step(hessian, score)
        if decrement < 1e-12:
            return theta, modes, -hessian, _Trace(True, False, n_iter, float(np.abs(score).max()), float(value))
        for halving in range(12):
            new = theta + step / 2**halving
            new[-1] = abs(new[-1])
            new_modes = _modes(b, new, modes, NEAR)
            new_value, new_score, new_hessian = _integrals(b, new, new_modes, n_quad)
            # close by, few nodes make the value less exact than the step: trust the step
            if new_value >= value or decrement < 1e-2:
                break
        else:  # the value does not rise along its own slope: too few nodes; more are tried next
            break
        theta, modes, value, score, hessian = new, new_modes, new_value, new_score, new_hessian
        if theta[-1] > 4 * RUNAWAY_SD or np.abs(theta[:-1]).max() > RUNAWAY:
            return theta, modes, -hessian, _Trace(False, True, n_iter, float(np.abs(score).max()), float(value))
    return theta, modes, -hessian, _Trace(decrement < 1e-6, False, n_iter, float(np.abs(score).max()), float(value))


def _newton_step(hessian: Array, score: Array) -> tuple[Array, float]:
    """The ascent step of −H⁻¹s, with negative curvature turned round, and its decrement s'(−H)⁻¹s."""
    curvature, axes = np.linalg.eigh(-hessian)
    curvature = np.maximum(np.abs(curvature), 1e-8 * max(1.0, float(np.abs(curvature).max())))
    step = axes @ ((axes.T @ score) / curvature)
    longest = float(np.abs(step).max())
    return step * min(1.0, 4 / longest if longest > 0 else 1.0), float(score @ step)


def _finish(
    b: _Blocks, theta: Array, modes: Array, information: Array, trace: _Trace, n_quad: int, settled: bool,
    penalty: Penalty | None,
) -> GlmmFit:  # fmt: skip
    p = len(theta) - 1
    messages: list[str] = []
    log_lik = _value(b, theta, modes, n_quad) + float(theta @ b.precision @ theta) / 2
    back = np.eye(p + 1)
    back[:p, :p] = b.back
    beta = b.back @ theta[:p]
    separated = penalty is None and (
        trace.runaway or theta[-1] > RUNAWAY_SD or float(np.linalg.eigvalsh(information[:p, :p])[0]) < VAGUE**-2
    )
    if separated:
        messages.append(
            "the outcome separates what the model compares (an arm, or the participants, are nearly all one way), so "
            "maximum likelihood has no finite answer; use the penalised fit, which is labelled as such"
        )
    elif not trace.converged:
        messages.append(f"the fit did not converge in {trace.n_iter} iterations; do not rely on it")
    if not settled and not separated:
        messages.append(f"-2 log L had not settled within 1e-3 at {n_quad} quadrature points")
    covariance = np.zeros((p + 1, p + 1))
    boundary = theta[-1] < 1e-3
    if boundary:
        theta = np.append(theta[:p], 0.0)
        messages.append("the random-intercept variance is estimated as zero: a participant's days look independent")
    k = p if boundary else p + 1
    covariance[:k, :k] = back[:k, :k] @ _inverse(information[:k, :k]) @ back[:k, :k].T
    convergence = Convergence(trace.converged and not separated, trace.n_iter, trace.gradient_norm, tuple(messages))
    return GlmmFit(beta, float(theta[-1]), covariance, -2 * log_lik, n_quad, convergence, separated)


def _inverse(information: Array) -> Array:
    try:
        root = np.asarray(np.linalg.inv(np.linalg.cholesky(information)))
    except np.linalg.LinAlgError:
        return np.full_like(information, np.nan)
    return root.T @ root
