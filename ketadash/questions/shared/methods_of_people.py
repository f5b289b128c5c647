"""The methods paragraph on each participant's endpoints and on responders."""

from __future__ import annotations

from ketadash.core.findings import counted
from ketadash.core.spec import AnalysisSpec


def people_sentences(spec: AnalysisSpec, many: str) -> dict[str, str]:
    """By topic; `many` is what amounts are counted in."""
    return {
        "endpoints": "Endpoints of each participant were compared without a model of the days: shares with Newcombe's "
        "interval {newcombe}, the p being that of the level at which it reaches zero, and Cohen's h {cohen}; means by "
        f"Welch's t {{welch}}; total {many} as a ratio of rates from negative binomial regression with the log of the "
        f"known days as offset and robust errors {{white_robust}}.{_grace(spec)} {_levels(spec, many)}",
        "responders": "Responders were counted on a ladder of definitions {falk_ladder}, and at every cut of each "
        "measure {falk_curve}, those without a value being the worst, with the Wilcoxon rank-sum test and the "
        "Hodges–Lehmann shift {hodges}.",
    }


def _grace(spec: AnalysisSpec) -> str:
    return f" Responders were forgiven the first {counted(spec.grace, 'day')}." if spec.grace else ""


def _levels(spec: AnalysisSpec, many: str) -> str:
    before = f"the last {counted(spec.baseline_days, 'day')}" if spec.baseline_days else "all days"
    after = f"the last {counted(spec.assessment_days, 'day')}" if spec.assessment_days else "all days"
    grams = f", at {spec.drink_grams:g} g of alcohol in one of the {many}" if spec.drink_grams else ""
    return f"WHO risk levels were those of {before} before treatment and of {after} of the window{grams}."
