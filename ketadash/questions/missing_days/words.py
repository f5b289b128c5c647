"""What if missing days were counted differently?  Answer, tipping points and their plausibility, in words."""

from __future__ import annotations

from math import exp, log

from ketadash.core.choices.missing import missing_day
from ketadash.core.numbers import (
    level,
    number,
    percent,
    point_ends,
    points,
    points_text,
    with_points,
)
from ketadash.core.p_values import about_p
from ketadash.core.spec import AnalysisSpec
from ketadash.questions.missing_days import rule
from ketadash.questions.shared import believable
from ketadash.questions.shared import robustness as reckoning
from ketadash.questions.shared.words import DIAMOND, imor, last_day, verb_and_zero
from ketadash.results import BinaryOutcome, Estimate, Sensitivity, robustness
from ketadash.results.sensitivity import Missingness, Record, Strip, TippingMap, TippingPoint

KINDS = (
    "Sensitivity: the same question under another assumption about the missing days. Bound: every missing day "
    "taken in favour of one arm, to show how far the answer could go. All other choices are as chosen."
)
STRIP_RESTS_ON = (
    "Participants whose outcome is known are counted as they are; the others succeed as often as the strip says. "
    "Every possible count is worked out; nothing is simulated. Risk differences with Newcombe's interval, no model and "
    "no adjustment. "
) + about_p("Fisher's exact p is in the download.")
MOVE = "Move the dial to see what other assumptions would give."
NONE = "No day of the window is missing in either arm: nothing on this page can change the answer."


def answer(
    now: BinaryOutcome, spec: AnalysisSpec, declared: BinaryOutcome, declared_spec: AnalysisSpec, analysis_name: str
) -> str:
    """The last day's difference under the declared rule and under the chosen one, and whether the conclusion holds."""
    if not now.counts.n_missing:
        return NONE
    if not can_move(now, declared):
        return "A model has no finite answer here, so how much the missing days matter cannot be said: see below."
    published = (
        f"{analysis_name.capitalize()}: {missing_day(declared_spec.missing, now.terms.use)}. {last_day(declared)}"
    )
    if rule.same(spec, declared_spec):
        return published
    chosen = f"Here: {missing_day(spec.missing, now.terms.use)}{_at(spec, now.arms)}. {last_day(now)}"
    if believable.gives_no_verdict(now) or believable.gives_no_verdict(declared):
        return f"{published} {chosen}"
    return f"{published} {chosen} {_verdict(now, declared, analysis_name)}."


def _verdict(now: BinaryOutcome, declared: BinaryOutcome, analysis_name: str) -> str:
    """What became of the conclusion: on which side of zero the interval lies, and, where on neither, the estimate.

    Of these two assumptions only: what others give, the page says of them all.
    """
    one, other = _clear(now), _clear(declared)
    favoured = now.arms[1 if one > 0 else 0]
    if one and other:
        if one == other:
            return f"Again the interval lies on the side that favours {favoured}"
        return f"The interval now lies on the other side, which favours {favoured}"
    if one:
        return (
            f"Under this assumption, unlike that of the {analysis_name} analysis, the interval lies on the side "
            f"that favours {favoured}"
        )
    if other:
        return "The conclusion does not hold under this assumption"
    as_read = [round(100 * x.difference[-1].probability) for x in (now, declared)]
    if as_read[0] * as_read[1] < 0:  # what reads as 0 points in no direction
        return "Both intervals include zero, but the estimates point in opposite directions"
    return "Both intervals include zero, so neither shows a difference"


def can_move(now: BinaryOutcome, declared: BinaryOutcome) -> bool:
    """Whether missing days can move the answer: there are some, and there is an answer."""
    return bool(now.counts.n_missing and now.difference and declared.difference)


def _at(spec: AnalysisSpec, arms: tuple[str, str]) -> str:
    if (spec.imor_control, spec.imor_active) == (1, 1):
        return ""
    control, active = (imor(x) for x in (spec.imor_control, spec.imor_active))
    return f" with the odds of abstinence of reported days times {control} ({arms[0]}) and times {active} ({arms[1]})"


def _clear(result: BinaryOutcome) -> int:
    gap = result.difference[-1]
    return (gap.ci_low > 0) - (gap.ci_high < 0)


def monte_carlo(result: BinaryOutcome) -> str | None:
    """How far the numbers lie from infinitely many imputations; None where nothing was imputed."""
    error = result.difference[-1].monte_carlo_se if result.difference else None
    if error is None:
        return None
    m = (result.model.n_imputations or 0) - result.model.n_failed
    return (
        f"Monte Carlo error of the difference with {m} imputations: {number(100 * error, 1)} percentage points (SE); "
        "more imputations reduce it."
    )


# --- tipping points --------------------------------------------------------------------------------------------------


