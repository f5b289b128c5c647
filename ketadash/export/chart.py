"""A result as a chart that office software can draw and edit: series of numbers, and how they are to look.

Plotly's figures cannot be handed to PowerPoint; these are made from the same results, with the same colours,
dashes and markers, in full precision.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise

from ketadash.figures import curve as curve_figure
from ketadash.figures import survival as survival_figure
from ketadash.figures import theme
from ketadash.figures.theme import ArmInk
from ketadash.results import BinaryOutcome, CurvePoint, NntResult, ObservedPoint, SurvivalPoint, TimeToEvent
from ketadash.spec import ViewSpec
from ketadash.words import level

PRINT = ViewSpec()  # exports are light
PERCENT = "0%"


@dataclass(frozen=True, slots=True)
class Series:
    """One row of points: ``line``, ``points`` (with error bars if there are any) or ``edge``, a band's thin limit.

    `minus` and `plus` are the lengths of error bars, along the axis `along`; `label` names the last point, `texts`
    each.  `step` says that the points are the corners of a step curve already.
    """

    name: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    kind: str
    colour: str
    dash: str = "solid"
    symbol: str = "circle"
    minus: tuple[float, ...] = ()
    plus: tuple[float, ...] = ()
    along: str = "y"
    label: str | None = None
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Axis:
    """An axis: title, range, distance of its ticks, number format; `at` says where it crosses the other."""

    title: str
    low: float
    high: float
    step: float | None = None
    form: str = "General"
    hidden: bool = False
    log: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """What a native chart shows; `key` says in words what its signs are, `counts` is a table under the days."""

    x: Axis
    y: Axis
    series: tuple[Series, ...]
    key: str
    zero: float | None = None
    counts: tuple[tuple[str, ...], ...] = field(default=())


def arm_names(arms: tuple[str, str]) -> dict[str, ArmInk]:
    """Each arm's ink as on screen in the light."""
    return theme.arm_ink(PRINT, arms)


def percent_axis(title: str, low: float = 0.0, high: float = 1.0) -> Axis:
    """Fractions as percent."""
    return Axis(title, low, high, 0.2 if high - low > 0.5 else 0.1, PERCENT)


def day_axis(first: int, last: int, title: str = "Day") -> Axis:
    """Days with round steps between ticks."""
    span = max(last - first, 1)
    step = next((s for s in (1, 2, 7, 14, 28, 56, 84, 168) if span / s <= 12), 364)
    return Axis(title, first, max(last, first + 1), step, "0")


def binary(result: BinaryOutcome) -> Chart:
    """Observed points ± 1 SE, the modelled line, and its interval as two thin lines, arm by arm."""
    series: list[Series] = []
    for arm, ink in arm_names(result.arms).items():
        model = [p for p in result.modelled if p.arm == arm]
        seen = [p for p in result.observed if p.arm == arm and p.proportion is not None]
        series += _edges(model, arm, ink, result.confidence)
        se = tuple(p.se or 0.0 for p in seen)
        series.append(
            Series(
                f"{arm}, observed ± 1 SE",
                _days(seen),
                tuple(p.proportion or 0.0 for p in seen),
                "points",
                ink.colour,
                ink.dash,
                ink.symbol,
                se,
                se,
                label=None if model else arm,
            )
        )
        if model:
            series.append(
                Series(
                    f"{arm}, modelled",
                    _days(model),
                    tuple(p.probability for p in model),
                    "line",
                    ink.colour,
                    ink.dash,
                    ink.symbol,
                    label=arm,
                )
            )
    called = curve_figure.CALLED.get(result.outcome, result.outcome).format(heavy=result.terms.heavy_day)
    key = f"Points: observed ± 1 SE. Lines: modelled, thin lines its {level(result.confidence)}."
    return Chart(day_axis(min(result.window[0], 1), result.window[1]), percent_axis(called), tuple(series), key)


def _days(points: Sequence[CurvePoint] | Sequence[ObservedPoint] | Sequence[SurvivalPoint]) -> tuple[float, ...]:
    return tuple(float(p.day) for p in points)


