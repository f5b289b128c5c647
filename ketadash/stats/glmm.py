"""Logistic mixed model with a random intercept, by maximum likelihood and adaptive Gauss–Hermite quadrature.

    logit P(y_ij = 1 | z_i) = x_ij'β + σ z_i,   z_i ~ N(0, 1)

The integrals over z, with their derivatives, are `ketadash.stats.adaptive`'s; here they are maximised.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from ketadash.results import Convergence
from ketadash.stats import adaptive, alike
from ketadash.stats.adaptive import Blocks, Integrals, Layout, Place
from ketadash.stats.separation import is_separated

Array = NDArray[np.float64]
Ints = NDArray[np.intp]

NOT_CONVERGED = "the fit did not converge in {} iterations; do not rely on it"
LARGE_SD = 4.0  # of the random intercept, on the logit scale
SETTLED = 1e-4  # a tenth of the 1e-3 that −2 log L is promised to
MOST_POINTS = 1700
# Squared distances from the maximum, in standard errors: to count nodes, to count them no more, and at the end.
ROUGHLY, CLOSE, DONE = 1e-3, 0.1, 1e-12
VAGUE = 10.0  # a standard error, in log-odds per SD of a column, at which to ask whether the outcome is separated
RUNAWAY = 60.0  # log-odds per SD at which to ask it while iterating
RUNAWAY_SD = 25.0
GLANCED_AT = 30_000  # rows, or a few more, from which a first σ is chosen
STEP = 0.1  # standard errors to either side, where −2 log L should have risen by STEP²
TOO_STEEP = 4.0  # times that: the standard error does not describe the likelihood


@dataclass(frozen=True, slots=True)
class Penalty:
    """Normal priors that keep a separated fit finite: on each slope per two SDs of its column, and on σ.

    Gelman et al. (2008) scale columns this way; 2.5 and 5 are weak (an odds ratio of 12 per SD is unsurprised).
    """

    slope_sd: float = 2.5
    sigma_sd: float = 5.0


@dataclass(frozen=True, slots=True, eq=False)
class GlmmFit:
    """`covariance` (p + 1, p + 1) is the inverse observed information of (β, σ), NaN where it has none; `n_quad` is
    the most nodes that any participant needed.

    `scores` (G, p + 1) are the participants' in (β, σ), in the order of their codes, and `informations` (G, p + 1,
    p + 1), where they were asked for, what each adds to the information: for `robust`.
    """

    beta: Array
    sigma: float
    covariance: Array
    minus2ll: float
    n_quad: int
    convergence: Convergence
    separated: bool
    scores: Array
    informations: Array | None


def fit(
    y: ArrayLike,
    X: ArrayLike,
    group: ArrayLike,
    *,
    n_quad: int = 25,
    penalty: Penalty | None = None,
    with_informations: bool = False,
) -> GlmmFit:
    """Fit the model; nodes are added from `n_quad` on until −2 log L settles, for the participants who need them.

    Parameters
    ----------
    y : (n,) 0 or 1
    X : (n, p) fixed effects; the first column must be the intercept (all 1)
    group : (n,) participants, any integer codes
    n_quad : odd number of quadrature nodes to begin with
    penalty : adds `Penalty` to the log-likelihood; `minus2ll` stays the plain one
    with_informations : whether each participant's is wanted

    Raises
    ------
    FitError
        If there are no rows, or a column of X is a combination of others.
    """
    b = adaptive.with_outcome(laid_out(X, group, penalty), np.asarray(y, float))
    f, theta, place = fit_from(b, *start(b), n_quad, penalty)
    return _informed(b, f, theta, place) if with_informations else f


def fit_many(
    ys: ArrayLike,
    X: ArrayLike,
    group: ArrayLike,
    near: GlmmFit | None = None,
    *,
    n_quad: int = 25,
    penalty: Penalty | None = None,
    with_informations: bool = False,
    layout: Layout | None = None,
) -> list[GlmmFit]:
    """Fit the model to each of many outcomes `ys` (k, n) of the same rows, beginning at a fit `near` them.

    The design is laid out once, or was as `layout`; only the first outcome's nodes are counted, and the others begin
    where it ended with as many (people all one way, who need most, with the most).  A fit that fails from there is
    begun anew, as by `fit`.
    """
    layout = layout or laid_out(X, group, penalty)
    known = near is not None and not near.separated and bool(np.isfinite(near.beta).all())
    theta = np.append(np.linalg.solve(layout.back, near.beta), max(near.sigma, 0.1)) if near and known else None
    place: Place | None = None
    fits = []
    for y in np.asarray(ys):
        b = adaptive.with_outcome(layout, y.astype(float))
        if theta is None or place is None:
            begin, around = start(b) if theta is None else (theta, adaptive.anywhere(b, n_quad))
            f, reached, mode = fit_from(b, begin, around, n_quad, penalty)
            if f.convergence.ok:
                theta, place = reached, mode
        else:
            points = np.where(_one_way(b), place.points.max(), place.points)
            around = replace(place, points=points)
            reached, integrals, trace = by_tables(b, theta, around, DONE) or maximise(b, theta, around, DONE)
            f, mode = _finish(b, reached, integrals, trace, True, penalty), integrals.place
        if not f.convergence.ok:
            f, reached, mode = fit_from(b, *start(b), n_quad, penalty)
        fits.append(_informed(b, f, reached, mode) if with_informations else f)
    return fits


def _informed(b: Blocks, f: GlmmFit, theta: Array, place: Place) -> GlmmFit:
    """The fit with each participant's information, which costs about an iteration more."""
    forth = np.linalg.inv(_back(b))
    return replace(f, informations=forth.T @ adaptive.informations(b, theta, place) @ forth)


