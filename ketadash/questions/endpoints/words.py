"""The endpoints in sentences, and numbers as sentences, tables and pictures have them."""

from __future__ import annotations

from collections.abc import Sequence

from ketadash.core.findings import enumerated
from ketadash.core.numbers import (
    clear_digits,
    clear_interval,
    count_text,
    level,
    number,
    percent,
    point_digits,
    points_beside,
    points_text,
    ratio_digits,
    with_points,
)
from ketadash.core.spec import AnalysisSpec
from ketadash.questions.missing_days.legends import drawn
from ketadash.questions.shared.legends import arm_sizes
from ketadash.questions.shared.words import interval_and_zero
from ketadash.results import Estimate
from ketadash.results.endpoints import ArmEndpoint, EndpointResult, Endpoints, ShuffledEndpoints
from ketadash.results.sensitivity import Strip

NAME = "Endpoints"
TITLE = "What do the usual endpoints say?"
HEADLINES = ("percent_days_abstinent", "no_heavy_day")  # the endpoints named first, unless the trial declares another
INSTEAD = "abstinent_all_days"
NOT_GIVEN = "not given"
DECIDE_ONE = (
    "Twelve endpoints are twelve looks at one trial: the one laid down beforehand decides, the others describe."
)


def headline_keys(primary: str | None, result: Endpoints) -> tuple[str, ...]:
    """Which endpoints the answer tells: the declared one, else days abstinent and no heavy day.

    Where amounts cannot tell a heavy day, abstinence on every day takes its place.
    """
    if primary is not None and any(e.key == primary for e in result.each):
        return (primary,)
    given = result.of(HEADLINES[1]).difference.estimate is not None
    return HEADLINES if given else (HEADLINES[0], INSTEAD)


def on_the_overview(result: Endpoints, primary: str | None) -> str:
    """The declared endpoint; of a trial that declares no outcome, no heavy day beside the share of days, told there."""
    if primary is not None and any(e.key == primary for e in result.each):
        return f"Primary endpoint, as declared. {sentence(result.of(primary), result.confidence)}"
    if primary is not None:
        return ""
    return sentence(result.of(headline_keys(None, result)[1]), result.confidence)


def answer(result: Endpoints, primary: str | None) -> str:
    """The headline endpoints, one sentence each; why one is not given instead."""
    return " ".join(sentence(result.of(key), result.confidence) for key in headline_keys(primary, result))


def sentence(e: EndpointResult, confidence: float) -> str:
    """``No heavy drinking day: 82% with ketamine, 48% with midazolam; difference 35 points (95% CI …).``"""
    control, active = e.arms
    if control.value is None or active.value is None:
        return f"{e.label}: {'; '.join(e.warnings) or NOT_GIVEN}."
    arms = f"{value(e, active)} with {active.arm}, {value(e, control)} with {control.arm}"
    return f"{e.label}: {arms}; {_gap(e, confidence)}."


def _gap(e: EndpointResult, confidence: float) -> str:
    gap = e.difference
    if gap.estimate is None:
        return f"no comparison ({'; '.join(e.warnings) or NOT_GIVEN})"
    if gap.ci_low is None or gap.ci_high is None:
        return f"{size(e)}, without an interval"
    if e.unit == "percent":
        return f"{size(e)} ({interval_and_zero(gap.ci_low, gap.ci_high, confidence)})"
    ends = clear_interval(gap.ci_low, gap.ci_high, digits(e, gap), 1.0 if e.is_ratio else 0.0)
    return f"{size(e)} ({level(confidence)} {ends})"


def size(e: EndpointResult) -> str:
    """A difference with its unit: ``difference 35 points``, ``ratio 0.63``, ``difference −0.3 drinks``."""
    gap = e.difference
    assert gap.estimate is not None
    if e.is_ratio:
        return f"ratio of rates {number(gap.estimate)}"
    if e.unit == "percent":
        return f"difference {with_points(points_text(gap.estimate, gap.ci_low, gap.ci_high))}"
    own = clear_digits(gap.estimate, gap.ci_low, gap.ci_high, digits(e, gap))
    return f"difference {number(gap.estimate, own)}{' days' if e.unit == 'days' else ''}"


def digits(e: EndpointResult, gap: Estimate) -> int:
    """Decimals of a difference or a ratio."""
    if e.is_ratio and gap.ci_low is not None and gap.ci_high is not None:
        return ratio_digits(gap.ci_low, gap.ci_high)
    return 2 if e.is_ratio else 1


def value(e: EndpointResult, arm: ArmEndpoint) -> str:
    """An arm's value in its unit; a share with the decimals of the arms' difference."""
    if arm.value is None:
        return "–"
    if e.unit != "percent":
        return number(arm.value, 1)
    gap = e.difference
    shares = gap.estimate is not None and not e.is_ratio
    return percent(arm.value, point_digits(gap.estimate or 0.0, gap.ci_low, gap.ci_high) if shares else 0)


