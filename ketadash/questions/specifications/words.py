"""Does the answer depend on our choices?  The specification curve in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ketadash.core.numbers import (
    clear_interval,
    level,
    plain_number,
    point_span,
    points_interval,
    points_text,
    with_points,
)
from ketadash.core.terms import Terms
from ketadash.questions.shared import robustness as reckoning
from ketadash.questions.shared.code_numbers import capital
from ketadash.questions.shared.legends import arm_sizes
from ketadash.questions.shared.words import DIAMOND, not_estimated
from ketadash.results import robustness
from ketadash.results.sensitivity import Specification, SpecificationCurve


def alt(result: SpecificationCurve) -> str:
    """The curve: how many specifications, their range, and how many exclude no difference in whose favour."""
    opening = (
        f"Specification curve of {outcome(result)}: {len(result.rows)} specifications "
        "sorted by estimate, with intervals, above a matrix of the choices that made them"
    )
    if not result.complete:
        return f"{opening}. {so_far(result)}"
    done = [r.difference for r in result.rows if r.difference.estimate is not None]
    if not done:
        return f"{opening}; none could be estimated."
    estimates = [d.estimate for d in done if d.estimate is not None]
    signs = [robustness.side(d) * GOOD.get(result.outcome, 1) for d in done]
    return (
        f"{opening}; differences from {' to '.join(point_span(min(estimates), max(estimates)))} points; "
        f"{signs.count(1)} intervals favour {result.arms[1]}, {signs.count(-1)} favour {result.arms[0]}, the others "
        "include zero."
    )


def legend(result: SpecificationCurve, arms: Sequence[tuple[str, int]]) -> str:
    """The specification curve."""
    diamond = f" {DIAMOND}" if any(row.kind == "published" for row in result.rows) else ""
    return (
        f"{capital(result.quantity)} ({arm_sizes(arms)}) under {len(result.rows)} combinations of analytic choices, "
        f"sorted, with {level(result.confidence)}; below, the choices of each.{diamond}"
    )


NOTE = reckoning.NOT_NEW
LATE = "Where the window begins later, whoever relapsed before it counts as free until the next relapse."
GOOD = {"abstinence": 1, "heavy": -1, "relapse": -1}  # the sign that favours the active arm
CHOICE = {
    "missing": "Missing days",
    "trend": "Time trend",
    "adjust": "Baseline",
    "estimator": "Fit",
    "window": "Window",
    "threshold": "Heavy day",
    "etg": "Tests",
    "dropout": "Dropout",
    "uncertainty": "Errors",
}
KINDS = {
    "sensitivity": "the same question under another assumption or fit",
    "supplementary": "another: other days, another definition, no adjustment",
}
OUTCOME = {"abstinence": "abstinence", "heavy": "{heavy}s", "relapse": "relapse"}


def outcome(curve: SpecificationCurve) -> str:
    """What the specifications are of."""
    return OUTCOME.get(curve.outcome, curve.outcome).format(heavy=curve.terms.heavy_day)


def so_far(curve: SpecificationCurve) -> str:
    """How far it is, as long as it is not whole: nothing is concluded before."""
    return (
        f"So far, {len(curve.rows):,} of {curve.n_planned:,} specifications for {outcome(curve)} are computed; what "
        "they say together follows once all are."
    )


def answer(curve: SpecificationCurve) -> str:
    """The share that agrees in sign and in excluding no difference, bounds and repeats left out, and the range."""
    if not curve.complete:
        return so_far(curve)
    r = robustness.of_curve(curve)
    if not r.n:
        return "No specification could be estimated: see why in the table."
    for_active = r.higher if GOOD[curve.outcome] > 0 else r.n_lower >= r.n_higher
    most = (r.n_higher if r.higher else r.n_lower) if r.n_higher != r.n_lower else r.n_higher
    what = reckoning.DROPOUT if "dropout" in curve.names else reckoning.MISSING_DAYS
    return (
        f"In {most} of {r.n} distinct specifications for {outcome(curve)} the difference favours "
        f"{curve.arms[1] if for_active else curve.arms[0]}. In {r.n_clear} of these the "
        f"{level(curve.confidence)} does not include zero{reckoning.in_brackets(r, what, curve.terms)}."
        f"{reckoning.opposed(r, curve.terms)} Across them the difference "
        f"runs from {reckoning.span(r)} percentage points.{not_estimated(r.n_failed)} {NOTE}"
    )


def kinds(curve: SpecificationCurve) -> str:
    """How many ask the same question and how many another; how many are bounds or repeat another one."""
    if not curve.complete:
        return ""
    whole = robustness.of_curve(curve)
    clauses = []
    for kind, what in KINDS.items():
        of_kind = robustness.of_curve(replace(curve, rows=tuple(r for r in curve.rows if r.kind == kind)))
        if of_kind.n:
            clauses.append(f"{of_kind.n} ask {what} ({kind}), {of_kind.n_clear} of them clear")
    if whole.bounds:
        clauses.append(f"{len(whole.bounds)} are extremes (best or worst case) and not counted above")
    if whole.n_repeats:
        clauses.append(f"{whole.n_repeats} only repeat the numbers of another and are not counted above")
    late = f" {LATE}" if curve.outcome == "relapse" and len(curve.names.get("window", ())) > 1 else ""
    return "; ".join(clauses) + "." + late if clauses else ""


def left_out(curve: SpecificationCurve) -> str:
    """Which combinations are not there."""
    if not curve.left_out:
        return ""
    reasons = "; ".join(f"{n:,} because {why}" for why, n in curve.left_out)
    return f"Of {curve.n_combinations:,} combinations of all choices, left out: {reasons}."


def declared(curve: SpecificationCurve, analysis_name: str) -> str:
    """Where the trial's own analysis stands among them; `analysis_name` is ``published`` or ``default``."""
    if not curve.complete:
        return ""
    places = [i for i, r in enumerate(curve.rows) if r.kind == "published"]
    if not places:
        return f"None of them is the {analysis_name} analysis: each differs from it in at least one choice."
    d = curve.rows[places[0]].difference
    if d.estimate is None:
        return f"The {analysis_name} analysis could not be estimated."
    size = with_points(points_text(d.estimate, d.ci_low, d.ci_high))
    return (
        f"The {analysis_name} analysis is number {places[0] + 1} of {len(curve.rows)}, counted from the lowest: "
        f"{size} ({points_interval(d.ci_low, d.ci_high)})."
    )


def value(r: Specification) -> str:
    """One specification's estimate with its interval."""
    e = r.difference
    if e.estimate is None:
        return f"not estimable ({r.failed})"
    low, high = (None if x is None else 100 * x for x in (e.ci_low, e.ci_high))
    return f"{plain_number(100 * e.estimate, 1)} points ({clear_interval(low, high, 1)})"


def row(r: Specification, terms: Terms) -> str:
    """One specification's choices, as they would be read out."""
    return " · ".join(terms.worded(choice) for choice in r.choices.values())
