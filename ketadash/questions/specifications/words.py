"""Does the answer depend on our choices?  The specification curve in words."""

from __future__ import annotations

from collections.abc import Sequence

from ketadash.core.numbers import interval, level, plain_number, points_text
from ketadash.core.terms import Terms
from ketadash.questions.shared.legends import arm_sizes
from ketadash.questions.shared.words import not_estimated
from ketadash.results import Estimate
from ketadash.results.sensitivity import Specification, SpecificationCurve


def alt(result: SpecificationCurve) -> str:
    """The curve: how many specifications, their range, and how many exclude no difference in whose favour."""
    done = [r.difference for r in result.rows if r.difference.estimate is not None]
    opening = (
        f"Specification curve of {outcome(result)}: {len(result.rows)} specifications "
        "sorted by estimate, with intervals, above a matrix of the choices that made them"
    )
    if not done:
        return f"{opening}; none could be estimated."
    estimates = [d.estimate for d in done if d.estimate is not None]
    signs = [((d.ci_low or 0) > 0) - ((d.ci_high or 0) < 0) for d in done if d.ci_low is not None]
    control, active = (sum(s * GOOD.get(result.outcome, 1) == v for s in signs) for v in (-1, 1))
    return (
        f"{opening}; differences from {points_text(min(estimates))} to {points_text(max(estimates))} points; {active} "
        f"intervals favour {result.arms[1]}, {control} favour {result.arms[0]}, the others include zero."
    )


def legend(result: SpecificationCurve, arms: Sequence[tuple[str, int]]) -> str:
    """The specification curve."""
    return (
        f"{result.quantity} ({arm_sizes(arms)}) under {len(result.rows)} combinations of analytic choices, sorted, "
        f"with {level(result.confidence)}; below, the choices of each. Diamond: the declared analysis."
    )


NOTE = "All of them look at the same data: agreement across specifications is not new evidence."
LATE = "Where the window begins later, whoever relapsed before it counts as free until the next relapse."
GOOD = {"abstinence": 1, "heavy": -1, "relapse": -1}  # the sign that favours the active arm
CHOICE = {
    "missing": "Missing days",
    "trend": "Time trend",
    "adjust": "Baseline",
    "estimator": "Fit",
    "window": "Window",
    "threshold": "Heavy day",
    "etg": "EtG tests",
    "dropout": "Dropout",
}
OUTCOME = {"abstinence": "abstinence", "heavy": "{heavy}s", "relapse": "relapse"}


def outcome(curve: SpecificationCurve) -> str:
    """What the specifications are of."""
    return OUTCOME.get(curve.outcome, curve.outcome).format(heavy=curve.terms.heavy_day)


def answer(curve: SpecificationCurve) -> str:
    """The share that agrees in sign and in excluding no difference, bounds left out, and the range."""
    rows = [r for r in curve.rows if r.kind != "bound" and r.difference.estimate is not None]
    if not rows:
        return "No specification could be estimated: see why in the table."
    favour = [r for r in rows if (r.difference.estimate or 0) * GOOD[curve.outcome] > 0]
    most, arm = (
        (favour, curve.arms[1])
        if 2 * len(favour) >= len(rows)
        else ([r for r in rows if r not in favour], curve.arms[0])
    )
    clear = sum(_excludes(r.difference) for r in most)
    failed = sum(r.difference.estimate is None for r in curve.rows)
    lost = not_estimated(failed)
    estimates = [r.difference.estimate for r in rows if r.difference.estimate is not None]
    return (
        f"In {len(most)} of {len(rows)} specifications for {outcome(curve)} the difference favours {arm}, and "
        f"in {clear} of these the {level(curve.confidence)} does not include zero. It runs from "
        f"{plain_number(100 * min(estimates), 0)} to {plain_number(100 * max(estimates), 0)} percentage points.{lost} "
        f"{NOTE}"
    )


def _excludes(e: Estimate) -> bool:
    return e.ci_low is not None and e.ci_high is not None and (e.ci_low > 0 or e.ci_high < 0)


def kinds(curve: SpecificationCurve) -> str:
    """How many ask the same question, how many another, and how many are bounds."""
    count = {k: [r for r in curve.rows if r.kind == k] for k in ("sensitivity", "supplementary", "bound")}
    clauses = []
    if count["sensitivity"]:
        n, clear = len(count["sensitivity"]), sum(_excludes(r.difference) for r in count["sensitivity"])
        clauses.append(
            f"{n} ask the same question under another assumption or fit (sensitivity), {clear} of them clear"
        )
    if count["supplementary"]:
        n, clear = len(count["supplementary"]), sum(_excludes(r.difference) for r in count["supplementary"])
        clauses.append(
            f"{n} ask another: other days, another definition, no adjustment (supplementary), {clear} of them clear"
        )
    if count["bound"]:
        clauses.append(f"{len(count['bound'])} are bounds that nobody believes and are not counted above")
    late = f" {LATE}" if curve.outcome == "relapse" and len(curve.names.get("window", ())) > 1 else ""
    return "; ".join(clauses) + "." + late if clauses else ""


def left_out(curve: SpecificationCurve) -> str:
    """Which combinations are not there."""
    if not curve.left_out:
        return ""
    reasons = "; ".join(f"{n:,} because {why}" for why, n in curve.left_out)
    return f"Of {curve.n_combinations:,} combinations of all choices, left out as repeats: {reasons}."


def published(curve: SpecificationCurve) -> str:
    """Where the published specification stands among them."""
    places = [i for i, r in enumerate(curve.rows) if r.kind == "published"]
    if not places:
        return "The published specification is not among them: another window or threshold is chosen at the left."
    row = curve.rows[places[0]]
    if row.difference.estimate is None:
        return "The published specification could not be estimated."
    ends = interval(_points(row.difference.ci_low), _points(row.difference.ci_high), 0)
    return (
        f"The published specification stands {places[0] + 1} of {len(curve.rows)} from the lowest: "
        f"{plain_number(100 * row.difference.estimate, 0)} points ({ends})."
    )


def _points(x: float | None) -> float | None:
    return None if x is None else 100 * x


def value(r: Specification) -> str:
    """One specification's estimate with its interval."""
    e = r.difference
    if e.estimate is None:
        return f"not estimable ({r.failed})"
    return f"{plain_number(100 * e.estimate, 1)} points ({interval(_points(e.ci_low), _points(e.ci_high), 1)})"


def row(r: Specification, terms: Terms) -> str:
    """One specification's choices, as they would be read out."""
    return " · ".join(terms.worded(choice) for choice in r.choices.values())
