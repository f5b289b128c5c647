"""Pieces that several figures are made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ketadash.core.spec import ViewSpec
from ketadash.questions.shared import theme
from ketadash.questions.shared.theme import Trace
from ketadash.results import CurvePoint

GLYPHS = {"square": "■", "circle": "●"}  # each arm's marker as text
HEAD_PX, KEYED_PX = 48, 66  # above a plot: for two lines, and on a phone for a third that names the arms


def arm_labels(
    ends: dict[str, float], arms: tuple[str, str], last: int, view: ViewSpec, *, plot_px: float, top: float = 1.02
) -> list[dict[str, Any]]:
    """Name each arm: beside its line's end (moved apart where lines meet), or above the plot on a phone."""
    inks = theme.arm_ink(view, arms)
    if view.narrow:
        key = " &nbsp; ".join(
            f'<span style="color:{i.colour}">{GLYPHS[i.symbol]} {theme.label(a, view)}</span>' for a, i in inks.items()
        )
        return [theme.above(key, view, up=6, font={"size": 13, "color": theme.ink(view).text}, name="arms")]
    gap = theme.LABEL_PX / plot_px * (top + 0.02)
    names = list(ends)
    heights = theme.dodge([ends[a] for a in names], gap, gap / 2 - 0.02, top - gap / 2)
    return [
        theme.note(
            theme.label(a, view),
            view,
            x=last + 0.5,
            y=y,
            xanchor="left",
            yanchor="middle",
            xshift=6,
            font={"size": 13, "color": inks[a].colour},
            name=theme.safe(a),
        )
        for a, y in zip(names, heights, strict=True)
    ]


def of_arm(arm: str, traces: Sequence[Trace]) -> list[Trace]:
    """The traces of an arm, known as such: the reader may hide it (`plot.js`)."""
    return [trace | {"legendgroup": theme.safe(arm)} for trace in traces]


def can_hide(arms: tuple[str, str], view: ViewSpec) -> dict[str, Any]:
    """What a figure says of its arms for them to be hidden: their names in full and as its key has them."""
    return {
        "arms": [
            {
                "name": theme.safe(arm),
                "label": theme.label(arm, view),
                "colour": ink.colour,
                "glyph": GLYPHS[ink.symbol],
            }
            for arm, ink in theme.arm_ink(view, arms).items()
        ]
    }


def headed(heading: str, key: str, view: ViewSpec, *, left: int) -> list[dict[str, Any]]:
    """What the vertical axis shows and, on a line below, what points, lines and bands are, in a word.

    Needs `HEAD_PX` above the plot, on a phone `KEYED_PX`: there the arms are named below both.
    """
    up = theme.LABEL_PX + 6 if view.narrow else 8
    place = {"xref": "paper", "yref": "paper", "x": 0, "y": 1, "xanchor": "left", "yanchor": "bottom"}
    return [
        theme.heading(heading, view, left=left, up=up + theme.LABEL_PX),
        theme.note(key, view, xshift=-left, yshift=up, font=muted(view), name="key", **place),
    ]


def band(points: Sequence[CurvePoint], colour: str) -> Trace:
    """The interval around a curve."""
    return closed([p.day for p in points], [p.ci_low for p in points], [p.ci_high for p in points], colour)


def closed(x: list[int], low: list[float], high: list[float], colour: str) -> Trace:
    """The shape between `low` and `high`: along the top, and back along the bottom."""
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x + x[::-1],
        "y": high + low[::-1],
        "hoverinfo": "skip",
        "fill": "toself",
        "fillcolor": colour,
        "line": {"width": 0, "color": theme.CLEAR},
    }


def percent_axis(view: ViewSpec, **changes: Any) -> dict[str, Any]:
    """Fractions 0 to 1 shown as 0% to 100%, a little air at both ends so that a line at the edge is seen."""
    return theme.axis(view, **({"range": [-0.02, 1.02], "nticks": 6, "tickformat": "~%"} | changes))


def padded(low: float, high: float, *, least: float) -> list[float]:
    """A range around ``low … high`` with air, `least` or more on either side of 0, and never beyond ±100%."""
    air = 0.12 * max(high - low, least)
    return [max(min(low - air, -least), -1.05), min(max(high + air, least), 1.05)]


def level(y: float, view: ViewSpec) -> dict[str, Any]:
    """A line across the plot, such as that of no difference."""
    line = {"color": theme.ink(view).zero, "width": 1.2}
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": y, "y1": y, "line": line, "layer": "below"}


def upright(x: float, view: ViewSpec) -> dict[str, Any]:
    """A dotted line from bottom to top, marking a moment."""
    line = {"color": theme.ink(view).muted, "width": 1, "dash": "dot"}
    return {"type": "line", "yref": "paper", "x0": x, "x1": x, "y0": 0, "y1": 1, "line": line, "layer": "below"}


def percent(fraction: float) -> str:
    """``0.95`` as ``95%``."""
    return f"{100 * fraction:g}%"


def muted(view: ViewSpec) -> dict[str, Any]:
    """The font of what stands back: directions, counts, moments."""
    return {"color": theme.ink(view).muted, "size": 12 if view.narrow else 13}
