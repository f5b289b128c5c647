"""Time to relapse in sentences, with its legend and text alternative."""

from __future__ import annotations

from ketadash import analyse
from ketadash.core.choices.dropout import DropoutRule
from ketadash.core.choices.endpoint import Endpoint, definition_of, definition_under
from ketadash.core.choices.endpoint.definition import Definition
from ketadash.core.choices.endpoint.relapse_rules import relapse_rule
from ketadash.core.findings import enumerated
from ketadash.core.numbers import count_text, interval, level, number, ratio_interval
from ketadash.core.numbers import count_text as events
from ketadash.core.p_values import with_statistic
from ketadash.core.spec import AnalysisSpec
from ketadash.questions.shared.adjusted import columns_of
from ketadash.questions.shared.legends import arm_sizes
from ketadash.questions.shared.words import assumes
from ketadash.results import Cox, Estimate, TimeToEvent
from ketadash.results.adjusted import AdjustedHazard

RULE_IDLE = "This matters here only if dropout is imputed or relapse is counted in weeks."


def instead(spec: AnalysisSpec, about: Definition, *, on_page: bool = False) -> str:
    """Why there is no such endpoint, and which is shown."""
    where = "" if on_page else "the dashboard's "
    return (
        f"This trial's amounts ('{spec.amount}') are only 0 and 1: they tell use from no use, but not a heavy day. "
        f"What follows is the time to {about.label}; another rule, or a column of amounts, is under {where}"
        "More choices."
    )


def answer(result: TimeToEvent) -> str:
    """How many had the event, the log-rank test and the restricted mean difference."""
    control, active = result.arms
    what = happened(result)
    opening = (
        f"By day {result.window[1]}, {count_text(active.events)} of {active.n} {active.arm} and "
        f"{count_text(control.events)} of {control.n} {control.arm} participants had {what}"
    )
    only_left = left_only(result)
    if result.logrank.chi2 is None:
        return f"{opening}{f' ({only_left})' if only_left else ''}; {'; '.join(result.logrank.messages)}."
    test = with_statistic(result.test, f"χ² {number(result.logrank.chi2, 1)}", result.logrank.p)
    test = f"{only_left}; {test}" if only_left else test
    mean = result.rmst.difference
    if mean.estimate is None:
        return f"{opening} ({test})."
    much = number(abs(mean.estimate), 1)
    days = "as many days" if much == "0.0" else f"{much} {'more' if mean.estimate > 0 else 'fewer'} days"
    ends = (
        "without an interval: within each arm they do not vary"
        if mean.ci_low is None
        else f"{level(result.confidence)} {interval(mean.ci_low, mean.ci_high, 1)} days"
    )
    free = definition_of(result.endpoint).free.format(without=result.terms.without, heavy=result.terms.heavy_day)
    return (
        f"{opening} ({test}). Up to day {result.rmst.tau}, {active.arm} participants spent {days} "
        f"{free} on average ({ends})."
    )


def ratios(result: TimeToEvent, adjusted: AdjustedHazard | None = None) -> str:
    """The hazard ratio, adjusted too, and the odds ratio with their intervals, those that there are; empty for none."""
    control, active = result.arms
    odds, _ = analyse.odds_of_event(result)
    hazard = result.cox
    named: tuple[tuple[str, float | None, Cox | Estimate], ...] = (
        (f"Hazard ratio, {active.arm} to {control.arm}", hazard.hr, hazard),
        (f"Odds ratio of the event by day {result.window[1]}", odds.estimate, odds),
    )
    if adjusted is not None:
        of = f"{named[0][0]}, adjusted for {enumerated(columns_of(adjusted, result.terms))}"
        named = (named[0], (of, adjusted.cox.hr, adjusted.cox), named[1])
    return " ".join(
        f"{name}: {number(ratio, 2)} ({level(result.confidence)} {ratio_interval(ends.ci_low, ends.ci_high)})."
        for name, ratio, ends in named
        if ratio is not None
    )


def left_only(result: TimeToEvent) -> str:
    """How many of the events are no more than leaving: ``3 of these 15 only left the study``; "" where none is."""
    left = result.counts.n_filled if DropoutRule(result.dropout).about.counts_as_event else 0
    both = count_text(sum(a.events for a in result.arms))
    return f"{left} of these {both} only left the study" if left else ""


def happened(result: TimeToEvent) -> str:
    """What those with the event had done: ``relapsed``."""
    return definition_of(result.endpoint).happened.format(heavy=result.terms.heavy_day)


def rests_on(result: TimeToEvent, spec: AnalysisSpec) -> str:
    """Definition, what dropout counts as, n."""
    n, rule = sum(a.n for a in result.arms), DropoutRule(result.dropout)
    dropouts = f"; {result.counts.n_filled} of the events are dropouts" if result.counts.n_filled else ""
    drawn = rule.about.imputed and result.counts.n_missing
    entering = (
        f"{assumes(spec, heavy=definition_under(result.endpoint, spec).needs_heavy_days, terms=result.terms)}."
        if drawn
        else "The time trend and the baseline adjustment do not enter this curve."
        if result.endpoint == Endpoint.RELAPSE and relapse_rule(spec.relapse).by_weeks
        else "The missing-day rule, the time trend and the baseline adjustment do not enter this curve."
    )
    strata = enumerated(column.replace("_", " ") for column in result.strata) if result.strata else ""
    within = (
        f" Test and hazard ratio are within strata of {strata}; curves, medians, restricted means and shares are of "
        "everybody."
        if strata
        else ""
    )
    return (
        f"Counted: {result.definition}. {rule.about.rests_on}{dropouts}. {n:,} participants; curve: {result.method}; "
        f"bands are {level(result.confidence)} by {result.ci_type}.{within} {entering}"
    )


def alt(result: TimeToEvent) -> str:
    """The curves: what estimates them, and the comparison they show."""
    return f"Share of participants without the event by day ({result.estimator}). {answer(result)}"


def legend(result: TimeToEvent) -> str:
    """Time to an event."""
    arms = [(a.arm, a.n) for a in result.arms]
    had = ", ".join(f"{events(a.events)} of {a.n} {a.arm}" for a in reversed(result.arms))
    rule = DropoutRule(result.dropout).about
    left, mean = ", dropped out" if rule.competes else "", ", on average over the imputations" if rule.imputed else ""
    table = f" Below: participants at risk just before the day, and censored{left} and with the event up to it{mean}."
    return (
        f"Share of participants without the event ({result.method}; {arm_sizes(arms)}), counting {result.definition}. "
        f"Events: {had}. Bands: pointwise {level(result.confidence)} ({result.ci_type}); ticks: censored.{table}"
    )
