"""Daily outcomes as charts that office software can edit."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ketadash.core.numbers import level
from ketadash.questions.shared import curve as curve_figure
from ketadash.questions.shared import odds_ratio, theme
from ketadash.questions.shared.error_bars import length
from ketadash.questions.shared.office_chart import (
    Axis,
    Chart,
    Series,
    arm_names,
    band_edges,
    day_axis,
    days_of,
    nice,
    percent_axis,
    whole_tenths,
)
from ketadash.questions.shared.theme import ArmInk
from ketadash.results import BinaryOutcome, CurvePoint


def binary(result: BinaryOutcome) -> Chart:
    """Observed points with their intervals, the modelled line, and its interval as two thin lines, arm by arm."""
    series: list[Series] = []
    for arm, ink in arm_names(result.arms).items():
        model = [p for p in result.modelled if p.arm == arm]
        seen = [p for p in result.observed if p.arm == arm and p.proportion is not None]
        series += band_edges(model, arm, ink, result.confidence)
        series.append(
            Series(
                f"{arm}, {curve_figure.counted(result)}, with {level(result.confidence)}",
                days_of(seen),
                tuple(p.proportion or 0.0 for p in seen),
                "points",
                ink.colour,
                ink.dash,
                ink.symbol,
                tuple(length(p.ci_low, p.proportion) for p in seen),
                tuple(length(p.proportion, p.ci_high) for p in seen),
                label=None if model else arm,
            )
        )
        if model:
            series.append(
                Series(
                    f"{arm}, modelled",
                    days_of(model),
                    tuple(p.probability for p in model),
                    "line",
                    ink.colour,
                    ink.dash,
                    ink.symbol,
                    label=arm,
                )
            )
    axis_title = curve_figure.axis_title(result)
    lines = curve_figure.lines(result) if result.modelled else ""
    key = points_and_lines(curve_figure.counted(result), f"their {level(result.confidence)}", lines, result.confidence)
    return Chart(day_axis(min(result.window[0], 1), result.window[1]), percent_axis(axis_title), tuple(series), key)


def difference(points: Sequence[CurvePoint], arms: tuple[str, str], confidence: float) -> Chart:
    """A difference by day, active minus control, with its interval as two thin lines."""
    text = theme.LIGHT.text
    ink = ArmInk(text, "", "solid", "circle")
    name = f"{arms[1]} − {arms[0]}"
    low = min([p.ci_low for p in points] + [-0.1])
    high = max([p.ci_high for p in points] + [0.1])
    line = Series(name, days_of(points), tuple(p.probability for p in points), "line", text)
    key = f"Above 0%: more with {arms[1]}. Thin lines: {level(confidence)}."
    return Chart(
        day_axis(points[0].day, points[-1].day),
        percent_axis(name, *whole_tenths(low, high)),
        (*band_edges(points, name, ink, confidence), line),
        key,
        zero=0.0,
    )


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
    y_axis = Axis(odds_ratio.TITLE, *nice(min(low, 1), max(high, 1)), form="0.0#")
    if high / max(low, 1e-9) > 4:  # in doublings, where a linear axis would hide the lower half
        low, high = 2.0 ** math.floor(math.log2(max(low, 1 / 64))), 2.0 ** math.ceil(math.log2(min(high, 64.0)))
        y_axis = Axis(y_axis.title, low, high, form="General", log=True)
    return Chart(
        x_axis, y_axis, tuple(series), f"Odds ratios with their {level(result.confidence)}; 1 is no change.", zero=1.0
    )


def points_and_lines(points: str, bars: str, lines: str, confidence: float) -> str:
    """What the signs of a chart of days or weeks are; `lines` is empty where there is no model."""
    modelled = f" Lines: {lines}, thin lines their {level(confidence)}." if lines else ""
    return f"Points: {points}, bars {bars}.{modelled}"
