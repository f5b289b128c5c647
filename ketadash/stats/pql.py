"""Restricted pseudo-likelihood (SAS GLIMMIX METHOD=RSPL) for a logistic model with a random intercept and AR(1).

Around the current predictor η the outcome is linearised (Wolfinger & O'Connell 1993),

    P = η + (y − μ) / w,   w = μ(1 − μ),   Var(P | b) = φ W^(−1/2) C(ρ) W^(−1/2),   C_st = ρ^|day_s − day_t|

and the weighted linear mixed model is fitted by REML (`reml`); η is rebuilt with the predicted intercepts, and so on
to a fixed point.  There is no likelihood, so no AIC or BIC.

Rounds that plainly contract are extrapolated (Anderson 1965): that takes fewer of them to the same point.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from ketadash.core.errors import FitError, stop_point
from ketadash.results import Convergence
from ketadash.stats import reml
from ketadash.stats.anderson_acceleration import extrapolated
from ketadash.stats.glm_families import LOGIT, Family
from ketadash.stats.glmm import RUNAWAY, RUNAWAY_SD, VAGUE
from ketadash.stats.pql_design import (
    Array,
    Design,
    State,
    bounded,
    design,
    moments,
    predictor,
    refuse_constant,
    scores_and_informations,
)
from ketadash.stats.pql_starts import likeliest_intercepts, starts
from ketadash.stats.separation import everybody_is_one_way, is_separated

TOLERANCE = 1e-8
MOST_ITERATIONS = 200
NEAR = 0.05  # rounds that change less than this, and half of what the last did, are extrapolated
DEPTH = 2  # from so many before
RHO_STARTS = (-0.6, 0.3, 0.7)  # from which ρ is looked for again once a run stands still
RHO_ROOT = 0.1  # and √(σ_b² / φ), at least: at 0 it is level too
RHO_GAIN = 1e-3  # in −2 restricted log L: less is the search's own tolerance
CLOSE = 0.2  # a run so near to where another ended, and nearer by 40% than a round ago, will end there too


@dataclass(frozen=True, slots=True, eq=False)
class PqlFit:
    """Where pseudo-likelihood ended: β (p,), the random intercept's SD σ, AR(1)'s ρ per day and the scale φ.

    `covariance` (p, p) is the model-based (X'V⁻¹X)⁻¹; `rho` is None without AR(1), `scale` is φ and 1 if it was held.
    `separated` says that there is no finite answer, and `convergence` in words what is not to be relied on.

    `scores` (G, p) and `informations` (G, p, p) are the participants', in the order of their codes: for `robust`;
    nobody's where they were not asked for.
    """

    beta: Array
    sigma: float
    rho: float | None
    scale: float
    covariance: Array
    convergence: Convergence
    separated: bool
    scores: Array
    informations: Array


class _Run(NamedTuple):
    """Where a run ended, and how: `change` is by how much its last round still moved the parameters.

    `moments` are those of the last round, linearised where the run ended but for `change`; None where it ran away, or
    stopped because it was drawn to another run's end.
    """

    state: State
    converged: bool
    n_iter: int
    change: float
    moments: reml.Moments | None = None


def fit(
    y: ArrayLike,
    X: ArrayLike,
    group: ArrayLike,
    day: ArrayLike,
    *,
    ar1: bool = True,
    free_scale: bool = True,
    family: Family = LOGIT,
    with_scores: bool = True,
) -> PqlFit:
    """Fit by RSPL from several cold starts.

    Parameters
    ----------
    y : (n,) 0 or 1; any number for `IDENTITY`, 0 or more for `LOG`
    X : (n, p) fixed effects, first column the intercept
    group : (n,) participants, any integer codes
    day : (n,) whole days; correlation falls with their distance, gaps included
    ar1, free_scale : whether ρ and φ are estimated (GLIMMIX's default without an R-side is neither: φ = 1)
    with_scores : whether participants' scores and informations are wanted, which cost as much as several rounds

    Raises
    ------
    FitError
        If there are no rows or only one outcome, a column repeats others, or a participant has two rows for one day.
    """
    d = design(np.asarray(y, float), np.asarray(X, float), np.asarray(group), np.asarray(day, float))
    return _cold(replace(d, with_scores=with_scores), ar1, free_scale, family)


def fit_many(
    ys: ArrayLike,
    X: ArrayLike,
    group: ArrayLike,
    day: ArrayLike,
    *,
    ar1: bool = True,
    free_scale: bool = True,
    family: Family = LOGIT,
    near: PqlFit | None = None,
    with_scores: bool = True,
) -> list[PqlFit | FitError]:
    """Fit each outcome of `ys` (m, n) as `fit` would, on one layout of the rows: for multiple imputation.

    Runs start near a given fit of the same model, without one near the first that converges.  Where such a run does
    not converge, or ends at what may be spurious, `fit`'s own starts are taken; if not, other fixed points are not
    looked for.  An outcome that cannot be fitted has its FitError in the list.

    Raises
    ------
    FitError
        If the fault is in the rows or columns, and so in every outcome.
    """
    ys = np.asarray(ys)
    stand_in = np.arange(ys.shape[1], dtype=float)  # any outcome that varies
    d = design(stand_in, np.asarray(X, float), np.asarray(group), np.asarray(day, float))
    near = near if near is not None and near.convergence.ok else None
    fits: list[PqlFit | FitError] = []
    for y in ys:
        try:
            refuse_constant(y)
        except FitError as error:
            fits.append(error)
            continue
        this = replace(d, y=y[d.order].astype(float), with_scores=with_scores)
        f = _warm(this, near, ar1, free_scale, family) if near is not None else None
        f = f or _cold(this, ar1, free_scale, family)
        near = near or (f if f.convergence.ok else None)
        fits.append(f)
    return fits


def _cold(d: Design, ar1: bool, free_scale: bool, family: Family) -> PqlFit:
    """Fit from both of `starts`; of the two runs one that converged is taken first, then one that is no artefact."""
    first, second = starts(d, family)
    run = _away_from_saddles(d, iterate(d, first, ar1, free_scale, family), ar1, free_scale, family)
    again = iterate(d, second, ar1, free_scale, family, other=run.state if run.converged else None)
    runs = [run, run if again.state is run.state else _away_from_saddles(d, again, ar1, free_scale, family)]
    chosen = min(runs, key=lambda f: (not f.converged, _spurious(f.state, ar1)))
    return _finish(d, chosen, runs, ar1, family)


def _away_from_saddles(d: Design, run: _Run, ar1: bool, free_scale: bool, family: Family) -> _Run:
    """The run itself, or one that goes on from where another ρ fits its own linearised days better.

    The search for ρ begins at 0, where the likelihood is level if no two known days are neighbours (ρ², ρ³, …), and
    where it may have a maximum of its own besides.  A fixed point counts only if it is the best ρ of those tried; where
    ρ = 0 is level this holds even if the best has no variance between participants, as a saddle is no answer at all.
    """
    m = run.moments
    if not ar1 or not run.converged or m is None:
        return run
    root, value = max(run.state.root, RHO_ROOT), reml.profile(m, run.state.root, run.state.z).value
    level = bool(d.layout.exponent[0].min(initial=np.inf) > 1)  # elsewhere a glance at other ρ is enough, and cheaper
    tried = [reml.profile(m, root, math.atanh(rho)) for rho in RHO_STARTS]
    if level or min(point.value for point in tried) < value:
        tried = [reml.maximised(m, root, point.z) for point in tried]
    best = min(tried, key=lambda point: point.value)
    if not best.value < value - RHO_GAIN or abs(best.z) >= reml.EDGE:
        return run
    state = State(best.root, best.z, -best.contrast[1:], best.intercepts, best.scale, best.spread)
    other = iterate(d, bounded(d, state, family), ar1, free_scale, family, state)
    at_edge = abs(math.tanh(other.state.z)) > 0.995
    return other if other.converged and not (at_edge if level else _spurious(other.state, ar1)) else run


def _warm(d: Design, near: PqlFit, ar1: bool, free_scale: bool, family: Family) -> PqlFit | None:
    """Fit by a run that begins near another fit; None where only the cold starts can tell."""
    unit, r = d.layout.unit, (near.rho or 0.0) if ar1 else 0.0
    if r > 0 or unit % 2:
        r = math.copysign(abs(r) ** unit, r)
    root, beta = near.sigma / math.sqrt(near.scale), np.asarray(np.linalg.solve(d.back, near.beta), np.float64)
    intercepts = likeliest_intercepts(d, beta, max(root, 0.01) ** 2, family)
    state = State(root, math.atanh(min(max(r, -0.99), 0.99)), beta, intercepts, near.scale, np.eye(len(beta)))
    run = _away_from_saddles(
        d, iterate(d, bounded(d, state, family), ar1, free_scale, family, state), ar1, free_scale, family
    )
    f = _finish(d, run, [run], ar1, family)
    return f if f.convergence.ok and not _spurious(run.state, ar1) else None


def iterate(
    d: Design,
    eta: Array,
    ar1: bool,
    free_scale: bool,
    family: Family = LOGIT,
    state: State | None = None,
    other: State | None = None,
) -> _Run:
    """Linearise, fit, predict, until every parameter stands still, or is drawn to the `other` run's end.

    The first round linearises about `eta` (n,), and its search begins from `state`.
    """
    state = state or State(0.5, 0.0, np.zeros(len(d.X)), np.zeros(len(d.layout.starts)), 1.0, np.eye(len(d.X)))
    change, apart, pace, loose = np.inf, 0.0, 1.0, 0.0
    rounds: list[tuple[State, State]] = []
    for n_iter in range(1, MOST_ITERATIONS + 1):
        stop_point()
        begun, before, previous, further = state, parameters(state), change, apart
        m = moments(d, eta, family, ar1, free_scale)
        point = reml.maximised(m, state.root, state.z, loose)
        state = State(point.root, point.z, -point.contrast[1:], point.intercepts, point.scale, point.spread)
        if (family.binary and _hopeless(state)) or not np.isfinite(point.contrast).all():
            return _Run(state, False, n_iter, np.inf)
        after = parameters(state)
        change = distance(before, after)
        if change < TOLERANCE * pace:  # at the edge of ρ there is no fixed point, only the end of the search
            return _Run(state, not (family.binary and abs(state.z) >= reml.EDGE), n_iter, change, m)
        if other is not None:
            apart = distance(parameters(other), after)
            if apart < min(CLOSE, CLOSE * other.root, 0.6 * further):
                return _Run(other, True, n_iter, change)
        # a variance near 0 must find its own way: 0 is a stationary point of any REML
        settling = n_iter > 1 and pace == 1 and change < min(NEAR, previous / 2) and state.root > 0.05
        rounds = [*rounds[-DEPTH:], (begun, state)] if settling else []
        # then an exact search is wasted; before, an inexact one could lead to another point
        loose = change / 10 if settling else 0.0
        if len(rounds) > 1:
            state = _extrapolated(rounds)
        if n_iter > 10 and change > 0.8 * previous:  # circling round the fixed point: shorter steps
            pace = max(pace / 2, 1 / 8)
        eta = np.clip(eta + pace * (predictor(d, state) - eta), -family.limit, family.limit)
    return _Run(state, False, MOST_ITERATIONS, change)


def _extrapolated(rounds: list[tuple[State, State]]) -> State:
    """Where the rounds, each with what it began and ended at, are on their way to; the last end if that is far off."""
    last, p = rounds[-1][1], len(rounds[-1][1].beta)
    begun, ended = (
        np.array([np.concatenate([s.beta, s.intercepts, [s.root, s.z]]) for s in side])
        for side in zip(*rounds, strict=True)
    )
    *rest, root, z = extrapolated(begun, ended)
    if abs(root - last.root) > last.root / 2:
        return last
    z = min(max(z, -reml.EDGE), reml.EDGE)
    return last._replace(root=root, z=z, beta=np.array(rest[:p]), intercepts=np.array(rest[p:]))


def _hopeless(s: State) -> bool:
    """Whether a run is so far out that none has ever come back (a hard one has returned from a vagueness of 3)."""
    if s.root * math.sqrt(s.scale) > 4 * RUNAWAY_SD or s.scale < 1e-5:
        return True
    # the trace bounds the largest eigenvalue and is cheap
    return bool(s.spread.trace() * s.scale > (10 * VAGUE) ** 2 and _vagueness(s) > 10 * VAGUE)


def _vagueness(s: State) -> float:
    """Largest standard error of any combination of the orthonormal columns' coefficients."""
    return float(np.sqrt(np.linalg.eigvalsh(s.spread * s.scale)[-1]))


def parameters(s: State) -> Array:
    """What must settle: coefficients, intercept SD, AR(1) correlation ρ and scale φ, in one vector."""
    return np.array([*s.beta, s.root * math.sqrt(s.scale), math.tanh(s.z), s.scale])


def distance(before: Array, after: Array) -> float:
    """How far two vectors of `parameters` are apart in any part, relative to 1 + |before|."""
    return float((np.abs(after - before) / (1 + np.abs(before))).max())


def _spurious(s: State, ar1: bool) -> bool:
    """A fixed point with no between-participant variance or with ρ at its edge is an artefact if another exists."""
    return s.root * np.sqrt(s.scale) < 1e-3 or (ar1 and abs(np.tanh(s.z)) > 0.995)


def _ran_out(d: Design, run: _Run) -> bool:
    """Whether there is no finite answer: the run itself says so, or is far enough out to decide it exactly."""
    s = run.state
    if not np.isfinite(s.beta).all() or abs(s.z) >= reml.EDGE:
        return True
    far = bool((np.abs(s.beta) > RUNAWAY).any()) or _vagueness(s) > VAGUE
    return far and (not run.converged or is_separated(d.y, d.X.T))


def _doubts(run: _Run, sigma: float, rho: float, ar1: bool, *, one_way: bool, separated: bool) -> list[str]:
    """What of a run's end is not to be relied on, in words; `rho` is for the unit of days that the run counts in."""
    messages = []
    if one_way:
        messages.append(
            "every participant is the same way on all of their days, so the likeliest random-intercept SD is infinite "
            "and maximum likelihood has no answer; what pseudo-likelihood gives rests on its linearisation alone: do "
            "not rely on it"
        )
    elif separated:
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
    return messages


def _finish(d: Design, run: _Run, runs: list[_Run], ar1: bool, family: Family) -> PqlFit:
    """The chosen run as a fit of the columns given, with whatever the others, its end and the data make doubtful."""
    s = run.state
    beta, sigma, rho = d.back @ s.beta, s.root * np.sqrt(s.scale), float(np.tanh(s.z))
    orthonormal = s.spread * s.scale
    one_way = family.binary and everybody_is_one_way(d.y, d.group)
    separated = family.binary and not one_way and _ran_out(d, run)
    messages = _doubts(run, sigma, rho, ar1, one_way=one_way, separated=separated)
    if rho < 0 and d.layout.unit % 2 == 0:
        messages.append(
            f"reported days always lie a multiple of {d.layout.unit} days apart and are negatively correlated at that "
            "distance, which no correlation from day to day can bring about: rho is given for that distance"
        )
    else:
        rho = float(np.sign(rho) * abs(rho) ** (1 / d.layout.unit))
    others = [r for r in runs if r.converged and r is not run and distance(parameters(r.state), parameters(s)) > 1e-4]
    if others and run.converged:
        o = others[0].state
        messages.append(
            f"another start of RSPL ended elsewhere (random-intercept SD {o.root * np.sqrt(o.scale):.2f}, "
            f"rho {np.tanh(o.z):.2f}, scale {o.scale:.2f}); the one shown is not at a boundary or came from the "
            "ordinary logistic fit"
        )
    covariance = d.back @ orthonormal @ d.back.T
    convergence = Convergence(run.converged and not separated and not one_way, run.n_iter, run.change, tuple(messages))
    p = len(beta)
    scores, informations = np.empty((0, p)), np.empty((0, p, p))
    if d.with_scores:
        scores, informations = scores_and_informations(d, s, ar1, family)
    rho_or_none, unanswered = (rho if ar1 else None), separated or one_way
    return PqlFit(beta, float(sigma), rho_or_none, s.scale, covariance, convergence, unanswered, scores, informations)
