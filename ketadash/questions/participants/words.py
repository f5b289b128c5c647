"""Results about people → sentences: who they were, who stayed, what the pictures of them show."""

from __future__ import annotations

from ketadash.core.choices.missing import missing_day
from ketadash.core.findings import first_of, lowered
from ketadash.core.numbers import number, percent
from ketadash.core.p_values import about_p
from ketadash.core.spec import AnalysisSpec
from ketadash.core.terms import Terms
from ketadash.questions.shared.legends import arm_sizes
from ketadash.results.people import Characteristic, DayMap, DayState, Flow, Participants, PersonRecord, TableOne

STILL_REPORTING = "Participants still reporting"


def legend_retention(result: Participants) -> str:
    """Who still reported."""
    arms = [(a.arm, a.randomised) for a in result.flow.arms]
    return f"Share of participants known on the day or later, by day and arm ({arm_sizes(arms)})."


def legend_flow(result: Participants) -> str:
    """The CONSORT diagram."""
    arms = [(a.arm, a.randomised) for a in result.flow.arms]
    return f"CONSORT flow of participants ({arm_sizes(arms)})."


DAY = {
    DayState.ABSTINENT: "abstinent",
    DayState.USE: "{use}, not heavy",
    DayState.HEAVY: "heavy {use}",
    DayState.OVERRIDDEN: "{use}, by {test}",
    DayState.MISSING: "not reported",
    DayState.UNKNOWN_AMOUNT: "{use}, amount unknown",
}
WEEK = 7  # days
NOTABLE = 3  # characteristics named in the answer


def day(state: DayState, terms: Terms, can_tell_heavy: bool) -> str:
    """What a day was; a day of use is not called light where nobody can tell."""
    if state is DayState.USE and not can_tell_heavy:
        return terms.use
    return DAY[state].format(use=terms.use, test=terms.test)


def answer(result: Participants) -> str:
    """How many there were, how many left in which arm, and in what the arms differ most."""
    flow = result.flow
    control, active = flow.arms
    gone = [arm.never_reported + arm.n_left for arm in flow.arms]
    opening = (
        f"{active.randomised:,} participants were assigned to {active.arm} and {control.randomised:,} to {control.arm}"
    )
    if flow.outside_set:
        opening = (
            f"In the analysis set are {active.randomised:,} participants with {active.arm} and "
            f"{control.randomised:,} with {control.arm}"
        )
    if not any(gone):
        stayed = f"all of them are known to day {flow.window[1]}"
    else:
        shares = [
            f"{n:,} of {arm.randomised:,} with {arm.arm} ({percent(n / arm.randomised)})"
            for n, arm in zip(reversed(gone), reversed(flow.arms), strict=True)
        ]
        stayed = f"{' and '.join(shares)} left before day {flow.window[1]}"
    return f"{opening}; {stayed}. {differences(result.table)}"


def differences(table: TableOne) -> str:
    """The largest standardised differences, beside what chance alone does."""
    known = [r for r in table.rows if r.standardised_difference is not None]
    if not known:
        return "The data say nothing that can be compared about who they were."
    known = [r for r in known if abs(r.standardised_difference or 0.0) > 0]
    if not known:
        return "In what the data say about who they were, the arms are alike."
    largest = sorted(known, key=lambda r: -abs(r.standardised_difference or 0.0))[:NOTABLE]
    named = "; ".join(f"{lowered(about(r))} {number(r.standardised_difference)}" for r in largest)
    return (
        f"The arms differ most, in standard deviations, in {named}; chance alone puts one characteristic in twenty "
        f"beyond ±{number(table.by_chance)}."
    )


def about(row: Characteristic) -> str:
    """A characteristic with the level that its sign is about: ``Sex (female)``."""
    if len(row.levels) != 2 or row.levels[0].label.lower() == "yes":
        return row.label
    return f"{row.label} ({lowered(row.levels[0].label)})"


def chance(table: TableOne) -> str:
    """What a difference of this size means in a randomised trial of this size."""
    n = " and ".join(f"{k:,}" for k in table.n)
    return (
        f"With arms of {n}, chance alone puts one characteristic in twenty beyond ±{number(table.by_chance)} "
        "(more where there are several levels)."
    )


def would_bring_table_one(terms: Terms) -> str:
    """Why there is no Table 1, and which file would bring it."""
    such = "sex, age or baseline_drinks" if terms.alcohol else "sex or age"
    return (
        "The data hold nothing about who the participants were. A file participants.csv beside the days (or columns of "
        f"one value a participant, such as {such}) would bring Table 1."
    )


def left_out(result: Participants) -> tuple[str, ...]:
    """What Table 1 leaves out, the first of many."""
    return tuple(f"Left out of {text}." for text in first_of(result.warnings))


NO_P_AT_BASELINE = about_p(
    "No p-values: in a randomised trial every difference at baseline is due to chance, so a test has nothing to find "
    "(CONSORT)."
)


