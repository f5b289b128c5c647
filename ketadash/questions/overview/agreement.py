"""The sensitivity analyses in words: how far the answer depends on the choices made."""

from __future__ import annotations

from collections.abc import Sequence

from ketadash.core.numbers import level
from ketadash.questions.shared import robustness as reckoning
from ketadash.questions.shared.legends import arm_sizes
from ketadash.questions.shared.words import DIAMOND, not_estimated, page
from ketadash.results import Sensitivity, robustness


def legend(result: Sensitivity, arms: Sequence[tuple[str, int]]) -> str:
    """The strip of specifications on the overview."""
    done = sum(r.failed is None for r in result.rows)
    return (
        f"Difference in the probability of abstinence on day {result.last_day} ({result.arms[1]} minus "
        f"{result.arms[0]}; {arm_sizes(arms)}) under {done} specifications; filled: {level(result.confidence)} "
        "does not include zero."
    )


def agreement(result: Sensitivity, *, on_page: bool = False) -> str:
    """How many specifications agree in direction and in excluding no difference, what carries that, and their range."""
    if result.n_open:
        return so_far(result)
    control, active = result.arms
    r = robustness.of_sensitivity(result)
    if not r.n:
        return f"No specification could be estimated: see why on {page('Every specification', on_page=on_page)}."
    agree, direction = (r.n_higher, "higher") if r.higher else (r.n_lower, "lower")
    carried = reckoning.in_brackets(r, reckoning.MISSING_DAYS, result.terms)
    clear = f"the {level(result.confidence)} does not include zero{carried}"
    other = f"; other assumptions are on {page('Missing days', on_page=on_page)}.{reckoning.same(r, result.terms)}"
    if any({row.choices[0] for row in result.rows} <= set(alike) for alike in r.same):  # drinking as left out
        other = "; no day is missing, so no rule for missing days changes that."
    return (
        f"In {agree} of {r.n} distinct specifications abstinence on day {result.last_day} is {direction} with "
        f"{active} than with {control}. In {r.n_clear} of these {clear}."
        f"{reckoning.opposed(r, result.terms)} Across them the difference runs from {reckoning.span(r)} percentage "
        f"points{other}{not_estimated(r.n_failed)} {reckoning.NOT_NEW}"
    )


def so_far(result: Sensitivity) -> str:
    """How far the specifications are, as long as they are not all there: nothing is concluded before."""
    n = len(result.rows)
    return (
        f"So far, {n} of {n + result.n_open} specifications of the difference on day {result.last_day} are computed; "
        "what they say together follows once all are."
    )


def doubts(result: Sensitivity) -> tuple[str, ...]:
    """Each message of the fits once, with how many specifications it concerns."""
    counts: dict[str, int] = {}
    for row in result.rows:
        for message in row.messages:
            counts[message] = counts.get(message, 0) + 1
    return tuple(f"{m} ({n} of {len(result.rows)} specifications)" for m, n in counts.items())


def rests_on(result: Sensitivity) -> str:
    """What the rows of the forest plot are."""
    diamond = f"{DIAMOND} " if any(r.published for r in result.rows) else ""
    return (
        f"Each row fits the abstinence model once more. Left: difference in population-averaged abstinence on day "
        f"{result.last_day}, {result.arms[1]} minus {result.arms[0]}, in percentage points. Right: ratio of the arms' "
        f"odds ratios per day (arm × day). {diamond}Missing days left out ask the estimand's question under another "
        "assumption (sensitivity); unadjusted and RSPL ask it by another model (supplementary)."
    )
