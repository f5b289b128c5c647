"""Where along an arm's dial the conclusion tips, from more imputations than the map's, with its Monte Carlo error."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import exp, log, sqrt

import numpy as np
from numpy.typing import NDArray

from ketadash.analyse.binary import model_abstinence
from ketadash.analyse.curves import difference_of_each
from ketadash.analyse.filled_days import Drawn, OwnRecord, abstinent_days, draw, own_record
from ketadash.analyse.tipping_map import INFINITY, STOPS, Cell, TippingProblem, arms_that_vary, cells
from ketadash.core.errors import FitError
from ketadash.results import Estimate
from ketadash.results.sensitivity import TippingPoint
from ketadash.stats.pooling import pool_each
from ketadash.stats.wald import t_quantile

Array = NDArray[np.float64]
Task = Cell | int  # a cell of the map, or the arm whose tipping point is wanted

DRAWS, DRAWS_OF_MANY = 500, 200  # imputations at the point that is reported, or as many as the map has if that is more
DRAWS_ROUGHLY = 100  # imputations of the search that comes before
MANY = 2_000  # participant-days from which on DRAWS_OF_MANY are made
BLOCKS = 20  # blocks of imputations that the jackknife leaves out one by one
NEAR = 0.005  # in log odds ratio: nothing beside the Monte Carlo error
MOST_STEPS = 4
DIAL = [s for s in STOPS if 0 < s < INFINITY]


def tasks(problem: TippingProblem) -> tuple[Task, ...]:
    """What the map consists of: its cells, then the tipping point of each arm that has missing days."""
    arms = arms_that_vary(problem.panel) if problem.drawn is not None else (False, False)
    return (*cells(problem), *(arm for arm, varies in enumerate(arms) if varies))


def compute(problem: TippingProblem, task: Task) -> Estimate | TippingPoint:
    """One of `tasks`, in whatever process."""
    return tipping_point(problem, task) if isinstance(task, int) else problem.cell(task)


@dataclass(frozen=True, slots=True)
class _Margin:
    """How far the interval keeps from no difference at a log odds ratio, with every imputation's part in it."""

    at: float
    estimates: Array  # (m,)
    variances: Array  # (m,)
    df: float
    confidence: float

    def value(self, kept: Array | None = None) -> float:
        """The margin, from the imputations `kept` (m,) bool alone if given; negative where zero is in the interval."""
        some = slice(None) if kept is None else kept
        pooled = pool_each(self.estimates[some, None], self.variances[some, None], self.df)
        quantile = float(t_quantile(self.confidence, pooled.df[0]))
        return abs(float(pooled.estimate[0])) - quantile * float(pooled.se[0])

    def monte_carlo_se(self) -> float:
        """The margin's standard error over imputations: a jackknife that leaves out a block of them at a time."""
        block = np.arange(len(self.estimates)) % BLOCKS
        without = np.array([self.value(block != b) for b in range(BLOCKS)])
        return sqrt((BLOCKS - 1) / BLOCKS * float(((without - without.mean()) ** 2).sum()))


def tipping_point(problem: TippingProblem, arm: int) -> TippingPoint:
    """Where the interval first reaches no difference as one arm's odds ratio rises, the other arm's being 1.

    The map's own imputations say between which stops; there it is looked for with `DRAWS` imputations.
    """
    between = tips_between(problem, arm, problem.cells(line_of(arm)))
    return between if isinstance(between, TippingPoint) else searched(problem, arm, between)


def line_of(arm: int) -> tuple[Cell, ...]:
    """The cells along an arm's dial, the other arm's odds ratio being 1."""
    other = len(STOPS) // 2
    return tuple((k, other) if arm == 0 else (other, k) for k in range(len(STOPS)))


def how_many(problem: TippingProblem) -> int:
    """How many imputations tell where a conclusion tips."""
    return max(DRAWS if problem.panel.amount.size < MANY else DRAWS_OF_MANY, problem.spec.imputations)


def tips_between(problem: TippingProblem, arm: int, line: Sequence[Estimate]) -> tuple[float, float] | TippingPoint:
    """The log odds ratios between which the conclusion tips, by the cells of `line_of` an arm; or why it does not."""
    margins = [_margin(e) for e in line]
    crossing = next((k for k in range(len(margins) - 1) if (margins[k] > 0) != (margins[k + 1] > 0)), None)
    many, name = how_many(problem), problem.panel.arms[arm]
    if crossing is None or any(m != m for m in margins):
        return TippingPoint(name, None, None, None, None, many, f"the conclusion does not tip along {name}'s dial")
    if STOPS[crossing] == 0 or STOPS[crossing + 1] == INFINITY:
        why = f"{name} tips only between an odds ratio of {STOPS[crossing]:g} and {STOPS[crossing + 1]:g}"
        return TippingPoint(name, None, None, None, None, many, why)
    return log(STOPS[crossing]), log(STOPS[crossing + 1])


