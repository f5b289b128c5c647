"""Time to relapse, first use and first heavy drinking day."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ketadash.analyse.binary import panel_of
from ketadash.memo import remembered
from ketadash.outcomes import Endpoint, Times, time_to
from ketadash.results import Counts, TimeToEvent
from ketadash.spec import TIME_TO_EVENT, AnalysisSpec
from ketadash.stats import survival
from ketadash.trial import Panel, Trial

ENDPOINTS: tuple[Endpoint, ...] = ("relapse", "first_use", "first_heavy_day")


@remembered(*TIME_TO_EVENT)
def time_to_event(trial: Trial, spec: AnalysisSpec) -> dict[str, TimeToEvent | None]:
    """Every endpoint; None for those that need heavy days where the amounts cannot tell one."""
    p = panel_of(trial, spec)
    return {
        endpoint: _analyse(p, endpoint, spec) if p.can_tell_heavy or endpoint == "first_use" else None
        for endpoint in ENDPOINTS
    }


def _analyse(p: Panel, endpoint: Endpoint, spec: AnalysisSpec) -> TimeToEvent:
    times = time_to(p, endpoint, spec.dropout)
    origin = int(p.days[0]) - 1  # day 0 of the curve: just before the window's first day
    time = times.day - origin
    tau = spec.tau if spec.tau is not None else int(p.days[-1])
    arms, curve = [], []
    for k, arm in enumerate(p.arms):
        own = p.active == k
        km = survival.kaplan_meier(time[own], times.event[own], confidence=spec.confidence)
        summary = km.summary(arm)
        low, high = summary.median_ci
        arms.append(
            replace(summary, median=_day(summary.median, origin), median_ci=(_day(low, origin), _day(high, origin)))
        )
        curve += [replace(point, day=point.day + origin) for point in km.points(arm)]
    rmst = survival.rmst(time, times.event, p.active, tau - origin, confidence=spec.confidence, labels=p.arms)
    cox = survival.cox(time, times.event, p.active, confidence=spec.confidence, labels=p.arms)
    return TimeToEvent(
        endpoint=endpoint,
        definition=times.definition,
        window=(int(p.days[0]), int(p.days[-1])),
        confidence=spec.confidence,
        ci_type="log(-log), Greenwood",
        arms=(arms[0], arms[1]),
        curve=tuple(curve),
        logrank=survival.logrank(time, times.event, p.active),
        cox=cox,
        rmst=replace(rmst, tau=tau),  # as a day of the data, like every other
        counts=_counts(p, times),
        warnings=tuple(p.warnings),
    )


def _day(time: float | None, origin: int) -> float | None:
    return None if time is None else time + origin


def _counts(p: Panel, times: Times) -> Counts:
    """Days known, and dropouts that the rule turned into events."""
    known = ~np.isnan(p.amount)
    return Counts(len(p.active), int(known.sum()), int((times.kind == "dropout").sum()), int((~known).sum()))
