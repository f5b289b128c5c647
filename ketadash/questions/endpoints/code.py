"""Its numbers as Python, the JSON, R and SAS give them: each endpoint as it is, and within strata and adjusted."""

from __future__ import annotations

from ketadash import analyse
from ketadash.core.spec import AnalysisSpec
from ketadash.questions.shared.code_numbers import INTERVAL, Number, adjusted_numbers
from ketadash.trial import Trial


def numbers(trial: Trial, spec: AnalysisSpec) -> tuple[Number, ...]:
    """Every endpoint that is given: its difference or ratio."""
    fields = (*INTERVAL, "p")
    as_they_are = tuple(
        Number(
            e.label,
            f"analyse.endpoints(trial, spec).each[{k}].difference",
            fields,
            "endpoints",
            f".endpoints[{k}].difference",
            fields,
            "endpoint",
            e.key,
        )
        for k, e in enumerate(analyse.endpoints(trial, spec).each)
        if e.difference.estimate is not None
    )
    adjusted = analyse.adjusted_endpoints(trial, spec)
    call, path = "analyse.adjusted_endpoints(trial, spec)", ".endpoints_adjusted"
    return (*as_they_are, *adjusted_numbers(adjusted, call, path, "endpoints"))
