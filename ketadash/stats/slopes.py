"""Logistic mixed model with a random intercept and a random slope of day, by maximum likelihood.

    logit P(y_ij = 1 | u_i) = x_ij'β + u_0i + u_1i day_ij,   (u_0i, u_1i) ~ N(0, Σ), Σ of any kind

The integrals over u are `ketadash.stats.slope_integrals`'; here they are maximised.  Days are centred and scaled
inside the fit, and Σ is L L' with L lower triangular, so that every value of it is one of some L.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ketadash.results import Convergence
from ketadash.stats import adaptive, glmm
from ketadash.stats import slope_integrals as integrals
from ketadash.stats import slope_nodes as nodes
from ketadash.stats.separation import is_separated
from ketadash.stats.slope_integrals import Days, Integrals, Place

Array = NDArray[np.float64]
Ints = NDArray[np.intp]

POINTS = 9  # a dimension, to begin with
DONE = 1e-9  # squared distance from the maximum, in standard errors
NEARLY = 1e-7  # the same, of outcomes that differ in imputed days: what they have in common is far less exact
MOST_ITERATIONS = 50
NO_SD = 1e-3  # a standard deviation, of log-odds, that is none
INSIDE = 0.1  # one from which a fit finds its way to none and to many
SLOPE_STARTS = (0.3, 1.0, 3.0)  # SDs of the slope, in log-odds per SD of the days


@dataclass(frozen=True, slots=True, eq=False)
class SlopeFit:
    """`root` is L (2, 2), of the intercept on day `centre` and the slope per `scale` days.

    `covariance` (p + 3, p + 3) is the inverse observed information of (β, L₁₁, L₂₁, L₂₂), with zeros for what lies at
    its boundary and NaN where there is none; `scores` (G, p + 3) and `informations` (G, p + 3, p + 3) are what each
    participant adds to it, in the order of their codes; `n_quad` is the most nodes a dimension that anybody needed.
    """

    beta: Array
    root: Array
    centre: float
    scale: float
    covariance: Array
    scores: Array
    informations: Array
    minus2ll: float
    n_quad: int
    convergence: Convergence
    separated: bool

    @property
    def effects(self) -> RandomDays:
        """The random intercepts and slopes as what averages over them takes."""
        return RandomDays(self.root, self.centre, self.scale)


@dataclass(frozen=True, slots=True, eq=False)
class RandomDays:
    """How much people differ, by day: the covariance of their intercepts and slopes as a root (`SlopeFit`)."""

    root: Array
    centre: float
    scale: float

    def sd_on(self, days: ArrayLike) -> tuple[Array, Array]:
        """SD (d,) of u₀ + u₁ day on some days, and its derivatives (d, 3) in (L₁₁, L₂₁, L₂₂)."""
        t = (np.asarray(days, float) - self.centre) / self.scale
        first, second = self.loadings(days).T
        sd = np.hypot(first, second)
        safe = np.where(sd > 0, sd, 1.0)
        return sd, np.stack([first / safe, first * t / safe, second * t / safe], axis=-1)

    def loadings(self, days: ArrayLike) -> Array:
        """What u₀ + u₁ day is of two independent standard normal numbers, on some days: (d, 2)."""
        t = (np.asarray(days, float) - self.centre) / self.scale
        return np.stack([self.root[0, 0] + self.root[1, 0] * t, self.root[1, 1] * t], axis=-1)

    @property
    def _in_days(self) -> Array:
        """Root (2, 2) of the covariance of the intercept on day 0 and the slope per day."""
        return np.array([[1.0, -self.centre / self.scale], [0.0, 1 / self.scale]]) @ self.root

    @property
    def intercept_sd(self) -> float:
        """SD of the intercept, which is on day 0."""
        return float(np.hypot(*self._in_days[0]))

    @property
    def slope_sd(self) -> float:
        """SD of the slope, in log-odds per day."""
        return float(np.hypot(*self._in_days[1]))

    @property
    def correlation(self) -> float | None:
        """Of the intercept on day 0 and the slope; None where one of them does not vary."""
        a, b = self._in_days
        size = float(np.hypot(*a) * np.hypot(*b))
        return float(a @ b) / size if size > NO_SD**2 else None

    def intercept_sd_se(self, covariance: Array) -> float | None:
        """Delta-method standard error of `intercept_sd`; `covariance` (3, 3) is that of (L₁₁, L₂₁, L₂₂)."""
        gradient = self.sd_on([0.0])[1][0]
        variance = float(gradient @ covariance @ gradient)
        return float(np.sqrt(variance)) if variance > 0 else None


def fit(
    y: ArrayLike, X: ArrayLike, group: ArrayLike, day: ArrayLike, *, n_quad: int = POINTS, settle: bool = True
) -> SlopeFit:
    """Fit the model; nodes are added from `n_quad` on until −2 log L settles, for the participants who need them.

    Parameters
    ----------
    y : (n,) 0 or 1
    X : (n, p) fixed effects; the first column must be the intercept (all 1)
    group : (n,) participants, any integer codes
    day : (n,) what the random slope is of
    n_quad : nodes a dimension to begin with
    settle : whether nodes are added

    Raises
    ------
    FitError
        If there are no rows, or a column of X is a combination of others.
    """
    return fit_many(np.asarray(y, float)[None], X, group, day, n_quad=n_quad, settle=settle)[0]


def fit_many(
    ys: ArrayLike,
    X: ArrayLike,
    group: ArrayLike,
    day: ArrayLike,
    near: SlopeFit | None = None,
    *,
    n_quad: int = POINTS,
    settle: bool = True,
) -> list[SlopeFit]:
    """Fit each outcome of `ys` (k, n) of the same rows as `fit` would, and with its errors; for multiple imputation.

    Each begins where the one before ended, the first at a fit `near` it if there is one.  Outcomes of imputed days
    differ for few participants: the others keep the nodes that they were found to need.
    """
    layout, calendar = adaptive.lay_out(np.asarray(X, float), np.asarray(group)), np.asarray(day, float)
    centre, scale = float(calendar.mean()), float(calendar.std()) or 1.0
    t = np.zeros(layout.X1.shape[:2])
    t[layout.cell] = ((calendar - centre) / scale)[layout.order]
    first = (
        None if near is None else np.array([*np.linalg.solve(layout.back, near.beta), *near.root[np.tril_indices(2)]])
    )
    last: _Maximum | None = None
    fits = list[SlopeFit]()
    for y in np.asarray(ys):
        d = integrals.with_days(adaptive.with_outcome(layout, y.astype(float)), t)
        begin = first if last is None else last.theta
        m = None if last is None or not settle else _again(d, last)
        if m is None:
            m = _maximum(d, _start(d) if begin is None else _inwards(begin), n_quad, settle)
        f = _finish(m, centre, scale)
        if begin is not None and not f.convergence.ok:
            m = _maximum(d, _start(d), n_quad, settle)
            f = _finish(m, centre, scale)
        if f.convergence.ok:
            last = m
        fits.append(f)
    return fits


def _inwards(theta: Array) -> Array:
    """θ moved off the boundaries: a search that begins at one never leaves it."""
    *gamma, l11, l21, l22 = theta
    return np.array([*gamma, max(l11, INSIDE), l21, max(l22, INSIDE)])


def _start(d: Days) -> Array:
    """Where the intercept model would begin, with the likeliest of a few SDs of the slope."""
    theta, _ = glmm.start(d.b)
    starts = [np.array([*theta, 0.0, slope]) for slope in SLOPE_STARTS]
    return max(starts, key=lambda at: integrals.integrate(d, at, integrals.anywhere(d, 3)).value)


@dataclass(frozen=True, slots=True)
class _Trace:
    converged: bool
    runaway: bool
    n_iter: int
    decrement: float


@dataclass(frozen=True, slots=True, eq=False)
class _Maximum:
    """Where the maximum of some outcomes is, and what every participant's integral is uncertain by (G,), as far as
    that was settled.
    """

    d: Days
    theta: Array
    at: Integrals
    trace: _Trace
    error: Array
    settled: bool


def _maximum(d: Days, theta: Array, n_quad: int, settle: bool) -> _Maximum:
    """The maximum from `theta`, with more nodes and again until they settle."""
    theta, at, trace = _maximise(d, theta, integrals.anywhere(d, n_quad), glmm.ROUGHLY if settle else DONE)
    n_iter, settled, error = trace.n_iter, not settle, np.zeros(len(d.t))
    while settle and not trace.runaway and trace.n_iter < MOST_ITERATIONS:
        place, error, settled = nodes.needed(d, theta, at)
        before, information = theta, -at.hessian
        theta, at, trace = _maximise(d, theta, place, DONE)
        n_iter += trace.n_iter
        if not settled or float((theta - before) @ information @ (theta - before)) < glmm.CLOSE:
            break
    theta, at = _off_the_ridge(d, theta, at)
    return _Maximum(d, theta, at, replace(trace, n_iter=n_iter), error, settled)


def _again(d: Days, last: _Maximum) -> _Maximum | None:
    """The maximum from another's nearby with its nodes; None where those do not do, or it lay at a boundary."""
    if not last.settled or last.theta[[-3, -1]].min() < INSIDE:
        return None
    theta, at, trace = _maximise(d, last.theta, last.at.place, NEARLY)
    changed = np.flatnonzero((d.b.sign != last.d.b.sign).any(axis=1))
    error, settled = nodes.still_enough(d, theta, at, last.error, changed)
    n_iter = trace.n_iter
    if not settled:
        place, error, settled = nodes.needed(d, theta, at)
        theta, at, trace = _maximise(d, theta, place, NEARLY)
        n_iter += trace.n_iter
    if not (settled and trace.converged) or theta[[-3, -1]].min() < NO_SD:
        return None
    return _Maximum(d, theta, at, replace(trace, n_iter=n_iter), error, True)