def searched(
    problem: TippingProblem, arm: int, between: tuple[float, float], own: OwnRecord | None = None
) -> TippingPoint:
    """Where between two log odds ratios the conclusion tips; `own` are the records read for so many imputations, if
    they have been.
    """
    many, name = how_many(problem), problem.panel.arms[arm]
    try:
        place = _search(problem, arm, draws_of(problem, many, own), *between)
    except FitError as error:
        return TippingPoint(name, None, None, None, None, many, f"{name}: {error}")
    if place is None:
        why = f"with {many} imputations {name} does not tip between odds ratios of {DIAL[0]:g} and {DIAL[-1]:g}"
        return TippingPoint(name, None, None, None, None, many, why)
    at, by, drawn = place
    theirs = problem.panel.active[np.nonzero(drawn.draws.where)[0]] == bool(arm)
    share = float(drawn.draws.chance(np.full(len(theirs), at))[:, theirs].mean())
    low = float(drawn.draws.chance(np.full(len(theirs), at - by))[:, theirs].mean())
    return TippingPoint(name, exp(at), exp(at) * by, share, abs(share - low), many, "")


def _margin(e: Estimate) -> float:
    if e.estimate is None or e.ci_low is None or e.ci_high is None:
        return float("nan")
    return e.ci_low if e.estimate >= 0 else -e.ci_high


def _search(
    problem: TippingProblem, arm: int, drawn: Drawn, low: float, high: float
) -> tuple[float, float, Drawn] | None:
    """The log odds ratio at which the margin is 0, its Monte Carlo error, and the draws; None if there is none.

    Its slope is that between two stops at which it has either sign, from `DRAWS_ROUGHLY`, next stops being tried where
    `low` and `high` turn out to have one.  From there on the secant with all of them.
    """
    m = len(drawn.draws.uniform)
    few = min(DRAWS_ROUGHLY, m)
    margin = margin_along_dial(problem, arm, few, replace(drawn, draws=drawn.draws.first(few)))
    a, b = margin(low), margin(high)
    while (a.value() > 0) == (b.value() > 0):
        towards_low = abs(a.value()) < abs(b.value())
        beyond = [log(s) for s in DIAL if (log(s) < a.at - NEAR if towards_low else log(s) > b.at + NEAR)]
        if not beyond:
            return None
        a, b = (margin(max(beyond)), a) if towards_low else (b, margin(min(beyond)))
    # the slope of the whole bracket: days flip one by one, so that the margin is a staircase, level between its steps
    slope = (b.value() - a.value()) / (b.at - a.at)
    margin = margin_along_dial(problem, arm, m, drawn)
    at = a.at - a.value() / slope
    for _ in range(MOST_STEPS):
        reached = margin(at)
        error = reached.monte_carlo_se() / abs(slope)
        step = -reached.value() / slope
        at += step
        if not log(DIAL[0]) <= at <= log(DIAL[-1]):
            return None
        if abs(step) <= error + NEAR:
            break
    return at, error, drawn


def draws_of(problem: TippingProblem, m: int, own: OwnRecord | None = None) -> Drawn:
    """The draws of m imputations, those of fewer among them; from the records read for them, if they have been."""
    p, spec = problem.panel, problem.spec.replace(imputations=m)
    return draw(p, spec, abstinent_days(p, spec), own)


def records_of(problem: TippingProblem, m: int) -> OwnRecord | None:
    """The records read for m imputations, which both arms' tipping points need; None where nothing can be imputed."""
    p, spec = problem.panel, problem.spec.replace(imputations=m)
    try:
        return own_record(p, spec, abstinent_days(p, spec))
    except FitError:  # whoever draws says why
        return None


def margin_along_dial(problem: TippingProblem, arm: int, m: int, drawn: Drawn) -> Callable[[float], _Margin]:
    """The margin as a function of the log odds ratio with m imputations, the same draws at each."""
    p, spec = problem.panel, problem.spec.replace(imputations=m)
    last = int(p.days[-1])

    def margin(x: float) -> _Margin:
        field = "imor_control" if arm == 0 else "imor_active"
        moved = spec.replace(**{"imor_control": 1.0, "imor_active": 1.0, field: exp(x)})
        fitted = model_abstinence(p, moved, lambda: drawn)
        if fitted.rows is None or not fitted.fitted.each:
            raise FitError("no model has an answer between two stops that have one")
        estimates, variances = difference_of_each(fitted.rows, fitted.fitted, spec.trend, spec, last)
        return _Margin(x, estimates, variances, fitted.fitted.model.df, spec.confidence)

    return margin