def _back(b: Blocks) -> Array:
    """(β, σ) from (γ, σ)."""
    back = np.eye(len(b.back) + 1)
    back[:-1, :-1] = b.back
    return back


def _one_way(b: Blocks) -> NDArray[np.bool_]:
    """The participants whose days all have one outcome: their integrands are the least like a normal density."""
    inside = b.X1[..., -1] > 0
    return np.asarray(((b.sign > 0) | ~inside).all(axis=1) | ((b.sign < 0) | ~inside).all(axis=1))


def laid_out(X: ArrayLike, group: ArrayLike, penalty: Penalty | None) -> Layout:
    """Rows X (n, p) of participants `group` (n,) as `adaptive` takes them, the penalty's precision on their columns."""
    X = np.asarray(X, float)
    layout = adaptive.lay_out(X, np.asarray(group))
    if penalty is None:
        return layout
    p = X.shape[1]
    precision = np.zeros((p + 1, p + 1))
    slopes = np.diag((2 * X.std(axis=0) / penalty.slope_sd) ** 2)  # 0 for the intercept
    precision[:p, :p] = layout.back.T @ slopes @ layout.back
    precision[p, p] = penalty.sigma_sd**-2
    return replace(layout, precision=precision)


def fit_from(
    b: Blocks, theta: Array, place: Place, n_quad: int, penalty: Penalty | None
) -> tuple[GlmmFit, Array, Place]:
    """The fit, and where it ended: θ and the nodes' place."""
    place = replace(place, points=np.full(len(b.sign), n_quad))
    ahead = by_tables(b, theta, place, DONE)
    n_ahead = 0
    if ahead is not None:  # the maximum: how many nodes tell it is all that is left to find
        theta, by_table, trace = ahead
        at_nodes = adaptive.integrate(b, theta, place)
        points, settled = _points_needed(b, theta, at_nodes)
        if settled:
            place = replace(at_nodes.place, points=points)
            return _finish(b, theta, replace(by_table, place=place), trace, True, penalty), theta, place
        n_ahead, place = trace.n_iter - 1, at_nodes.place
    theta, integrals, trace = maximise(b, theta, place, ROUGHLY)
    n_iter, settled = n_ahead + trace.n_iter, False
    while not trace.runaway:
        points, settled = _points_needed(b, theta, integrals)
        before, information = theta, -integrals.hessian
        theta, integrals, trace = maximise(b, theta, replace(integrals.place, points=points), DONE)
        n_iter += trace.n_iter
        # nodes counted within a few tenths of a standard error of the maximum are those needed at it
        if not settled or float((theta - before) @ information @ (theta - before)) < CLOSE:
            break
    return _finish(b, theta, integrals, replace(trace, n_iter=n_iter), settled, penalty), theta, integrals.place


