"""The number needed to treat, observed and modelled, each with its definition in words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ketadash.analyse.binary import abstinence_fit, abstinence_result, counts, panel_of
from ketadash.analyse.curves import difference_on
from ketadash.analyse.design import Outcomes
from ketadash.analyse.filled_days import Completed
from ketadash.analyse.memo import remembered
from ketadash.analyse.outcomes import throughout
from ketadash.core.choices.missing import missing_day
from ketadash.core.families import NNT
from ketadash.core.spec import AnalysisSpec, Estimand, Uncertainty
from ketadash.results import BinaryOutcome, CurvePoint, Estimate, Nnt, NntResult, Risk
from ketadash.stats.nnt import nnt, nnt_text
from ketadash.stats.pooling import difference_of_proportions, whole
from ketadash.trial import Panel, Trial

Array = NDArray[np.float64]

NEWCOMBE = "Newcombe (Wilson scores)"
POOLED = "Newcombe (Wilson scores), pooled over imputations"
DELTA = "delta method"
NONE = "no interval"
ROBUST = "delta method, robust standard errors clustered by participant"
NOISE = 1e-9  # a difference that is none but for the computer's arithmetic


@remembered(NNT)
def nnt_result(trial: Trial, spec: AnalysisSpec) -> NntResult:
    """Abstinent on all days and on the last day as observed; the last day as modelled; the difference by day."""
    p = panel_of(trial, spec)
    last, n_days = int(p.days[-1]), len(p.days)
    days = abstinence_fit(trial, spec).days
    whole, on_last = _missing(p, spec)
    modelled = abstinence_result(trial, spec)
    every_day = f"all {n_days} days" if n_days > 1 else f"day {last}"
    return NntResult(
        arms=p.arms,
        confidence=spec.confidence,
        observed=replace(
            _observed("observed", f"abstinent on {every_day}", whole, p, throughout(days.ys), spec, days.trouble),
            risk_difference_bounds=None if spec.missing.fills else _bounds(p, throughout(days.ys)[0]),
        ),
        observed_last_day=_observed(
            "observed_last_day",
            f"abstinent on day {last}",
            on_last,
            p,
            days.ys[:, :, -1],
            spec,
            days.trouble,
        ),
        modelled=_modelled(modelled.modelled, modelled.difference, p, last, spec),
        by_day=modelled.difference,
        counts=counts(days),
        warnings=modelled.warnings,
        doubts=(
            *(_left_out(p, throughout(days.ys)[0], every_day) if not spec.missing.fills else ()),
            *_nobody_is_typical(trial, spec, modelled),
        ),
    )


def _missing(p: Panel, spec: AnalysisSpec) -> tuple[str, str]:
    """How missing days are taken in the two observed numbers."""
    if not p.n_missing:
        return ("no day is missing",) * 2
    if spec.missing.fills:
        return (missing_day(spec.missing, p.terms.use),) * 2
    return (
        f"participants with missing days and no known {p.terms.day} are left out",
        "participants missing that day are left out",
    )


def abstinent_every_day(p: Panel, days: Completed, spec: AnalysisSpec) -> Estimate:
    """The difference in the share abstinent on all days, as the first of the three numbers has it."""
    n = _observed("observed", "", "", p, throughout(days.ys), spec, days.trouble)
    return Estimate(n.risk_difference, n.ci_low, n.ci_high)


def _bounds(p: Panel, status: Array) -> tuple[float, float] | None:
    """The difference with unknown outcomes taken either way, where they are left out one-sidedly; None elsewhere.

    Somebody with a missing day can be known to have failed, by another day, and never to have succeeded; on a single
    day that is not so.
    """
    unknown = [int(np.isnan(status[p.active == k]).sum()) for k in (0, 1)]
    n = [int((p.active == k).sum()) for k in (0, 1)]
    if not any(unknown) or not all(n) or len(p.days) == 1:
        return None
    events = [int(np.nansum(status[p.active == k])) for k in (0, 1)]
    return (
        events[1] / n[1] - (events[0] + unknown[0]) / n[0],
        (events[1] + unknown[1]) / n[1] - events[0] / n[0],
    )


def _left_out(p: Panel, status: Array, every_day: str) -> tuple[str, ...]:
    """What leaving unknown outcomes out does to abstinence on every day, with the bounds it hides."""
    bounds = _bounds(p, status)
    if bounds is None:
        return ()
    unknown = [int(np.isnan(status[p.active == k]).sum()) for k in (0, 1)]
    left_out = " and ".join(f"{count} {arm}" for count, arm in zip(unknown, p.arms, strict=True) if count)
    return (
        f"abstinence on {every_day} leaves out {left_out} participants with missing days, and keeps those with missing "
        f"days who are known to have failed: shares among the rest are too low. With those left out taken either "
        f"way the difference could be anything from {_points(bounds[0])} to {_points(bounds[1])} percentage points; "
        "choose a rule that gives missing days a value or imputes them",
    )


def _nobody_is_typical(trial: Trial, spec: AnalysisSpec, modelled: BinaryOutcome) -> tuple[str, ...]:
    """That the modelled number treats everybody as the typical participant, and what it is for the population."""
    fitted, gap = abstinence_fit(trial, spec), modelled.difference
    if spec.estimand is Estimand.POPULATION or not gap or fitted.rows is None:
        return ()
    averaged = spec.replace(estimand=Estimand.POPULATION)
    population = difference_on(fitted.rows, fitted.fitted, spec.trend, averaged, gap[-1].day)
    assert population.estimate is not None  # the same fit has a difference for the typical participant
    text = nnt_text(population.estimate, population.ci_low, population.ci_high, confidence=spec.confidence)
    return (
        "the modelled number needed to treat is of a typical participant, and people are not all typical (random "
        f"intercept SD {modelled.model.random_intercept_sd:.1f}): for the population it is {text}; choose "
        "population-averaged",
    )


def _points(difference: float) -> str:
    """Percentage points with a true minus sign."""
    return f"{100 * difference:.0f}".replace("-", "\u2212")


def _observed(name: str, what: str, unknown: str, p: Panel, status: Outcomes, spec: AnalysisSpec, trouble: str) -> Nnt:
    """Risk difference from a 1/0/NaN status (k, G) per imputation, or one, and participant."""
    known = ~np.isnan(status[0])
    each = [status[:, known & (p.active == k)] for k in (0, 1)]
    control, active = (Risk(arm, whole(s.sum(axis=1).mean()), s.shape[1]) for arm, s in zip(p.arms, each, strict=True))
    if control.n == 0 or active.n == 0:
        arm = (control if control.n == 0 else active).arm
        reason = f"not estimable: {trouble or f'the outcome is known for nobody in the {arm} arm'}"
        return Nnt(name, what, unknown, None, None, None, None, None, None, reason, NONE, (control, active))
    shares = [s.mean(axis=1) for s in each]
    gap = difference_of_proportions(shares[1], active.n, shares[0], control.n, spec.confidence)
    how = POOLED if len(status) > 1 else NEWCOMBE
    return _nnt(
        name,
        what,
        unknown,
        active.events / active.n,
        control.events / control.n,
        gap.ci_low,
        gap.ci_high,
        how,
        spec,
        (control, active),
    )


def _modelled(
    curves: tuple[CurvePoint, ...], difference: tuple[CurvePoint, ...], p: Panel, last: int, spec: AnalysisSpec
) -> Nnt:
    averaged = spec.estimand is Estimand.POPULATION
    who = "population-averaged probability" if averaged else "a typical participant's probability"
    what = f"{who} of abstinence on day {last}, from the model"
    how = ROBUST if spec.uncertainty is Uncertainty.ROBUST else DELTA
    if not difference:
        reason = "not estimable: the abstinence model has no finite answer, or no standard error (see its messages)"
        return Nnt("modelled", what, "", None, None, None, None, None, None, reason, NONE)
    at_last = {c.arm: c.probability for c in curves if c.day == last}
    gap = difference[-1]
    return _nnt("modelled", what, "", at_last[p.arms[1]], at_last[p.arms[0]], gap.ci_low, gap.ci_high, how, spec, None)


def _nnt(
    name: str,
    what: str,
    unknown: str,
    active: float,
    control: float,
    low: float | None,
    high: float | None,
    interval: str,
    spec: AnalysisSpec,
    counts: tuple[Risk, Risk] | None,
) -> Nnt:
    difference = active - control if abs(active - control) > NOISE else 0.0
    text = nnt_text(difference, low, high, confidence=spec.confidence)
    how = NONE if low is None else interval
    return Nnt(name, what, unknown, active, control, difference, low, high, nnt(difference), text, how, counts)
