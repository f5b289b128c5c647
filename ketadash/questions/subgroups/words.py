"""Effects by subgroup in sentences."""

from __future__ import annotations

from ketadash.core.findings import counted, listed, lowered, short
from ketadash.core.numbers import (
    count_text,
    level,
    number,
    percent,
    points_interval,
    points_text,
    ratio_interval,
    with_points,
)
from ketadash.core.p_values import about_p, p_text
from ketadash.core.spec import SubgroupEndpoint
from ketadash.results.subgroups import SubgroupArm, SubgroupLevel, Subgroups

CHOOSE = (
    "Choose a characteristic from before treatment under Subgroups by: the effect is then shown within each of its "
    "levels, with one test of whether it differs between them."
)
EXPLORATORY = "Exploratory: subgroups raise questions, they do not answer them."
TOO_FEW = "fewer than 5 people in an arm"
SMALL_CELLS = "Subgroups are small groups of people: while small counts are suppressed they are not shown."


def what(result: Subgroups) -> str:
    """What is compared: ``relapse by day 21``."""
    last = result.window[1]
    return f"relapse by day {last}" if result.endpoint == SubgroupEndpoint.RELAPSE else f"days abstinent to day {last}"


def answer(result: Subgroups) -> str:
    """The effect in each level, and whether it differs between them."""
    shown = [one for one in result.levels if one.shown]
    if not shown:
        return f"No level of {name(result)} has enough people in both arms to show an effect. {EXPLORATORY}"
    effects = "; ".join(f"{short(one.level, 30)}: {effect(one, result)}" for one in shown[:4])
    more = f"; and {len(shown) - 4} more" if len(shown) > 4 else ""
    return (
        f"{what(result)[:1].upper()}{what(result)[1:]}, {result.arms[1]} minus {result.arms[0]}, by {name(result)}: "
        f"{effects}{more}. {verdict(result)} {EXPLORATORY}"
    )


def name(result: Subgroups) -> str:
    """The characteristic inside a sentence."""
    label = short(result.label, 40)
    return f"{lowered(label)}, {result.cut}" if result.cut else lowered(label)


def effect(one: SubgroupLevel, result: Subgroups) -> str:
    """``−21 points (95% CI −52 to 21; odds ratio 0.40)``."""
    gap, at = one.difference, level(result.confidence)
    size = gap.estimate or 0.0
    if gap.ci_low is None or gap.ci_high is None:
        return f"{with_points(points_text(size))} (no interval)"
    ends = f"{at} {points_interval(gap.ci_low, gap.ci_high)}"
    ratio = one.odds_ratio.estimate if one.odds_ratio is not None else None
    odds = f"; odds ratio {number(ratio)}" if ratio is not None else ""
    return f"{with_points(points_text(size, gap.ci_low, gap.ci_high))} ({ends}{odds})"


def verdict(result: Subgroups) -> str:
    """What the one test says."""
    test = result.interaction
    if test.p is None or test.statistic is None:
        return f"There is {test.message}." if test.message else "There is no test of interaction."
    if test.p < 0.05:
        reads = "the effect seems to differ between the levels more than chance alone explains"
    else:
        reads = "the data do not show that the effect differs between the levels, nor that it is the same"
    return about_p(f"Interaction {p_text(test.p)}: {reads}.")


def rests_on(result: Subgroups) -> str:
    """Who is in which group, what is compared, and how little that proves."""
    unknown = (
        f" {counted(result.n_unknown, 'participant')} whose value is not known are in no level."
        if result.n_unknown
        else ""
    )
    late = f" {result.late[:1].upper()}{result.late[1:]}: its groups may not be alike." if result.late else ""
    small = [short(one.level, 30) for one in result.levels if not one.shown]
    refused = f" Not shown, {TOO_FEW}: {listed(small)}." if small else ""
    return (
        f"{EXPLORATORY} With many characteristics one in twenty differs by chance, and a difference between an effect "
        f"that is clear in one level and one that is not in another is no interaction.{late}{unknown}{refused} "
        f"Compared: {lowered(result.definition)}. {how(result)}"
    )


def how(result: Subgroups) -> str:
    """The methods behind the intervals and the test."""
    at = level(result.confidence)
    if result.endpoint == SubgroupEndpoint.RELAPSE:
        test = (
            "one likelihood-ratio test of arm × level in a logistic model"
            if result.interaction.name != "Welch's F"
            else "one Welch test over the levels' log odds ratios, pooled over imputations"
        )
        return f"Differences have Newcombe's {at}, odds ratios Woolf's; {test}."
    return f"Differences of means over participants have Welch's {at}; one Welch test over the levels' differences."


def arm_text(arm: SubgroupArm) -> str:
    """``2/7`` or ``67% of 7``."""
    if arm.events is not None:
        return f"{count_text(arm.events)}/{arm.n}"
    return f"{percent(arm.mean)} of {arm.n}" if arm.mean is not None else f"{arm.n}"


def counts(one: SubgroupLevel) -> str:
    """Both arms: ``ketamine 2/7, midazolam 7/14``; nothing of a level too small to be shown."""
    if not one.shown:
        return TOO_FEW if one.message else "no effect"
    return ", ".join(f"{arm.arm} {arm_text(arm)}" for arm in reversed(one.arms))


def alt(result: Subgroups) -> str:
    """The forest plot for someone who does not see it."""
    rows = "; ".join(
        f"{short(one.level, 40)} {effect(one, result)}, {counts(one)}"
        if one.shown
        else f"{short(one.level, 40)} not shown"
        for one in (*result.levels, result.overall)
    )
    return f"Forest plot of {what(result)} by {name(result)}: {rows}."


def legend(result: Subgroups) -> str:
    """What the picture's signs are."""
    values = "participants with relapse of all" if result.endpoint == SubgroupEndpoint.RELAPSE else "means of n"
    ratio = ", and odds ratio" if result.endpoint == SubgroupEndpoint.RELAPSE else ""
    return (
        f"Difference in {what(result)}{ratio} by {name(result)}, {result.arms[1]} against "
        f"{result.arms[0]}, with {level(result.confidence)}; beside each level the arms' {values}. Diamond: everyone "
        f"analysed. {EXPLORATORY}"
    )


def odds_ratio(one: SubgroupLevel) -> str:
    """``0.40 (0.06–2.80)``."""
    ratio = one.odds_ratio
    if ratio is None or ratio.estimate is None:
        return "–"
    return f"{number(ratio.estimate)} ({ratio_interval(ratio.ci_low, ratio.ci_high)})"
