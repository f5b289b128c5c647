"""Relapse under each reading of dropout, in the JSON of `ketadash analyze`."""

from __future__ import annotations

from dataclasses import asdict

from ketadash import analyse
from ketadash.core.spec import AnalysisSpec
from ketadash.questions.relapse.document import time_to_event
from ketadash.questions.shared.document import NO_HEAVY, Document
from ketadash.trial import Trial


def document(trial: Trial, spec: AnalysisSpec, *, deep: bool) -> Document:
    """Each reading; null where the amounts cannot tell heavy days."""
    result = analyse.dropout_ways(trial, spec)
    if result is None:
        return {"dropout": None, "null_because": {"dropout": NO_HEAVY.format(spec.amount)}}, []
    readings = {
        "ways": {way.dropout: time_to_event(way) for way in result.ways},
        "dropouts_who_relapsed": [asdict(count) for count in result.counted],
        "messages": list(result.messages),
    }
    return {"dropout": readings}, []
