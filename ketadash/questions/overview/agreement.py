"""The sensitivity analyses in words: how far the answer depends on the choices made."""

from __future__ import annotations

from collections.abc import Sequence

from ketadash.core.numbers import level, plain_number
from ketadash.questions.shared.legends import arm_sizes
from ketadash.questions.shared.words import not_estimated
from ketadash.results import Estimate, Sensitivity


def legend(result: Sensitivity, arms: Sequence[tuple[str, int]]) -> str:
    """The strip of specifications on the overview."""
    done = sum(r.failed is None for r in result.rows)
    return (
        f"Difference in the probability of abstinence on day {result.last_day} ({result.arms[1]} minus "
        f"{result.arms[0]}; {arm_sizes(arms)}) under {done} specifications; filled: {level(result.confidence)} "
        "does not include zero."
    )


NOISE = 1e-9  # a difference that is none but for the computer's arithmetic


def agreement(result: Sensitivity) -> str:
    """How many specifications agree in direction and in excluding no difference, and their range."""
    control, active = result.arms
    done = [r.difference for r in result.rows if r.difference.estimate is not None]
    failed = len(result.rows) - len(done)
    if not done:
        return "No specification could be estimated: see why on the page Every specification."
    estimates = [d.estimate for d in done if d.estimate is not None]
    up, down = sum(e > NOISE for e in estimates), sum(e < -NOISE for e in estimates)
    agree, direction = (up, "higher") if up >= down else (down, "lower")
    clear = sum(_excludes_zero(d) for d in done)
    lost = not_estimated(failed)
    return (
        f"In {agree} of {len(done)} specifications abstinence on day {result.last_day} is {direction} with {active} "
        f"than with {control}, and in {clear} the {level(result.confidence)} does not include zero. The difference "
        f"runs from {plain_number(100 * min(estimates), 0)} to {plain_number(100 * max(estimates), 0)} percentage "
        f"points.{lost} These are the same data looked at in several ways: agreement is not new evidence."
    )


def doubts(result: Sensitivity) -> tuple[str, ...]:
    """Each message of the fits once, with how many specifications it concerns."""
    counts: dict[str, int] = {}
    for row in result.rows:
        for message in row.messages:
            counts[message] = counts.get(message, 0) + 1
    return tuple(f"{m} ({n} of {len(result.rows)} specifications)" for m, n in counts.items())


def _excludes_zero(e: Estimate) -> bool:
    return e.ci_low is not None and e.ci_high is not None and (e.ci_low > 0 or e.ci_high < 0)


def rests_on(result: Sensitivity) -> str:
    """What the rows of the forest plot are."""
    diamond = "The diamond is the published specification. " if any(r.published for r in result.rows) else ""
    return (
        f"Each row fits the abstinence model once more. Left: difference in population-averaged abstinence on day "
        f"{result.last_day}, {result.arms[1]} minus {result.arms[0]}, in percentage points. Right: ratio of the arms' "
        f"odds ratios per day (arm × day). {diamond}Missing = missing keeps the estimand's question with another "
        "assumption (sensitivity); unadjusted and RSPL ask it by another model (supplementary)."
    )