def _maximise(d: Days, theta: Array, place: Place, enough: float) -> tuple[Array, Integrals, _Trace]:
    """Newton's method, steps shortened until the log-likelihood rises; L's columns keep a positive diagonal."""
    at = integrals.integrate(d, theta, place)
    decrement, checked = np.inf, False
    for n_iter in range(1, MOST_ITERATIONS + 1):
        step, decrement = glmm.newton_step(at.hessian, at.score)
        if decrement < enough:
            return theta, at, _Trace(True, False, n_iter, decrement)
        # a few nodes make a value too rough to be raised for long: what they cannot, more will
        for halving in range(12 if enough < glmm.ROUGHLY else 2):
            new = theta + step / 2**halving
            candidate = integrals.integrate(d, new, at.place)
            # close by, few nodes make the value less exact than the step: trust the step
            if candidate.value >= at.value or decrement < 1e-2:
                break
        else:  # the value does not rise along its own slope: too few nodes; more are tried next
            break
        theta, at = _upright(new, candidate)
        far = not checked and np.abs(theta[:-3]).max() > glmm.RUNAWAY
        wide = np.abs(theta[-3:]).max() > 4 * glmm.RUNAWAY_SD
        if wide or (far and _columns_separate(d)):
            return theta, at, _Trace(False, True, n_iter, decrement)
        checked = checked or bool(far)
    return theta, at, _Trace(decrement < 1e-6, False, n_iter, decrement)


