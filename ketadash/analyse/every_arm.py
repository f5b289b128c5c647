"""Every arm of a trial with more than two, each against the control, adjusted for their number by Holm."""

from __future__ import annotations

import numpy as np

from ketadash.analyse.binary import panel_of
from ketadash.analyse.events import time_to_event
from ketadash.analyse.memo import remembered
from ketadash.analyse.outcomes import abstinence
from ketadash.analyse.percent_days import percent_days_abstinent
from ketadash.core.choices.endpoint import Endpoint
from ketadash.core.families import EVERY_ARM
from ketadash.core.spec import AnalysisSpec
from ketadash.results import Estimate, TimeToEvent
from ketadash.results.arms import AgainstControl, ArmDay, EveryArm
from ketadash.results.means import PercentDays
from ketadash.stats.multiplicity import holm
from ketadash.trial import Trial
from ketadash.trial.population import people_of

FEWEST = 2  # people in an arm that a comparison needs


def every_arm(trial: Trial, spec: AnalysisSpec) -> EveryArm | None:
    """Each arm against the control of a resolved spec; None for a trial of two arms, whatever its choices are."""
    if len(trial.arms) < 3 or spec.control is None or spec.active is None:
        return None
    return _every_arm(trial, spec)


@remembered(EVERY_ARM)
def _every_arm(trial: Trial, spec: AnalysisSpec) -> EveryArm:
    assert spec.control is not None and spec.active is not None, "a resolved spec names them"
    others, enough = [arm for arm in trial.arms if arm != spec.control], compared_arms(trial, spec)
    days = {arm: percent_days_abstinent(trial, spec.replace(active=arm)) for arm in enough}
    events = {arm: time_to_event(trial, spec.replace(active=arm))[Endpoint.RELAPSE] for arm in enough}
    p = holm([days[arm].difference.p for arm in enough])
    relapse = holm([None if (e := events[arm]) is None else e.logrank.p for arm in enough])
    adjusted = {arm: pair for arm, *pair in zip(enough, p, relapse, strict=True)}
    rows = [
        _against(days[arm], events[arm], *adjusted[arm])
        if arm in days
        else AgainstControl(arm, len(_alone(trial, spec, arm)), None, NONE, None, None, None, None, "too few people")
        for arm in others
    ]
    first = panel_of(trial, spec)
    return EveryArm(
        control=_of_control(days[spec.active], events[spec.active]),
        others=tuple(rows),
        daily=tuple(point for arm in enough for point in _days(trial, spec, arm, control=arm == enough[0])),
        chosen=(spec.control, spec.active),
        window=(int(first.days[0]), int(first.days[-1])),
        confidence=spec.confidence,
        terms=first.terms,
    )


def compared_arms(trial: Trial, spec: AnalysisSpec) -> tuple[str, ...]:
    """Those with people enough to be compared with the control, of a trial with more than two arms; else none."""
    if len(trial.arms) < 3 or spec.control is None:
        return ()
    return tuple(arm for arm in trial.arms if arm != spec.control and len(_alone(trial, spec, arm)) >= FEWEST)


NONE = Estimate(None, None, None)


def _alone(trial: Trial, spec: AnalysisSpec, arm: str) -> list[str]:
    people = people_of(trial, spec.replace(active=arm))
    return list(people.loc[people["arm"] == arm, "participant_id"])


def _against(
    days: PercentDays, events: TimeToEvent | None, p_holm: float | None, relapse_p_holm: float | None
) -> AgainstControl:
    own = days.arms[1]
    relapsed = None if events is None else events.arms[1].events / events.arms[1].n
    p = None if events is None else events.logrank.p
    message = "; ".join(days.messages)
    return AgainstControl(own.arm, own.n, own.mean, days.difference, p_holm, relapsed, p, relapse_p_holm, message)


def _of_control(days: PercentDays, events: TimeToEvent | None) -> AgainstControl:
    own = days.arms[0]
    relapsed = None if events is None else events.arms[0].events / events.arms[0].n
    return AgainstControl(own.arm, own.n, own.mean, NONE, None, relapsed, None, None)


def _days(trial: Trial, spec: AnalysisSpec, arm: str, *, control: bool) -> list[ArmDay]:
    """An arm's shares by day, the control's before the first of the others; days that a rule draws are left out."""
    p = panel_of(trial, spec.replace(active=arm))
    y = abstinence(p, spec.missing).y
    points = []
    for k, name in enumerate(p.arms):
        if k == 0 and not control:
            continue
        own = y[p.active == k]
        known = (~np.isnan(own)).sum(axis=0)
        share = np.nansum(own, axis=0) / np.maximum(known, 1)
        points += [
            ArmDay(name, int(day), int(n), float(x) if n else None)
            for day, n, x in zip(p.days, known, share, strict=True)
        ]
    return points
