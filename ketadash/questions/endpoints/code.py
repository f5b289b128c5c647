"""Its numbers as Python and the JSON give them; each endpoint's R stands with its definition."""

from __future__ import annotations

from ketadash import analyse
from ketadash.core.spec import AnalysisSpec
from ketadash.questions.shared.code_numbers import INTERVAL, Number
from ketadash.trial import Trial


def numbers(trial: Trial, spec: AnalysisSpec) -> tuple[Number, ...]:
    """Every endpoint that is given: its difference or ratio."""
    fields = (*INTERVAL, "p")
    return tuple(
        Number(
            e.label,
            f"analyse.endpoints(trial, spec).each[{k}].difference",
            fields,
            "endpoints",
            f".endpoints[{k}].difference",
            fields,
        )
        for k, e in enumerate(analyse.endpoints(trial, spec).each)
        if e.difference.estimate is not None
    )
