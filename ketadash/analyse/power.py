"""Planning a trial: how often would one of so many people find the effect?  Its participants are drawn from real ones.

A simulated trial of effect L draws its participants with replacement, each with all their days and gaps: those of the
control arm from the data's control arm; each of the active arm with probability L from the data's active arm and else
from its control arm.  The arms' means then differ by L times what they differ by in the data, whatever days are like,
and at L = 0 nothing differs: its power is the test's rate of false positives.  (Bootstrap power: Efron & Tibshirani
1993, ch. 25.)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from ketadash.analyse.binary import Modelled, model_abstinence, model_heavy, panel_of
from ketadash.analyse.curves import difference_on
from ketadash.analyse.endpoint_shuffles import EndpointShuffles
from ketadash.analyse.filled_days import abstinent_days, complete, heavy_days
from ketadash.analyse.outcomes import tells, time_to
from ketadash.analyse.person_days import People, days_of, people_of
from ketadash.analyse.person_endpoints import endpoint_result
from ketadash.analyse.person_values import read_off, withheld
from ketadash.analyse.randomisation import (
    ANY_USE,
    DAY_BY_ARM,
    HEAVY_DAY_BY_ARM,
    LAST_DAY,
    NAMES,
    RELAPSE,
    Block,
    Starts,
    abstinence_contrasts,
    heavy_contrast,
    relapse_contrast,
)
from ketadash.core.choices.person_endpoint import ENDPOINTS as PERSON_ENDPOINTS
from ketadash.core.errors import FitError, SpecError, stop_point
from ketadash.core.planned_test import SHUFFLES, PlannedTest
from ketadash.core.spec import AnalysisSpec
from ketadash.results.power import PowerCurve, PowerPoint
from ketadash.stats import effects
from ketadash.stats import randomisation as kernel
from ketadash.trial import Panel, Trial
from ketadash.trial.some_people import some_people

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

ENDPOINTS = tuple(dict.fromkeys((*NAMES, *PERSON_ENDPOINTS)))
OF_A_MODEL = (DAY_BY_ARM, LAST_DAY, HEAVY_DAY_BY_ARM)  # whose errors are a model's own or robust
ALL_DAYS = "abstinent_all_days"  # the same comparison as of any use, the other way round
AT_A_TIME = 50  # simulated trials of a task
LEAST = 2  # participants of an arm
PARTS = 10**6  # an effect in a seed


@dataclass(frozen=True, slots=True)
class Plan:
    """What is planned: sizes (participants of both arms) and effects, each simulated `replicates` times.

    Without a test it is that of the analysis, by the errors that its spec asks for; `shuffles` are those of each
    simulated trial.
    """

    endpoint: str
    sizes: tuple[int, ...]
    effects: tuple[float, ...]
    test: PlannedTest | None
    replicates: int
    alpha: float
    shuffles: int = SHUFFLES


@dataclass(frozen=True, slots=True)
class Some:
    """Simulated trials `first` … `first + count` of one size and effect."""

    n: int
    effect: float
    first: int
    count: int


@dataclass(frozen=True, slots=True, eq=False)
class PowerProblem:
    """All that a simulated trial needs, to be sent to another process."""

    panel: Panel
    people: People
    spec: AnalysisSpec
    plan: Plan

    @property
    def tasks(self) -> tuple[Some, ...]:
        """Every simulated trial, some at a time; large ones fewer."""
        size = max(1, AT_A_TIME * 40 // max(self.plan.sizes))
        return tuple(
            Some(n, effect, first, min(size, self.plan.replicates - first))
            for n in self.plan.sizes
            for effect in self.plan.effects
            for first in range(0, self.plan.replicates, size)
        )

    def p_values(self, some: Some) -> Array:
        """The p of each simulated trial, NaN without an answer (count,)."""
        return np.array([self.p_value(some.n, some.effect, k) for k in range(some.first, some.first + some.count)])

    def p_value(self, n: int, effect: float, k: int) -> float:
        """The p of simulated trial `k` of this size and effect, NaN without an answer."""
        stop_point()
        places, active = self.drawn(n, effect, k)
        names = tuple(f"{place}" for place in range(n))  # the same person twice is two, also to random numbers
        p = replace(some_people(self.panel, places), active=active, participant_ids=names, streams=names)
        p = _with_columns_that_differ(p)
        people = replace(
            self.people,
            woman=self.people.woman[places],
            before=self.people.before._replace(mean=self.people.before.mean[places]),
        )
        spec = self.spec.replace(seed=self.seed_of(n, effect, k), shuffles=self.plan.shuffles)
        try:
            if self.plan.test is PlannedTest.RANDOMISATION:
                return _by_shuffling(self.plan.endpoint, p, people, spec)
            return _as_analysed(self.plan.endpoint, p, people, spec)
        except FitError:
            return float("nan")

    def seed_of(self, n: int, effect: float, k: int) -> int:
        """The seed of a simulated trial's own shuffles and imputations."""
        own = np.random.default_rng([self.spec.seed, n, round(effect * PARTS), k, 1])
        return int(own.integers(2**31))

    def days_by_arm(self, active: NDArray[np.bool_]) -> Array:
        """What the days of the data count as for this endpoint, were these the arms; of a rule that draws nothing."""
        p = replace(self.panel, active=active)
        if self.plan.endpoint in OF_A_MODEL:
            heavy = self.plan.endpoint == HEAVY_DAY_BY_ARM
            outcome = heavy_days(p, self.spec) if heavy else abstinent_days(p, self.spec)
            return np.asarray(complete(p, self.spec, outcome).ys)
        key = ALL_DAYS if self.plan.endpoint == ANY_USE else self.plan.endpoint
        return np.asarray(read_off(days_of(p, self.spec, self.people)).values[key])

    def drawn(self, n: int, effect: float, k: int) -> tuple[Ints, NDArray[np.bool_]]:
        """Whom a simulated trial is of, control arm first (n,): the same draws for every effect."""
        rng = np.random.default_rng([self.spec.seed, n, k])
        control, treated = np.flatnonzero(~self.panel.active), np.flatnonzero(self.panel.active)
        n_active = active_of(n, self.panel)
        as_control, as_treated = rng.choice(control, n), rng.choice(treated, n_active)
        from_treated = rng.random(n_active) < effect
        places = as_control.copy()
        places[n - n_active :] = np.where(from_treated, as_treated, as_control[n - n_active :])
        return places, np.arange(n) >= n - n_active


