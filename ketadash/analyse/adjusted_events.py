"""The share with an event by the last day, and the hazard ratio: within strata, and adjusted for what was known."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ketadash.analyse.adjusted_endpoints import Named, adjust
from ketadash.analyse.binary import panel_of
from ketadash.analyse.events import time_to_event
from ketadash.analyse.events_imputed import completed_times, had_event, pooled_cox
from ketadash.analyse.filled_days import abstinent_days
from ketadash.analyse.memo import remembered
from ketadash.analyse.outcomes import time_to
from ketadash.core.choices.person_endpoint.definition import Kind
from ketadash.core.families import ADJUSTED_EVENTS
from ketadash.core.findings import counted
from ketadash.core.spec import AnalysisSpec
from ketadash.results import TimeToEvent
from ketadash.results.adjusted import AdjustedEndpoint, AdjustedEndpoints, AdjustedHazard
from ketadash.stats.adjusted_hazard import adjusted_cox
from ketadash.trial import Panel, Trial

Array = NDArray[np.float64]


@remembered(ADJUSTED_EVENTS)
def adjusted_events(trial: Trial, spec: AnalysisSpec) -> dict[str, AdjustedEndpoints]:
    """Each endpoint that is given, by its word; none where neither strata nor further covariates are chosen."""
    p = panel_of(trial, spec)
    if p.strata is None and not p.covariate_names:
        return {}
    covariates, names = abstinent_days(p, spec).adjusted_for
    return {
        word: AdjustedEndpoints(
            p.arms,
            spec.confidence,
            p.strata_columns,
            names,
            (_event(word, result, p, covariates, spec),),
            _hazard(word, p, covariates, names, spec),
        )
        for word, result in time_to_event(trial, spec).items()
        if result is not None
    }


def _event(word: str, result: TimeToEvent, p: Panel, covariates: Array, spec: AnalysisSpec) -> AdjustedEndpoint:
    label = f"Share with the event by day {result.window[1]}"
    named = Named(word, label, Kind.COUNT, "percent", result.difference)
    had = had_event(p, word, spec) if spec.dropout.about.imputed else _known(word, p, spec)
    unknown = np.isnan(had).any(axis=0)
    if unknown.any():
        lost = (
            f"{counted(int(unknown.sum()), 'participant')} without the event left before the last day and are "
            "censored: as theirs is not known, no share is given within strata or adjusted"
        )
        return AdjustedEndpoint(
            word,
            label,
            Kind.COUNT,
            "percent",
            int((~unknown).sum()),
            result.difference,
            None,
            None,
            None,
            None,
            (lost,),
        )
    return adjust(named, had, p, np.ones(len(p.active), bool), covariates, spec.confidence)


def _hazard(
    word: str, p: Panel, covariates: Array, names: tuple[str, ...], spec: AnalysisSpec
) -> AdjustedHazard | None:
    """The hazard ratio with the covariates held alike, within the strata there are; None without covariates.

    Strata have baseline hazards of their own, so that terms of their columns would say nothing more.
    """
    own = [k for k, name in enumerate(names) if name not in p.of_strata]
    if not own:
        return None
    if spec.dropout.about.imputed:
        sets = completed_times(p, word, spec)
    else:
        times = time_to(p, word, spec.dropout, spec)
        sets = [(times.day - (int(p.days[0]) - 1), times.event)]
    fits = [
        adjusted_cox(
            time,
            event,
            p.active,
            covariates[:, own],
            confidence=spec.confidence,
            labels=p.arms,
            strata=p.strata,
        )
        for time, event in sets
    ]
    return AdjustedHazard(
        tuple(names[k] for k in own), fits[0] if len(fits) == 1 else pooled_cox(fits, spec.confidence)
    )


def _known(word: str, p: Panel, spec: AnalysisSpec) -> Array:
    """Who had it by the last day (1, G): 1 or 0, NaN where that is not known; who dropped out and can no more, 0."""
    times = time_to(p, word, spec.dropout, spec)
    open_end = ~times.event & (times.kind == "") & (times.day < p.days[-1])
    return np.where(open_end, np.nan, times.event.astype(float))[None]
