"""Heavy drinking days in sentences."""

from __future__ import annotations

from ketadash.core.numbers import interval, number, percent, ratio_digits
from ketadash.core.p_values import p_text, with_statistic
from ketadash.core.spec import AnalysisSpec
from ketadash.core.terms import Terms
from ketadash.questions.shared import believable
from ketadash.questions.shared.words import interval_of
from ketadash.results import BinaryOutcome, OddsRatioPerDay

TREND_TEST = "Test of a difference between the arms' trends:"


def answer(result: BinaryOutcome) -> str:
    """How the odds of a heavy drinking day moved with each day, arm by arm."""
    day = result.terms.heavy_day
    if believable.gives_no_verdict(result):
        return f"{believable.NO_VERDICT}."
    kind, both = interval_of(result), result.odds_ratio_per_day
    ratios = [_trend(r, kind, day, first=r is both[0]) for r in both]
    if not ratios:
        return f"The model of {day}s has no finite answer here: see why below."
    sentence = ". ".join(ratios) + "."
    test = result.model.test("day:arm")
    if test is None or test.f is None:
        return sentence
    statistic = f"F({test.df_num}, {number(test.df_den, 0)}) = {number(test.f)}"
    return f"{sentence} {with_statistic(TREND_TEST, statistic, test.p)}."


def _trend(r: OddsRatioPerDay, kind: str, day: str, *, first: bool) -> str:
    """How the odds moved with each day in one arm, the change named only where the interval excludes none.

    The first arm says which odds these are.
    """
    moved = "grew" if r.estimate > 1 else "fell"
    clear = r.ci_low > 1 or r.ci_high < 1
    digits = ratio_digits(r.ci_low, r.ci_high)
    ends = f"{kind} {interval(r.ci_low, r.ci_high, digits)}"
    ratio = f"(odds ratio {number(r.estimate, digits)}, {ends}, {p_text(r.p)})"
    odds = f"one participant's odds of a {day}"
    if clear:
        change = percent(abs(r.estimate - 1), digits - 2)
        return f"With {r.arm} {odds} {moved} by {change} with each day {ratio}"
    return f"With {r.arm} {odds if first else 'these odds'} showed no clear change {ratio}"


OWN = " No convention sets these thresholds: they are choices of this analysis."


def title(terms: Terms) -> str:
    """What the page on heavy days asks."""
    return f"Did the chance of a {terms.heavy_day} grow?"


def threshold(spec: AnalysisSpec, terms: Terms) -> str:
    """What a heavy day is here."""
    return (
        f"A {terms.heavy_day} is more than {spec.heavy_men:g} {terms.many} for men and more than {spec.heavy_women:g} "
        f"for women; for someone whose sex is not given, the men's threshold holds.{'' if terms.alcohol else OWN}"
    )
