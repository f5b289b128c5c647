"""What else happened, in sentences: adverse events, dissociation, visit measures, follow-up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ketadash.core.findings import enumerated
from ketadash.core.numbers import interval, level, number, percent, point_digits, point_ends, points, with_points
from ketadash.core.p_values import about_p, p_text, with_statistic
from ketadash.questions.shared.legends import OF_A_TYPICAL_PARTICIPANT, arm_sizes, whose_curve
from ketadash.questions.shared.words import clustered, interval_of
from ketadash.results import EffectTest
from ketadash.results.safety import (
    AdverseEvent,
    AdverseEvents,
    Dissociation,
    EventArm,
    FollowUp,
    FollowUpArm,
    Measure,
    ScoreArm,
    WeeklyChange,
)

ABSTINENT_OF_REACHED = "Abstinent of those reached"


def legend_adverse_events(result: AdverseEvents) -> str:
    """Adverse events by arm."""
    arms = [(a.arm, a.n) for a in result.overall.arms]
    return (
        f"Participants with each adverse event at least once ({arm_sizes(arms)}), and the risk difference, "
        f"{result.arms[1]} minus {result.arms[0]}, with Newcombe's {level(result.confidence)}."
    )


def legend_dissociation(result: Dissociation) -> str:
    """The score's distribution by arm."""
    arms = [(a.arm, a.n) for a in result.arms]
    return f"CADSS scores ({result.source}) by arm ({arm_sizes(arms)}): every score, with median and quartiles."


def legend_measure(m: Measure) -> str:
    """One visit measure by week."""
    arms = [(arm, max((p.n or 0 for p in m.observed if p.arm == arm), default=0)) for arm in m.arms]
    return (
        f"{m.label.capitalize()} by week. Points: observed means ± 1 standard error ({arm_sizes(arms)} at most); "
        f"lines: modelled means ({whose_curve(m.estimand)}, {m.link} link); bands: {interval_of(m)}."
    )


def legend_follow_up(result: FollowUp) -> str:
    """Late follow-up."""
    reached = ", ".join(f"{a.reached} of {a.n} with {a.arm}" for a in reversed(result.arms))
    shares = ", ".join(f"{percent(a.proportion.estimate)} with {a.arm}" for a in reversed(result.arms))
    return f"Late follow-up of everyone analysed; reached {reached}; abstinent of those reached: {shares}."


# What would bring each part, for a trial that does not have it.
WOULD_BRING = {
    "events": "There are no adverse events to show. This part needs a file adverse_events.csv beside the days, one row "
    "per event with participant_id and event (optionally day, severity).",
    "cadss": "There is no dissociation score to show. This part needs a column cadss, or cadss_after_infusion, in "
    "participants.csv (or in visits.csv on day 0).",
    "measures": "There are no visit measures to show. This part needs a file visits.csv beside the days, one row per "
    "participant and visit with participant_id, day and a column of numbers for each measure (craving, stress, …), "
    "some of them after day 0.",
    "follow_up": "There is no late follow-up to show. This part needs a column followup_6m_abstinent in "
    "participants.csv (1 abstinent, 0 not, empty where not reached).",
}


def overview(events: AdverseEvents | None, follow_up: FollowUp | None, measures: Sequence[Measure]) -> str:
    """The page's answer: the most common events, what the measures said, the late follow-up."""
    sentences = [
        *([_common(events)] if events is not None else []),
        *([_interactions(measures)] if measures else []),
        *([_reached(follow_up)] if follow_up is not None else []),
    ]
    return " ".join(sentences) or "This trial's files say nothing about events, measures or a later follow-up."


# --- adverse events --------------------------------------------------------------------------------------------------


def _common(result: AdverseEvents) -> str:
    if not result.events:
        return "No adverse event is recorded for anyone in either arm."
    both = " and ".join(f"{e.event} ({_counts(e)})" for e in result.events[:2])
    return f"The most common adverse {'event was' if len(result.events) == 1 else 'events were'} {both}."