def _edges(points: Sequence[CurvePoint], name: str, ink: ArmInk, confidence: float) -> list[Series]:
    if not points:
        return []
    at = level(confidence)
    return [
        Series(f"{name}, {at} {end}", _days(points), tuple(getattr(p, f"ci_{end}") for p in points), "edge", ink.colour)
        for end in ("low", "high")
    ]


def difference(points: Sequence[CurvePoint], arms: tuple[str, str], confidence: float) -> Chart:
    """A difference by day, active minus control, with its interval as two thin lines."""
    text = theme.LIGHT.text
    ink = ArmInk(text, "", "solid", "circle")
    name = f"{arms[1]} − {arms[0]}"
    low = min([p.ci_low for p in points] + [-0.1])
    high = max([p.ci_high for p in points] + [0.1])
    line = Series(name, _days(points), tuple(p.probability for p in points), "line", text)
    key = f"Above 0%: more with {arms[1]}. Thin lines: {level(confidence)}."
    return Chart(
        day_axis(points[0].day, points[-1].day),
        percent_axis(name, *whole_tenths(low, high)),
        (*_edges(points, name, ink, confidence), line),
        key,
        zero=0.0,
    )


def whole_tenths(low: float, high: float) -> tuple[float, float]:
    """A range in whole tenths around ``low … high``."""
    return math.floor(10 * low) / 10, math.ceil(10 * high) / 10


def nice(low: float, high: float) -> tuple[float, float, float]:
    """A range around ``low … high`` and a step, both round: 1, 2 or 5 times a power of ten."""
    span = max(high - low, 1e-6)
    rough = span / 6
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(k * power for k in (1, 2, 5, 10) if k * power >= rough)
    digits = max(0, -math.floor(math.log10(step)) + 1)
    return round(math.floor(low / step) * step, digits), round(math.ceil(high / step) * step, digits), step


def odds(result: BinaryOutcome) -> Chart:
    """Odds ratios for one more day with their intervals, over days or side by side."""
    ratios = result.odds_ratio_per_day
    series = []
    for place, (arm, ink) in enumerate(arm_names(result.arms).items()):
        mine = [r for r in ratios if r.arm == arm]
        x = tuple(float(r.day) + (-0.12, 0.12)[place] if r.day is not None else place + 1.0 for r in mine)
        series.append(
            Series(
                arm,
                x,
                tuple(r.estimate for r in mine),
                "points",
                ink.colour,
                ink.dash,
                ink.symbol,
                tuple(r.estimate - r.ci_low for r in mine),
                tuple(r.ci_high - r.estimate for r in mine),
                label=arm,
            )
        )
    low, high = min(r.ci_low for r in ratios), max(r.ci_high for r in ratios)
    by_day = ratios[0].day is not None
    x_axis = day_axis(result.window[0] - 1, result.window[1] + 1) if by_day else Axis("", 0.5, 3.0, 1.0, hidden=True)
    y_axis = Axis("Odds ratio for one more day", *nice(min(low, 1), max(high, 1)), form="0.0#")
    if high / max(low, 1e-9) > 4:  # in doublings, where a linear axis would hide the lower half
        y_axis = Axis(y_axis.title, max(low, 1 / 64), min(high, 64.0), form="General", log=True)
    return Chart(
        x_axis, y_axis, tuple(series), f"Odds ratios with their {level(result.confidence)}; 1 is no change.", zero=1.0
    )