def _points_needed(b: Blocks, theta: Array, integrals: Integrals) -> tuple[Ints, bool]:
    """For each participant the first of n, 3n/2, … nodes that the next one agrees with, and whether all have one.

    Their errors may add up to a tenth of `SETTLED`; those with the largest get more nodes, as few people as will do.
    Where people differ very much (`LARGE_SD`) the integrands of those whose days are all alike are far from normal, and
    two numbers of nodes may agree by chance: there a third must agree too.
    """
    points, each = integrals.place.points.copy(), integrals.each.copy()
    nodes, error = adaptive.nodes_of(b, theta, integrals.place), np.full(len(each), np.inf)
    while True:
        open_ = _largest(error, SETTLED / 20)
        new = adaptive.log_integrals(b, theta, *nodes, _more(points), open_)
        error[open_], each[open_] = np.abs(new - each[open_]), new
        if error.sum() < SETTLED / 10:
            if theta[-1] < LARGE_SD:
                return points, True
            everybody = np.arange(len(points))
            apart = np.abs(adaptive.log_integrals(b, theta, *nodes, _more(_more(points)), everybody) - each)
            if apart.sum() < SETTLED / 10:
                return points, True
            error, doubtful = apart, _largest(apart, SETTLED / 20)
            points[doubtful] = _more(points[doubtful])
            continue
        if _more(points).max() > MOST_POINTS:
            return points, False
        still = open_[np.isin(open_, _largest(error, SETTLED / 20))]
        points[still] = _more(points[still])