def _upright(theta: Array, at: Integrals) -> tuple[Array, Integrals]:
    """The same point with L's diagonal not negative: the likelihood does not know the signs of L's columns."""
    z = np.where(theta[[-3, -1]] < 0, -1.0, 1.0)
    if z.min() > 0:
        return theta, at
    flip = np.append(np.ones(len(theta) - 3), [z[0], z[0], z[1]])
    place = Place(at.place.mode * z, at.place.shift * z, at.place.root * np.outer(z, z), at.place.points)
    both = np.outer(flip, flip)
    turned = replace(
        at,
        score=at.score * flip,
        hessian=at.hessian * both,
        scores=at.scores * flip,
        informations=at.informations * both,
        place=place,
    )
    return theta * flip, turned


def _off_the_ridge(d: Days, theta: Array, at: Integrals) -> tuple[Array, Integrals]:
    """Where the intercept does not vary, L₂₁ and L₂₂ say the same thing: only L₂₂ is kept."""
    if theta[-3] >= NO_SD:
        return theta, at
    theta = np.array([*theta[:-3], 0.0, 0.0, float(np.hypot(theta[-2], theta[-1]))])
    place = replace(integrals.anywhere(d, 1), points=at.place.points)
    for _ in range(3):
        at = integrals.integrate(d, theta, place)
        place = at.place
    return theta, at


