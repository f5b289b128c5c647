"""Who carries a result?  Each headline again without each participant."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from ketadash.analyse import refitted
from ketadash.analyse.binary import model_abstinence, model_heavy, panel_of
from ketadash.analyse.curves import difference_on
from ketadash.analyse.design import Rows, rows
from ketadash.analyse.events import endpoint_of
from ketadash.analyse.filled_days import abstinent_days, complete, heavy_days
from ketadash.analyse.memo import remembered
from ketadash.analyse.outcomes import tells, throughout
from ketadash.core.errors import FitError, stop_point
from ketadash.core.families import INFLUENCE
from ketadash.core.spec import AnalysisSpec, Trend, Uncertainty
from ketadash.results import Estimate
from ketadash.results.chance import FragilityIndex, Influence, Without
from ketadash.stats.adaptive import Place
from ketadash.stats.fragility import fragility
from ketadash.stats.pooling import difference_of_proportions
from ketadash.stats.refits import QuadratureStart, Refit, Start
from ketadash.stats.wald import containment_df, normal_quantile, t_test
from ketadash.trial import Panel, Trial
from ketadash.trial.some_people import some_people

Array = NDArray[np.float64]

ABSTINENCE, HEAVY, RELAPSE, NNT = "abstinence", "heavy", "relapse", "nnt"
HEADLINES = (ABSTINENCE, HEAVY, RELAPSE, NNT)
AT_A_TIME = 20
NOTHING = Estimate(None, None, None)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A headline, and the participants (their places in the panel) that are left out of it one by one."""

    headline: str
    places: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class InfluenceProblem:
    """All that leaving people out needs, to be sent to another process."""

    panel: Panel
    spec: AnalysisSpec

    @property
    def headlines(self) -> tuple[str, ...]:
        """Those there are: without those of heavy days where amounts cannot tell one."""
        can_tell = {HEAVY: self.panel.can_tell_heavy, RELAPSE: tells(self.panel, "relapse", self.spec)}
        return tuple(name for name in HEADLINES if can_tell.get(name, True))

    @property
    def tasks(self) -> tuple[LeftOut, ...]:
        """Everybody once for each headline, some at a time."""
        everyone = range(len(self.panel.active))
        return tuple(
            LeftOut(name, tuple(everyone[i : i + AT_A_TIME]))
            for name in self.headlines
            for i in range(0, len(everyone), AT_A_TIME)
        )

    def without(self, task: LeftOut) -> tuple[Estimate, tuple[Estimate, ...]]:
        """The headline with everybody, and without each of some."""
        full, start = _estimate(task.headline, self.panel, self.spec, None)
        each = []
        for place in task.places:
            stop_point()
            p = some_people(self.panel, np.delete(np.arange(len(self.panel.active)), place))
            each.append(_estimate(task.headline, p, self.spec, _less(start, place))[0])
        return full, tuple(each)


@remembered(INFLUENCE)
def influence_problem(trial: Trial, spec: AnalysisSpec) -> InfluenceProblem:
    """Who is left out, and the analysis that goes on without them."""
    return InfluenceProblem(panel_of(trial, spec), spec)


def left_out_of(task: tuple[InfluenceProblem, LeftOut]) -> tuple[Estimate, tuple[Estimate, ...]]:
    """A task of a problem, as a function to be sent to another process."""
    problem, left_out = task
    return problem.without(left_out)


@dataclass(frozen=True, slots=True, eq=False)
class _Start:
    """Where the fit with everybody ended, and who had a day in it (G,)."""

    start: Start
    inside: NDArray[np.bool_]


def _less(start: _Start | None, place: int) -> Start | None:
    """The start without one participant's nodes."""
    if start is None:
        return None
    if not isinstance(start.start, QuadratureStart):  # it holds no nodes
        return start.start
    if not start.inside[place]:
        return start.start
    at, row = start.start.place, int(start.inside[:place].sum())
    rest = np.delete(np.arange(len(at.mode)), row)
    return replace(start.start, place=Place(at.mode[rest], at.shift[rest], at.ratio[rest], at.points[rest]))


def _estimate(headline: str, p: Panel, spec: AnalysisSpec, start: Start | None) -> tuple[Estimate, _Start | None]:
    """A headline of a panel, and where its fit may begin without somebody (only for the panel of everybody)."""
    try:
        if headline == RELAPSE:
            return endpoint_of(p, "relapse", spec).difference, None
        if headline == NNT:
            return _all_days(p, spec), None
        return _modelled(headline, p, spec, start)
    except FitError:
        return NOTHING, None


def _all_days(p: Panel, spec: AnalysisSpec) -> Estimate:
    """Difference in the share abstinent on all days, as the number needed to treat has it."""
    status = throughout(complete(p, spec, abstinent_days(p, spec)).ys)
    known = ~np.isnan(status[0])
    shares = [status[:, known & (p.active == k)] for k in (0, 1)]
    if any(s.shape[1] == 0 for s in shares):
        return NOTHING
    control, active = shares
    return difference_of_proportions(
        active.mean(axis=1), active.shape[1], control.mean(axis=1), control.shape[1], spec.confidence
    )


