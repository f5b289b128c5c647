"""Shuffling who got what: the whole analysis again for each shuffle, begun near where it will end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ketadash.analyse import refitted
from ketadash.analyse.binary import model_abstinence, model_heavy, panel_of
from ketadash.analyse.curves import difference_on
from ketadash.analyse.design import ARM_TERMS, Outcomes, Rows, rows
from ketadash.analyse.events import causes, endpoint_of
from ketadash.analyse.filled_days import Outcome, abstinent_days, complete, heavy_days
from ketadash.analyse.memo import remembered
from ketadash.analyse.outcomes import tells, throughout, time_to
from ketadash.analyse.percent_days import shares_of_days
from ketadash.core.errors import FitError, stop_point
from ketadash.core.families import RANDOMISATION
from ketadash.core.spec import AnalysisSpec, Trend, Uncertainty
from ketadash.results import Estimate
from ketadash.results.chance import Contrast, PercentDaysShuffled, Randomisation
from ketadash.stats import competing_risks, survival
from ketadash.stats import randomisation as kernel
from ketadash.stats.refits import Refit, Start
from ketadash.trial import Panel, Trial
from ketadash.trial.design_columns import crossed

Array = NDArray[np.float64]

DAY_BY_ARM, LAST_DAY, PERCENT_DAYS = "day:arm", "last_day_difference", "percent_days_abstinent"
HEAVY_DAY_BY_ARM, RELAPSE, ANY_USE = "heavy_day:arm", "relapse_logrank", "any_use"
NAMES = (DAY_BY_ARM, LAST_DAY, PERCENT_DAYS, HEAVY_DAY_BY_ARM, RELAPSE, ANY_USE)
# Participant-days of all shuffles that are computed at a time, and the fewest and most such shuffles: each time the
# fits that they begin at are made anew.
AT_A_TIME, FEWEST, MOST = 400_000, 10, 50
LEVEL, TIED = 0.05, 0.04  # a test at the first is said to be careful where ties leave it less than the second
ENOUGH = 400  # shuffles that it takes to see that
FEW_WAYS = 1_000  # with fewer different allocations than this, the result says how many there are

Pairs = dict[str, tuple[float, float]]  # estimate and standard error of each contrast; NaN where there is none
NOTHING = (float("nan"), float("nan"))


@dataclass(frozen=True, slots=True)
class Block:
    """Shuffles `first` … `first + count`."""

    first: int
    count: int


@dataclass(frozen=True, slots=True, eq=False)
class Shuffled:
    """What some shuffles gave, (count, contrasts): estimates and standard errors; and the arms as they were."""

    names: tuple[str, ...]
    observed: Array  # (2, contrasts)
    each: Array  # (count, 2, contrasts)


@dataclass(frozen=True, slots=True, eq=False)
class RandomisationProblem:
    """All that a block of shuffles needs, to be sent to another process; `strata` (G,) are codes, if any."""

    panel: Panel
    spec: AnalysisSpec
    strata: NDArray[np.int64] | None = None
    strata_names: tuple[str, ...] = ()
    crossed: str = ""  # what to say of columns that look like strata and are not shuffled within

    @property
    def names(self) -> tuple[str, ...]:
        """The contrasts there are: without those that need heavy days where amounts cannot tell one."""
        can_tell = {HEAVY_DAY_BY_ARM: self.panel.can_tell_heavy, RELAPSE: tells(self.panel, "relapse", self.spec)}
        return tuple(name for name in NAMES if can_tell.get(name, True))

    @property
    def blocks(self) -> tuple[Block, ...]:
        """All shuffles, a few at a time."""
        size, n = min(max(AT_A_TIME // self.panel.amount.size, FEWEST), MOST), self.spec.shuffles
        return tuple(Block(first, min(size, n - first)) for first in range(0, n, size))

    def draws(self, block: Block) -> NDArray[np.bool_]:
        """Who is in the active arm in each shuffle of a block, (count, G)."""
        return kernel.shuffled(self.panel.active, self.strata, block.first, block.count, seed=self.spec.seed)

    def block(self, block: Block) -> Shuffled:
        """Every contrast for the arms as they were and for each shuffle of the block."""
        near = Starts(self.spec)
        allocations = [self.panel.active, *self.draws(block)]
        pairs = []
        for active in allocations:
            stop_point()
            pairs.append(contrasts_of(replace(self.panel, active=active), self.spec, near, self.names))
        table = np.array([[[p[name][part] for name in self.names] for part in (0, 1)] for p in pairs])
        return Shuffled(self.names, table[0], table[1:])


class Starts:
    """Where fits begin: at those that know no arms, made when first asked for."""

    def __init__(self, spec: AnalysisSpec) -> None:
        self._spec = spec
        self._made: dict[bool, Start | None] = {}

    def of(self, r: Rows, X: Array, names: Sequence[str], *, heavy: bool) -> Start | None:
        """The start for the heavy-day model, or for that of abstinence."""
        if heavy not in self._made:
            arm = np.array([name in ARM_TERMS for name in names])
            try:
                self._made[heavy] = refitted.begin(r, X, arm, self._spec, heavy=heavy)
            except FitError:
                self._made[heavy] = None
        return self._made[heavy]


@remembered(RANDOMISATION)
def randomisation_problem(trial: Trial, spec: AnalysisSpec) -> RandomisationProblem:
    """What is shuffled, and the analysis that each shuffle goes through."""
    columns = (c for c in (*trial.participants.columns, *trial.days.columns) if c not in spec.strata)
    p = panel_of(trial, spec)
    return RandomisationProblem(p, spec, p.strata, p.strata_columns, crossed(columns))


def contrasts_of(p: Panel, spec: AnalysisSpec, near: Starts, names: Sequence[str]) -> Pairs:
    """Every contrast of one allocation."""
    pairs = dict.fromkeys(names, NOTHING)
    outcome = abstinent_days(p, spec)
    try:
        ys: Outcomes = complete(p, spec, outcome).ys
    except FitError:
        ys = np.full((1, *p.amount.shape), np.nan)
    pairs[PERCENT_DAYS] = _of_people(_percent_days(ys), p.active)
    pairs[ANY_USE] = _of_people(1 - throughout(ys).mean(axis=0), p.active)
    pairs |= abstinence_contrasts(p, spec, outcome, ys, near)
    if HEAVY_DAY_BY_ARM in names:
        pairs[HEAVY_DAY_BY_ARM] = heavy_contrast(p, spec, near)
        pairs[RELAPSE] = relapse_contrast(p, spec)
    return pairs


def _percent_days(ys: Outcomes) -> Array:
    """Each participant's share of good days (G,), averaged over the imputations; NaN without a day."""
    return np.asarray(shares_of_days(ys).mean(axis=0))