def _counts(e: AdverseEvent) -> str:
    control, active = e.arms
    return f"{_count_of_n(active)} with {active.arm}, {_count_of_n(control)} with {control.arm}"


def _count_of_n(a: EventArm) -> str:
    return f"{a.participants}/{a.n}"


def events(result: AdverseEvents) -> str:
    """Any event by arm, and the largest difference with its interval."""
    if not result.events:
        return _common(result)
    control, active = result.overall.arms
    opening = (
        f"{_share(active)} {active.arm} and {_share(control)} {control.arm} participants had an adverse event of any "
        "kind"
    )
    largest = max(result.events, key=lambda e: abs(e.difference.estimate or 0))
    d = largest.difference
    if d.estimate is None or d.ci_low is None or d.ci_high is None:
        return f"{opening}."
    many = len(result.events)
    picked = f" of {many}, picked for its size and so likely exaggerated," if many > 1 else ""
    way = "more" if d.estimate > 0 else "less"
    verb = "does not include" if d.ci_low > 0 or d.ci_high < 0 else "includes"
    ends = f"{level(result.confidence)} {point_ends(d.ci_low, d.ci_high)} points"
    size = points(d.estimate, point_digits(d.estimate, d.ci_low, d.ci_high))
    return (
        f"{opening}. The largest difference{picked} is in {largest.event}: "
        f"{with_points(size, 'percentage ')} {way} often with {active.arm} ({ends}, which {verb} zero)."
    )


def _share(a: EventArm) -> str:
    return f"{a.participants} of {a.n}"


NO_P_OF_EVENTS = about_p(
    "There are no p-values: a trial of this size is not built to test harms, many events would be tested at once, and "
    "a large p would be mistaken for safety."
)


def events_rest_on(result: AdverseEvents) -> str:
    """What is counted, of whom, and why there is no p."""
    left_out = f" {result.warnings[0][:1].upper()}{result.warnings[0][1:]}." if result.warnings else ""
    return (
        "Counted are participants with an event at least once, of all analysed in the arm; events reported on day 0 "
        f"or later, or on an unknown day.{left_out} Differences are {level(result.confidence)} by Newcombe's score "
        f"method. {NO_P_OF_EVENTS}"
    )


def alt_events(result: AdverseEvents) -> str:
    """The dot plot for someone who does not see it."""
    return "Share of participants with each adverse event, and its difference. " + "; ".join(
        f"{e.event}: {_counts(e)}" for e in result.events
    )


# --- dissociation ----------------------------------------------------------------------------------------------------


def dissociation(result: Dissociation) -> str:
    """Medians and quartiles by arm, the rank test, and the association with abstinence."""
    control, active = result.arms
    scores = " and ".join(f"{_distribution(a)} with {a.arm}" for a in (active, control))
    opening = f"The median CADSS score was {scores}"
    test = result.test
    statistic = f"χ² {number(test.chi2)} on {test.df} df"
    compared = "" if test.chi2 is None else f" ({with_statistic('', statistic, test.p)})"
    return f"{opening}{compared}. {association(result)}"


def _distribution(a: ScoreArm) -> str:
    if a.median is None or a.q1 is None or a.q3 is None:
        return "not recorded"
    return f"{_score(a.median)} (quartiles {_score(a.q1)} to {_score(a.q3)}, n = {a.n:,})"


def _score(x: float) -> str:
    return f"{x:.10g}"


def association(result: Dissociation) -> str:
    """Odds of abstinence at the end for each further point."""
    o = result.odds_ratio
    if o.estimate is None:
        reason = result.messages[0] if result.messages else "it could not be estimated"
        return f"Its association with end-of-study abstinence: {reason}."
    return (
        f"For each further point the odds of abstinence at the end are multiplied by {number(o.estimate)} "
        f"({level(result.confidence)} {interval(o.ci_low, o.ci_high)}, {p_text(o.p)})."
    )


