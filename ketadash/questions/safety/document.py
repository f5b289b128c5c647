"""What else happened, as the JSON of `ketadash analyze` tells it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ketadash import analyse
from ketadash.core.spec import AnalysisSpec
from ketadash.questions.safety import words as words_safety
from ketadash.questions.shared.document import Document, model_fit
from ketadash.results.safety import AdverseEvent, AdverseEvents, Dissociation, FollowUp, Measure
from ketadash.trial import Trial


def document(trial: Trial, spec: AnalysisSpec, *, deep: bool) -> Document:
    """Events, scores, measures, follow-up: null without its file or column, and `absent` says what brings it."""
    events = analyse.adverse_events_result(trial, spec)
    score = analyse.dissociation_result(trial, spec)
    measures = analyse.measures_result(trial, spec)
    later = analyse.follow_up_result(trial, spec)
    parts = {
        "adverse_events": None if events is None else _events(events),
        "cadss": None if score is None else _dissociation(score),
        "measures": [_measure(m) for m in measures] or None,
        "follow_up": None if later is None else _follow_up(later),
    }
    file_of = {"adverse_events": "events"}
    absent = {name: words_safety.WOULD_BRING[file_of.get(name, name)] for name, part in parts.items() if part is None}
    left_out = analyse.measures_left_out(trial)
    warnings = [
        *(events.warnings if events is not None else ()),
        *(score.messages if score is not None else ()),
        *(text for m in measures for text in (*m.warnings, *m.model.convergence.messages)),
        *([left_out] if left_out else []),
    ]
    return {"safety": {**parts, "absent": absent}}, warnings


def _events(result: AdverseEvents) -> dict[str, Any]:
    return {
        "events": [_event(e) for e in result.events],
        "overall": _event(result.overall),
        "n_before_treatment": result.n_before,
    }


def _event(e: AdverseEvent) -> dict[str, Any]:
    arms = [asdict(a) | {"proportion": a.participants / a.n, "severity": dict(a.severity)} for a in e.arms]
    return {"event": e.event, "arms": arms, "risk_difference": _estimate(asdict(e.difference))}


def _estimate(estimate: dict[str, Any]) -> dict[str, Any]:
    return {k: estimate[k] for k in ("estimate", "ci_low", "ci_high")}


def _dissociation(result: Dissociation) -> dict[str, Any]:
    arms = [{k: v for k, v in asdict(a).items() if k != "values"} for a in result.arms]
    return {
        "source": result.source,
        "arms": arms,
        "kruskal_wallis": asdict(result.test),
        "abstinence": {
            "outcome": result.outcome,
            "n": result.n,
            "n_abstinent": result.n_abstinent,
            "odds_ratio": asdict(result.odds_ratio),
            "messages": list(result.messages),
        },
    }


def _measure(m: Measure) -> dict[str, Any]:
    return {
        "measure": m.measure,
        "link": m.link,
        "estimand": m.estimand,
        "model": model_fit(m.model),
        "observed": [{"arm": p.arm, "week": p.week, "n": p.n, "mean": p.mean, "se": p.se} for p in m.observed],
        "modelled": [{k: v for k, v in asdict(p).items() if k != "n"} for p in m.modelled],
        "change_per_week": [asdict(c) for c in m.change],
    }


def _follow_up(result: FollowUp) -> dict[str, Any]:
    arms = [
        {k: v for k, v in asdict(a).items() if k != "proportion"}
        | {"proportion": a.proportion.estimate, "ci_low": a.proportion.ci_low, "ci_high": a.proportion.ci_high}
        for a in result.arms
    ]
    low, high = result.bounds
    return {
        "column": result.source,
        "arms": arms,
        "risk_difference": _estimate(asdict(result.difference)),
        "risk_difference_bounds": {"low": low, "high": high},
        "n": sum(a.n for a in result.arms),
        "reached": sum(a.reached for a in result.arms),
        "not_reached": sum(a.n - a.reached for a in result.arms),
    }
