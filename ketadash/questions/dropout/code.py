"""Its numbers as Python, JSON, R and SAS give them."""

from __future__ import annotations

from ketadash import analyse
from ketadash.core.spec import AnalysisSpec, DropoutRule
from ketadash.questions.shared.code_numbers import WAYS, Number, tests
from ketadash.trial import Trial


def numbers(trial: Trial, spec: AnalysisSpec) -> tuple[Number, ...]:
    """The tests and hazard ratios under each reading of dropout, as the Code tab lists them."""
    ways = analyse.dropout_ways(trial, spec)
    numbers_of_page: list[Number] = []
    for k, way in enumerate(ways.ways if ways is not None else ()):
        rule = DropoutRule(way.dropout)
        numbers_of_page += tests(
            f"Dropout {rule.value}",
            f"{WAYS}.ways[{k}]",
            f".dropout.ways.{rule.value}",
            "relapse",
            way.test,
            rule,
            "sensitivity",
        )
    return tuple(numbers_of_page)
