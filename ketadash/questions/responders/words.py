"""Responders in sentences."""

from __future__ import annotations

from ketadash.core.findings import lowered
from ketadash.core.numbers import clear_interval, count_text, interval, level, number, percent, with_points
from ketadash.core.p_values import about_p, p_text
from ketadash.core.terms import Terms
from ketadash.results.endpoints import Flow, Ladder, ResponderCurve, Rung

TITLE = "Who responded?"
NAME = "Responders"
SUPPRESSED = "Each step of these curves, and each stream of the levels, can be one person: hidden with small counts."
LEVELS_TITLE = "WHO risk levels before and after"
CURVES_TITLE = "Responders at every cut"
NO_LEVELS = "WHO risk levels need amounts on days before treatment and on days of the window."


def ladder_answer(ladder: Ladder) -> str:
    """Each rung's share in both arms."""
    control, active = ladder.arms
    if not ladder.rungs:
        return "No rung of the ladder can be told from these data."
    parts = [f"{lowered(r.label)} {_both(r)}" for r in ladder.rungs]
    return f"At each rung or above, {active} against {control}: {'; '.join(parts)}."


def _both(r: Rung) -> str:
    control, active = r.arms
    return f"{percent(active.value)} v {percent(control.value)}"


def ladder_alt(ladder: Ladder) -> str:
    """The ladder with its intervals."""
    parts = []
    for r in ladder.rungs:
        for arm in r.arms:
            low, high = (None if v is None else 100 * v for v in (arm.ci_low, arm.ci_high))
            parts.append(f"{r.label}, {arm.arm}: {percent(arm.value)} ({interval(low, high, 0)})")
    return f"Stacked bars, one an arm. {'; '.join(parts)}."


def ladder_legend(ladder: Ladder) -> str:
    """What the bars show."""
    return (
        "Everybody analysed, each in the part of the highest rung reached; lines: "
        f"{level(ladder.confidence)} (Wilson) of the share at that rung or above. {ladder.definition}"
    )


def ladder_rests_on(ladder: Ladder) -> str:
    """What the ladder rests on."""
    return (
        f"{ladder.definition} A participant whose WHO level before treatment was too low to fall that far cannot "
        "reach that rung through it. Differences by Newcombe's interval, effect sizes by Cohen's h."
    )


def curve_answer(c: ResponderCurve) -> str:
    """The rank test and the shift of one measure."""
    control, active = c.arms
    if c.test.p is None:
        return f"{c.label}: everybody has the same value, so the arms cannot be told apart."
    if c.shift.estimate is None or c.shift.ci_low is None or c.shift.ci_high is None:
        shift = "the typical difference has no finite answer"
    else:
        scale = 100 if c.unit == "percent" else 1
        digits = 0 if c.unit == "percent" else 1
        size = number(scale * c.shift.estimate, digits)
        typical = with_points(size) if c.unit == "percent" else size
        ends = clear_interval(scale * c.shift.ci_low, scale * c.shift.ci_high, digits)
        shift = f"typical difference {typical} ({level(c.confidence)} {ends})"
    test = about_p(f" Rank test: {p_text(c.test.p)}.")
    return f"{c.label}, {active} minus {control}: {shift}.{_pairs(c)}{test}"


def _pairs(c: ResponderCurve) -> str:
    """What the test is about, where the median of all pairs or an end of its interval is 0 because many are ties."""
    if 0 not in (c.shift.estimate, c.shift.ci_low, c.shift.ci_high):
        return ""
    (control, active), (of_control, of_active) = c.arms, c.better
    return (
        f" In pairs across the arms {active} did better in {percent(of_active)} and {control} in "
        f"{percent(of_control)}; {percent(1 - of_active - of_control)} are ties."
    )


def curve_alt(c: ResponderCurve) -> str:
    """What the curve shows at a quarter, a half and three quarters of its cuts."""
    control, active = c.arms
    steps = list(zip(*c.curves, strict=True))
    places = sorted({len(steps) * k // 4 for k in (1, 2, 3)})
    parts = [f"{_cut(c, a.cut)}: {percent(b.share)} v {percent(a.share)}" for a, b in (steps[k] for k in places)]
    return f"{c.label}, share with {_beyond(c)} each cut, {active} against {control}. {'; '.join(parts)}."


def _cut(c: ResponderCurve, cut: float) -> str:
    return percent(cut) if c.unit == "percent" else number(cut, 1)


def _beyond(c: ResponderCurve) -> str:
    return "at least" if c.good else "at most"


def curve_axis(c: ResponderCurve) -> str:
    """The title of the axis of cuts."""
    return f"{_beyond(c).capitalize()} … {lowered(c.label)}"


def curve_legend(c: ResponderCurve) -> str:
    """What a curve shows."""
    more = f" {'; '.join(c.messages).capitalize()}." if c.messages else ""
    return f"Share of all analysed with {_beyond(c)} each value of {lowered(c.label)}.{more}"


def curves_rest_on() -> str:
    """What the curves rest on."""
    return (
        "Every cut is a definition of a responder; the curve chooses none. Whoever has no value counts as the worst. "
        "A pair across the arms is one participant of each; two with the same value, or both without one, are a tie. "
        "The rank test asks which arm does better in more of all these pairs; the typical difference is the median of "
        "their differences (Hodges and Lehmann)."
    )


def flow_answer(flow: Flow) -> str:
    """How many came down, stayed and went up, by arm."""
    parts = []
    for arm, counts in zip(flow.arms, flow.counts, strict=True):
        n = len(flow.levels) - 1
        moves = [(b, a, counts[b][a]) for b in range(n) for a in range(n)]
        down, same, up = (sum(c for b, a, c in moves if keep(a - b)) for keep in (_fell, _stayed, _rose))
        unknown = sum(map(sum, counts)) - down - same - up
        rest = f", {count_text(unknown)} unknown" if unknown > 1e-6 else ""
        parts.append(f"{arm}: {count_text(down)} down, {count_text(same)} as before, {count_text(up)} up{rest}")
    return f"WHO risk level from {span(flow.before)} to {span(flow.after)}. {'; '.join(parts)}."


def _fell(change: int) -> bool:
    return change < 0


def _stayed(change: int) -> bool:
    return change == 0


def _rose(change: int) -> bool:
    return change > 0


def span(days: tuple[int, int] | None) -> str:
    """``days −7 to −1``."""
    if days is None:
        return "before treatment"
    return f"days {number(days[0], 0)} to {number(days[1], 0)}"


def flow_legend(flow: Flow, terms: Terms) -> str:
    """What the streams are."""
    return (
        f"Each stream is as wide as the share of the arm that moved between two levels; left {span(flow.before)}, "
        f"right {span(flow.after)}. Levels by mean grams of alcohol a day from known {terms.many}."
    )


def flow_rests_on() -> str:
    """What the levels rest on."""
    return (
        "Grams of alcohol a day, averaged over known days: men low to 40, medium to 60, high to 100; women 20, 40 and "
        "60. A missing day counts as the rule says; where it counts as use, the amount is unknown and the level "
        "is taken as very high."
    )