def strip(result: Strip) -> str:
    """The exact strip in a sentence: from where it starts to where it tips, and whether that is plausible."""
    control, active = result.arms
    unknown = [f"{n} {arm}" for arm, n in zip(result.arms, result.unknown, strict=True) if n]
    if not unknown:
        return f"{_definition(result)}: the outcome of every participant is known, so nothing is assumed."
    first, people = result.verdict[0, 0], "participant" if sum(result.unknown) == 1 else "participants"
    gap, low, high = (float(grid[0, 0]) for grid in (result.difference, result.ci_low, result.ci_high))
    opening = (
        f"{_definition(result)}, unknown for {' and '.join(unknown)} {people}. If all of them failed, the "
        f"difference is {with_points(points_text(gap, low, high))} ({level(result.confidence)} "
        f"{point_ends(low, high)})"
    )
    if (result.verdict == first).all():
        return f"{opening}. {_stays(first)} however they turned out."
    arm = 0 if result.unknown[0] and (result.verdict[:, 0] != first).any() else 1
    line = result.verdict[:, 0] if arm == 0 else result.verdict[0, :]
    changed = [k for k, verdict in enumerate(line) if verdict != first]
    if not changed:
        return f"{opening}. It takes successes in both arms to change that."
    k, n = changed[0], result.unknown[arm]
    known = result.n[arm] - n
    rate = f", against {percent(result.successes[arm] / known)} of those whose outcome is known" if known else ""
    whose = (control, active)[arm]
    if n == 1:
        return f"{opening}. {_stays(first)} unless the one {whose} participant is a success{rate}."
    verb = "is a success" if k == 1 else "are successes"
    return (
        f"{opening}. {_stays(first)} until {k} of the {n} {whose} participants {verb} ({percent(k / n)} of them{rate})."
    )


def _definition(result: Strip) -> str:
    return result.definition[:1].upper() + result.definition[1:]


def _stays(verdict: int) -> str:
    return "The interval includes zero" if verdict == 0 else "The interval does not include zero"


def tipping(result: TippingMap) -> str:
    """For each arm with missing days, where along its dial the interval reaches no difference, and how plausible."""
    if result.n_done < result.n_cells:
        return "The map is not complete yet: what tips the conclusion follows once it is."
    sentences = [_arm(result, k) for k in (0, 1) if result.varies[k]]
    return " ".join(sentences) if sentences else NONE


def _arm(result: TippingMap, k: int) -> str:
    mar = result.stops.index(1.0)
    margin = (result.margin[:, mar] if k == 0 else result.margin[mar, :]).tolist()
    sign = (result.estimate[:, mar] if k == 0 else result.estimate[mar, :]).tolist()
    other = f", {result.arms[1 - k]}'s missing days being like its reported ones," if result.varies[1 - k] else ""
    arm, record = result.arms[k], result.records[k]
    crossings = [i for i in range(len(margin) - 1) if (margin[i] > 0) != (margin[i + 1] > 0)]
    crossing = next(iter(crossings), None)
    if any(m != m for m in margin):
        return f"{arm}: a model has no answer along its dial, so where it tips cannot be said."
    if crossing is None:
        held = "does not include" if margin[0] > 0 else "includes"
        turned = "" if (sign[0] > 0) == (sign[-1] > 0) else ", though its sign changes"
        return f"Whatever {arm}'s {record.n_days} missing days were{other} the interval {held} zero{turned}."
    share = _between(result.implied[k], margin, crossing)
    at = f"{_odds_ratio(result.stops, margin, crossing)}, by {result.imputations} imputations"
    closer = next((point for point in result.points if point.arm == arm), None)
    if closer is not None and closer.odds_ratio is not None and closer.share_abstinent is not None:
        share, at = closer.share_abstinent, _with_error(closer)
    elif closer is not None and closer.message and _between_ratios(result.stops, crossing):
        at += f"; {closer.message}"
    side = "fewer" if margin[crossing] > 0 else "more"
    once = len(crossings) == 1
    again = "" if once else _beyond(margin, sign, result.implied[k], crossings)
    return (
        f"The interval does not include zero{other} {'only ' if once else ''}as long as {side} than about "
        f"{percent(share)} of {arm}'s {record.n_days} missing days were abstinent (odds ratio {at}).{again} "
        f"{_observed(record, arm, share)}"
    )


def _beyond(margin: list[float], sign: list[float], implied: tuple[float, ...], crossings: list[int]) -> str:
    """What follows along an arm's dial where the interval reaches or leaves no difference more than once."""
    if len(crossings) > 2:
        return " That changes more than once along the dial: see the map."
    at = percent(_between(implied, margin, crossings[1]))
    if margin[0] <= 0:
        return f" From about {at} on it includes zero again."
    where = "" if (sign[0] > 0) == (sign[-1] > 0) else ", and then lies on the other side of it"
    return f" From about {at} on it does not include zero again{where}."


