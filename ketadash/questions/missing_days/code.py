"""Its numbers as Python, JSON, R and SAS give them."""

from __future__ import annotations

from ketadash import analyse
from ketadash.core.spec import AnalysisSpec
from ketadash.questions.abstinence import code as abstinence_code
from ketadash.questions.shared.code_numbers import STRIPS, Number, capital
from ketadash.trial import Trial


def strips(trial: Trial, spec: AnalysisSpec) -> list[Number]:
    """Endpoints of whole participants with everybody unknown counted as a failure."""
    numbers = []
    for k, s in enumerate(analyse.strips(trial, spec)):
        for label, field, name in (("difference", "difference", "risk_difference"), ("Fisher's exact p", "p", "p")):
            numbers.append(
                Number(
                    f"{capital(s.definition)}, unknown counted as not: {label}",
                    f"{STRIPS}[{k}].{field}[0, 0]",
                    (),
                    "sensitivity",
                    f".tipping.strips[{k}].cells[0].{name}",
                    (),
                    f"strip {field}",
                    s.endpoint,
                )
            )
    return numbers


def numbers(trial: Trial, spec: AnalysisSpec) -> tuple[Number, ...]:
    """The last day's difference, the endpoints of whole participants, and what else the abstinence model gives."""
    first, *rest = abstinence_code.numbers(trial, spec)
    return (first, *strips(trial, spec), *rest)
