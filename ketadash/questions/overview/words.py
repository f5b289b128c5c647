"""The overview in words: one answer and four cards."""

from __future__ import annotations

from ketadash.core.numbers import count_text as events
from ketadash.core.numbers import interval, level, number, p_value, point_ends, points, ratio_digits
from ketadash.core.terms import Terms
from ketadash.questions.abstinence.words import answer as abstinence
from ketadash.questions.nnt.words import NAME as NNT_NAME
from ketadash.questions.nnt.words import short as nnt_short
from ketadash.questions.shared.words import last_day
from ketadash.results import BinaryOutcome, NntResult, TimeToEvent


def overview(result: BinaryOutcome) -> str:
    """Who did better, by how much, and how sure, in two sentences."""
    if not result.difference:
        return abstinence(result)
    gap = result.difference[-1]
    clear = gap.ci_low > 0 or gap.ci_high < 0
    better = result.arms[1] if gap.probability >= 0 else result.arms[0]
    verdict = f"Participants given {better} did better" if clear else "No clear difference between the arms"
    return f"{verdict}. {last_day(result)}"


def card_abstinence(result: BinaryOutcome) -> tuple[str, str, str]:
    """Title, number and sentence of the overview's first card."""
    title = "Abstinence"
    if not result.difference:
        return title, "–", "The model has no finite answer: see its page."
    gap, at = result.difference[-1], level(result.confidence)
    ends = point_ends(gap.ci_low, gap.ci_high)
    sign = "+" if gap.probability >= 0 else "−"
    return (
        title,
        f"{sign}{points(gap.probability)} points",
        (f"Modelled abstinence on day {gap.day}, {result.arms[1]} minus {result.arms[0]} ({at} {ends})"),
    )


def card_heavy(result: BinaryOutcome | None, terms: Terms) -> tuple[str, str, str]:
    """Title, number and sentence of the heavy-day card: the arms' odds ratios per day."""
    title = f"{terms.heavy_day.capitalize()}s"
    if result is None:
        return title, "–", "The amounts cannot tell a heavy day."
    if not result.odds_ratio_per_day:
        return title, "–", "The model has no finite answer: see its page."
    control, active = result.odds_ratio_per_day
    at, digits = level(result.confidence), max(ratio_digits(r.ci_low, r.ci_high) for r in (control, active))
    return (
        title,
        f"×{number(active.estimate, digits)} v ×{number(control.estimate, digits)}",
        (
            f"Odds of a heavy day, each day: {active.arm} ({at} {interval(active.ci_low, active.ci_high, digits)}) v "
            f"{control.arm} ({interval(control.ci_low, control.ci_high, digits)})"
        ),
    )


def card_relapse(result: TimeToEvent | None) -> tuple[str, str, str]:
    """Title, number and sentence of the relapse card."""
    title = "Relapse"
    if result is None:
        return title, "–", "Relapse needs heavy days, which the amounts cannot tell."
    control, active = result.arms
    return (
        title,
        f"{events(active.events)}/{active.n} v {events(control.events)}/{control.n}",
        (f"{active.arm} v {control.arm} by day {result.window[1]}; {result.test} {p_value(result.logrank.p)}"),
    )


def card_nnt(result: NntResult) -> tuple[str, str, str]:
    """Title, number and sentence of the NNT card."""
    n = result.observed
    return NNT_NAME, nnt_short(n), f"Observed, {n.what}: {n.text}"