def people(arm: ArmEndpoint) -> str:
    """``14/17``, or ``n 17``; with those unknown, and those who could not reach it."""
    head = f"{count_text(arm.events)}/{arm.n}" if arm.events is not None else f"n {arm.n}"
    more = [f"{arm.n_unknown} unknown"] if arm.n_unknown else []
    more += [f"{arm.n_not_eligible} not eligible"] if arm.n_not_eligible else []
    return ", ".join([head, *more])


def effect(e: EndpointResult) -> str:
    """Cohen's h or d."""
    if e.cohen_h is not None:
        return f"h {number(e.cohen_h)}"
    return "–" if e.cohen_d is None else f"d {number(e.cohen_d)}"


def gap_text(e: EndpointResult) -> str:
    """A difference with its interval as a table has it."""
    gap = e.difference
    if gap.estimate is None:
        return NOT_GIVEN
    low, high = gap.ci_low, gap.ci_high
    if e.unit == "percent" and not e.is_ratio:
        return points_text(gap.estimate) if low is None else points_beside(gap.estimate, low, high)
    own = digits(e, gap)
    plain = number(gap.estimate, own if e.is_ratio else clear_digits(gap.estimate, low, high, own))
    head = f"×{plain}" if e.is_ratio else plain
    return head if low is None else f"{head} ({clear_interval(low, high, own, 1.0 if e.is_ratio else 0.0)})"


def alt(result: Endpoints) -> str:
    """Every endpoint's difference in words."""
    return " ".join(sentence(e, result.confidence) for e in result.each if e.difference.estimate is not None)


def legend(result: Endpoints, arms: Sequence[tuple[str, int]]) -> str:
    """What the forest shows."""
    control, active = result.arms
    return (
        f"{active} minus {control} ({arm_sizes(arms)}) with {level(result.confidence)}: shares of people or days in "
        "percentage points, amounts and days as they are, total amounts as a ratio of rates. A filled mark: the "
        "interval leaves out no "
        f"difference; ■ favours {control}, ● favours {active}, since more is better for some and less for others."
    )


def doubts(result: Endpoints, primary: str | None) -> tuple[str, ...]:
    """What speaks against the endpoints that the answer tells; the others' stand with their definitions."""
    each = [result.of(key) for key in headline_keys(primary, result)]
    return tuple(f"{e.label}: {w}" for e in each for w in e.warnings if e.difference.estimate is not None)


NOTED = (
    "drinks_per_day",
    "drinks_per_drinking_day",
    "total_drinks",
    "who_reduction_1",
    "who_reduction_2",
)


def notes(result: Endpoints, primary: str | None) -> tuple[str, ...]:
    """What stands below the table: what to mind of endpoints that are easily misread, each once."""
    each = [result.of(key) for key in NOTED if key not in headline_keys(primary, result)]
    given = [e for e in each if e.difference.estimate is not None]
    of_whom: dict[tuple[str, ...], list[str]] = {}
    for note in dict.fromkeys(w for e in given for w in e.warnings):
        of_whom.setdefault(tuple(e.label for e in given if note in e.warnings), []).append(note)
    return tuple(f"{enumerated(labels)}: {'; '.join(own)}." for labels, own in of_whom.items())


def strip_legend(strip: Strip) -> str:
    """What a strip shows."""
    sizes, n = arm_sizes(tuple(zip(strip.arms, strip.n, strict=True))), sum(strip.unknown)
    return (
        f"{strip.definition[:1].upper()}{strip.definition[1:]} ({sizes}): the difference for every number of "
        f"responders among the {n} whose outcome is unknown; marked: Newcombe's "
        f"{level(strip.confidence)} does not include zero. {drawn(strip)}"
    ).strip()


def shuffled(result: ShuffledEndpoints) -> str:
    """What shuffling is, and how far it is."""
    if not result.n_done:
        return (
            "Shuffling who got what, within strata if there are any, asks how often chance alone gives a difference as "
            "large; it rests on the randomisation and on nothing else."
        )
    return (
        f"By {result.n_done:,} of {result.n_shuffles:,} shuffles (random seed {result.seed}): the share of them with a "
        "difference as large in standard errors."
    )


def rests_on(spec: AnalysisSpec) -> str:
    """What the page rests on."""
    grace = f" The first {spec.grace} days are forgiven where people count as responders." if spec.grace else ""
    return (
        "Each participant is one unit and no model of the days is fitted: shares by Newcombe's interval, means by "
        f"Welch, total amounts by negative binomial regression.{grace} {DECIDE_ONE}"
    )