def dissociation_rests_on(result: Dissociation) -> str:
    """Source, tests, definition of the outcome, and how many are missing."""
    missing = sum(a.n_missing for a in result.arms)
    without = f" {missing} participants have no score." if missing else ""
    return (
        f"Scores from {result.source}.{without} Kruskal–Wallis test with ties (two arms: Wilcoxon without continuity "
        f"correction); logistic regression of the outcome '{result.outcome}' on the score, {result.n_abstinent} of "
        f"{result.n} abstinent, both arms together and not adjusted for the arm: an association, not an effect."
    )


# --- visit measures --------------------------------------------------------------------------------------------------


def _converged(m: Measure) -> bool:
    return m.model.convergence.ok


UNSURE = "not converged, so no curve is drawn"


def drawn(m: Measure) -> Measure:
    """A measure as pictures have it: without the curves of a fit that did not converge, of which nothing is told."""
    return m if _converged(m) else replace(m, modelled=())


def _interactions(results: Sequence[Measure]) -> str:
    every = [(m, t) for m in results if (t := m.model.test("week:arm")) is not None and t.p is not None]
    lost = ", ".join(m.label for m, _ in every if not _converged(m))
    doubt = f" The fit of {lost} did not converge: nothing is concluded from it." if lost else ""
    return f"{_tested([(m, t) for m, t in every if _converged(m)])}{doubt}"


def _tested(tests: Sequence[tuple[Measure, EffectTest]]) -> str:
    if not tests:
        return "No measure taken at the visits could be modelled."
    small = [m.label for m, t in tests if t.p is not None and t.p < 0.05]
    n = len(tests)
    if not small:
        low = min(t.p for _, t in tests if t.p is not None)
        return about_p(
            f"The arms' weekly trends differed at p < .05 in none of {n} visit measures (smallest "
            f"{p_text(low)}, not adjusted for testing several)."
            if n > 1
            else f"The arms' weekly trends in {tests[0][0].label} did not differ at p < .05 ({p_text(low)})."
        )
    return about_p(
        f"The arms' weekly trends differed at p < .05 in {len(small)} of {n} visit measures ({', '.join(small)}); the "
        "p-values are not adjusted for testing several."
        if n > 1
        else f"The arms' weekly trends in {small[0]} differed at p < .05."
    )


def measures(results: Sequence[Measure]) -> str:
    """How many trends differ, and what the measure with the smallest p did."""
    shown = [m for m in results if m.change and m.model.test("week:arm") is not None and _converged(m)]
    if not shown:
        return _interactions(results)
    first = min(shown, key=lambda m: _p(m))
    control, active, _ = first.change
    picked = f", which has the smallest p of {len(shown)}," if len(shown) > 1 else ""
    return (
        f"{_interactions(results)} {first.label.capitalize()}{picked} changed by {change(control, first.link)} a "
        f"week with {control.arm} and by {change(active, first.link)} with {active.arm} (week × arm "
        f"{p_text(_p(first))})."
    )


def _p(m: Measure) -> float:
    test = m.model.test("week:arm")
    return 1.0 if test is None or test.p is None else test.p


def change(c: WeeklyChange, link: str) -> str:
    """``−12%`` for a ratio of means, ``+1.3`` for a difference."""
    if c.estimate is None:
        return "–"
    size = c.estimate - 1 if link == "log" else c.estimate
    shown = percent(abs(size)) if link == "log" else number(abs(size))
    return shown if float(shown.rstrip("%")) == 0 else ("+" if size > 0 else "−") + shown


