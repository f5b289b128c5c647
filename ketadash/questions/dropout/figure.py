"""Relapse with dropout as an event, censored and competing: three small panels on one scale."""

from __future__ import annotations

from typing import Any

from ketadash.core.choices.dropout import DropoutRule
from ketadash.core.choices.endpoint import definition_of
from ketadash.core.spec import ViewSpec
from ketadash.questions.relapse import figure as survival
from ketadash.questions.shared import parts, theme
from ketadash.questions.shared.theme import Figure, Trace
from ketadash.results import TimeToEvent
from ketadash.results.sensitivity import DropoutWays

HEIGHT, MARGIN, MARGIN_NARROW = 340, (52, 150, 68, 46), (40, 14, 106, 46)
NARROW_BELOW = 720  # pixels: three panels, their headings and the arms' names beside them
SPACE, SPACE_NARROW = 0.045, 0.06  # between panels, shares of the width


def plot(w: DropoutWays, view: ViewSpec) -> Figure:
    """The share without relapse by day under each reading, in the result's order.

    The traces are those of `survival.plot` without its table, panel by panel; ``y`` holds the results' own fractions.
    """
    first = w.ways[0]
    arms = (first.arms[0].arm, first.arms[1].arm)
    reached = [survival.days_of(way) for way in w.ways]
    start_day, last = min(a for a, _ in reached), max(b for _, b in reached)
    margin, space = (MARGIN_NARROW, SPACE_NARROW) if view.narrow else (MARGIN, SPACE)
    width = (1 - space * (len(w.ways) - 1)) / len(w.ways)
    data: list[Trace] = []
    axes: dict[str, Any] = {}
    notes = [theme.heading(definition_of(first.endpoint).still_free, view, left=margin[0] - 2, up=margin[2] - 24)]
    for k, way in enumerate(w.ways):
        start, number = k * (width + space), "" if k == 0 else str(k + 1)
        data += [_lean(trace) | {"xaxis": f"x{number}"} for trace in survival.plot(way, view)["data"][:-1]]
        days = theme.day_axis(
            view, (start_day, last), low=survival.lowest(start_day, last), domain=[start, start + width], anchor="y"
        )
        axes[f"xaxis{number}"] = days | {"tickvals": _days(start_day, last, view)}
        notes.append(_head(way, start, view))
    final = {p.arm: p.survival for p in w.ways[-1].curve}  # the dict keeps each arm's last
    notes += _names(final, arms, last, view, number=len(w.ways), left=margin[0])
    return {
        "data": data,
        "layout": theme.layout(
            view,
            height=theme.tall(HEIGHT, view, 0.8),
            margin=margin,
            annotations=notes,
            meta={"narrowBelow": NARROW_BELOW},
            yaxis=parts.percent_axis(view),
            **axes,
        ),
    }


def _lean(trace: Trace) -> Trace:
    """A trace of the large figure for a small panel."""
    if "line" in trace and trace["line"].get("width", 0) > 2:
        return trace | {"line": trace["line"] | {"width": 2}}
    if trace["mode"] == "markers":
        return trace | {"marker": trace["marker"] | {"size": 8}}
    return trace


def _days(first: int, last: int, view: ViewSpec) -> list[int]:
    """The first day, the last, and on a wide page what fits between."""
    if view.narrow:
        return sorted({first, last})
    return theme.day_ticks(first, last, ViewSpec(narrow=True))


def _head(way: TimeToEvent, start: float, view: ViewSpec) -> dict[str, Any]:
    """What dropout is here, and the test that compares the arms."""
    heading = DropoutRule(way.dropout).about.head
    bold = f"<b>{heading.replace(' ', '<br>', 1)}</b>" if view.narrow else f"<b>{heading}</b>"
    test = theme.safe(way.test.in_full, 24)
    muted = theme.ink(view).muted
    return theme.note(
        f'{bold}<br><span style="color:{muted}">{test}</span>',
        view,
        xref="paper",
        x=start,
        xanchor="left",
        yref="paper",
        y=1,
        yanchor="bottom",
        yshift=4,
        align="left",
    )


def _names(
    ends: dict[str, float], arms: tuple[str, str], last: int, view: ViewSpec, *, number: int, left: int
) -> list[dict[str, Any]]:
    """The arms' names once: at the ends of the last panel's lines, or on a phone above the panels."""
    notes = parts.arm_labels(ends, arms, last, view, plot_px=theme.tall(HEIGHT, view, 0.8) - MARGIN[2] - MARGIN[3])
    if view.narrow:
        return [note | {"yshift": 62, "xshift": 2 - left} for note in notes]
    return [note | {"xref": f"x{number}" if number > 1 else "x"} for note in notes]
