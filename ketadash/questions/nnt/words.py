"""The number needed to treat in sentences."""

from __future__ import annotations

from ketadash.core.numbers import level, number, people, percent
from ketadash.core.spec import AnalysisSpec
from ketadash.core.terms import DRINKS, Terms
from ketadash.questions.shared.code_numbers import capital
from ketadash.questions.shared.legends import missing_rule
from ketadash.results import Nnt, NntResult

NAME = "Number needed to treat"


def answer(result: NntResult) -> str:
    """The number needed to treat, observed over all days and modelled on the last."""
    seen, fitted = (n.what for n in (result.observed, result.modelled))
    return (
        f"{capital(seen)}, as observed: {_sentence(result.observed, result.arms)}. "
        f"{capital(fitted)}: {_sentence(result.modelled, result.arms)}."
    )


MEANS = (
    "NNTB is the number to treat with the active treatment for one more to benefit, NNTH for one more to be harmed; "
    "an interval that includes zero runs through infinity (∞)."
)


def _sentence(n: Nnt, arms: tuple[str, str]) -> str:
    if n.risk_difference is None or n.risk_active is None or n.risk_control is None:
        return n.text
    shares = f"{percent(n.risk_active)} with {arms[1]} against {percent(n.risk_control)} with {arms[0]}"
    if n.risk_difference_bounds is None:
        return f"{shares}; {n.text}"
    bounds = either_way(n)
    return f"{shares}, of those known; {n.text}. {bounds[0].upper()}{bounds[1:]}"


def either_way(n: Nnt) -> str:
    """What the difference could be with those left out; "" where nobody is."""
    if n.risk_difference_bounds is None:
        return ""
    low, high = n.risk_difference_bounds
    ends = f"{number(100 * low, 0)} and {number(100 * high, 0)} points"
    return f"with those left out taken as failed or not, the difference is between {ends}"


def short(n: Nnt) -> str:
    """A whole number for a card: ``6``, rounded up as is the custom; ``harm 6`` for harm."""
    if n.nnt is None:
        return "–"
    return f"{people(n.nnt):,}" if n.nnt > 0 else f"harm {people(n.nnt):,}"


def in_plain_words(n: Nnt) -> str:
    """``About 6 to treat for one more to benefit; harm is not excluded.``"""
    if n.nnt is None or n.ci_low is None or n.ci_high is None:
        return f"{NAME}: {n.text}"
    many = f"{people(n.nnt):,}"
    least, most = n.risk_difference_bounds or (n.ci_low, n.ci_high)
    other_side, unlike = (min(n.ci_low, least), "harm") if n.nnt > 0 else (-max(n.ci_high, most), "benefit")
    left = "" if other_side > 0 else f"; {unlike if other_side < 0 else 'no effect'} is not excluded"
    if n.nnt > 0:
        return f"About {many} to treat for one more to benefit{left}."
    return f"One more is harmed in about {many} treated{left}."


ABBREVIATIONS = "NNTB, number needed to treat for one more to benefit; NNTH, for one more to be harmed."


def legend(result: NntResult, spec: AnalysisSpec, terms: Terms = DRINKS) -> str:
    """Numbers needed to treat."""
    control, active = result.arms
    counted = [f"{c[1].arm} n = {c[1].n:,}, {c[0].arm} n = {c[0].n:,}" for c in [result.observed.counts] if c]
    return (
        f"Risk differences in abstinence, {active} minus {control}, with {level(result.confidence)} (observed: "
        f"Newcombe's score method{f', {counted[0]}' if counted else ''}; modelled: {result.modelled.interval}), and "
        "the numbers needed to treat that they amount to along the top, running through infinity at no difference. "
        f"{missing_rule(spec, result.counts.n_missing, terms)} {ABBREVIATIONS}"
    )


def difference_axis(active: str, control: str) -> str:
    """The title of an axis of risk differences."""
    return f"Risk difference, {active} − {control}"