def _with_error(point: TippingPoint) -> str:
    """``about 0.75, Monte Carlo error 0.04 with 200 imputations``."""
    assert point.odds_ratio is not None and point.monte_carlo_se is not None  # the caller has made sure of both
    digits = 1 if point.odds_ratio >= 10 else 2 if point.monte_carlo_se >= 0.01 else 3
    return (
        f"about {point.odds_ratio:.{digits}f}, Monte Carlo error {point.monte_carlo_se:.{digits}f} (SE) with "
        f"{point.imputations} imputations"
    )


def _between(values: tuple[float, ...], margin: list[float], i: int) -> float:
    """Where the margin is 0 between stops i and i + 1, on the scale of `values`, taken as straight between them."""
    return values[i] + (values[i + 1] - values[i]) * margin[i] / (margin[i] - margin[i + 1])


def _odds_ratio(stops: tuple[float, ...], margin: list[float], i: int) -> str:
    low, high = stops[i], stops[i + 1]
    if not _between_ratios(stops, i):
        return f"below {high:g}" if low == 0 else f"above {low:g}"
    return f"about {exp(_between(tuple(log(s) if 0 < s < float('inf') else 0.0 for s in stops), margin, i)):.2g}"


def _between_ratios(stops: tuple[float, ...], i: int) -> bool:
    """Whether the stops i and i + 1 are both odds ratios, neither of them one of the two extremes."""
    return stops[i] > 0 and stops[i + 1] < float("inf")


def _observed(record: Record, arm: str, share: float) -> str:
    """How abstinent those people were while they reported: what a reader judges the tipping point by."""
    people = (
        f"the {record.n_people} {arm} participants with missing days"
        if record.n_people > 1
        else (f"the one {arm} participant with missing days")
    )
    whole = f"{arm} as a whole on {percent(record.arm)} of its reported days" if record.arm is not None else ""
    if record.last_week is None:
        return f"Nothing is known of {people} from before; {whole}."
    gap = 100 * (share - record.last_week)
    apart = with_points(points(abs(gap) / 100))
    side = "just that" if abs(gap) < 0.5 else f"{apart} {'less' if gap > 0 else 'more'} than that"
    return (
        f"In the last week they reported, {people} were abstinent on {percent(record.last_week)} of days, {side}; "
        f"{whole}."
    )


# --- every rule side by side -----------------------------------------------------------------------------------------


def kinds(every: Sensitivity) -> str:
    """What kinds of rows there are, and which is the declared analysis, where it is one of them."""
    return f"{KINDS} {DIAMOND}" if any(row.published for row in every.rows) else KINDS


def assumptions(every: Sensitivity, *, typical: bool = False) -> str:
    """How far the answer moves with what the missing days are taken to be, the bounds apart."""
    r = robustness.of_sensitivity(every)
    if not r.n:
        return "No model has a finite answer here, however the missing days are counted."
    control, active = every.arms
    at = level(every.confidence)
    agree, direction = (r.n_higher, "higher") if r.higher else (r.n_lower, "lower")
    whose = " for a typical participant" if typical else ""
    kinds = "one assumption" if r.n == 1 else f"{r.n} distinct assumptions"
    text = (
        f"Under {agree} of {kinds} about the missing days abstinence on day {every.last_day} is {direction} with "
        f"{active} than with {control}{whose}. Under {r.n_clear} of these the {at} does not include zero"
        f"{reckoning.in_brackets(r, reckoning.MISSING_DAYS, every.terms)}."
        f"{reckoning.opposed(r, every.terms, 'Under')} Across them the difference runs from "
        f"{reckoning.span(r)} percentage points."
    )
    extremes = "".join(f" {_bound(name, e, at)}" for name, e in r.bounds)
    return f"{text}{extremes}{reckoning.same(r, every.terms)}"


def _bound(name: str, e: Estimate, at: str) -> str:
    verb = verb_and_zero(robustness.side(e) != 0)
    ends = "" if e.ci_low is None or e.ci_high is None else f" ({at} {point_ends(e.ci_low, e.ci_high)}, which {verb})"
    gap = with_points(points_text(e.estimate or 0.0, e.ci_low, e.ci_high))
    return f"The {name}, an extreme, gives {gap}{ends}."


# --- which days are missing ------------------------------------------------------------------------------------------


def missingness(result: Missingness) -> str:
    """How many days are missing in each arm, from how many people, and how many of them left."""
    by_arm = []
    for k, arm in enumerate(result.arms):
        n, total = result.n_missing[k], result.n_days[k]
        if not n:
            by_arm.append(f"no day is missing with {arm}")
            continue
        gone, people = result.dropouts[k], result.people[k]
        left = f", {'all' if gone == people else gone} of whom left" if gone else ""
        whom = f"{people} participants{left}" if people > 1 else f"one participant{', who left' if gone else ''}"
        share = "under 0.1%" if n < total / 1000 else percent(n / total, 0 if n >= total / 100 else 1)
        by_arm.append(f"with {arm} {n:,} of {total:,} days ({share}) {'are' if n > 1 else 'is'} missing, from {whom}")
    text = "; ".join(by_arm)
    return text[:1].upper() + text[1:] + "."
