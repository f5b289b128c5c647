"""What if dropout is not relapse?  Three readings side by side, in words."""

from __future__ import annotations

from ketadash.analyse.outcomes import relapse_in_words
from ketadash.core.choices.dropout import DropoutRule, side_by_side
from ketadash.core.findings import ended, lowered
from ketadash.core.numbers import count_text as events
from ketadash.core.numbers import level, point_ends, points_text, with_points
from ketadash.core.p_values import about_p, p_text
from ketadash.core.spec import AnalysisSpec
from ketadash.core.terms import Terms
from ketadash.questions.relapse.words import happened
from ketadash.questions.shared import holding
from ketadash.questions.shared.legends import arm_sizes
from ketadash.questions.shared.robustness import listed
from ketadash.results import Estimate, TimeToEvent
from ketadash.results.robustness import side
from ketadash.results.sensitivity import DropoutWays


def alt(result: DropoutWays) -> str:
    """The three panels: how many had relapsed by the last day under each reading."""
    panels = []
    for way in result.ways:
        counts = " and ".join(f"{events(a.events)} of {a.n} {a.arm}" for a in way.arms)
        panels.append(f"dropout {reading_name(way)}, {counts} participants {happened(way)}")
    return f"Three panels of curves without relapse by day: {'; '.join(panels)}."


def answer(result: DropoutWays) -> str:
    """Whether the conclusion depends on the reading, which a slide takes as its headline, and the test under each."""
    if not result.ways[0].counts.n_filled:
        return holding.nobody_left(result.ways[0].terms)
    first, each = result.ways[0], " ".join(_reading(w) for w in result.ways)
    control, active = (a.arm for a in first.arms)
    return (
        f"{_verdict(result.ways)} Here is the difference in the share relapsed by day {first.window[1]}, {active} "
        f"minus {control}, for each way of counting dropout. {each}"
    )


def _reading(w: TimeToEvent) -> str:
    """``Counted as relapse: −34 points (95% CI −57 to −4; log-rank p .04).``"""
    d, way = w.difference, _rule(w).about.way
    test = f"{w.test} {p_text(w.logrank.p)}"
    opening = f"{way[:1].upper()}{way[1:]}"
    if d.estimate is None:
        return f"{opening}: not estimable ({test})."
    ends = "no interval" if d.ci_low is None or d.ci_high is None else f"{level(w.confidence)} {_ends(d)}"
    return f"{opening}: {with_points(points_text(d.estimate, d.ci_low, d.ci_high))} ({ends}; {test})."


def _ends(d: Estimate) -> str:
    assert d.ci_low is not None and d.ci_high is not None
    return point_ends(d.ci_low, d.ci_high)


def _rule(way: TimeToEvent) -> DropoutRule:
    return DropoutRule(way.dropout)


def _verdict(ways: tuple[TimeToEvent, ...]) -> str:
    """Whether the readings agree on which side of zero the interval lies."""
    open_ones = [_rule(w).about.way for w in ways if w.difference.ci_low is None]
    if open_ones:
        return f"Where dropout is {listed(open_ones, 'or')}, the arms cannot be compared."
    cases = [(_rule(w).about.way, side(w.difference)) for w in ways]
    interval = f"the {level(ways[0].confidence)} of the difference in relapse"
    return holding.depends(cases, holding.DROPOUT, interval)


def counted(result: DropoutWays, spec: AnalysisSpec) -> str | None:
    """What the test gives as none or all of the dropouts relapsed; None where there is nothing to count."""
    if not result.counted:
        return ended(result.messages[0]) if result.messages else None
    last = result.counted[-1]
    n, without = last.control + last.active, _without(spec, result.ways[0].terms)
    # with none or all of them counted, there is only one way to choose who
    none, every = result.counted[0].p_low, last.p_low
    who = f"the {n} who left without {without}" if n > 1 else f"the one who left without {without}"
    if none is None or every is None:
        return f"Depending on how many of {who} relapsed, the arms cannot be compared: see the table."
    if n == 1:
        return about_p(f"With {who} taken not to have relapsed, log-rank {p_text(none)}; otherwise {p_text(every)}.")
    known = [p for c in result.counted[1:-1] for p in (c.p_low, c.p_high) if p is not None]
    beyond = known and (min(known) < min(none, every) or max(known) > max(none, every))
    rest = f" Other numbers of them give {p_text(min(known))} to {p_text(max(known))}." if beyond else ""
    return about_p(
        f"With none of {who} taken to have relapsed, log-rank {p_text(none)}; with all of them, {p_text(every)}.{rest}"
    )


def rests_on(result: DropoutWays, spec: AnalysisSpec) -> str:
    """What is the same in the three pictures, and what is not."""
    way = result.ways[0]
    n, gone = sum(a.n for a in way.arms), way.counts.n_filled
    means = " ".join(f"{rule.about.way.capitalize()}: {lowered(rule.about.means)}" for rule in side_by_side())
    return (
        f"{n:,} participants, {gone or 'none'} of whom left without {_without(spec, way.terms)}{_later(result)}. "
        f"Relapse is {relapse_in_words(spec, way.terms)}. {means} Bands are {level(way.confidence)}. "
        "The log-rank compares the daily risk of relapse, Gray's test the "
        "share relapsed."
    )


def _later(result: DropoutWays) -> str:
    """That some who left relapse afterwards all the same, where weeks without information count as use."""
    gone = result.ways[0].counts.n_filled
    stayed_so = [sum(a.competing for a in w.arms) for w in result.ways if _rule(w).about.competes]
    later = gone - stayed_so[0] if stayed_so else 0
    if later <= 0:
        return ""
    return f" (where dropout is not the event, {later} of them relapse later, by weeks without information)"


def _without(spec: AnalysisSpec, terms: Terms) -> str:
    """What those who left had not had: ``a heavy drinking day``."""
    return f"a {terms.heavy_day}" if relapse_in_words(spec, terms) == f"the first {terms.heavy_day}" else "relapse"


COUNTED_RESTS_ON = (
    "So many of the dropouts are taken to have relapsed on the day they left; the others are censored on their last "
    "reported day. Every combination of people is worked out; nothing is simulated."
)


def reading_name(result: TimeToEvent) -> str:
    """How a reading takes dropout: ``counted as relapse``."""
    return _rule(result).about.way


def head(result: TimeToEvent) -> str:
    """What stands above its curves: ``Dropout censored``."""
    return _rule(result).about.head


def legend(result: DropoutWays) -> str:
    """Relapse under each reading of dropout."""
    way = result.ways[0]
    *start, end = (DropoutRule(w.dropout).about.legend for w in result.ways)
    arms = [(a.arm, a.n) for a in way.arms]
    return (
        f"Share of participants without relapse ({arm_sizes(arms)}) with dropout {', '.join(start)}, and {end}. "
        f"Bands: pointwise {level(way.confidence)}; ticks: censored."
    )
