"""Text alternatives: each picture in a sentence, for those who do not see it."""

from __future__ import annotations

from ketadash.core.numbers import clear_interval, number, percent, ratio_digits
from ketadash.core.spec import Estimand
from ketadash.questions.shared import grouped_points
from ketadash.questions.shared.grouped_points import CUMULATIVE, DAILY, WEEKLY
from ketadash.questions.shared.words import last_day
from ketadash.results import BinaryOutcome, OddsRatioPerDay


def curve(result: BinaryOutcome, way: str = DAILY) -> str:
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
    if way == CUMULATIVE:
        return f"Line chart of the share of all days so far with {what}: {_by_now(result)}."
    modelled = "; ".join(by_arm) if by_arm else "no modelled curve"
    points = "points as counted under the missing-day rule" if result.counts.n_filled else "points as reported"
    if way == WEEKLY:
        points = points.replace("points", "points by week,")
    whose = "a typical participant's modelled curve" if result.estimand == Estimand.TYPICAL else "the modelled curve"
    return f"Line chart of the probability of {what} by day, {points} with {whose}: {modelled}."


def _by_now(result: BinaryOutcome) -> str:
    """Each arm's share of all days up to the last."""
    last = {arm: grouped_points.shares(result, arm, CUMULATIVE)[-1:] for arm in result.arms}
    return "; ".join(
        f"{arm} {percent(s.share)} of {s.days:,} days up to day {s.last}" for arm, ends in last.items() for s in ends
    )


def difference(result: BinaryOutcome, chosen: int | None = None) -> str:
    """The difference by day: where it ends, or what it is on the `chosen` day."""
    if not result.difference:
        return "No modelled difference to show."
    return f"Line chart of the modelled difference between the arms by day. {last_day(result, chosen)}"


def odds(result: BinaryOutcome) -> str:
    """The odds ratios: each with its interval."""
    ratios_text = "; ".join(
        f"{r.arm}{'' if r.day is None else f' on day {r.day}'} {_ratio(r)}" for r in result.odds_ratio_per_day
    )
    return f"Odds ratios for one more day with intervals: {ratios_text or 'none could be estimated'}."


def _ratio(r: OddsRatioPerDay) -> str:
    """With as many decimals as its interval needs: over 168 days 1.00 (1.00–1.00) says nothing."""
    digits = ratio_digits(r.ci_low, r.ci_high)
    return f"{number(r.estimate, digits)} ({clear_interval(r.ci_low, r.ci_high, digits, 1.0)})"
