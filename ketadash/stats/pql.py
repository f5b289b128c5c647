"""Restricted pseudo-likelihood (SAS GLIMMIX METHOD=RSPL) for a logistic model with a random intercept and AR(1).

Around the current predictor η the outcome is linearised (Wolfinger & O'Connell 1993),

    P = η + (y − μ) / w,   w = μ(1 − μ),   Var(P | b) = φ W^(−1/2) C(ρ) W^(−1/2),   C_st = ρ^|day_s − day_t|

and the weighted linear mixed model is fitted by REML; η is rebuilt with the predicted intercepts, and so on to
a fixed point.  There is no likelihood, so no AIC or BIC.

AR(1) has a tridiagonal inverse whose entries depend on ρ and the gap between two reported days only.  All that
REML needs are therefore sums over rows, taken once per linearisation for each distinct gap: its search over
(σ_b, ρ) then costs nothing that grows with the days.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, logit

from ketadash.errors import FitError
from ketadash.results import Convergence
from ketadash.stats.glmm import RUNAWAY, RUNAWAY_SD, VAGUE

Array = NDArray[np.float64]
Ints = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Family:
    """A mean as a function of η, its slope, and the variance as a function of the mean.

    `limit` is the |η| beyond which there is no weight left to linearise with; `binary` families can be separated.
    """

    name: str
    mean: Callable[[Array], Array]
    slope: Callable[[Array], Array]  # dμ/dη, from μ
    variance: Callable[[Array], Array]
    link: Callable[[Array], Array]
    limit: float
    binary: bool


def _ones(mu: Array) -> Array:
    return np.ones_like(mu)


LOGIT = Family("logit", expit, lambda mu: mu * (1 - mu), lambda mu: mu * (1 - mu), logit, 25.0, True)
IDENTITY = Family("identity", lambda eta: eta, _ones, _ones, lambda mu: mu, np.inf, False)
# a right-skewed measure whose SD grows with its mean, as a gamma's does; its working weights are all 1
LOG = Family("log", np.exp, lambda mu: mu, lambda mu: mu**2, np.log, 30.0, False)

TOLERANCE = 1e-8
MOST_ITERATIONS = 200


@dataclass(frozen=True, slots=True, eq=False)
class PqlFit:
    """`covariance` (p, p) is the model-based (X'V⁻¹X)⁻¹; `rho` is None without AR(1), `scale` is φ."""

    beta: Array
    sigma: float
    rho: float | None
    scale: float
    covariance: Array
    convergence: Convergence
    separated: bool


@dataclass(frozen=True, slots=True, eq=False)
class _Design:
    """Rows in order of participant and day, columns made orthonormal, pairs of neighbours sorted by gap."""

    y: Array
    X: Array
    back: Array
    starts: Ints  # each participant's first row
    group: Ints
    unit: int  # greatest common divisor of the gaps: 7 if all days reported lie weeks apart
    gaps: Array  # (D,) the distinct gaps in units; the first class, gap 0, holds first rows
    order: Ints  # rows sorted by gap, then participant
    cuts: Ints  # where each (gap, participant) begins in that order
    cell: tuple[Ints, Ints]  # its gap class and participant
    n_pairs: Array  # (D,)


@dataclass(frozen=True, slots=True, eq=False)
class _Sums:
    """Moments of v = √w (P, X, 1): for each gap Σ v_t v_t', Σ sym v_t v_s', Σ v_s v_s' (s the day before)."""

    total: Array  # (3, D, q, q)
    ones: Array  # (3, D, G, q): the same against the last column, by participant


@dataclass(frozen=True, slots=True, eq=False)
class _State:
    """`root` is √(σ_b² / φ), so that 0 is an interior point of a function even in it; `z` is atanh ρ."""

    root: float
    z: float
    beta: Array
    intercepts: Array
    scale: float
    cross: Array  # X'V⁻¹X in units of 1 / φ


def fit(
    y: ArrayLike, X: ArrayLike, group: ArrayLike, day: ArrayLike, *, ar1: bool = True, free_scale: bool = True,
    family: Family = LOGIT,
) -> PqlFit:  # fmt: skip
    """Fit by RSPL from several cold starts.

    Parameters
    ----------
    y : (n,) 0 or 1; any number for `IDENTITY`, 0 or more for `LOG`
    X : (n, p) fixed effects, first column the intercept
    group : (n,) participants, any integer codes
    day : (n,) whole days; correlation falls with their distance, gaps included
    ar1, free_scale : whether ρ and φ are estimated (GLIMMIX's default without an R-side is neither: φ = 1)

    Raises
    ------
    FitError
        If there are no rows or only one outcome, a column repeats others, or a participant has two rows for one day.
    """
    d = _design(np.asarray(y, float), np.asarray(X, float), np.asarray(group), np.asarray(day, float))
    found = [_iterate(d, eta, ar1, free_scale, family) for eta in _starts(d, family)]
    chosen = min(found, key=lambda f: (not f.converged, _spurious(f.state, ar1), found.index(f)))
    return _finish(d, chosen, found, ar1, family)


@dataclass(frozen=True, slots=True, eq=False)
class _Run:
    state: _State
    converged: bool
    n_iter: int
    change: float


def _design(y: Array, X: Array, group: NDArray[np.int64], day: Array) -> _Design:
    n = len(y)
    if n == 0:
        raise FitError("no rows to fit: every day in the window is missing or excluded")
    if (y == y[0]).all():
        raise FitError("the outcome is the same on every day of every participant: there is nothing to model")
    order = np.lexsort((day, group))
    y, X, group, day = y[order], X[order], np.unique(group, return_inverse=True)[1][order], day[order]
    q, r = np.linalg.qr(X)
    r, q = r / np.sqrt(n), q * np.sqrt(n)
    flat = np.flatnonzero(np.abs(np.diag(r)) < 1e-9 * np.maximum(np.sqrt((X**2).mean(axis=0)), 1e-300))
    if flat.size:
        raise FitError(
            f"column {flat[0] + 1} of {X.shape[1]} of the model is constant or repeats the others; "
            "leave that variable out"
        )
    first = np.diff(group, prepend=-1) > 0
    gap = np.where(first, 0, np.diff(day, prepend=0))
    if (gap[~first] < 1).any():
        raise FitError("a participant has two rows for one day; keep one row per participant and day")
    # ρ^7 is flat at ρ = 0, where the search begins; ρ per unit is not
    unit = max(1, int(np.gcd.reduce(gap.astype(np.int64))))
    gaps, kind = np.unique(np.concatenate([[0.0], gap / unit]), return_inverse=True)
    kind = kind[1:]
    by_gap = np.lexsort((group, kind))
    key = kind[by_gap] * (group[-1] + 1) + group[by_gap]
    cuts = np.flatnonzero(np.diff(key, prepend=-1))
    return _Design(
        y, q, np.linalg.inv(r), np.flatnonzero(first), group, unit, gaps, by_gap, cuts,
        (kind[by_gap][cuts], group[by_gap][cuts]), np.bincount(kind, minlength=len(gaps)).astype(float),
    )  # fmt: skip


def _starts(d: _Design, family: Family = LOGIT) -> list[Array]:
    """Linear predictors to begin from: a fit that ignores the participants, and halfway between data and mean."""
    gamma = np.zeros(d.X.shape[1])
    gamma[0] = float(family.link(np.array(d.y.mean()))) / d.X[0, 0] if not family.binary else 0.0
    ridge = 1e-3 * len(d.y) * np.eye(len(gamma)) if family.binary else np.zeros((len(gamma),) * 2)
    for _ in range(8):
        mu = family.mean(np.clip(d.X @ gamma, -family.limit, family.limit))
        slope, variance = family.slope(mu), family.variance(mu)
        information = (d.X * (slope**2 / variance)[:, None]).T @ d.X + ridge
        gamma = gamma + np.linalg.solve(information, d.X.T @ (slope / variance * (d.y - mu)) - ridge @ gamma)
    halfway = (d.y + (0.5 if family.binary else d.y.mean())) / 2
    return [d.X @ gamma, family.link(halfway)]


def _iterate(d: _Design, eta: Array, ar1: bool, free_scale: bool, family: Family = LOGIT) -> _Run:
    """Linearise, fit, predict, until every parameter stands still."""
    state = _State(0.5, 0.0, np.zeros(d.X.shape[1]), np.zeros(len(d.starts)), 1.0, np.eye(d.X.shape[1]))
    change, pace = np.inf, 1.0
    for n_iter in range(1, MOST_ITERATIONS + 1):
        before, previous = _parameters(state), change
        state = _reml(d, _sums(d, eta, family), state, ar1, free_scale)
        proposal = d.X @ state.beta + state.intercepts[d.group]
        if (family.binary and _hopeless(state)) or not np.isfinite(proposal).all():
            return _Run(state, False, n_iter, np.inf)
        change = float((np.abs(_parameters(state) - before) / (1 + np.abs(before))).max())
        if n_iter > 10 and change > 0.8 * previous:  # circling round the fixed point: shorter steps
            pace = max(pace / 2, 1 / 8)
        eta = np.clip(eta + pace * (proposal - eta), -family.limit, family.limit)
        if change < TOLERANCE * pace:
            return _Run(state, True, n_iter, change)
    return _Run(state, False, MOST_ITERATIONS, change)


def _hopeless(s: _State) -> bool:
    """So far out that no run has come back from there (a hard one has returned from a vagueness of 3)."""
    return bool(s.root * np.sqrt(s.scale) > 4 * RUNAWAY_SD or s.scale < 1e-5 or _vagueness(s) > 10 * VAGUE)


def _vagueness(s: _State) -> float:
    """Largest standard error of any combination of the orthonormal columns' coefficients."""
    return float(np.sqrt(np.linalg.eigvalsh(np.linalg.inv(s.cross) * s.scale)[-1]))


def _parameters(s: _State) -> Array:
    return np.concatenate([s.beta, [s.root * np.sqrt(s.scale), np.tanh(s.z), s.scale]])


def _sums(d: _Design, eta: Array, family: Family = LOGIT) -> _Sums:
    mu = family.mean(eta)
    slope = np.maximum(family.slope(mu), 1e-12)
    weight = slope**2 / np.maximum(family.variance(mu), 1e-12)
    v = np.column_stack([eta + (d.y - mu) / slope, d.X, np.ones(len(eta))]) * np.sqrt(weight)[:, None]
    now = v[d.order]
    before = np.vstack([np.zeros(v.shape[1]), v])[d.order]  # row above; never used where gap = 0
    before[: int(d.n_pairs[0])] = 0
    D, G, q = len(d.gaps), len(d.starts), v.shape[1]
    total, ones = np.empty((3, D, q, q)), np.zeros((3, D, G, q))
    ends = np.concatenate([[0], np.cumsum(d.n_pairs)]).astype(int)
    for k in range(D):
        a, b = now[ends[k] : ends[k + 1]], before[ends[k] : ends[k + 1]]
        cross = a.T @ b
        total[:, k] = a.T @ a, cross + cross.T, b.T @ b
    last, last_before = now[:, -1:], before[:, -1:]
    for j, product in enumerate((last * now, last * before + last_before * now, last_before * before)):
        ones[(j, *d.cell)] = np.add.reduceat(product, d.cuts, axis=0)
    return _Sums(total, ones)


def _reml(d: _Design, s: _Sums, state: _State, ar1: bool, free_scale: bool) -> _State:
    """Maximise the restricted likelihood of the linearised data over (root, z) by damped Newton steps."""
    free = np.array([True, ar1])
    at = np.array([state.root, state.z if ar1 else 0.0])
    value, gradient = _restricted(d, s, at, free_scale)
    for _ in range(25):
        hessian = np.zeros((2, 2))
        for k in np.flatnonzero(free):
            nudge = np.eye(2)[k] * 1e-5
            up, down = _restricted(d, s, at + nudge, free_scale)[1], _restricted(d, s, at - nudge, free_scale)[1]
            hessian[k] = (up - down) / 2e-5
        curvature, axes = np.linalg.eigh((hessian + hessian.T)[np.ix_(free, free)] / 2)
        curvature = np.maximum(np.abs(curvature), 1e-6 * max(float(np.abs(curvature).max()), 1e-6))
        step = np.zeros(2)
        step[free] = -axes @ ((axes.T @ gradient[free]) / curvature)
        decrement = float(-gradient @ step)
        if decrement < 1e-18 * max(1.0, abs(value)):
            break
        step *= min(1.0, 1.0 / float(np.abs(step).max()))
        for halving in range(30):
            new = at + step / 2**halving
            new[0], new[1] = abs(new[0]), np.clip(new[1], -9, 9)  # |ρ| ≤ 1 − 3e-8
            new_value, new_gradient = _restricted(d, s, new, free_scale)
            if new_value <= value or decrement < 1e-8:
                break
        at, value, gradient = new, new_value, new_gradient
        if decrement < 1e-14:
            break
    return _solve(d, s, at, free_scale)


def _combine(d: _Design, s: _Sums, rho: float) -> tuple[Array, Array, Array, Array, float, float]:
    """V⁻¹-weighted moments without the random intercept, their derivatives in ρ, and log |C| with its own."""
    with np.errstate(divide="ignore", invalid="ignore"):
        r = np.where(d.gaps > 0, np.sign(rho) ** d.gaps * np.abs(rho) ** d.gaps, 0.0)
        dr = np.where(d.gaps > 0, d.gaps * np.sign(rho) ** (d.gaps - 1) * np.abs(rho) ** (d.gaps - 1), 0.0)
    u = 1 - r**2
    c = np.stack([1 / u, -r / u, r**2 / u])
    dc = np.stack([2 * r * dr / u**2, -dr * (1 + r**2) / u**2, 2 * r * dr / u**2])
    M, dM = np.einsum("jd,jdab->ab", c, s.total), np.einsum("jd,jdab->ab", dc, s.total)
    B, dB = np.einsum("jd,jdga->ga", c, s.ones), np.einsum("jd,jdga->ga", dc, s.ones)
    return M, dM, B, dB, float(d.n_pairs @ np.log(u)), float(-(d.n_pairs @ (2 * r * dr / u)))


def _restricted(d: _Design, s: _Sums, at: Array, free_scale: bool) -> tuple[float, Array]:
    """−2 × restricted log-likelihood (constants dropped) of the linearised data, and its gradient in (root, z)."""
    root, rho = float(at[0]), float(np.tanh(at[1]))
    M, dM, B, dB, log_c, dlog_c = _combine(d, s, rho)
    a, b, da, db = B[:, -1], B[:, :-1], dB[:, -1], dB[:, :-1]
    k = root**2 / (1 + root**2 * a)  # Sherman–Morrison: V⁻¹ = C⁻¹ − k C⁻¹11'C⁻¹
    full = M[:-1, :-1] - (b * k[:, None]).T @ b
    A, xy = full[1:, 1:], full[1:, 0]
    inverse = np.asarray(np.linalg.inv(A), np.float64)
    w = np.concatenate([[1.0], -inverse @ xy])
    rss = float(w @ full @ w)
    p, n = len(A), len(d.y)
    scale = rss / (n - p) if free_scale else 1.0
    value = float(np.log1p(root**2 * a).sum()) + log_c + float(np.linalg.slogdet(A)[1])
    value += (n - p) * np.log(scale) if free_scale else rss
    # derivatives of `full`: in root through k alone, in ρ through M, b and a
    dk_root = 2 * root / (1 + root**2 * a) ** 2
    d_root = -(b * dk_root[:, None]).T @ b
    kb = b * k[:, None]
    d_rho = dM[:-1, :-1] + (b * (k**2 * da)[:, None]).T @ b - kb.T @ db - db.T @ kb
    gradient = np.array(
        [
            float((2 * root * a / (1 + root**2 * a)).sum()) + _trace(inverse, d_root) + float(w @ d_root @ w) / scale,
            float((k * da).sum()) + dlog_c + _trace(inverse, d_rho) + float(w @ d_rho @ w) / scale,
        ]
    )
    gradient[1] *= 1 - rho**2
    return value, gradient


def _trace(inverse: Array, derivative: Array) -> float:
    return float((inverse * derivative[1:, 1:]).sum())


def _solve(d: _Design, s: _Sums, at: Array, free_scale: bool) -> _State:
    """Coefficients, predicted intercepts and φ at given (root, z)."""
    M, _, B, _, _, _ = _combine(d, s, float(np.tanh(at[1])))
    a, b = B[:, -1], B[:, :-1]
    k = at[0] ** 2 / (1 + at[0] ** 2 * a)
    full = M[:-1, :-1] - (b * k[:, None]).T @ b
    beta = np.linalg.solve(full[1:, 1:], full[1:, 0])
    w = np.concatenate([[1.0], -beta])
    scale = float(w @ full @ w) / (len(d.y) - len(beta)) if free_scale else 1.0
    return _State(float(at[0]), float(at[1]), beta, k * (b @ w), scale, full[1:, 1:])


def _spurious(s: _State, ar1: bool) -> bool:
    """A fixed point with no between-participant variance or with ρ at its edge is an artefact if another exists."""
    return s.root * np.sqrt(s.scale) < 1e-3 or (ar1 and abs(np.tanh(s.z)) > 0.995)


def _finish(d: _Design, run: _Run, found: list[_Run], ar1: bool, family: Family) -> PqlFit:
    s, messages = run.state, []
    beta, sigma, rho = d.back @ s.beta, s.root * np.sqrt(s.scale), float(np.tanh(s.z))
    orthonormal = np.linalg.inv(s.cross) * s.scale
    separated = family.binary and (
        not np.isfinite(beta).all() or bool((np.abs(s.beta) > RUNAWAY).any()) or _vagueness(s) > VAGUE
    )
    if separated:
        messages.append(
            "the outcome separates what the model compares (an arm, or the participants, are nearly all one way), so "
            "pseudo-likelihood has no finite answer; only the abstinence model has a penalised fit, by quadrature"
        )
    elif not run.converged:
        messages.append(
            f"RSPL ran away in iteration {run.n_iter}; do not rely on it"
            if np.isinf(run.change)
            else f"RSPL did not converge in {run.n_iter} iterations (parameters still move by {run.change:.1g}); "
            "do not rely on it"
        )
    if run.converged and sigma < 1e-3:
        rest = "rest on AR(1) alone" if ar1 else "take a participant's days for independent"
        messages.append(f"RSPL put the random-intercept variance at zero; its standard errors then {rest}")
    if run.converged and ar1 and abs(rho) > 0.995:
        messages.append(f"RSPL drove the AR(1) correlation to {rho:.3f}, which is usually a spurious fixed point")
    if rho < 0 and d.unit % 2 == 0:
        messages.append(
            f"reported days always lie a multiple of {d.unit} days apart and are negatively correlated at that "
            "distance, which no correlation from day to day can bring about: rho is given for that distance"
        )
    else:
        rho = float(np.sign(rho) * abs(rho) ** (1 / d.unit))
    others = [r for r in found if r.converged and r is not run and _distance(r, run) > 1e-4]
    if others and run.converged:
        o = others[0].state
        messages.append(
            f"another start of RSPL ended elsewhere (random-intercept SD {o.root * np.sqrt(o.scale):.2f}, "
            f"rho {np.tanh(o.z):.2f}, scale {o.scale:.2f}); the one shown is not at a boundary or came from the "
            "ordinary logistic fit"
        )
    covariance = d.back @ orthonormal @ d.back.T
    convergence = Convergence(run.converged and not separated, run.n_iter, run.change, tuple(messages))
    return PqlFit(beta, float(sigma), rho if ar1 else None, s.scale, covariance, convergence, separated)


def _distance(a: _Run, b: _Run) -> float:
    x, y = _parameters(a.state), _parameters(b.state)
    return float((np.abs(x - y) / (1 + np.abs(x))).max())