def _with_columns_that_differ(p: Panel) -> Panel:
    """Without covariates that these people do not tell apart, as a level that nobody drawn has: with one, no fit."""
    if p.covariates is None or not p.covariate_names:
        return p
    kept, seen = list[int](), np.ones((len(p.active), 1))
    for place, column in enumerate(p.covariates.T):
        more = np.column_stack([seen, column])
        if np.linalg.matrix_rank(more) == more.shape[1]:
            kept, seen = [*kept, place], more
    names = tuple(p.covariate_names[place] for place in kept)
    return replace(p, covariates=p.covariates[:, kept], covariate_names=names, of_strata=p.of_strata & set(names))


def counts_by_arm(problem: PowerProblem) -> bool:
    """Whether a missing day counts by its participant's arm, as under the best and the worst case."""
    p, spec, endpoint = problem.panel, problem.spec, problem.plan.endpoint
    if endpoint == RELAPSE:
        if spec.dropout.about.imputed:
            return False
        own, turned = (time_to(replace(p, active=a), "relapse", spec.dropout, spec) for a in (p.active, ~p.active))
        return not (np.array_equal(own.day, turned.day) and np.array_equal(own.event, turned.event))
    if spec.missing.imputed:
        return bool(np.isnan(p.amount).any()) and spec.imor_control != spec.imor_active
    own_days, turned_days = (problem.days_by_arm(active) for active in (p.active, ~p.active))
    return not np.array_equal(own_days, turned_days, equal_nan=True)


def active_of(n: int, p: Panel) -> int:
    """How many of `n` participants are in the active arm: the same share as in the data."""
    return round(n * float(p.active.mean()))


def power_problem(trial: Trial, spec: AnalysisSpec, plan: Plan) -> PowerProblem:
    """What is simulated, under a resolved spec.

    Raises
    ------
    SpecError
        If the data cannot tell the endpoint, or an arm would be of fewer than two people.
    """
    p = panel_of(trial, spec)
    people = people_of(trial, spec, p)
    if why := _not_told(plan.endpoint, p, people, spec):
        raise SpecError(f"--endpoint {plan.endpoint}: these data cannot tell it ({why})")
    for place, arm in enumerate(p.arms):
        in_data = int((p.active == place).sum())
        if in_data < LEAST:
            raise SpecError(f"the {arm} arm has {in_data} participants: too few to draw a trial from")
        for n in plan.sizes:
            own = active_of(n, p) if place else n - active_of(n, p)
            if own < LEAST:
                raise SpecError(f"--n {n} puts {own} in the {arm} arm, shared as in the data: begin at a larger n")
    return PowerProblem(p, people, spec, plan)


def _not_told(endpoint: str, p: Panel, people: People, spec: AnalysisSpec) -> str:
    if endpoint == HEAVY_DAY_BY_ARM:
        return "" if p.can_tell_heavy else f"without amounts there are no {p.terms.heavy_day}s"
    if endpoint == RELAPSE:
        return "" if tells(p, "relapse", spec) else "without amounts there is no such relapse"
    key = ALL_DAYS if endpoint == ANY_USE else endpoint
    return withheld(PERSON_ENDPOINTS[key], read_off(days_of(p, spec, people)), spec) if key in PERSON_ENDPOINTS else ""