def _of_people(values: Array, active: NDArray[np.bool_]) -> tuple[float, float]:
    difference, se = kernel.welch(values, active[None])
    return float(difference[0]), float(se[0])


def abstinence_contrasts(p: Panel, spec: AnalysisSpec, outcome: Outcome, ys: Outcomes, near: Starts) -> Pairs:
    """The statistics of the abstinence model, by name; without those that have no finite answer."""
    last = float(p.days[-1])
    if len(ys) > 1:
        m = model_abstinence(p, spec.replace(uncertainty=Uncertainty.ROBUST))
        if m.rows is None or not m.fitted.each:
            return {}
        gap = difference_on(m.rows, m.fitted, spec.trend, spec, int(last), people_fixed=True)
        coefficient = next(c for c in m.fitted.model.coefficients if c.term == DAY_BY_ARM)
        return {DAY_BY_ARM: _pair(coefficient.estimate, coefficient.se), LAST_DAY: _pair(gap.estimate, gap.se)}
    try:
        r = rows(p, ys, *outcome.adjusted_for)
        X, names = refitted.columns(r, spec.trend)
        f = refitted.fit(r, X, near.of(r, X, names, heavy=False), spec, heavy=False)
    except FitError:
        return {}
    if f is None:
        return {}
    gap_pair = refitted.difference(f, r, names, last, spec.estimand, f.robust, people_fixed=True)
    return {DAY_BY_ARM: _coefficient(f, names), LAST_DAY: gap_pair}


def _pair(estimate: float | None, se: float | None) -> tuple[float, float]:
    return NOTHING if estimate is None or se is None else (estimate, se)


def _coefficient(f: Refit, names: Sequence[str]) -> tuple[float, float]:
    place = list(names).index(DAY_BY_ARM)
    return float(f.beta[place]), float(np.sqrt(f.robust[place, place]))