def rests_on(result: Participants, spec: AnalysisSpec) -> str:
    """What counts as leaving, as analysed and as a difference."""
    first, last = result.flow.window
    who = "of the analysis set" if result.flow.outside_set else "randomised"
    inside = (result.days.days >= first) & (result.days.days <= last)
    if not (result.days.state[:, inside] == DayState.MISSING).any():
        analysed = f"Everyone {who} is analysed, and no day is missing"
    elif spec.missing.fills:
        analysed = f"Everyone {who} is analysed: {missing_day(spec.missing, result.days.terms.use)}"
    else:
        analysed = f"Analysed is whoever has a known day from day {first} to {last}"
    return (
        f"Whoever left has no report from the day of leaving to the end of the window (days {first} to "
        f"{last}){_late(result)}. {analysed}. Differences are active minus control over the "
        "pooled standard deviation (Austin 2009; without sign where there are more than two levels). "
        f"{NO_P_AT_BASELINE}"
    )


def _late(result: Participants) -> str:
    """How many left in the last week only: perhaps merely not asked again."""
    last = result.flow.window[1]
    late = sum(day > last - WEEK for arm in result.flow.arms for leaving in arm.left for day in leaving.days)
    return f" ({late:,} of them left in the last {WEEK} days, and may merely not have been asked again)" if late else ""


def leaving(result: Participants) -> str:
    """What those who left or never reported had told before."""
    sentences = []
    for arm in result.flow.arms:
        gone = arm.never_reported + arm.n_left
        if gone:
            heavy = (
                ""
                if arm.gone_after_heavy is None
                else (f"{arm.gone_after_heavy:,} had reported a heavy day, before the window or in it; ")
            )
            sentences.append(
                f"{arm.arm}: of the {gone:,} who left or never reported, {heavy}{arm.gone_abstinent:,} had reported "
                "only abstinent days in the window."
            )
    return " ".join(sentences) or "Nobody left."


def map_rests_on(days: DayMap, spec: AnalysisSpec) -> str:
    """What the colours and the order of the map mean, as far as this map has them."""
    heavy = (
        f"heavy is more than {spec.heavy_men:g} {days.terms.many} for men and more than {spec.heavy_women:g} for women"
        if days.can_tell_heavy
        else "the amounts are only yes and no, so no heavy day can be told"
    )
    etg = f"; a day reported {days.terms.without} before a positive {days.terms.test} counts as {days.terms.use}"
    paler = " Paler days lie before the window and do not count in the order."
    return (
        f"Each row is a participant; within an arm those with most known abstinent days come first. Shown is what was "
        f"reported, whatever the missing-day rule: {heavy}{etg if (days.state == DayState.OVERRIDDEN).any() else ''}."
        f"{paler if days.days[0] < days.window[0] else ''}"
    )


def left_out_of_set(flow: Flow) -> str:
    """How many of the two arms the chosen analysis set leaves out."""
    return f"{flow.outside_set:,} not in the analysis set"


def alt_flow(result: Participants) -> str:
    """The CONSORT diagram for someone who does not see it."""
    flow = result.flow
    before = [f"{n:,} {step}" for step, n in (("screened", flow.screened), ("enrolled", flow.enrolled)) if n]
    arms = [
        f"{a.arm}: {a.randomised:,} allocated, {a.never_reported + a.n_left:,} left, {a.analysed:,} analysed"
        for a in flow.arms
    ]
    outside = [left_out_of_set(flow)] if flow.outside_set else []
    return f"CONSORT flow diagram: {'; '.join([*before, f'{flow.randomised:,} randomised', *outside, *arms])}."


def alt_retention(result: Participants) -> str:
    """The retention curve's ends."""
    last = result.flow.window[1]
    ends = {p.arm: p for p in result.retention if p.day == last}
    shares = "; ".join(f"{arm} {percent(ends[arm].proportion)}" for arm in result.arms)
    return f"Step chart of the share of participants still reporting by day; on day {last}: {shares}."


def alt_map(result: Participants) -> str:
    """How many rows the map has, and the share of known abstinent days by arm."""
    days = result.days
    inside = int((days.days >= days.window[0]).sum())
    shares = [
        f"{arm} {percent(float(days.abstinent_days[days.active == bool(k)].mean()) / inside)}"
        for k, arm in enumerate(result.arms)
    ]
    return (
        f"Map of every day of {len(days.participant_ids):,} participants, a row each. Known abstinent days of the "
        f"window: {'; '.join(shares)}."
    )


def record(r: PersonRecord) -> str:
    """One participant's course in a sentence."""
    inside = [d for d in r.days if d.in_window]
    known = [d for d in inside if d.amount is not None]
    dry = sum(d.state is DayState.ABSTINENT for d in inside)
    left = f", left on day {r.left}" + (f" ({r.reason})" if r.reason else "") if r.left is not None else ""
    return f"{r.participant_id}, {r.arm}: {dry} abstinent of {len(known)} known days of {len(inside)}{left}."


def difference(row: Characteristic) -> str:
    """A standardised difference for a table."""
    return number(row.standardised_difference)
