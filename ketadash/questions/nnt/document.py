"""Numbers needed to treat in the JSON of `ketadash analyze`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ketadash import analyse
from ketadash.core.spec import AnalysisSpec
from ketadash.questions.shared.document import Document
from ketadash.results import Nnt
from ketadash.trial import Trial


def number_needed(nnt: Nnt) -> dict[str, Any]:
    rest = {k: v for k, v in asdict(nnt).items() if k not in ("name", "what", "unknown")}
    if nnt.risk_difference_bounds is None:
        del rest["risk_difference_bounds"]
    return {"definition": nnt.definition, **rest}


def document(trial: Trial, spec: AnalysisSpec, *, deep: bool) -> Document:
    """The three numbers, each under its name."""
    result = analyse.nnt_result(trial, spec)
    three = (result.observed, result.observed_last_day, result.modelled)
    return {"nnt": {number.name: number_needed(number) for number in three}}, list(result.doubts)
