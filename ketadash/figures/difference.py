"""A difference between the arms by day: active minus control, its interval, and the line of no difference."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ketadash.figures import parts, theme
from ketadash.figures.theme import Figure
from ketadash.results import CurvePoint
from ketadash.spec import ViewSpec


def by_day(
    points: Sequence[CurvePoint],
    arms: tuple[str, str],
    window: tuple[int, int],
    view: ViewSpec,
    *,
    confidence: float,
    good: bool = True,
) -> Figure:
    """Draw a difference by day; `good` says whether a positive one favours the active arm."""
    colours = theme.ink(view)
    height, margin = 220, (52, 14, 32, 44) if view.narrow else (56, 150, 32, 48)
    days, values = [p.day for p in points], [p.probability for p in points]
    low = min([p.ci_low for p in points] + [0.0])
    high = max([p.ci_high for p in points] + [0.0])
    reach = parts.padded(low, high, least=0.1)
    control, active = arms
    hover = (f"Day %{{x}}<br>{theme.safe(active)} − {theme.safe(control)}: %{{y:+.4~%}}"
             f"<br>{parts.percent(confidence)} interval %{{customdata[0]:+.4~%}} to %{{customdata[1]:+.4~%}}"
             "<extra></extra>")  # fmt: skip
    line = {"type": "scatter", "mode": "lines+markers" if len(days) == 1 else "lines", "name": "difference",
            "x": days, "y": values, "customdata": [[p.ci_low, p.ci_high] for p in points],
            "line": {"color": colours.text, "width": 2}, "hovertemplate": hover}  # fmt: skip
    up, down = (active, control) if good else (control, active)
    notes = [
        theme.heading(f"{theme.label(active, view)} − {theme.label(control, view)}", view, left=margin[0]),
        _favours(f"↑ favours {theme.label(up, view)}", view, y=1, yanchor="top"),
        _favours(f"↓ favours {theme.label(down, view)}", view, y=0, yanchor="bottom"),
    ]
    return {
        "data": [parts.band(points, colours.neutral_band), line],
        "layout": theme.layout(
            view, height=height, margin=margin, annotations=notes, shapes=[parts.level(0, view)],
            xaxis=theme.day_axis(view, window),
            yaxis=theme.axis(view, range=reach, tickformat="~%", nticks=5),
        ),
    }  # fmt: skip


def _favours(text: str, view: ViewSpec, **place: Any) -> dict[str, Any]:
    return theme.note(text, view, xref="paper", yref="paper", x=0, xanchor="left", xshift=4,
                      font=parts.muted(view), **place)  # fmt: skip
