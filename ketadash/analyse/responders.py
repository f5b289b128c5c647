"""Who responded: the ladder of responder definitions, every cut of a measure, and WHO levels before and after."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ketadash.analyse.memo import remembered
from ketadash.analyse.person_endpoints import cohen_h, difference_of_shares, share_of, short_for_levels
from ketadash.analyse.person_values import Values, values_of, window_of, withheld, words
from ketadash.core.choices.person_endpoint import ENDPOINTS as EVERY
from ketadash.core.choices.person_endpoint.who_levels import LEVELS
from ketadash.core.families import ENDPOINTS
from ketadash.core.findings import counted, enumerated, listed
from ketadash.core.spec import AnalysisSpec
from ketadash.results import Estimate
from ketadash.results.endpoints import Flow, Ladder, ResponderCurve, Responders, ResponderTest, Rung, Share
from ketadash.stats import ranks
from ketadash.trial import Trial

Array = NDArray[np.float64]

RUNGS = ("abstinent_all_days", "no_heavy_day", "who_reduction_2", "who_reduction_1")
MEASURES = ("percent_heavy_days", "drinks_per_day", "percent_days_abstinent")
WORST = {"percent_heavy_days": 1.0, "drinks_per_day": float("inf"), "percent_days_abstinent": 0.0}
RANK_TEST = "Wilcoxon rank-sum, normal approximation with ties and continuity correction"
UNKNOWN = "unknown"


@remembered(ENDPOINTS)
def responders(trial: Trial, spec: AnalysisSpec) -> Responders:
    """The ladder, the curves that the amounts can tell, and the flow of WHO levels where there is one."""
    v = values_of(trial, spec)
    curves = tuple(_curve(key, v, spec) for key in MEASURES if not withheld(EVERY[key], v, spec))
    return Responders(_ladder(v, spec), curves, _flow(v, spec), v.panel.terms)


def _label(key: str, v: Values, spec: AnalysisSpec) -> str:
    d = EVERY[key]
    label = d.label.format(**words(v.panel, window_of(d, v.panel, spec), v))
    return label[:1].upper() + label[1:]


# --- the ladder ------------------------------------------------------------------------------------------------------


def _ladder(v: Values, spec: AnalysisSpec) -> Ladder:
    """Everybody randomised, at the highest rung reached; who cannot reach a rung has not reached it."""
    given = [key for key in RUNGS if not withheld(EVERY[key], v, spec)]
    left_out: dict[str, list[str]] = {}
    for key in RUNGS:
        if key not in given:
            left_out.setdefault(withheld(EVERY[key], v, spec), []).append(_label(key, v, spec))
    reasons = [f"{enumerated(labels)}: {why}" for why, labels in left_out.items()]
    reached = np.zeros_like(v.before, dtype=float)[None]
    rungs = []
    for key in given:
        reached = either(reached, np.where(v.eligible[key], v.values[key], 0.0))
        rungs.append(_rung(key, v, reached, spec))
    definition = "Each participant counts at the highest rung reached, and so at all below it."
    return Ladder(v.panel.arms, spec.confidence, tuple(rungs), definition, (*reasons, *_ineligible(v, given)))


def either(a: Array, b: Array) -> Array:
    """1 where one of two is, 0 where both are known not to be, NaN where that is open."""
    return np.where((a == 1) | (b == 1), 1.0, np.where(np.isnan(a) | np.isnan(b), np.nan, 0.0))


def _ineligible(v: Values, given: list[str]) -> tuple[str, ...]:
    who = [f"{counted(n, 'participant')} ({EVERY[key].label})" for key in given if (n := int((~v.eligible[key]).sum()))]
    return (f"too low a level before treatment to reach the rung by falling: {listed(who)}",) if who else ()


def _rung(key: str, v: Values, reached: Array, spec: AnalysisSpec) -> Rung:
    known = ~np.isnan(reached).any(axis=0)
    arms, shares = [], []
    for k, arm in enumerate(v.panel.arms):
        own = v.panel.active == bool(k)
        n = int((own & known).sum())
        shares.append(reached[:, own & known].mean(axis=1) if n else np.zeros(0))
        arms.append(share_of((arm, n, int((own & ~known).sum()), 0), shares[-1], spec.confidence))
    control, active = arms
    if control.value is None or active.value is None:
        return Rung(key, _label(key, v, spec), (control, active), Estimate(None, None, None), None)
    gap = difference_of_shares(shares[1], active.n, shares[0], control.n, spec.confidence)
    return Rung(key, _label(key, v, spec), (control, active), gap, cohen_h(active.value, control.value))


# --- every cut -------------------------------------------------------------------------------------------------------

AVERAGED = "each participant's mean over the imputations is taken"


def _curve(key: str, v: Values, spec: AnalysisSpec) -> ResponderCurve:
    d, p = EVERY[key], v.panel
    values = v.values[key].mean(axis=0)  # NaN where any of the imputations leaves the value open
    worst = np.isnan(values)
    values = np.where(worst, WORST[key], values)
    ends = {0.0, 1.0} if d.unit == "percent" else {0.0}
    cuts = np.array(sorted(ends | set(values[np.isfinite(values)])))
    groups = [values[~p.active], values[p.active]]
    n_worst = [int((worst & own).sum()) for own in (~p.active, p.active)]
    test, gap = ResponderTest(RANK_TEST, None, None), Estimate(None, None, None)
    messages = [AVERAGED] if len(v.values[key]) > 1 else []
    if all(len(g) for g in groups):
        result = ranks.rank_sum(groups[1], groups[0])
        test = ResponderTest(RANK_TEST, result.statistic, result.p)
        gap = ranks.shift(groups[1], groups[0], spec.confidence)
    if any(n_worst):
        who = " and ".join(f"{n} {arm}" for n, arm in zip(n_worst, p.arms, strict=True) if n)
        messages.append(f"without a value, and counted as the worst: {who}")
    control, active = (steps(g, cuts, good=d.good) for g in groups)
    return ResponderCurve(
        measure=key,
        label=_label(key, v, spec),
        unit=d.unit,
        good=d.good,
        arms=p.arms,
        n=(len(groups[0]), len(groups[1])),
        n_worst=(n_worst[0], n_worst[1]),
        curves=(control, active),
        test=test,
        shift=gap,
        confidence=spec.confidence,
        messages=tuple(messages),
    )


def steps(values: Array, cuts: Array, *, good: bool) -> tuple[Share, ...]:
    """The share at each cut or beyond it: above where more is better, below where less is."""
    if not len(values):
        return ()
    order = np.sort(values)
    below = np.searchsorted(order, cuts, side="left" if good else "right")
    shares = (len(values) - below if good else below) / len(values)
    return tuple(Share(float(c), float(s)) for c, s in zip(cuts, shares, strict=True))


# --- WHO levels ------------------------------------------------------------------------------------------------------


def _flow(v: Values, spec: AnalysisSpec) -> Flow | None:
    """How many went from which level to which; None where no level can be told."""
    one = EVERY["who_reduction_1"]
    if withheld(one, v, spec):
        return None
    control, active = (_moves(v, v.panel.active == bool(k)) for k in (0, 1))
    window = window_of(one, v.panel, spec)
    notes = tuple(short_for_levels(v, spec))
    return Flow(v.panel.arms, (*LEVELS, UNKNOWN), v.people.before.days, window, (control, active), notes)


def _moves(v: Values, own: NDArray[np.bool_]) -> tuple[tuple[float, ...], ...]:
    n = len(LEVELS)
    counts = np.zeros((n + 1, n + 1))
    before = np.where(np.isnan(v.before), n, v.before).astype(int)[own]
    for after in np.where(np.isnan(v.after), n, v.after).astype(int)[:, own]:
        np.add.at(counts, (before, after), 1.0 / len(v.after))
    return tuple(tuple(float(round(x, 9)) for x in row) for row in counts)
