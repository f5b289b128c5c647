"""Legends: what stands under a printed figure, complete without the text around it."""

from __future__ import annotations

from collections.abc import Sequence

from ketadash.results import BinaryOutcome, NntResult, Sensitivity, TimeToEvent
from ketadash.results_people import Participants
from ketadash.results_safety import AdverseEvents, Dissociation, FollowUp, Measure
from ketadash.results_sensitivity import DropoutWays, Missingness, SpecificationCurve, Strip, TippingMap
from ketadash.spec import AnalysisSpec, Estimand, missing_day
from ketadash.terms import DRINKS, Terms
from ketadash.words import events, imor, level, model, percent

NNT_SHORT = "NNTB, number needed to treat for one more to benefit; NNTH, for one more to be harmed."


def numbers(arms: Sequence[tuple[str, int]]) -> str:
    """``ketamine n = 17, midazolam n = 23``."""
    return ", ".join(f"{arm} n = {n}" for arm, n in reversed(arms))


def _per_arm(result: BinaryOutcome) -> tuple[tuple[str, int], ...]:
    """How many of each arm are counted on the day with most."""
    return tuple((arm, max((p.n for p in result.observed if p.arm == arm), default=0)) for arm in result.arms)


def _rule(spec: AnalysisSpec, n_missing: int, terms: Terms) -> str:
    if not n_missing:
        return "No day is missing."
    said = missing_day(spec.missing, terms.use)
    if spec.missing.imputed:
        said += f" ({spec.imputations} imputations, random seed {spec.seed})"
    if spec.missing.value == "imor":
        said += (
            f", odds multiplied by {imor(spec.imor_control)} with {spec.control} and {imor(spec.imor_active)} with "
            f"{spec.active}"
        )
    return f"{said[:1].upper()}{said[1:]}."


def _whose(estimand: str) -> str:
    return "population-averaged" if estimand == Estimand.POPULATION else "of a typical participant"


def curve(result: BinaryOutcome, spec: AnalysisSpec) -> str:
    """Observed and modelled by day."""
    what = "Abstinence" if result.outcome == "abstinence" else result.terms.heavy_day.capitalize() + "s"
    first, last = result.window
    modelled = (
        f" Lines: modelled probabilities ({_whose(result.estimand)}); bands: {level(result.confidence)}. "
        f"{model(result.model, result.estimand, result.terms)}"
        if result.modelled
        else ""
    )
    return (
        f"{what} by day, days {first} to {last}. Points: observed proportions ± 1 standard error "
        f"({numbers(_per_arm(result))}).{modelled} {_rule(spec, result.counts.n_missing, result.terms)}"
    )


def difference(result: BinaryOutcome, spec: AnalysisSpec) -> str:
    """The modelled difference by day."""
    control, active = result.arms
    return (
        f"Modelled difference in the probability of {_outcome(result)} by day, {active} minus {control} "
        f"({_whose(result.estimand)}; {numbers(_per_arm(result))}); band: {level(result.confidence)} by the delta "
        f"method. {_rule(spec, result.counts.n_missing, result.terms)}"
    )


def _outcome(result: BinaryOutcome) -> str:
    return "abstinence" if result.outcome == "abstinence" else f"a {result.terms.heavy_day}"


def odds(result: BinaryOutcome, spec: AnalysisSpec) -> str:
    """Odds ratios per day."""
    return (
        f"Odds ratios of {_outcome(result)} for one more day, by arm, with {level(result.confidence)} (conditional on "
        f"the participant; {numbers(_per_arm(result))}). {_rule(spec, result.counts.n_missing, result.terms)}"
    )


def survival(result: TimeToEvent) -> str:
    """Time to an event."""
    arms = [(a.arm, a.n) for a in result.arms]
    had = ", ".join(f"{events(a.events)} of {a.n} {a.arm}" for a in reversed(result.arms))
    table = "" if result.dropout == "imputed" else " Below: participants at risk, censored and with the event."
    return (
        f"Share of participants without the event ({result.method}; {numbers(arms)}), counting {result.definition}. "
        f"Events: {had}. Bands: pointwise {level(result.confidence)} ({result.ci_type}); ticks: censored.{table}"
    )


def nnt(result: NntResult, spec: AnalysisSpec, terms: Terms = DRINKS) -> str:
    """Numbers needed to treat."""
    control, active = result.arms
    counted = [f"{c[1].arm} n = {c[1].n}, {c[0].arm} n = {c[0].n}" for c in [result.observed.counts] if c]
    return (
        f"Risk differences in abstinence, {active} minus {control}, with {level(result.confidence)} (observed: "
        f"Newcombe's score method{f', {counted[0]}' if counted else ''}; modelled: delta method), and the numbers "
        "needed to treat that they amount to along the top, running through infinity at no difference. "
        f"{_rule(spec, result.counts.n_missing, terms)} {NNT_SHORT}"
    )


def compare(result: BinaryOutcome, spec: AnalysisSpec, called: str) -> str:
    """The dial's curve over the declared one."""
    return f"{curve(result, spec)} Thin grey lines: modelled under the {called} rule for missing days."


