"""Time to event in the JSON of `ketadash analyze`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ketadash import analyse
from ketadash.core.spec import AnalysisSpec
from ketadash.questions.shared.document import NO_HEAVY, Document, records
from ketadash.results import TimeToEvent
from ketadash.trial import Trial


def time_to_event(result: TimeToEvent | None) -> dict[str, Any] | None:
    if result is None:
        return None
    return {
        "definition": result.definition,
        "dropout": result.dropout,
        "method": result.method,
        "test": result.test,
        "ci_type": result.ci_type,
        "arms": {a.arm: {k: v for k, v in asdict(a).items() if k != "arm"} for a in result.arms},
        "curve": records(result.curve),
        "logrank": asdict(result.logrank),
        "cox": asdict(result.cox),
        "rmst": {
            "tau": result.rmst.tau,
            "arms": {arm: {"estimate": e, "se": se} for arm, (e, se) in result.rmst.arms.items()},
            "difference": asdict(result.rmst.difference),
            "messages": list(result.rmst.messages),
        },
        "difference_on_last_day": asdict(result.difference),
        "n_dropouts_as_events": result.counts.n_filled,
    }


def document(trial: Trial, spec: AnalysisSpec, *, deep: bool) -> Document:
    """The three endpoints; null for those that need heavy days which the amounts cannot tell."""
    results = analyse.time_to_event(trial, spec)
    everywhere = analyse.panel_of(trial, spec).warnings  # which stand in the document without an endpoint
    warnings = [
        f"{r.endpoint}: {w}" for r in results.values() if r is not None for w in r.warnings if w not in everywhere
    ]
    if results["relapse"] is None:
        warnings.append(NO_HEAVY.format(spec.amount))
    return {"time_to_event": {name: time_to_event(result) for name, result in results.items()}}, warnings