def measures_rest_on(results: Sequence[Measure], unused: tuple[str, ...] = ()) -> str:
    """The model, the links, the missing weeks, and which columns chosen are `unused` here."""
    log = [m.label for m in results if m.link == "log"]
    logs = (
        f" Log link for {', '.join(log)}, with a standard deviation proportional to the mean, so that a change is a "
        "ratio; identity link for the others."
        if log
        else ""
    )
    least, most = min(m.counts.n_rows for m in results), max(m.counts.n_rows for m in results)
    rows = f"{least}" if least == most else f"{least} to {most}"
    whose = "averaged over everyone analysed" if results[0].estimand == "population" else OF_A_TYPICAL_PARTICIPANT
    return (
        "Each measure ~ week + arm + week × arm + its own value before treatment, random intercept, AR(1) residual by "
        f"week, REML (log link: pseudo-likelihood); a week is the mean of its visits.{logs} {rows} "
        "participant-weeks; weeks without a visit are left out, which is right if they are missing at random. Points: "
        f"observed means ± SE; lines: modelled means {whose}, with {interval_of(results[0])}."
        f"{clustered(results[0].model)}{_without(unused)}"
    )


def _without(columns: tuple[str, ...]) -> str:
    """That the strata and covariates chosen do not enter here."""
    if not columns:
        return ""
    names = enumerated(column.replace("_", " ") for column in columns)
    return f" These models do not hold {names} alike: strata and further covariates enter those of days and of events."


def alt_measure(m: Measure) -> str:
    """One small picture for someone who does not see it."""
    ends = []
    for arm in m.arms:
        seen = [p for p in m.modelled if p.arm == arm] or [p for p in m.observed if p.arm == arm and p.mean is not None]
        if seen:
            ends.append(
                f"{arm} from {number(seen[0].mean, 1)} in week {seen[0].week} to {number(seen[-1].mean, 1)} "
                f"in week {seen[-1].week}"
            )
    return f"{m.label.capitalize()} by week: {'; '.join(ends) or 'nothing measured'}."


# --- follow-up -------------------------------------------------------------------------------------------------------


def _reached(result: FollowUp) -> str:
    control, active = result.arms
    reached, n = control.reached + active.reached, control.n + active.n
    return (
        f"Of those reached at the late follow-up, {_abstinent(active)} and {_abstinent(control)} participants reported "
        f"abstinence; {n - reached} of {n} were not reached."
    )


def _abstinent(a: FollowUpArm) -> str:
    return f"{a.abstinent} of {a.reached} {a.arm}"


def follow_up(result: FollowUp) -> str:
    """Both proportions with exact intervals, and how far the missing half could move the difference."""
    control, active = result.arms
    shares = " and ".join(_exact(a, result.confidence) for a in (active, control))
    low, high = (100 * b for b in result.bounds)
    n, reached = control.n + active.n, control.reached + active.reached
    if reached == n:
        return f"{shares} reported abstinence; everyone was reached."
    return (
        f"Of those reached, {shares} reported abstinence. Of {n:,} participants, {n - reached:,} were not reached: "
        f"depending on them, the difference ({active.arm} minus {control.arm}) among all of them lies anywhere from "
        f"{number(low, 0)} to {number(high, 0)} percentage points."
    )


def _exact(a: FollowUpArm, confidence: float) -> str:
    p = a.proportion
    if p.estimate is None or p.ci_low is None or p.ci_high is None:
        return f"none with {a.arm} (nobody reached)"
    return (
        f"{a.abstinent} of {a.reached} with {a.arm} ({percent(p.estimate)}, {level(confidence)} "
        f"{interval(100 * p.ci_low, 100 * p.ci_high, 0)}%)"
    )


def follow_up_rests_on(result: FollowUp) -> str:
    """Column, intervals, and what the reached do not tell."""
    control, active = result.arms
    return (
        f"Column {result.source}. Exact (Clopper–Pearson) intervals among those reached, {active.reached} of "
        f"{active.n} with {active.arm} and {control.reached} of {control.n} with {control.arm}; they say nothing about "
        f"those not reached. The bounds count all of these as {result.terms.use}, or all as abstinent."
    )


def alt_follow_up(result: FollowUp) -> str:
    """The bars for someone who does not see them."""
    use = result.terms.use
    return f"Bars of everyone analysed by arm: abstinent, not reached, {use}. " + "; ".join(
        f"{a.arm} {a.abstinent} abstinent, {a.n - a.reached} not reached, {a.reached - a.abstinent} {use}"
        for a in result.arms
    )
