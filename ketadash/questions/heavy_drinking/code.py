"""Its numbers as Python, JSON, R and SAS give them."""

from __future__ import annotations

from ketadash import analyse
from ketadash.core.spec import AnalysisSpec
from ketadash.questions.shared.code_numbers import HEAVY, Number, difference, model, odds
from ketadash.trial import Trial


def numbers(trial: Trial, spec: AnalysisSpec) -> tuple[Number, ...]:
    """The odds ratios, the model and the last day's difference; nothing where the amounts cannot tell heavy days."""
    r = analyse.heavy_result(trial, spec)
    if r is None:
        return ()
    return (
        *odds(r, "heavy", HEAVY, "a heavy day"),
        *model(r, "heavy", HEAVY, ".heavy.model"),
        *difference(r, "heavy", HEAVY, "Difference in heavy days"),
    )