def _columns_separate(d: Days) -> bool:
    inside = d.b.inside > 0
    return is_separated(d.b.sign[inside] > 0, d.b.X1[inside][:, :-1])


def _boundary(root: Array) -> tuple[Array, str]:
    """Which of (L₁₁, L₂₁, L₂₂) are free at the maximum, and what to say of one that is not."""
    l11, l21, l22 = root
    if l11 < NO_SD and l22 < NO_SD:
        return np.array([False, False, False]), (
            "the variances of the random intercept and slope are both estimated as zero: a participant's days look "
            "independent"
        )
    if l11 < NO_SD:
        return np.array([False, False, True]), (
            "the random-intercept variance is estimated as zero in the middle of the window: there people differ in "
            "their slopes alone"
        )
    if l22 >= NO_SD:
        return np.array([True, True, True]), ""
    if abs(l21) < NO_SD:
        return np.array([True, False, False]), (
            "the random-slope variance is estimated as zero: people's slopes of day do not differ beyond the model of "
            "a random intercept"
        )
    return np.array([True, True, False]), (
        "random intercept and slope are estimated as perfectly correlated: people's slopes follow from their level, "
        "with no variation of their own"
    )


def _finish(m: _Maximum, centre: float, scale: float) -> SlopeFit:
    d, theta, at, trace = m.d, m.theta, m.at, m.trace
    p, information = len(theta) - 3, -at.hessian
    n_quad, messages = int(at.place.points.max()), list[str]()
    vague = float(np.linalg.eigvalsh(information[:p, :p])[0]) < glmm.VAGUE**-2
    wide = float(np.abs(theta[-3:]).max()) > glmm.RUNAWAY_SD
    separated = trace.runaway or wide or (vague and (not trace.converged or _columns_separate(d)))
    if separated:
        messages.append(
            "the outcome separates what the model compares (an arm, or the participants, are nearly all one way), so "
            "maximum likelihood with random slopes has no finite answer; the penalised fit, by quadrature with a "
            "random intercept, has one"
        )
    elif not trace.converged:
        messages.append(glmm.NOT_CONVERGED.format(trace.n_iter))
    if not m.settled and not separated:
        messages.append(
            f"-2 log L had not settled at {n_quad} quadrature points a dimension; its digits after the first are open"
        )
    free, words = _boundary(theta[-3:])
    if words and not separated:
        messages.append(words)
    theta = np.append(theta[:p], np.where(free, theta[-3:], 0.0))
    back = np.eye(p + 3)
    back[:p, :p] = d.b.back
    kept = np.append(np.ones(p, bool), free)
    covariance = np.zeros((p + 3, p + 3))
    inverse = glmm.inverse(information[np.ix_(kept, kept)])
    covariance[np.ix_(kept, kept)] = back[np.ix_(kept, kept)] @ inverse @ back[np.ix_(kept, kept)].T
    ok = trace.converged and not separated
    convergence = Convergence(ok, trace.n_iter, float(np.abs(at.score[kept]).max()), tuple(messages))
    root = np.array([[theta[-3], 0.0], [theta[-2], theta[-1]]])
    forth, beta = np.linalg.inv(back), d.b.back @ theta[:p]
    scores, informations = at.scores @ forth, forth.T @ at.informations @ forth
    return SlopeFit(
        beta, root, centre, scale, covariance, scores, informations, -2 * at.value, n_quad, convergence, separated
    )