def heavy_contrast(p: Panel, spec: AnalysisSpec, near: Starts) -> tuple[float, float]:
    """The day-by-arm coefficient of the heavy-day model and its standard error, or `NOTHING`."""
    outcome = heavy_days(p, spec)
    try:
        ys = complete(p, spec, outcome).ys
        if len(ys) > 1:
            m = model_heavy(p, spec.replace(uncertainty=Uncertainty.ROBUST))
            coefficient = next(c for c in m.fitted.model.coefficients if c.term == DAY_BY_ARM)
            return _pair(coefficient.estimate, coefficient.se)
        r = rows(p, ys, *outcome.adjusted_for)
        X, names = refitted.columns(r, Trend.LINEAR)
        f = refitted.fit(r, X, near.of(r, X, names, heavy=True), spec, heavy=True)
    except FitError:
        return NOTHING
    return NOTHING if f is None else _coefficient(f, names)


def relapse_contrast(p: Panel, spec: AnalysisSpec) -> tuple[float, float]:
    """The log-rank score and its standard error; the test's own statistic where dropout competes or is imputed."""
    reading = spec.dropout.about
    if reading.imputed:
        try:
            chi2 = endpoint_of(p, "relapse", spec).logrank.chi2
        except FitError:
            return NOTHING
        return NOTHING if chi2 is None else (float(np.sqrt(chi2)), 1.0)
    times = time_to(p, "relapse", spec.dropout, spec)
    time = times.day - (int(p.days[0]) - 1)
    if reading.competes:
        chi2 = competing_risks.gray_test(time, causes(times), p.active, p.strata).chi2
        return NOTHING if chi2 is None else (float(np.sqrt(chi2)), 1.0)
    score, variance = survival.logrank_score(time, times.event, p.active, p.strata)
    return score, float(np.sqrt(variance))


def shuffles_of(task: tuple[RandomisationProblem, Block]) -> Shuffled:
    """A block of a problem, as a function to be sent to another process."""
    problem, block = task
    return problem.block(block)


def randomisation(problem: RandomisationProblem, done: Iterable[tuple[Block, Shuffled]]) -> Randomisation:
    """What the shuffles so far say; the intervals, which take a second, once all are there."""
    blocks = sorted(done, key=lambda pair: pair[0].first)
    p, spec = problem.panel, problem.spec
    n_done = sum(block.count for block, _ in blocks)
    contrasts: tuple[Contrast, ...] = ()
    if blocks:
        each, observed = np.concatenate([s.each for _, s in blocks]), blocks[0][1].observed
        whole = n_done == spec.shuffles
        contrasts = tuple(
            _contrast(problem, name, observed[:, k], each[:, :, k], blocks if whole else None)
            for k, name in enumerate(problem.names)
        )
    return Randomisation(
        p.arms,
        n_done,
        spec.shuffles,
        spec.seed,
        problem.strata_names,
        spec.confidence,
        contrasts,
        tuple(_messages(problem, contrasts)),
        p.terms,
    )


def _contrast(
    problem: RandomisationProblem,
    name: str,
    observed: Array,
    each: Array,
    blocks: Sequence[tuple[Block, Shuffled]] | None,
) -> Contrast:
    label = contrast_label(problem.panel, name)
    statistic = float(kernel.studentised(*observed[:, None])[0])
    draws = kernel.studentised(each[:, 0], each[:, 1])
    failed = int(np.isnan(draws).sum())
    if not np.isfinite(observed[0]) or np.isnan(statistic):
        trouble = "the trial itself gives no answer here (see the messages of its page), so there is nothing to compare"
        return Contrast(name, label, Estimate(None, None, None), None, None, 0, failed, draws, trouble=trouble)
    tail = kernel.tail(draws, statistic)
    ends, interval = _interval(problem, name, observed, draws, blocks)
    low, high = ends or (None, None)
    estimate = None if name == RELAPSE else float(observed[0])
    return Contrast(
        name,
        label,
        Estimate(estimate, low, high, tail.p),
        statistic,
        tail.monte_carlo_se,
        tail.n_as_large,
        failed,
        draws,
        interval,
    )


@remembered(RANDOMISATION)
def shuffled_percent_days(trial: Trial, spec: AnalysisSpec) -> PercentDaysShuffled:
    """The percent of days abstinent alone: by the shuffles of `randomisation`, and without a single fit."""
    problem = randomisation_problem(trial, spec)
    p = problem.panel
    every = [p.active, *(active for block in problem.blocks for active in problem.draws(block))]
    pairs = np.array([_of_people(_shares(replace(p, active=active), spec), active) for active in every])
    observed, *draws = kernel.studentised(pairs[:, 0], pairs[:, 1])
    if np.isnan(observed):
        return PercentDaysShuffled(None, None, None)
    tail = kernel.tail(np.array(draws), float(observed))
    return PercentDaysShuffled(float(observed), tail.p, tail.monte_carlo_se)