def _modelled(headline: str, p: Panel, spec: AnalysisSpec, start: Start | None) -> tuple[Estimate, _Start | None]:
    heavy = headline == HEAVY
    outcome = heavy_days(p, spec) if heavy else abstinent_days(p, spec)
    trend = Trend.LINEAR if heavy else spec.trend
    ys = complete(p, spec, outcome).ys
    if len(ys) > 1 or spec.uncertainty is Uncertainty.ROBUST:  # as the page itself does, from a cold start
        m = model_heavy(p, spec) if heavy else model_abstinence(p, spec)
        if m.rows is None:
            return NOTHING, None
        if heavy:
            c = next(c for c in m.fitted.model.coefficients if c.term == "day:arm")
            if c.estimate is None or c.df is None:
                return NOTHING, None
            _, _, low, high = t_test(c.estimate, c.se, c.df, spec.confidence)
            return _ratio(c.estimate, low, high), None
        return difference_on(m.rows, m.fitted, trend, spec, int(p.days[-1])), None
    r = rows(p, ys, *outcome.adjusted_for)
    X, names = refitted.columns(r, trend)
    if start is None:
        start = refitted.begin(r, X, np.zeros(X.shape[1], bool), spec, heavy=heavy)
    f = refitted.fit(r, X, start, spec, heavy=heavy)
    if f is None:
        return NOTHING, None
    df = containment_df(X, r.group)
    estimate = _ratio_per_day(f, names, df, spec) if heavy else _last_day(f, r, names, p, spec)
    inside = np.isin(np.arange(len(p.active)), r.group)
    return estimate, None if start is None else _Start(start, inside)


def _ratio_per_day(f: Refit, names: Sequence[str], df: float, spec: AnalysisSpec) -> Estimate:
    place = list(names).index("day:arm")
    se = float(np.sqrt(f.covariance[place, place]))
    _, p, low, high = t_test(float(f.beta[place]), se, df, spec.confidence)
    return replace(_ratio(float(f.beta[place]), low, high), p=p)


def _ratio(estimate: float | None, low: float | None, high: float | None) -> Estimate:
    """Of log-odds, as ratios."""
    if estimate is None or low is None or high is None:
        return NOTHING
    with np.errstate(over="ignore"):
        return Estimate(*(float(np.exp(v)) for v in (estimate, low, high)))


def _last_day(f: Refit, r: Rows, names: tuple[str, ...], p: Panel, spec: AnalysisSpec) -> Estimate:
    last = float(p.days[-1])
    gap, se = refitted.difference(f, r, names, last, spec.estimand, f.covariance, people_fixed=False)
    if se == 0:
        return Estimate(gap, None, None, se=0.0)
    half = normal_quantile(spec.confidence) * se
    return Estimate(gap, max(gap - half, -1.0), min(gap + half, 1.0), 2 * float(ndtr(-abs(gap) / se)), se)


def influence(
    problem: InfluenceProblem, done: Iterable[tuple[LeftOut, tuple[Estimate, tuple[Estimate, ...]]]]
) -> tuple[Influence, ...]:
    """Every headline as far as it is computed."""
    p = problem.panel
    by_headline: dict[str, list[tuple[LeftOut, tuple[Estimate, tuple[Estimate, ...]]]]] = {}
    for task, result in done:
        by_headline.setdefault(task.headline, []).append((task, result))
    results = []
    for name, parts in by_headline.items():
        full = parts[0][1][0]
        null = 1.0 if name == HEAVY else 0.0
        without = [
            Without(p.participant_ids[place], p.arms[int(p.active[place])], estimate)
            for task, (_, each) in parts
            for place, estimate in zip(task.places, each, strict=True)
        ]
        verdict = _verdict(full, null)
        others = {w.participant: _verdict(w.estimate, null) for w in without} if verdict is not None else {}
        changes = tuple(who for who, other in others.items() if other is not None and other != verdict)
        results.append(
            Influence(
                name,
                _label(problem, name),
                p.arms,
                problem.spec.confidence,
                null,
                full,
                tuple(without),
                changes,
                tuple(who for who, other in others.items() if other is None),
                _fragility(problem, name),
                len(p.active),
                p.terms,
            )
        )
    return tuple(results)


def _verdict(e: Estimate, null: float) -> int | None:
    """1 or −1 where the interval lies above or below no difference, 0 where it holds it, None without one."""
    if e.ci_low is None or e.ci_high is None:
        return None
    return int(e.ci_low > null) - int(e.ci_high < null)


def _label(problem: InfluenceProblem, name: str) -> str:
    p = problem.panel
    last = int(p.days[-1])
    return {
        ABSTINENCE: refitted.last_day_label(last),
        HEAVY: f"odds of a {p.terms.heavy_day}, ratio of the arms' trends a day",
        RELAPSE: f"share relapsed by day {last}",
        NNT: f"abstinent on every one of {len(p.days)} days",
    }[name]


def _fragility(problem: InfluenceProblem, name: str) -> FragilityIndex | None:
    """Of the two headlines that are counts of people, unless they are imputed."""
    p, spec = problem.panel, problem.spec
    if name == RELAPSE and not spec.dropout.about.imputed:
        arms = endpoint_of(p, "relapse", spec).arms
        counts = [(int(arm.events), arm.n) for arm in arms]
    elif name == NNT and not spec.missing.imputed:
        status = throughout(complete(p, spec, abstinent_days(p, spec)).ys)[0]
        counts = [(int(np.nansum(own)), int((~np.isnan(own)).sum())) for own in (status[~p.active], status[p.active])]
    else:
        return None
    (e0, n0), (e1, n1) = counts
    index = fragility(e1, n1, e0, n0)
    return None if index is None else FragilityIndex(index.flips, index.n, index.significant, index.p)
