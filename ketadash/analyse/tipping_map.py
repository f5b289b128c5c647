"""How wrong the assumption about missing days must be before the conclusion changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ketadash.analyse.binary import abstinence_draws, model_abstinence, panel_of
from ketadash.analyse.curves import difference_on
from ketadash.analyse.design import rows
from ketadash.analyse.filled_days import Drawn, abstinent_days, complete
from ketadash.analyse.fits import each_by_quadrature
from ketadash.analyse.memo import remembered
from ketadash.analyse.missingness import records
from ketadash.analyse.outcomes import Daily, abstinence, heavy_drinking, throughout
from ketadash.core.errors import FitError
from ketadash.core.families import PANEL, TIPPING
from ketadash.core.spec import AnalysisSpec, Estimator, MissingRule
from ketadash.results import Estimate
from ketadash.results.sensitivity import PTable, Strip, TippingMap, TippingPoint
from ketadash.stats import exact
from ketadash.trial import Panel, Trial

INFINITY = float("inf")
STOPS = (0.0, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, INFINITY)
NO_ANSWER = Estimate(None, None, None)
Cell = tuple[int, int]  # places of the control arm's and the active arm's odds ratio among the stops


@remembered(PANEL.plus("confidence"))
def strips(trial: Trial, spec: AnalysisSpec) -> tuple[Strip, ...]:
    """A strip for each participant-level endpoint: abstinent throughout, abstinent on the last day, no heavy day."""
    p = panel_of(trial, spec)
    known = abstinence(p, MissingRule.MISSING)
    last, n_days = int(p.days[-1]), len(p.days)
    strip_list = [
        strip_of("throughout", f"abstinent on all {n_days} days", throughout(known.y), p.active, p.arms, spec),
        strip_of("last_day", f"abstinent on day {last}", known.y[:, -1], p.active, p.arms, spec),
    ]
    if p.can_tell_heavy:
        none = throughout(_turned(heavy_drinking(p, MissingRule.MISSING)))
        strip_list.append(
            strip_of("no_heavy_day", f"without a {p.terms.heavy_day} in {n_days} days", none, p.active, p.arms, spec)
        )
    return tuple(strip_list)


def _turned(heavy: Daily) -> np.ndarray:
    return 1 - heavy.y


def strip_of(
    name: str, definition: str, status: np.ndarray, active: np.ndarray, arms: tuple[str, str], spec: AnalysisSpec
) -> Strip:
    """The strip of one endpoint from each participant's status (G,): 1 reached, 0 not, NaN unknown."""
    n, successes, unknown = ([int(count(status[active == k])) for k in (0, 1)] for count in (len, np.nansum, _open))
    e0 = successes[0] + np.arange(unknown[0] + 1)[:, None]
    e1 = successes[1] + np.arange(unknown[1] + 1)[None, :]
    difference, low, high = exact.newcombe(e1, n[1], e0, n[0], spec.confidence)
    return Strip(
        name,
        definition,
        arms,
        spec.confidence,
        (n[0], n[1]),
        (successes[0], successes[1]),
        (unknown[0], unknown[1]),
        difference,
        low,
        high,
        PTable(exact.fisher(e1, n[1], e0, n[0])),
    )


def _open(status: np.ndarray) -> int:
    return int(np.isnan(status).sum())


@dataclass(frozen=True, slots=True, eq=False)
class TippingProblem:
    """All that a cell needs, to be sent to another process."""

    panel: Panel
    spec: AnalysisSpec
    drawn: Drawn | None

    def cell(self, at: Cell) -> Estimate:
        """The last day's difference at one pair of odds ratios; all None where no model has an answer."""
        spec = self._at(at)
        m = model_abstinence(self.panel, spec, None if self.drawn is None else self._again)
        if m.rows is None:
            return NO_ANSWER
        return difference_on(m.rows, m.fitted, spec.trend, spec, int(self.panel.days[-1]))

    def cells(self, places: Sequence[Cell]) -> list[Estimate]:
        """`cell` of each of several neighbours: their rows, which are everybody's days, are laid out once, and each
        begins where the one before ended.
        """
        if self.drawn is None or self.spec.estimator is not Estimator.QUADRATURE:
            return [self.cell(at) for at in places]
        p, specs, outcome = self.panel, [self._at(at) for at in places], abstinent_days(self.panel, self.spec)
        days = (complete(p, spec, outcome, self._again).ys for spec in specs)
        r = rows(p, complete(p, specs[0], outcome, self._again).ys, *outcome.adjusted_for)
        one = self.spec
        try:
            every = list(
                each_by_quadrature(
                    r,
                    (ys.reshape(len(ys), -1) for ys in days),
                    one.trend,
                    "abstinent",
                    one.quadrature_points,
                    one.penalised,
                    one.uncertainty,
                )
            )
        except FitError:  # of the rows, which all have
            return [NO_ANSWER for _ in places]
        last = int(p.days[-1])
        return [difference_on(r, fitted, spec.trend, spec, last) for fitted, spec in zip(every, specs, strict=True)]

    def _at(self, at: Cell) -> AnalysisSpec:
        return self.spec.replace(imor_control=STOPS[at[0]], imor_active=STOPS[at[1]])

    def _again(self) -> Drawn:
        assert self.drawn is not None
        return self.drawn