def assumptions(result: Sensitivity, arms: Sequence[tuple[str, int]]) -> str:
    """Every missing-day rule side by side."""
    return (
        f"Difference in the probability of abstinence on day {result.last_day} ({result.arms[1]} minus "
        f"{result.arms[0]}; {numbers(arms)}) and ratio of the arms' odds ratios per day, under every rule for the "
        f"missing days, with {level(result.confidence)}. Diamond: the declared analysis; hollow: bounds."
    )


def agreement(result: Sensitivity, arms: Sequence[tuple[str, int]]) -> str:
    """The strip of specifications on the overview."""
    done = sum(r.failed is None for r in result.rows)
    return (
        f"Difference in the probability of abstinence on day {result.last_day} ({result.arms[1]} minus "
        f"{result.arms[0]}; {numbers(arms)}) under {done} specifications; filled: {level(result.confidence)} excludes "
        "no difference."
    )


def missing_days(result: Missingness, arms: Sequence[tuple[str, int]]) -> str:
    """Which days are missing."""
    said = ", ".join(
        f"{m:,} of {n:,} days with {arm}"
        for arm, m, n in zip(result.arms, result.n_missing, result.n_days, strict=True)
    )
    return f"Reported and missing participant-days by day and arm ({numbers(arms)}; missing: {said})."


def tipping(result: TippingMap, arms: Sequence[tuple[str, int]]) -> str:
    """The tipping map."""
    return (
        f"Difference in the probability of abstinence on day {result.last_day} ({result.arms[1]} minus "
        f"{result.arms[0]}; {numbers(arms)}) over the informative-missingness odds ratios of both arms, "
        f"{result.imputations} imputations each, {result.n_done} of {result.n_cells} computed. Line: where the "
        f"{level(result.confidence)} reaches no difference."
    )


def strip(result: Strip) -> str:
    """An endpoint of whole participants under every count of the unknown."""
    arms = tuple(zip(result.arms, result.n, strict=True))
    return (
        f"Participants {result.definition} ({numbers(arms)}): difference under every number of successes among the "
        f"{sum(result.unknown)} whose outcome is not known; sign: whether Newcombe's {level(result.confidence)} "
        "excludes no difference."
    )


def dropout_ways(result: DropoutWays) -> str:
    """Relapse under three readings of dropout."""
    way = result.ways[0]
    arms = [(a.arm, a.n) for a in way.arms]
    return (
        f"Share of participants without relapse ({numbers(arms)}) with dropout counted as relapse, censored, and as a "
        f"competing event (one minus the Aalen–Johansen cumulative incidence). Bands: pointwise "
        f"{level(way.confidence)}; ticks: censored."
    )


def specifications(result: SpecificationCurve, arms: Sequence[tuple[str, int]]) -> str:
    """The specification curve."""
    return (
        f"{result.quantity} ({numbers(arms)}) under {len(result.rows)} combinations of analytic choices, sorted, with "
        f"{level(result.confidence)}; below, the choices of each. Diamond: the declared analysis."
    )


def retention(result: Participants) -> str:
    """Who still reported."""
    arms = [(a.arm, a.randomised) for a in result.flow.arms]
    return f"Share of participants known on the day or later, by day and arm ({numbers(arms)})."


def flow(result: Participants) -> str:
    """The CONSORT diagram."""
    arms = [(a.arm, a.randomised) for a in result.flow.arms]
    return f"CONSORT flow of participants ({numbers(arms)})."


def adverse_events(result: AdverseEvents) -> str:
    """Adverse events by arm."""
    arms = [(a.arm, a.n) for a in result.overall.arms]
    return (
        f"Participants with each adverse event at least once ({numbers(arms)}), and the risk difference, "
        f"{result.arms[1]} minus {result.arms[0]}, with Newcombe's {level(result.confidence)}."
    )


def dissociation(result: Dissociation) -> str:
    """The score's distribution by arm."""
    arms = [(a.arm, a.n) for a in result.arms]
    return f"CADSS scores ({result.source}) by arm ({numbers(arms)}): every score, with median and quartiles."


def measure(m: Measure) -> str:
    """One visit measure by week."""
    arms = [(arm, max((p.n or 0 for p in m.observed if p.arm == arm), default=0)) for arm in m.arms]
    return (
        f"{m.label.capitalize()} by week. Points: observed means ± 1 standard error ({numbers(arms)} at most); lines: "
        f"modelled means ({_whose(m.estimand)}, {m.link} link); bands: {level(m.confidence)}."
    )


def follow_up(result: FollowUp) -> str:
    """Late follow-up."""
    reached = ", ".join(f"{a.reached} of {a.n} with {a.arm}" for a in reversed(result.arms))
    shares = ", ".join(f"{percent(a.proportion.estimate)} with {a.arm}" for a in reversed(result.arms))
    return f"Late follow-up of everyone randomised; reached {reached}; abstinent of those reached: {shares}."
