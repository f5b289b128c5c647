"""A difference between the arms by day: active minus control, its interval, and the line of no difference."""

from __future__ import annotations

from collections.abc import Sequence

from ketadash.core.spec import ViewSpec
from ketadash.questions.shared import parts, theme
from ketadash.questions.shared.theme import Figure
from ketadash.results import CurvePoint


def by_day(
    points: Sequence[CurvePoint],
    arms: tuple[str, str],
    window: tuple[int, int],
    view: ViewSpec,
    *,
    confidence: float,
    good: bool = True,
    marked: int | None = None,
) -> Figure:
    """Draw a difference by day; `good` says whether a positive one favours the active arm, `marked` is a day."""
    colours = theme.ink(view)
    height = 236
    margin = (52, 14, parts.HEAD_PX, 44) if view.narrow else (56, 150, parts.HEAD_PX, 48)
    days, values = [p.day for p in points], [p.probability for p in points]
    low = min([p.ci_low for p in points] + [0.0])
    high = max([p.ci_high for p in points] + [0.0])
    reach = parts.padded(low, high, least=0.1)
    control, active = arms
    hover = (
        f"Day %{{x}}<br>{theme.safe(active)} − {theme.safe(control)}: %{{y:+.4~%}}"
        f"<br>{parts.percent(confidence)} interval %{{customdata[0]:+.4~%}} to %{{customdata[1]:+.4~%}}"
        "<extra></extra>"
    )
    line = {
        "type": "scatter",
        "mode": "lines+markers" if len(days) == 1 else "lines",
        "name": "difference",
        "x": days,
        "y": values,
        "customdata": [[p.ci_low, p.ci_high] for p in points],
        "line": {"color": colours.text, "width": 2},
        "hovertemplate": hover,
    }
    up, down = (active, control) if good else (control, active)
    favours = f"↑ favours {theme.label(up, view)} &nbsp; ↓ favours {theme.label(down, view)}"
    what = f"{theme.label(active, view)} − {theme.label(control, view)}"
    notes = parts.headed(what, favours, view, left=margin[0])
    if view.narrow:  # no arms to name below
        notes = [note | {"yshift": note["yshift"] - theme.LABEL_PX} for note in notes]
    return {
        "data": [parts.band(points, colours.neutral_band), line],
        "layout": theme.layout(
            view,
            height=height,
            margin=margin,
            annotations=notes,
            shapes=[parts.level(0, view), *([parts.upright(marked, view)] if marked is not None else [])],
            xaxis=theme.day_axis(view, window),
            yaxis=theme.axis(view, range=reach, tickformat="~%", nticks=5),
        ),
    }