def _shares(p: Panel, spec: AnalysisSpec) -> Array:
    try:
        return _percent_days(complete(p, spec, abstinent_days(p, spec)).ys)
    except FitError:
        return np.full(len(p.active), np.nan)


def contrast_label(p: Panel, name: str) -> str:
    """A contrast in words, active minus control."""
    terms_of = p.terms
    last, n_days = int(p.days[-1]), len(p.days)
    return {
        DAY_BY_ARM: "how abstinence changes over the days (day × arm)",
        LAST_DAY: refitted.last_day_label(last),
        PERCENT_DAYS: "percent of days abstinent, person by person",
        HEAVY_DAY_BY_ARM: f"how {terms_of.heavy_day}s change over the days (day × arm)",
        RELAPSE: "time to relapse",
        ANY_USE: f"any {terms_of.use} in {n_days} days",
    }[name]


SHIFT = "inverting the test: every shift of the active arm's percentages that shuffling does not reject"
ALIKE = "within each arm everybody has the same value, so there is no standard error and no interval"
SPREAD = (
    "the shuffles' own quantile of |t| times the clustered standard error; yes/no days cannot be shifted, so the test "
    "cannot be inverted"
)


def _interval(
    problem: RandomisationProblem,
    name: str,
    observed: Array,
    draws: Array,
    blocks: Sequence[tuple[Block, Shuffled]] | None,
) -> tuple[tuple[float, float] | None, str]:
    p, spec = problem.panel, problem.spec
    if blocks is None or name not in (LAST_DAY, PERCENT_DAYS):
        return None, ""
    if observed[1] < kernel.NOISE:
        return None, ALIKE
    if name == LAST_DAY:
        size = np.sort(np.abs(np.where(np.isnan(draws), np.inf, draws)))
        place = int(np.ceil(spec.confidence * (len(size) + 1))) - 1
        if place >= len(size) or not np.isfinite(size[place]):
            return None, "too few shuffles with an answer for an interval"
        half = float(size[place]) * float(observed[1])
        return (max(float(observed[0]) - half, -1.0), min(float(observed[0]) + half, 1.0)), SPREAD
    outcome = abstinent_days(p, spec)
    values = _percent_days(complete(p, spec, outcome).ys)
    turned = replace(p, active=~p.active)
    other = _percent_days(complete(turned, spec, abstinent_days(turned, spec)).ys)
    if not np.array_equal(values, other, equal_nan=True):
        return None, "under this rule a missing day counts by its arm, so no interval is given"
    every = np.concatenate([problem.draws(block) for block, _ in blocks])
    ends = kernel.shift_interval(values, p.active, every, spec.confidence)
    if ends is None:
        return None, "too few people or shuffles for an interval"
    return (max(ends[0], -1.0), min(ends[1], 1.0)), SHIFT


def _messages(problem: RandomisationProblem, contrasts: Sequence[Contrast]) -> Iterable[str]:
    p = problem.panel
    ways = kernel.n_allocations(p.active, problem.strata)
    if ways < FEW_WAYS:
        yield (
            f"there are only {ways} ways to give out the arms among these people, so shuffles repeat themselves and p "
            f"can hardly be below {2 / ways:.2g}"
        )
    for c in contrasts:
        if c.trouble:
            yield f"{c.label}: {c.trouble}"
            continue
        if c.unvarying:
            yield f"{c.label}: {ALIKE}; only shuffles that part the arms as far count as large"
        if c.n_failed:
            yield (
                f"{c.label}: {c.n_failed} of {len(c.draws)} shuffles have no finite answer (they separate the arms) "
                "and count as at least as large as what was observed"
            )
        level = kernel.attainable(c.draws, LEVEL) if len(c.draws) >= ENOUGH else LEVEL
        if level < TIED:
            yield (
                f"{c.label}: many shuffles tie, so a test at 5% finds a difference in only {100 * level:.1f}% of "
                "trials in which there is none; it errs on the careful side"
            )
    if problem.crossed:
        yield problem.crossed
    if not p.can_tell_heavy:
        none = "" if RELAPSE in problem.names else " and no relapse"
        yield f"without amounts there are no {p.terms.heavy_day}s{none} to shuffle"
    if problem.spec.missing.imputed and problem.spec.imputations > 1 and np.isnan(p.amount).any():
        yield "missing days are imputed anew for every shuffle, under the arms as shuffled"
