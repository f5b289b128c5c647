"""The overview in words: what differs and what does not, and four cards."""

from __future__ import annotations

from ketadash.core.numbers import count_text as events
from ketadash.core.numbers import (
    interval,
    level,
    number,
    point_ends,
    ratio_digits,
    ratio_interval,
    signed_points,
    with_points,
)
from ketadash.core.p_values import p_text
from ketadash.core.spec import Estimand
from ketadash.core.terms import Terms
from ketadash.questions.abstinence.words import answer as abstinence
from ketadash.questions.nnt.words import NAME as NNT_NAME
from ketadash.questions.nnt.words import either_way, in_plain_words
from ketadash.questions.relapse.words import left_only
from ketadash.questions.shared import believable
from ketadash.questions.shared.words import interval_and_zero, interval_of, last_day, points_apart
from ketadash.results import BinaryOutcome, NntResult, Risk, TimeToEvent
from ketadash.results.means import PercentDays

UNCONVERGED = "The fit did not converge."


def overview(result: BinaryOutcome, by_person: PercentDays, stands: str = "", endpoint: str = "") -> str:
    """What differs on which outcome and what does not: the modelled last day, person by person, and how it stands.

    `endpoint` is the sentence on the declared endpoint, or on no heavy day where none is declared.
    """
    modelled = last_day(result) if result.difference else abstinence(result)
    return " ".join(filter(None, (modelled, percent_days(by_person), endpoint, stands)))


def percent_days(result: PercentDays) -> str:
    """Share of days abstinent, person by person, in one sentence."""
    control, active = result.arms
    first, last = result.window
    over = f"Over days {first} to {last}" if last > first else f"On day {first}"
    gap = result.difference
    if gap.estimate is None:
        return f"{over} the share of days abstinent cannot be compared person by person: {'; '.join(result.messages)}."
    apart = points_apart(gap.estimate, (control.arm, active.arm), gap.ci_low, gap.ci_high)
    if gap.ci_low is None or gap.ci_high is None:
        return f"{over} the share of days abstinent, person by person, was {apart}, without an interval."
    ends = interval_and_zero(gap.ci_low, gap.ci_high, result.confidence)
    return f"{over} the share of days abstinent, person by person, was {apart} ({ends})."


def card_abstinence(result: BinaryOutcome) -> tuple[str, str, str]:
    """Title, number and sentence of the overview's first card."""
    title = "Abstinence"
    if not result.difference:
        return title, "–", "The model has no finite answer."
    if believable.gives_no_verdict(result):
        return title, "–", UNCONVERGED
    gap, at = result.difference[-1], interval_of(result)
    ends = point_ends(gap.ci_low, gap.ci_high)
    return (
        title,
        with_points(signed_points(gap.probability, gap.ci_low, gap.ci_high)),
        (
            f"Modelled {'' if result.estimand == Estimand.POPULATION else 'chance of '}abstinence"
            f"{'' if result.estimand == Estimand.POPULATION else ' of a typical participant'} on day {gap.day}, "
            f"{result.arms[1]} minus {result.arms[0]} ({at} {ends})"
        ),
    )


def card_heavy(result: BinaryOutcome | None, terms: Terms) -> tuple[str, str, str]:
    """Title, number and sentence of the heavy-day card: the arms' odds ratios per day."""
    title = f"{terms.heavy_day.capitalize()}s"
    if result is None:
        return title, "–", "The amounts cannot tell a heavy day."
    if not result.odds_ratio_per_day:
        return title, "–", "The model has no finite answer."
    if believable.gives_no_verdict(result):
        return title, "–", UNCONVERGED
    control, active = result.odds_ratio_per_day
    at, digits = interval_of(result), max(ratio_digits(r.ci_low, r.ci_high) for r in (control, active))
    ratios = [
        f"{r.arm} ×{number(r.estimate, digits)} ({of}{interval(r.ci_low, r.ci_high, digits)})"
        for r, of in ((active, f"{at} "), (control, ""))
    ]
    return (
        title,
        _from_day_to_day(active.estimate, control.estimate),
        f"One participant's odds of a {terms.heavy_day}, from each day to the next: {' v '.join(ratios)}",
    )


MANY_TIMES = 2.0  # times as large, beyond which a percentage is harder to read


def _from_day_to_day(active: float, control: float) -> str:
    """``unchanged v +19% a day``: how the odds change, in the order active, control."""
    changes = [_change(active), _change(control)]
    if changes == [UNCHANGED, UNCHANGED]:
        return f"{UNCHANGED} in both"
    return f"{changes[0]} v {changes[1]}{'' if changes[1] == UNCHANGED else ' a day'}"


UNCHANGED = "unchanged"


def _change(ratio: float) -> str:
    if ratio > MANY_TIMES:
        return f"×{number(ratio, 1)}"
    percent = round(100 * abs(ratio - 1))
    return f"{'+' if ratio > 1 else '−'}{percent}%" if percent else UNCHANGED


def card_relapse(result: TimeToEvent | None) -> tuple[str, str, str]:
    """Title, number and sentence of the relapse card."""
    title = "Relapse"
    if result is None:
        return title, "–", "Relapse needs heavy days, which the amounts cannot tell."
    control, active = result.arms
    hazard, at = result.cox, level(result.confidence)
    ratio = (
        f"hazard ratio {number(hazard.hr, 2)} ({at} {ratio_interval(hazard.ci_low, hazard.ci_high)})"
        if hazard.hr is not None
        else "no finite hazard ratio"
    )
    left = left_only(result)
    only_left = f". {left[:1].upper()}{left[1:]}" if left else ""
    return (
        title,
        f"{events(active.events)}/{active.n} v {events(control.events)}/{control.n}",
        (
            f"{active.arm} v {control.arm} by day {result.window[1]}: {ratio}; {result.test} "
            f"{p_text(result.logrank.p)}{only_left}"
        ),
    )


def card_nnt(result: NntResult) -> tuple[str, str, str]:
    """Title, number and sentence of the NNT card: it leads with the difference, whose interval is one piece."""
    n, (control, active) = result.observed, result.arms
    title = f"{n.what[:1].upper()}{n.what[1:]}"
    if n.risk_difference is None or n.ci_low is None or n.ci_high is None:
        return title, "–", f"{NNT_NAME}: {n.text}"
    counts, unknown = "" if n.counts is None else f", {_of(n.counts[1])} v {_of(n.counts[0])}", either_way(n)
    return (
        title,
        with_points(signed_points(n.risk_difference, n.ci_low, n.ci_high)),
        (
            f"Observed, {active} minus {control}{counts} ({level(result.confidence)} "
            f"{point_ends(n.ci_low, n.ci_high)}{f'; {unknown}' if unknown else ''}). {in_plain_words(n)}"
        ),
    )


def _of(risk: Risk) -> str:
    return f"{events(risk.events)}/{risk.n}"
