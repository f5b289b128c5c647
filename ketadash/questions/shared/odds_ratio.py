"""Odds ratio for one more day, by arm: intervals on a logarithmic axis around 1."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ketadash.core.numbers import ratio_digits
from ketadash.core.spec import ViewSpec
from ketadash.questions.shared import parts, theme
from ketadash.questions.shared.error_bars import error_bars
from ketadash.questions.shared.theme import Figure, Trace
from ketadash.results import BinaryOutcome, OddsRatioPerDay

# Most wanted first; reciprocal pairs stand at equal distances from 1.
WANTED = (1, 2, 0.5, 1.5, 0.67, 1.2, 0.83, 5, 0.2, 1.1, 0.91, 10, 0.1, 1.05, 0.95, 1.02, 0.98, 3, 0.33, 50, 0.02)
FURTHEST = 100.0  # an interval that runs away is cut at 1/100 and 100, its true ends are in the hover
TITLE = "Odds ratio for one more day"


def ratio_ticks(low: float, high: float, *, most: int) -> list[float]:
    """Round ratios between `low` and `high` (both positive), no closer than the axis can hold `most`."""
    bottom, top = math.log10(low), math.log10(high)
    kept = theme.spread([math.log10(t) for t in WANTED], bottom, top, (top - bottom) / most)
    names = {math.log10(t): t for t in WANTED}
    return [float(names[k]) for k in kept]


def plot(result: BinaryOutcome, view: ViewSpec) -> Figure:
    """One trace per arm, control first.  A linear trend has one ratio an arm, a quadratic one for each day given."""
    ratios = result.odds_ratio_per_day
    reach = _reach(ratios)
    ticks = ratio_ticks(*reach, most=7)
    logs = {
        "type": "log",
        "range": [math.log10(r) for r in reach],
        "tickvals": ticks,
        "ticktext": [f"{t:g}" for t in ticks],
    }
    one = {"color": theme.ink(view).zero, "width": 1.2}
    if all(r.day is None for r in ratios):
        return _rows(result, logs, one, view)
    margin = (44, 14, 52, 46) if view.narrow else (56, 150, 34, 50)
    data = [
        _trace([r for r in ratios if r.arm == arm], arm, result, view, shift=shift)
        for arm, shift in zip(result.arms, (-0.12, 0.12), strict=True)
    ]
    notes = [theme.heading(TITLE, view, left=margin[0], up=30 if view.narrow else 10)]
    last = {r.arm: r.estimate for r in ratios}  # the dict keeps each arm's last
    ends = {arm: _place(last[arm], reach) for arm in result.arms if arm in last}
    height = 300
    labels = parts.arm_labels(ends, result.arms, result.window[1], view, plot_px=height - margin[2] - margin[3], top=1)
    if not view.narrow:
        # An annotation on a log axis takes the logarithm; the labels were moved apart on a 0–1 scale.
        bottom, top = (math.log10(r) for r in reach)
        labels = [note | {"y": bottom + note["y"] * (top - bottom)} for note in labels]
    shapes = [parts.level(1, view)]
    return {
        "data": data,
        "layout": theme.layout(
            view,
            height=height,
            margin=margin,
            annotations=notes + labels,
            shapes=shapes,
            xaxis=theme.day_axis(view, result.window),
            yaxis=theme.axis(view, **logs),
        ),
    }


def _rows(result: BinaryOutcome, logs: dict[str, Any], one: dict[str, Any], view: ViewSpec) -> Figure:
    """Ratios across, one row an arm, its name and its numbers above its interval."""
    data = [
        _trace([r for r in result.odds_ratio_per_day if r.arm == arm], arm, result, view, row=i)
        for i, arm in enumerate(result.arms)
    ]
    notes = []
    for i, arm in enumerate(result.arms):
        mine = [r for r in result.odds_ratio_per_day if r.arm == arm]
        ratios_text = " &nbsp; ".join(_ratio_text(r) for r in mine)
        colour = theme.arm_ink(view, result.arms)[arm].colour
        notes.append(
            theme.note(
                f'<span style="color:{colour}"><b>{theme.label(arm, view)}</b></span> &nbsp; {ratios_text}',
                view,
                xref="paper",
                x=0,
                xanchor="left",
                y=i - 0.3,
                yanchor="middle",
                bgcolor=theme.ink(view).paper,
            )
        )
    shape = parts.upright(1, view) | {"line": one}
    return {
        "data": data,
        "layout": theme.layout(
            view,
            height=210,
            margin=(14, 14, 10, 50),
            annotations=notes,
            shapes=[shape],
            xaxis=theme.axis(view, ticks="outside", showline=True, title=theme.title(TITLE, view), **logs),
            yaxis=theme.axis(view, range=[1.45, -0.6], visible=False, fixedrange=True),
        ),
    }


def _ratio_text(r: OddsRatioPerDay) -> str:
    digits = ratio_digits(r.ci_low, r.ci_high)
    return f"{r.estimate:.{digits}f} ({r.ci_low:.{digits}f} to {r.ci_high:.{digits}f})"


def _trace(
    ratios: Sequence[OddsRatioPerDay],
    arm: str,
    result: BinaryOutcome,
    view: ViewSpec,
    *,
    shift: float = 0.0,
    row: int | None = None,
) -> Trace:
    """One arm's ratios: upright over days, or level in `row`."""
    style, name = theme.arm_ink(view, result.arms)[arm], theme.safe(arm)
    values = [r.estimate for r in ratios]
    bars = error_bars(((r.ci_low, r.estimate, r.ci_high) for r in ratios), style.colour, width=4)
    # Values run along the vertical axis over days, along the level axis in rows.
    along, across = ("y", "x") if row is None else ("x", "y")
    places: list[float] = [(r.day or 0) + shift if row is None else row + 0.15 for r in ratios]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        along: values,
        across: places,
        f"error_{along}": bars,
        "marker": {"size": 8, "color": style.colour, "symbol": style.symbol},
        "customdata": [[r.ci_low, r.ci_high, "" if r.day is None else f", day {r.day}"] for r in ratios],
        "hovertemplate": f"<b>{name}</b>%{{customdata[2]}}<br>Odds ratio %{{{along}:.5~g}}<br>"
        f"{parts.percent(result.confidence)} interval %{{customdata[0]:.5~g}} to "
        "%{customdata[1]:.5~g}<extra></extra>",
    }


def _reach(ratios: Sequence[OddsRatioPerDay]) -> tuple[float, float]:
    """A range that holds 1 and every interval, cut at `FURTHEST`."""
    low = max(min([r.ci_low for r in ratios] + [0.9]), 1 / FURTHEST)
    high = min(max([r.ci_high for r in ratios] + [1.1]), FURTHEST)
    air = (high / low) ** 0.08
    return low / air, high * air


def _place(ratio: float, reach: tuple[float, float]) -> float:
    """Where `ratio` stands between the ends of the axis, 0 to 1."""
    low, high = (math.log10(r) for r in reach)
    return (math.log10(min(max(ratio, reach[0]), reach[1])) - low) / (high - low)
