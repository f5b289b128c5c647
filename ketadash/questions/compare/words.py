"""Two states of the dashboard side by side, in words: in what they differ, and the headline numbers of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ketadash.core.numbers import count_text as events
from ketadash.core.numbers import interval, level, number, point_ends, ratio_digits, signed_points, with_points
from ketadash.core.spec import AnalysisSpec
from ketadash.core.terms import Terms
from ketadash.results import BinaryOutcome, NntResult, OddsRatioPerDay, TimeToEvent

NONE = "no finite answer"
KEEP = "Keep this state"
EMPTY = (
    "Nothing is kept yet. Move the choices until you see what you want to come back to, give it a name "
    "under Keep this state, and it can be opened again or set beside another here."
)
RESTS_ON = (
    "Each side is computed anew from the data; nothing but the choices is kept, and only in this session or in "
    "the link. Move a choice and the side called Now follows it."
)
SAME = "Both states are the same analysis, so every number agrees."


def state_name(differences: Sequence[str], declared: str) -> str:
    """A name for a state that has none: its choices, or the declared analysis."""
    return "; ".join(differences) if differences else declared


def differ(a: AnalysisSpec, b: AnalysisSpec, terms: Terms) -> tuple[tuple[str, str], ...]:
    """Each choice in which two analyses differ, as the one and as the other has it."""
    return tuple((_choice_text(a, name, terms), _choice_text(b, name, terms)) for name in b.differences(a))


def _choice_text(spec: AnalysisSpec, name: str, terms: Terms) -> str:
    if getattr(spec, name) is None:
        return "as the trial says"
    return spec.describe(name, terms.many, terms.use)


def answer(differences: Sequence[tuple[str, str]], a: Mapping[str, str], b: Mapping[str, str]) -> str:
    """In what the two differ, and what that makes of their first number."""
    if not differences:
        return SAME
    count = "one choice" if len(differences) == 1 else f"{len(differences)} choices"
    pairs = "; ".join(f"{one} against {other}" for one, other in differences)
    return f"They differ in {count}: {pairs}. {_moved(a, b)}"


def _moved(a: Mapping[str, str], b: Mapping[str, str]) -> str:
    (what, one), (_, other) = next(iter(a.items())), next(iter(b.items()))
    return f"{what}: {one} against {other}."


def numbers(
    abstinence: BinaryOutcome, heavy: BinaryOutcome | None, relapse: TimeToEvent | None, needed: NntResult, terms: Terms
) -> dict[str, str]:
    """The headline numbers of a state with their intervals, by what they are."""
    control, active = abstinence.arms
    texts = {f"Abstinence on the last day, {active} − {control}": _gap(abstinence)}
    texts |= per_day(abstinence, "abstinence")
    if heavy is not None:
        texts |= per_day(heavy, f"a {terms.heavy_day}")
    if relapse is not None:
        texts[f"Relapsed by the last day, {active} v {control}"] = _counts(relapse)
        texts[f"Mean days free of relapse, {active} − {control}"] = _days(relapse)
    seen = needed.observed
    return texts | {"Number needed to treat, observed": f"{seen.text} ({seen.what})"}


def _gap(result: BinaryOutcome) -> str:
    if not result.difference:
        return NONE
    last = result.difference[-1]
    ends = point_ends(last.ci_low, last.ci_high)
    size = with_points(signed_points(last.probability, last.ci_low, last.ci_high))
    return f"{size} (day {last.day}; {level(result.confidence)} {ends})"


def per_day(result: BinaryOutcome, outcome: str) -> dict[str, str]:
    """Each arm's ratio; a quadratic trend has another one every day, so that of the last day, which is named."""
    ratios = {r.arm: r for r in result.odds_ratio_per_day or ()}
    return {f"Odds of {outcome}, × each day, {arm}": _ratio(ratios.get(arm), result.confidence) for arm in result.arms}


def _ratio(r: OddsRatioPerDay | None, confidence: float) -> str:
    if r is None:
        return NONE
    digits = ratio_digits(r.ci_low, r.ci_high)
    on = "" if r.day is None else f" on day {r.day}"
    return f"{number(r.estimate, digits)}{on} ({level(confidence)} {interval(r.ci_low, r.ci_high, digits)})"


def _counts(result: TimeToEvent) -> str:
    control, active = result.arms
    return f"{events(active.events)}/{active.n} v {events(control.events)}/{control.n} (day {result.window[1]})"


def _days(result: TimeToEvent) -> str:
    mean = result.rmst.difference
    if mean.estimate is None:
        return NONE
    ends = "no interval" if mean.ci_low is None else interval(mean.ci_low, mean.ci_high, 1)
    sign = "+" if mean.estimate >= 0 else "−"
    return f"{sign}{number(abs(mean.estimate), 1)} (to day {result.rmst.tau}; {level(result.confidence)} {ends})"


def forgotten(title: str) -> str:
    """Why a kept state cannot be opened."""
    return f"Of another trial ({title}), which this session no longer has: load it again on the Data page."