def p_values_of(task: tuple[PowerProblem, Some]) -> Array:
    """Some simulated trials of a problem, as a function to be sent to another process."""
    problem, some = task
    return problem.p_values(some)


def power_curve(problem: PowerProblem, done: Iterable[tuple[Some, Array]]) -> PowerCurve:
    """What all simulated trials say."""
    by_place: dict[tuple[int, float], list[Array]] = {}
    for some, p_values in done:
        by_place.setdefault((some.n, some.effect), []).append(p_values)
    plan, p = problem.plan, problem.panel
    sizes = [int((~p.active).sum()), int(p.active.sum())]
    return PowerCurve(
        plan.endpoint,
        (plan.test or problem.spec.uncertainty).value,
        plan.alpha,
        plan.replicates,
        problem.spec.seed,
        plan.shuffles if plan.test is PlannedTest.RANDOMISATION else None,
        ((p.arms[0], sizes[0]), (p.arms[1], sizes[1])),
        tuple(
            _point(n, effect, np.concatenate(by_place[n, effect]), plan.alpha)
            for n in plan.sizes
            for effect in plan.effects
        ),
    )


def _point(n: int, effect: float, p_values: Array, alpha: float) -> PowerPoint:
    n_found = int((p_values <= alpha).sum())  # NaN is not
    share = effects.wilson(n_found, len(p_values))
    assert share.estimate is not None and share.ci_low is not None and share.ci_high is not None
    return PowerPoint(n, effect, share.estimate, share.ci_low, share.ci_high, int(np.isnan(p_values).sum()))


# --- one simulated trial ---------------------------------------------------------------------------------------------


def _as_analysed(endpoint: str, p: Panel, people: People, spec: AnalysisSpec) -> float:
    """The p that the trial's own page would show."""
    if endpoint in OF_A_MODEL:
        heavy = endpoint == HEAVY_DAY_BY_ARM
        m = model_heavy(p, spec) if heavy else model_abstinence(p, spec)
        return _of_model(endpoint, m, p, spec)
    if endpoint == RELAPSE:
        score, se = relapse_contrast(p, spec)
        return float(2 * ndtr(-abs(float(kernel.studentised(np.array([score]), np.array([se]))[0]))))
    d = PERSON_ENDPOINTS[ALL_DAYS if endpoint == ANY_USE else endpoint]
    return _number(endpoint_result(d, read_off(days_of(p, spec, people)), spec).difference.p)


def _of_model(endpoint: str, m: Modelled, p: Panel, spec: AnalysisSpec) -> float:
    if m.rows is None or not m.fitted.each or not m.fitted.model.convergence.ok:
        return float("nan")
    if endpoint == LAST_DAY:
        return _number(difference_on(m.rows, m.fitted, spec.trend, spec, int(p.days[-1])).p)
    return _number(next(c.p for c in m.fitted.model.coefficients if c.term == DAY_BY_ARM))


def _number(p: float | None) -> float:
    return float("nan") if p is None else float(p)


def _by_shuffling(endpoint: str, p: Panel, people: People, spec: AnalysisSpec) -> float:
    """The p of shuffling who got what in this one trial."""
    key = ALL_DAYS if endpoint == ANY_USE else endpoint
    if key in PERSON_ENDPOINTS:
        values = EndpointShuffles(p, spec, people, (key,)).block(Block(0, spec.shuffles))
        observed, draws = float(values.observed[0]), values.each[:, 0]
    else:
        every = [p.active, *kernel.shuffled(p.active, p.strata, 0, spec.shuffles, seed=spec.seed)]
        near = Starts(spec)
        pairs = np.array([_contrast(endpoint, replace(p, active=active), spec, near) for active in every])
        observed, *rest = kernel.studentised(pairs[:, 0], pairs[:, 1])
        draws = np.array(rest)
    return float("nan") if np.isnan(observed) else kernel.tail(draws, observed).p


def _contrast(endpoint: str, p: Panel, spec: AnalysisSpec, near: Starts) -> tuple[float, float]:
    if endpoint == RELAPSE:
        return relapse_contrast(p, spec)
    if endpoint == HEAVY_DAY_BY_ARM:
        return heavy_contrast(p, spec, near)
    outcome = abstinent_days(p, spec)
    contrasts = abstinence_contrasts(p, spec, outcome, complete(p, spec, outcome).ys, near)
    return contrasts.get(endpoint, (float("nan"), float("nan")))
