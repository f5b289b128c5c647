"""Time to relapse, first use and first heavy drinking day, under whatever dropout is taken to be."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from ketadash.analyse.binary import panel_of
from ketadash.analyse.events_imputed import imputed
from ketadash.analyse.memo import remembered
from ketadash.analyse.outcomes import Times, late_window, tells, time_to
from ketadash.core.choices.dropout import DropoutRule
from ketadash.core.choices.endpoint import Endpoint
from ketadash.core.families import TIME_TO_EVENT
from ketadash.core.spec import AnalysisSpec
from ketadash.results import ArmsTest, Counts, Cox, Estimate, LogRank, Rmst, SurvivalArm, SurvivalPoint, TimeToEvent
from ketadash.stats import competing_risks, effects, survival
from ketadash.stats.wald import normal_quantile
from ketadash.trial import Panel, Trial

CAUSE_SPECIFIC = "the hazard ratio is cause-specific: it compares relapse among those still in the study each day"

Curve = tuple[list[SurvivalArm], list[SurvivalPoint]]


@remembered(TIME_TO_EVENT)
def time_to_event(trial: Trial, spec: AnalysisSpec) -> dict[str, TimeToEvent | None]:
    """Every endpoint; None for those that need heavy days where the amounts cannot tell one."""
    p = panel_of(trial, spec)
    return {
        endpoint.value: endpoint_of(p, endpoint, spec) if tells(p, endpoint, spec) else None for endpoint in Endpoint
    }


def endpoint_of(p: Panel, endpoint: str, spec: AnalysisSpec) -> TimeToEvent:
    """One endpoint under the dropout rule of `spec`, remembering nothing."""
    about = Endpoint(endpoint).about
    if spec.dropout.about.imputed:
        return imputed(p, endpoint, spec)
    times = time_to(p, endpoint, spec.dropout, spec)
    origin = int(p.days[0]) - 1  # day 0 of the curve: just before the window's first day
    time, cause = times.day - origin, causes(times)
    tau = spec.tau if spec.tau is not None else int(p.days[-1])
    competes = about.takes_dropout and spec.dropout.about.competes
    arms, curve = _incidence(p, time, cause, spec) if competes else _kaplan_meier(p, time, times.event, spec)
    by_the_last_day = competing_risks.incidence_difference(
        time, cause, p.active, int(p.days[-1]) - origin, confidence=spec.confidence, labels=p.arms, origin=origin
    )
    return TimeToEvent(
        endpoint=about.word,
        definition=times.definition,
        window=(int(p.days[0]), int(p.days[-1])),
        confidence=spec.confidence,
        ci_type="log(-log), infinitesimal jackknife" if competes else "log(-log), Greenwood",
        arms=(_from_origin(arms[0], origin), _from_origin(arms[1], origin)),
        curve=tuple(replace(point, day=point.day + origin) for point in curve),
        logrank=_test(p, time, times.event, cause, competes, p.strata),
        cox=_cox(p, time, times.event, competes, spec, p.strata),
        rmst=_restricted_mean(p, time, times.event, cause, tau, origin, competes, spec),
        difference=by_the_last_day.difference,
        counts=_counts(p, times),
        dropout=spec.dropout.value if about.takes_dropout else DropoutRule.CENSORED.value,
        method="1 − cumulative incidence (Aalen–Johansen)" if competes else "Kaplan–Meier",
        test=_name(competes, stratified=p.strata is not None),
        estimator="Aalen–Johansen" if competes else "Kaplan–Meier",
        warnings=(*p.warnings, *late_window(p, endpoint, spec), *by_the_last_day.messages),
        terms=p.terms,
        strata=p.strata_columns,
        unstratified=(
            None
            if p.strata is None
            else (_test(p, time, times.event, cause, competes, None), _cox(p, time, times.event, competes, spec, None))
        ),
    )


NO_ODDS = "the odds ratio is of counts of people, which imputed days do not give"


def odds_of_event(result: TimeToEvent) -> tuple[Estimate, str | None]:
    """Odds of the event by the last day, active to control (Woolf), and what there is to say about them.

    Whoever was censored before counts as without the event, as reports count them.
    """
    control, active = result.arms
    if DropoutRule(result.dropout).about.imputed:
        return Estimate(None, None, None), NO_ODDS
    ratio = effects.odds_ratio(
        int(active.events), active.n, int(control.events), control.n, confidence=result.confidence
    )
    if ratio.estimate is None or ratio.ci_low is None or ratio.ci_high is None:
        return Estimate(None, None, None), ratio.message
    se = float(np.log(ratio.ci_high / ratio.ci_low)) / (2 * normal_quantile(result.confidence))
    p = float(2 * ndtr(-abs(np.log(ratio.estimate)) / se))
    return Estimate(ratio.estimate, ratio.ci_low, ratio.ci_high, p, se), ratio.message


def causes(times: Times) -> NDArray[np.int64]:
    """(G,) 1 for the event, 2 for dropout where it competes, 0 for censored."""
    return np.where(times.event, 1, np.where(times.kind == "dropout", 2, 0))


def _kaplan_meier(p: Panel, time: NDArray[np.int64], event: NDArray[np.bool_], spec: AnalysisSpec) -> Curve:
    arms, curve = list[SurvivalArm](), list[SurvivalPoint]()
    for k, arm in enumerate(p.arms):
        km = survival.kaplan_meier(time[p.active == k], event[p.active == k], confidence=spec.confidence)
        arms.append(km.summary(arm))
        curve += km.points(arm)
    return arms, curve


def _incidence(p: Panel, time: NDArray[np.int64], cause: NDArray[np.int64], spec: AnalysisSpec) -> Curve:
    """The share without relapse, 1 − its cumulative incidence with dropout as something else that can happen."""
    arms, curve = list[SurvivalArm](), list[SurvivalPoint]()
    for k, arm in enumerate(p.arms):
        f = competing_risks.aalen_johansen(time[p.active == k], cause[p.active == k], confidence=spec.confidence)
        free, low, high = 1 - f.incidence, 1 - f.ci_high, 1 - f.ci_low
        half = [survival.time_at_half(f.time, share) for share in (free, low, high)]
        arms.append(
            SurvivalArm(
                arm,
                f.n,
                int(f.events.sum()),
                int(f.censored.sum()),
                half[0],
                (half[1], half[2]),
                int(f.competing.sum()),
            )
        )
        for i, day in enumerate(f.time):
            a, b = (None, None) if np.isnan(low[i]) else (float(low[i]), float(high[i]))
            curve.append(
                SurvivalPoint(
                    arm,
                    int(day),
                    int(f.at_risk[i]),
                    int(f.events[i]),
                    int(f.censored[i]),
                    float(free[i]),
                    a,
                    b,
                    int(f.competing[i]),
                )
            )
    return arms, curve


def _test(
    p: Panel,
    time: NDArray[np.int64],
    event: NDArray[np.bool_],
    cause: NDArray[np.int64],
    competes: bool,
    strata: NDArray[np.int64] | None,
) -> LogRank:
    if competes:
        return competing_risks.gray_test(time, cause, p.active, strata)
    return survival.logrank(time, event, p.active, strata)


def _cox(
    p: Panel,
    time: NDArray[np.int64],
    event: NDArray[np.bool_],
    competes: bool,
    spec: AnalysisSpec,
    strata: NDArray[np.int64] | None,
) -> Cox:
    cox = survival.cox(time, event, p.active, confidence=spec.confidence, labels=p.arms, strata=strata)
    return replace(cox, messages=(*cox.messages, CAUSE_SPECIFIC)) if competes else cox


def _name(competes: bool, *, stratified: bool) -> ArmsTest:
    if competes:
        return ArmsTest.STRATIFIED_GRAY if stratified else ArmsTest.GRAY
    return ArmsTest.STRATIFIED_LOG_RANK if stratified else ArmsTest.LOG_RANK


def _restricted_mean(
    p: Panel,
    time: NDArray[np.int64],
    event: NDArray[np.bool_],
    cause: NDArray[np.int64],
    tau: int,
    origin: int,
    competes: bool,
    spec: AnalysisSpec,
) -> Rmst:
    """Mean days without the event up to day `tau` of the data, and the difference."""
    if not competes:
        fit = survival.rmst(
            time, event, p.active, tau - origin, confidence=spec.confidence, labels=p.arms, origin=origin
        )
        return replace(fit, tau=tau)  # as a day of the data, like every other
    arms = {
        arm: competing_risks.restricted_mean_free(time[p.active == k], cause[p.active == k], tau - origin)
        for k, arm in enumerate(p.arms)
    }
    gap = survival.difference(arms[p.arms[1]], arms[p.arms[0]], spec.confidence)
    return Rmst(tau, arms, gap, survival.unvarying_means(survival.unvarying(arms), gap))


def _from_origin(arm: SurvivalArm, origin: int) -> SurvivalArm:
    low, high = arm.median_ci
    return replace(arm, median=_day(arm.median, origin), median_ci=(_day(low, origin), _day(high, origin)))


def _day(time: float | None, origin: int) -> float | None:
    return None if time is None else time + origin


def _counts(p: Panel, times: Times) -> Counts:
    """Days known, and dropouts that the rule turned into events."""
    known = ~np.isnan(p.amount)
    dropouts = (times.kind == "dropout") & times.event
    return Counts(len(p.active), int(known.sum()), int(dropouts.sum()), int((~known).sum()))
