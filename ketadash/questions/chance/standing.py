"""How a headline stands: by its model, by clustered errors and by shuffling, in one line for the Overview's cards."""

from __future__ import annotations

import math

from ketadash import analyse
from ketadash.analyse import long_work
from ketadash.analyse.randomisation import HEAVY_DAY_BY_ARM, LAST_DAY, RELAPSE
from ketadash.core.numbers import interval, p_value, point_ends
from ketadash.core.spec import PValues, Uncertainty
from ketadash.questions.question import Material
from ketadash.results import BinaryOutcome
from ketadash.results.chance import Randomisation

NOT_SHUFFLED = "not shuffled yet: see Chance"


def abstinence(m: Material) -> str:
    """The modelled last day."""
    ends = []
    for how in Uncertainty:
        result = analyse.abstinence_result(m.trial, m.spec.replace(uncertainty=how))
        if not result.difference:
            return ""
        gap = result.difference[-1]
        ends.append((how, gap.ci_low, gap.ci_high, point_ends(gap.ci_low, gap.ci_high)))
    return _line(m, [(how, low > 0 or high < 0, f"{text} points") for how, low, high, text in ends], LAST_DAY)


def heavy(m: Material) -> str:
    """The arms' trends of heavy days, as a ratio a day."""
    ends = []
    for how in Uncertainty:
        result = analyse.heavy_result(m.trial, m.spec.replace(uncertainty=how))
        low, high = _trends(result)
        if low is None or high is None:
            return ""
        ends.append((how, low > 0 or high < 0, interval(_ratio(low), _ratio(high))))
    return _line(m, ends, HEAVY_DAY_BY_ARM, "Arms' trends apart: ")


def relapse(m: Material) -> str:
    """Time to relapse has no model whose errors could be clustered: its test beside shuffling."""
    result = analyse.time_to_event(m.trial, m.spec).get("relapse")
    if result is None or result.logrank.p is None:
        return ""
    alpha = 1 - m.spec.confidence
    p = _shuffled(m, RELAPSE)
    if p is None or m.p_values is PValues.HIDDEN:
        return "" if m.p_values is PValues.HIDDEN else f"{NOT_SHUFFLED[:1].upper()}{NOT_SHUFFLED[1:]}."
    agreement = _agreement([result.logrank.p < alpha, p < alpha], "The two tests")
    return f"By shuffling {p_value(p)}. {agreement}"


def _trends(result: BinaryOutcome | None) -> tuple[float | None, float | None]:
    if result is None:
        return None, None
    return next(((c.ci_low, c.ci_high) for c in result.model.coefficients if c.term == "day:arm"), (None, None))


def _ratio(log_odds: float) -> float:
    return math.exp(min(log_odds, 700.0))


def _line(m: Material, ends: list[tuple[Uncertainty, bool, str]], contrast: str, of: str = "") -> str:
    """``Model 9–51 points; robust 6–54 points; by shuffling p .02. They agree.``"""
    shown = "; ".join(f"{how.value} {text}" for how, _, text in ends)
    verdicts = [clear for _, clear, _ in ends]
    p = _shuffled(m, contrast)
    who = "The two intervals"
    if m.p_values is PValues.HIDDEN:
        by_shuffling = ""
    elif p is None:
        by_shuffling = f"; {NOT_SHUFFLED}"
    else:
        by_shuffling = f"; by shuffling {p_value(p)}"
        verdicts.append(p < 1 - m.spec.confidence)
        who = "They"
    line = f"{of}{shown}{by_shuffling}"
    return f"{line[:1].upper()}{line[1:]}. {_agreement(verdicts, who)}"


def _agreement(verdicts: list[bool], who: str) -> str:
    """Whether all verdicts are one; `who` gave them."""
    return f"{who} agree." if len(set(verdicts)) == 1 else f"{who} do not agree."


def _shuffled(m: Material, contrast: str) -> float | None:
    """Its p, if all shuffles of this state are there; nothing is started."""
    result: Randomisation | None = long_work.shuffled_to_the_end(m.trial, m.spec)
    if result is None:
        return None
    return next((c.observed.p for c in result.contrasts if c.name == contrast), None)
