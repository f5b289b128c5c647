"""Text alternatives of the sensitivity figures: each picture in a sentence, for those who do not see it."""

from __future__ import annotations

from ketadash.results import BinaryOutcome, Sensitivity
from ketadash.results_sensitivity import DropoutWays, Missingness, SpecificationCurve, Strip, TippingMap
from ketadash.words import events, happened, interval, level, percent, plain_number
from ketadash.words_alt import curve
from ketadash.words_dropout import called
from ketadash.words_specifications import GOOD, outcome


def tipping_strip(result: Strip) -> str:
    """The strip: how many of its cells exclude no difference, and where it starts and ends."""
    verdict, (control, active) = result.verdict, result.arms
    shape = "Strip" if 1 in verdict.shape else "Grid"
    n = verdict.size
    ends = f"from {_points(result.difference[0, 0])} points where all unknown outcomes are failures"
    if n > 1:
        ends += f" to {_points(result.difference[-1, -1])} where all are successes"
    favour = [
        f"{k} favour {arm}"
        for arm, k in ((active, int((verdict == 1).sum())), (control, int((verdict == -1).sum())))
        if k
    ]
    return (
        f"{shape} of {n} {'cells' if n > 1 else 'cell'}, one for each count of successes among unknown outcomes "
        f"({result.definition}): the difference, {active} minus {control}, runs {ends}; "
        f"{' and '.join([*favour, f'{int((verdict == 0).sum())} include no difference'])}."
    )


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
        f"{opening}: from {_points(min(estimates))} to {_points(max(estimates))} points; in {clear} of {len(known)} "
        f"places{so_far} the {level(result.confidence)} excludes no difference."
    )


def specification_curve(result: SpecificationCurve) -> str:
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
        f"{opening}; differences from {_points(min(estimates))} to {_points(max(estimates))} points; {active} "
        f"intervals favour {result.arms[1]}, {control} favour {result.arms[0]}, the others include no difference."
    )


def missing_days(result: Missingness) -> str:
    """The two panels: the share missing on the first and on the last day, by arm."""
    first, last = result.window
    said = []
    for arm in result.arms:
        share = {d.day: (d.n - d.reported) / d.n for d in result.days if d.arm == arm and d.n}
        if share:
            said.append(f"{arm} {percent(share[first])} on day {first} and {percent(share[last])} on day {last}")
    return f"Share of each arm's participants who did not report, by day: {'; '.join(said) or 'no days'}."


def dropout_ways(result: DropoutWays) -> str:
    """The three panels: how many had relapsed by the last day under each reading."""
    said = []
    for way in result.ways:
        counts = " and ".join(f"{events(a.events)} of {a.n} {a.arm}" for a in way.arms)
        said.append(f"dropout {called(way)}, {counts} participants {happened(way)}")
    return f"Three panels of curves without relapse by day: {'; '.join(said)}."


def assumptions(result: Sensitivity) -> str:
    """The forest over missing-day rules: each with its difference and interval."""
    said = "; ".join(
        f"{result.terms.said(r.label)} not estimable"
        if r.difference.estimate is None
        else f"{result.terms.said(r.label)} {_points(r.difference.estimate)} "
        f"({_interval(r.difference.ci_low, r.difference.ci_high)})"
        for r in result.rows
    )
    return (
        f"Differences in abstinence on day {result.last_day} in percentage points, {result.arms[1]} minus "
        f"{result.arms[0]}, with {level(result.confidence)}s, by what missing days are taken to be: {said}."
    )


def compare(now: BinaryOutcome, declared: BinaryOutcome) -> str:
    """The curve as it is now, and where the declared analysis's ends."""
    ends = {c.arm: c for c in declared.modelled}  # the dict keeps each arm's last
    same = now.modelled == declared.modelled or not ends
    said = "; ".join(f"{arm} {percent(c.probability)} on day {c.day}" for arm, c in ends.items())
    return curve(now) if same else f"{curve(now)} Thin lines, the declared analysis: {said}."


def _points(difference: float) -> str:
    return plain_number(100 * difference, 0)


def _interval(low: float | None, high: float | None) -> str:
    return "no interval" if low is None or high is None else interval(100 * low, 100 * high, 0)