@remembered(TIPPING)
def tipping_problem(trial: Trial, spec: AnalysisSpec) -> TippingProblem:
    """What the map's cells are computed from; the draws are those of the dial."""
    p = panel_of(trial, spec)
    imputed = spec.replace(missing=MissingRule.IMOR)
    try:
        drawn: Drawn | None = abstinence_draws(trial, imputed) if np.isnan(p.amount).any() else None
    except FitError:  # the corners, where every missing day is certain, need no draws
        drawn = None
    return TippingProblem(p, imputed, drawn)


def cells(problem: TippingProblem) -> tuple[Cell, ...]:
    """The cells that differ, coarse to fine, so that a map half done shows the whole; an arm without missing days
    has one row only, at odds ratio 1.
    """
    axes = [range(len(STOPS)) if varies else (STOPS.index(1.0),) for varies in arms_that_vary(problem.panel)]
    every = [(i, j) for i in axes[0] for j in axes[1]]
    return tuple(sorted(every, key=lambda at: max(_fineness(k) for k in at)))


def _fineness(k: int) -> int:
    """0 for the ends and the middle of the dial, 1 for half-way between, 2 for the rest."""
    middle = len(STOPS) // 2
    return 0 if k % middle == 0 else 1 if k in (2, 3, 7, 8) else 2


def arms_that_vary(p: Panel) -> tuple[bool, bool]:
    """Whether the control and the active arm have missing days."""
    missing = np.isnan(p.amount).any(axis=1)
    return bool(missing[~p.active].any()), bool(missing[p.active].any())


def tipping_map(problem: TippingProblem, computed: Mapping[Cell | int, Estimate | TippingPoint]) -> TippingMap:
    """The map as far as its cells are there, with the arms' tipping points if they are (by 0 and 1).

    Where an arm does not vary its one row stands for all.
    """
    points = tuple(computed[arm] for arm in (0, 1) if arm in computed)
    done = {at: e for at, e in computed.items() if isinstance(at, tuple) and isinstance(e, Estimate)}
    p, spec = problem.panel, problem.spec
    varies, shape = arms_that_vary(p), (len(STOPS), len(STOPS))
    estimate, low, high = (np.full(shape, np.nan) for _ in range(3))
    for (i, j), e in done.items():
        where = (i if varies[0] else slice(None), j if varies[1] else slice(None))
        for grid, value in ((estimate, e.estimate), (low, e.ci_low), (high, e.ci_high)):
            grid[where] = np.nan if value is None else value
    control, active = (_implied(problem, k) for k in (0, 1))
    failed = sum(e.estimate is None for e in done.values())
    messages = (f"{failed} of {len(done)} cells have no finite answer and are left blank",) if failed else ()
    return TippingMap(
        p.arms,
        int(p.days[-1]),
        spec.confidence,
        spec.imputations,
        STOPS,
        estimate,
        low,
        high,
        (control, active),
        varies,
        records(p),
        len(done),
        len(cells(problem)),
        messages,
        p.terms,
        tuple(point for point in points if isinstance(point, TippingPoint)),
    )


def _implied(problem: TippingProblem, arm: int) -> tuple[float, ...]:
    """The share of an arm's missing days that each stop takes to be abstinent, on average over the draws."""
    if problem.drawn is None:
        return tuple(0.0 if s == 0 else 1.0 if s == INFINITY else float("nan") for s in STOPS)
    draws = problem.drawn.draws
    own = problem.panel.active[np.nonzero(draws.where)[0]] == bool(arm)
    if not own.any():
        return tuple(float("nan") for _ in STOPS)
    with np.errstate(divide="ignore"):
        return tuple(float(draws.chance(np.full(len(own), np.log(s)))[:, own].mean()) for s in STOPS)
