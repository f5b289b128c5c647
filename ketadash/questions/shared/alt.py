"""Text alternatives: each picture in a sentence, for those who do not see it."""

from __future__ import annotations

from ketadash.core.numbers import interval, number, percent
from ketadash.core.spec import Estimand
from ketadash.questions.shared.words import last_day
from ketadash.results import BinaryOutcome


def curve(result: BinaryOutcome) -> str:
    """The observed-and-modelled picture: where each arm starts and ends."""
    by_arm = []
    for arm in result.arms:
        curve = [c for c in result.modelled if c.arm == arm]
        if curve:
            by_arm.append(
                f"{arm} from {percent(curve[0].probability)} on day {curve[0].day} "
                f"to {percent(curve[-1].probability)} on day {curve[-1].day}"
            )
    what = "abstinence" if result.outcome == "abstinence" else f"a {result.terms.heavy_day}"
    modelled = "; ".join(by_arm) if by_arm else "no modelled curve"
    points = "points as counted under the missing-day rule" if result.counts.n_filled else "points as reported"
    whose = "a typical participant's modelled curve" if result.estimand == Estimand.TYPICAL else "the modelled curve"
    return f"Line chart of the probability of {what} by day, {points} with {whose}: {modelled}."


def difference(result: BinaryOutcome) -> str:
    """The difference by day: where it ends."""
    if not result.difference:
        return "No modelled difference to show."
    return f"Line chart of the modelled difference between the arms by day. {last_day(result)}"


def odds(result: BinaryOutcome) -> str:
    """The odds ratios: each with its interval."""
    ratios_text = "; ".join(
        f"{r.arm}{'' if r.day is None else f' on day {r.day}'} {number(r.estimate)} ({interval(r.ci_low, r.ci_high)})"
        for r in result.odds_ratio_per_day
    )
    return f"Odds ratios for one more day with intervals: {ratios_text or 'none could be estimated'}."
