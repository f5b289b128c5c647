"""What is said where two of more than two arms are compared."""

from __future__ import annotations

from ketadash.core.findings import short
from ketadash.core.spec import AnalysisSpec
from ketadash.trial.model import Trial


def multiplicity(trial: Trial, spec: AnalysisSpec) -> str:
    """That the pair of a resolved spec is one of several; "" for a trial of two arms."""
    n = len(trial.arms)
    if n < 3 or spec.control is None or spec.active is None:
        return ""
    return (
        f"The trial has {n} arms: {short(spec.active)} against {short(spec.control)} is one of {n * (n - 1) // 2} "
        "pairs, and that comparison is not adjusted for the others."
    )