def survival(result: TimeToEvent) -> Chart:
    """Kaplan–Meier steps, censoring marks, the interval as thin steps, and the numbers at risk as a table."""
    arms = (result.arms[0].arm, result.arms[1].arm)
    series: list[Series] = []
    for arm, ink in arm_names(arms).items():
        points = [p for p in result.curve if p.arm == arm]
        for end in ("low", "high"):
            series += _step_edges(points, f"{arm}, {level(result.confidence)} {end}", end, ink)
        x, y = steps(points)
        series.append(Series(arm, x, y, "line", ink.colour, ink.dash, ink.symbol, label=arm))
        left = [p for p in points if p.censored]
        if left:
            series.append(
                Series(
                    f"{arm}, censored",
                    _days(left),
                    tuple(p.survival for p in left),
                    "points",
                    ink.colour,
                    symbol="plus",
                )
            )
    called = survival_figure.CALLED.get(result.endpoint, result.endpoint)
    called = called.format(without=result.terms.without, heavy=result.terms.heavy_day)
    last = max((p.day for p in result.curve), default=result.window[1])
    key = f"Steps: {result.method}; thin steps: {level(result.confidence)}; plus signs: censored."
    axis = day_axis(0, last)
    days = list(range(0, last + 1, int(axis.step or 1)))
    return Chart(axis, percent_axis(called), tuple(series), key, counts=_counts(result, arms, days))


def steps(points: Sequence[SurvivalPoint]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The corners of a step curve: level to the next day, then down."""
    x, y = [float(points[0].day)] if points else [], [points[0].survival] if points else []
    for before, now in pairwise(points):
        x += [float(now.day), float(now.day)]
        y += [before.survival, now.survival]
    return tuple(x), tuple(y)


def _step_edges(points: Sequence[SurvivalPoint], name: str, end: str, ink: ArmInk) -> list[Series]:
    """A limit of the band as steps, one series for each unbroken run of days on which it exists."""
    cells = [(a.day, b.day, getattr(a, f"ci_{end}")) for a, b in pairwise(points)]
    found = []
    for known, run in groupby(cells, key=lambda cell: cell[2] is not None):
        if known:
            flat = [(float(day), value) for start, stop, value in run for day in (start, stop)]
            found.append(Series(name, tuple(d for d, _ in flat), tuple(v for _, v in flat), "edge", ink.colour))
    return found


def _counts(result: TimeToEvent, arms: tuple[str, str], days: list[int]) -> tuple[tuple[str, ...], ...]:
    """Rows of the table of numbers at risk, headed by the days."""
    rows = [("At risk", *map(str, days))]
    for arm in arms:
        found = survival_figure.at_risk_table(result.curve, arm, days)
        rows.append((arm, *(f"{n:.0f}" if float(n).is_integer() else f"{n:.1f}" for n, _, _ in found)))
    return tuple(rows)


def nnt(result: NntResult) -> Chart:
    """Three risk differences with their intervals, each with its number needed to treat in words."""
    rows = [n for n in (result.observed, result.observed_last_day, result.modelled) if n.risk_difference is not None]
    text = theme.LIGHT.text
    at = [float(len(rows) - i) for i in range(len(rows))]
    ends = [v for n in rows for v in (n.ci_low, n.ci_high, n.risk_difference) if v is not None]
    low, high = whole_tenths(min([*ends, -0.1]), max([*ends, 0.1]))
    points = Series(
        "Risk difference",
        tuple(n.risk_difference or 0.0 for n in rows),
        tuple(at),
        "points",
        text,
        symbol="diamond",
        minus=tuple(
            (n.risk_difference or 0.0) - (n.ci_low if n.ci_low is not None else n.risk_difference or 0.0) for n in rows
        ),
        plus=tuple(
            (n.ci_high if n.ci_high is not None else n.risk_difference or 0.0) - (n.risk_difference or 0.0)
            for n in rows
        ),
        along="x",
    )
    said = Series(
        "What it is",
        (low,) * len(rows),
        tuple(a + 0.3 for a in at),
        "texts",
        text,
        texts=tuple(f"{n.definition.split(';')[0].capitalize()}: {n.text}" for n in rows),
    )
    control, active = result.arms
    key = f"Right of 0%: more abstinent with {active}. Bars: {level(result.confidence)}; NNT = 1 / risk difference."
    return Chart(
        Axis(f"Risk difference, {active} − {control}", low, high, 0.1 if high - low <= 1 else 0.2, PERCENT),
        Axis("", 0.4, len(rows) + 0.8, 1.0, hidden=True),
        (points, said),
        key,
        zero=0.0,
    )
