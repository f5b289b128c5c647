"""Legends: what stands under a printed figure, complete without the text around it."""

from __future__ import annotations

from collections.abc import Sequence

from ketadash.core.choices.missing import missing_day
from ketadash.core.numbers import level
from ketadash.core.spec import AnalysisSpec, Estimand
from ketadash.core.terms import Terms
from ketadash.questions.shared.words import clustered, imor, interval_of, model
from ketadash.results import BinaryOutcome

OF_A_TYPICAL_PARTICIPANT = "of a typical participant"


def arm_sizes(arms: Sequence[tuple[str, int]]) -> str:
    """``ketamine n = 17, midazolam n = 23``."""
    return ", ".join(f"{arm} n = {n:,}" for arm, n in reversed(arms))


def per_arm(result: BinaryOutcome) -> tuple[tuple[str, int], ...]:
    """How many of each arm are counted on the day with most."""
    return tuple((arm, max((p.n for p in result.observed if p.arm == arm), default=0)) for arm in result.arms)


def missing_rule(spec: AnalysisSpec, n_missing: int, terms: Terms) -> str:
    """What missing days count as, with all that a reader needs to do the same, as a sentence."""
    if not n_missing:
        return "No day is missing."
    text = missing_day(spec.missing, terms.use)
    if spec.missing.imputed:
        text += f" ({spec.imputations} imputations, random seed {spec.seed})"
    if spec.missing.value == "imor":
        text += (
            f", odds multiplied by {imor(spec.imor_control)} with {spec.control} and {imor(spec.imor_active)} with "
            f"{spec.active}"
        )
    return f"{text[:1].upper()}{text[1:]}."


def whose_curve(estimand: str) -> str:
    """Whether a curve is averaged over the participants or that of a typical one."""
    return "population-averaged" if estimand == Estimand.POPULATION else OF_A_TYPICAL_PARTICIPANT


def curve(result: BinaryOutcome, spec: AnalysisSpec) -> str:
    """Observed and modelled by day."""
    what = "Abstinence" if result.outcome == "abstinence" else result.terms.heavy_day.capitalize() + "s"
    first, last = result.window
    modelled = (
        f" Lines: modelled probabilities ({whose_curve(result.estimand)}); bands: {interval_of(result)}. "
        f"{model(result.model, result.estimand, result.terms)}"
        if result.modelled
        else ""
    )
    return (
        f"{what} by day, days {first} to {last}. Points: {_points(result)}, bars their "
        f"{level(result.confidence)} by Wilson's method ({arm_sizes(per_arm(result))}).{modelled} "
        f"{missing_rule(spec, result.counts.n_missing, result.terms)}"
    )


def _points(result: BinaryOutcome) -> str:
    """What the points are: reported shares, or shares with unreported days as the missing-day rule counts them."""
    return "shares as counted under the missing-day rule" if result.counts.n_filled else "shares of those who reported"


def difference(result: BinaryOutcome, spec: AnalysisSpec) -> str:
    """The modelled difference by day."""
    control, active = result.arms
    return (
        f"Modelled difference in the probability of {outcome_text(result)} by day, {active} minus {control} "
        f"({whose_curve(result.estimand)}; {arm_sizes(per_arm(result))}); band: {interval_of(result)} by the "
        f"delta method.{clustered(result.model)} {missing_rule(spec, result.counts.n_missing, result.terms)}"
    )


def outcome_text(result: BinaryOutcome) -> str:
    """What is modelled, in the words of the trial."""
    return "abstinence" if result.outcome == "abstinence" else f"a {result.terms.heavy_day}"


def odds(result: BinaryOutcome, spec: AnalysisSpec) -> str:
    """Odds ratios per day."""
    return (
        f"Odds ratios of {outcome_text(result)} for one more day, by arm, with {interval_of(result)} (conditional "
        f"on the participant; {arm_sizes(per_arm(result))}).{clustered(result.model)} "
        f"{missing_rule(spec, result.counts.n_missing, result.terms)}"
    )