def _more(points: Ints) -> Ints:
    """Half as many again, an odd number: 25, 37, 55, 83, …."""
    return points + 2 * np.maximum(points // 4, 1)


def _largest(error: Array, rest: float) -> Ints:
    """The participants who need more nodes so that the errors of the others add up to no more than `rest`."""
    order = np.argsort(error)
    return np.sort(order[np.cumsum(error[order]) > rest])


@dataclass(frozen=True, slots=True)
class _Trace:
    converged: bool
    runaway: bool
    n_iter: int


def start(b: Blocks) -> tuple[Array, Place]:
    """Ordinary logistic regression for β, then the likeliest of a few values of σ."""
    p = b.X1.shape[2] - 1
    inside = b.X1[..., p] > 0
    rows, y = b.X1[inside][:, :p], (b.sign[inside] + 1) / 2
    gamma = np.zeros(p)
    for _ in range(8):
        mu = expit(rows @ gamma)
        information = (rows * (mu * (1 - mu))[:, None]).T @ rows + 1e-3 * len(y) * np.eye(p)
        step = np.linalg.solve(information, rows.T @ (y - mu) - 1e-3 * len(y) * gamma)
        gamma = gamma + step
        if np.abs(step).max() < 0.01:
            break
    # a conditional slope is steeper than the marginal one by about √(1 + 0.346 σ²) (Zeger et al. 1988)
    tried = [np.append(gamma * np.sqrt(1 + 0.346 * sigma**2), sigma) for sigma in (0.5, 1.5, 3.0, 6.0)]
    anywhere = adaptive.anywhere(b, 1)
    if b.alike is not None:
        with suppress(alike.UnsuitedError):
            likelihood = adaptive.tabulated(b)
            return max(tried, key=lambda theta: likelihood(theta, anywhere).value), anywhere
    G = len(b.sign)
    # some people of a large trial tell as well; every fourth could be one arm's alone
    some = np.arange(0, G, int(b.days.sum()) // GLANCED_AT | 1)
    glances = adaptive.parts(b, np.full(G, 15), some)
    values, means = zip(*(adaptive.at_a_glance(b, theta, glances) for theta in tried), strict=True)
    best = int(np.argmax(values))
    return tried[best], replace(anywhere, mode=means[best])


def by_tables(b: Blocks, theta: Array, place: Place, enough: float) -> tuple[Array, Integrals, _Trace] | None:
    """The maximum by tables of days that people share; None where they share none, or tables cannot tell."""
    if b.alike is None:
        return None
    try:
        reached = maximise(b, theta, place, enough, adaptive.tabulated(b))
    except alike.UnsuitedError:
        return None
    return reached if reached[2].converged else None


def maximise(
    b: Blocks, theta: Array, place: Place, enough: float, integrate: Callable[[Array, Place], Integrals] | None = None
) -> tuple[Array, Integrals, _Trace]:
    """Newton's method, steps shortened until the log-likelihood rises; σ is reflected at 0, where it is even."""
    integrate = integrate or partial(adaptive.integrate, b, within=adaptive.parts(b, place.points))
    at = integrate(theta, place)
    decrement, checked = np.inf, False
    for n_iter in range(1, 61):
        step, decrement = newton_step(at.hessian, at.score)
        if decrement < enough:
            return theta, at, _Trace(True, False, n_iter)
        for halving in range(12):
            new = theta + step / 2**halving
            new[-1] = abs(new[-1])
            candidate = integrate(new, at.place)
            # close by, few nodes make the value less exact than the step: trust the step
            if candidate.value >= at.value or decrement < 1e-2:
                break
        else:  # the value does not rise along its own slope: too few nodes; more are tried next
            break
        theta, at = new, candidate
        far = not checked and np.abs(theta[:-1]).max() > RUNAWAY
        if theta[-1] > 4 * RUNAWAY_SD or (far and _columns_separate(b)):
            return theta, at, _Trace(False, True, n_iter)
        checked = checked or bool(far)
    return theta, at, _Trace(decrement < 1e-6, False, n_iter)


def _columns_separate(b: Blocks) -> bool:
    inside = b.X1[..., -1] > 0
    return is_separated(b.sign[inside] > 0, b.X1[inside][:, :-1])


def _quadratic(b: Blocks, theta: Array, at: Integrals) -> bool:
    """Whether −2 log L rises near its least as the vaguest coefficient's standard error has it.

    Where an arm is all one way but for an outlier, the maximum is finite yet so far out that nothing holds it: the
    likelihood is flat on this side of it and falls off on the other.
    """
    k = len(theta) if theta[-1] > 1e-3 else len(theta) - 1
    information, axes = np.linalg.eigh(-at.hessian[:k, :k])
    if information[0] <= 0:
        return False
    step = np.append(STEP / np.sqrt(information[0]) * axes[:, 0], np.zeros(len(theta) - k))
    values = [adaptive.integrate(b, theta + sign * step, at.place).value for sign in (1, -1)]
    return bool(2 * (at.value - min(values)) < TOO_STEEP * STEP**2)


def newton_step(hessian: Array, score: Array) -> tuple[Array, float]:
    """The ascent step of −H⁻¹s, with negative curvature turned round, and its decrement s'(−H)⁻¹s."""
    curvature, axes = np.linalg.eigh(-hessian)
    curvature = np.maximum(np.abs(curvature), 1e-8 * max(1.0, float(np.abs(curvature).max())))
    step = axes @ ((axes.T @ score) / curvature)
    longest = float(np.abs(step).max())
    return step * min(1.0, 4 / longest if longest > 0 else 1.0), float(score @ step)


def _finish(
    b: Blocks, theta: Array, integrals: Integrals, trace: _Trace, settled: bool, penalty: Penalty | None
) -> GlmmFit:
    p, information, n_quad = len(theta) - 1, -integrals.hessian, int(integrals.place.points.max())
    messages: list[str] = []
    log_lik = float(integrals.each.sum())
    back = _back(b)
    beta = b.back @ theta[:p]
    vague = float(np.linalg.eigvalsh(information[:p, :p])[0]) < VAGUE**-2
    separated = penalty is None and (
        trace.runaway
        or theta[-1] > RUNAWAY_SD
        or (vague and (not trace.converged or _columns_separate(b) or not _quadratic(b, theta, integrals)))
    )
    if separated:
        messages.append(
            "the outcome separates what the model compares (an arm, or the participants, are nearly all one way), so "
            "maximum likelihood has no finite answer; use the penalised fit, which is labelled as such"
        )
    elif not trace.converged:
        messages.append(NOT_CONVERGED.format(trace.n_iter))
    if not settled and not separated:
        messages.append(f"-2 log L had not settled within 1e-3 at {n_quad} quadrature points")
    covariance = np.zeros((p + 1, p + 1))
    boundary = theta[-1] < 1e-3
    if boundary:
        theta = np.append(theta[:p], 0.0)
        messages.append("the random-intercept variance is estimated as zero: a participant's days look independent")
    k = p if boundary else p + 1
    covariance[:k, :k] = back[:k, :k] @ inverse(information[:k, :k]) @ back[:k, :k].T
    steepest = float(np.abs(integrals.score).max())
    convergence = Convergence(trace.converged and not separated, trace.n_iter, steepest, tuple(messages))
    scores = integrals.scores @ np.linalg.inv(back)
    return GlmmFit(beta, float(theta[-1]), covariance, -2 * log_lik, n_quad, convergence, separated, scores, None)


def inverse(information: Array) -> Array:
    """The inverse of a positive definite matrix (q, q), by Cholesky's root; all NaN where it is not one."""
    try:
        root = np.asarray(np.linalg.inv(np.linalg.cholesky(information)))
    except np.linalg.LinAlgError:
        return np.full_like(information, np.nan)
    return root.T @ root
