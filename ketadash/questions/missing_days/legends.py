"""Legends of the pictures of missing days."""

from __future__ import annotations

from collections.abc import Sequence

from ketadash.core.numbers import level
from ketadash.core.spec import AnalysisSpec
from ketadash.questions.missing_days import tipping_strip
from ketadash.questions.shared.legends import arm_sizes, curve
from ketadash.results import BinaryOutcome, Sensitivity
from ketadash.results.sensitivity import Missingness, Strip, TippingMap


def compare(result: BinaryOutcome, spec: AnalysisSpec, analysis_name: str) -> str:
    """The dial's curve over the declared one."""
    return f"{curve(result, spec)} Thin grey lines: modelled under the {analysis_name} rule for missing days."


def assumptions(result: Sensitivity, arms: Sequence[tuple[str, int]]) -> str:
    """Every missing-day rule side by side."""
    diamond = "Diamond: the main analysis; h" if any(row.published for row in result.rows) else "H"
    return (
        f"Difference in the probability of abstinence on day {result.last_day} ({result.arms[1]} minus "
        f"{result.arms[0]}; {arm_sizes(arms)}) and ratio of the arms' odds ratios per day, under every rule for the "
        f"missing days, with {level(result.confidence)}. {diamond}ollow: bounds."
    )


def missing_days(result: Missingness, arms: Sequence[tuple[str, int]]) -> str:
    """Which days are missing."""
    shares = ", ".join(
        f"{m:,} of {n:,} days with {arm}"
        for arm, m, n in zip(result.arms, result.n_missing, result.n_days, strict=True)
    )
    return f"Reported and missing participant-days by day and arm ({arm_sizes(arms)}; missing: {shares})."


def tipping(result: TippingMap, arms: Sequence[tuple[str, int]]) -> str:
    """The tipping map."""
    return (
        f"Difference in the probability of abstinence on day {result.last_day} ({result.arms[1]} minus "
        f"{result.arms[0]}; {arm_sizes(arms)}) over the informative-missingness odds ratios of both arms, "
        f"{result.imputations} imputations each, {result.n_done} of {result.n_cells} computed. Line: where the "
        f"{level(result.confidence)} reaches zero."
    )


def strip(result: Strip) -> str:
    """An endpoint of whole participants under every count of the unknown."""
    arms = tuple(zip(result.arms, result.n, strict=True))
    return (
        f"Participants {result.definition} ({arm_sizes(arms)}): difference under every number of successes among the "
        f"{sum(result.unknown)} whose outcome is not known; marked: Newcombe's {level(result.confidence)} does not "
        f"include zero. {drawn(result)}"
    ).strip()


def drawn(result: Strip) -> str:
    """That a strip of very many counts is not drawn with all of them."""
    if max(result.unknown) < tipping_strip.MOST_PLACES:
        return ""
    return f"Of the counts possible in an arm at most {tipping_strip.MOST_PLACES} are drawn, evenly spaced."
