"""Text alternatives of the pictures of missing days."""

from __future__ import annotations

from ketadash.core.numbers import level, percent, point_span, points_beside, points_text, with_points
from ketadash.questions.missing_days.legends import drawn
from ketadash.questions.shared.alt import curve
from ketadash.questions.shared.robustness import listed
from ketadash.results import BinaryOutcome, Sensitivity
from ketadash.results.sensitivity import Missingness, Strip, TippingMap


def tipping_strip(result: Strip) -> str:
    """The strip: how many of its cells exclude no difference, and where it starts and ends."""
    verdict, (control, active) = result.verdict, result.arms
    shape = "Strip" if 1 in verdict.shape else "Grid"
    n = verdict.size
    ends = f"from {with_points(_corner(result, 0))} where all unknown outcomes are failures"
    if n > 1:
        ends += f" to {_corner(result, -1)} where all are successes"
    favour = [
        f"{k} favour {arm}"
        for arm, k in ((active, int((verdict == 1).sum())), (control, int((verdict == -1).sum())))
        if k
    ]
    return (
        f"{shape} of {n} {'cells' if n > 1 else 'cell'}, one for each count of successes among unknown outcomes "
        f"({result.definition}): the difference, {active} minus {control}, runs {ends}; "
        f"{listed([*favour, f'{int((verdict == 0).sum())} include zero'])}. {drawn(result)}"
    ).strip()


def tipping_map(result: TippingMap) -> str:
    """The map, or the line where one arm alone varies: its range, and in how much of it the interval is clear."""
    control, active = result.arms
    # where one arm alone varies, its cells are repeated along the other
    every = [
        (float(result.estimate[i, j]), float(result.margin[i, j]))
        for i in range(len(result.stops) if result.varies[0] else 1)
        for j in range(len(result.stops) if result.varies[1] else 1)
    ]
    known = [(e, m) for e, m in every if e == e]
    over = "both arms" if all(result.varies) else result.arms[result.varies.index(True)] if any(result.varies) else ""
    what = "Heat map" if all(result.varies) else "Line chart"
    opening = (
        f"{what} of the difference in abstinence on day {result.last_day}, {active} minus {control}, over the odds "
        f"ratios of missing days in {over or 'neither arm'}"
    )
    if not known:
        return f"{opening}: nothing is computed yet."
    estimates = [e for e, _ in known]
    clear = sum(m > 0 for _, m in known)
    so_far = "" if result.n_done == result.n_cells else f" computed so far of {result.n_cells}"
    return (
        f"{opening}: from {' to '.join(point_span(min(estimates), max(estimates)))} points; in {clear} of "
        f"{len(known)} places{so_far} the {level(result.confidence)} does not include zero."
    )


def missing_days(result: Missingness) -> str:
    """The two panels: the share missing on the first and on the last day, by arm."""
    first, last = result.window
    by_arm = []
    for arm in result.arms:
        share = {d.day: (d.n - d.reported) / d.n for d in result.days if d.arm == arm and d.n}
        if share:
            by_arm.append(f"{arm} {percent(share[first])} on day {first} and {percent(share[last])} on day {last}")
    return f"Share of each arm's participants who did not report, by day: {'; '.join(by_arm) or 'no days'}."


def _corner(result: Strip, at: int) -> str:
    low, high = float(result.ci_low[at, at]), float(result.ci_high[at, at])
    return points_text(float(result.difference[at, at]), low, high)


def assumptions(result: Sensitivity) -> str:
    """The forest over missing-day rules: each with its difference and interval."""
    rows_text = "; ".join(
        f"{result.terms.worded(r.label)} not estimable"
        if r.difference.estimate is None
        else f"{result.terms.worded(r.label)} "
        + points_beside(r.difference.estimate, r.difference.ci_low, r.difference.ci_high)
        for r in result.rows
    )
    return (
        f"Differences in abstinence on day {result.last_day} in percentage points, {result.arms[1]} minus "
        f"{result.arms[0]}, with {level(result.confidence)}s, by what missing days are taken to be: {rows_text}."
    )


def compare(now: BinaryOutcome, declared: BinaryOutcome) -> str:
    """The curve as it is now, and where the declared analysis's ends."""
    ends = {c.arm: c for c in declared.modelled}  # the dict keeps each arm's last
    same = now.modelled == declared.modelled or not ends
    ends_text = "; ".join(f"{arm} {percent(c.probability)} on day {c.day}" for arm, c in ends.items())
    return curve(now) if same else f"{curve(now)} Thin lines, the main analysis: {ends_text}."
