"""WHO risk levels before and after as streams, an arm beside the other: an alluvial picture."""

from __future__ import annotations

from typing import Any

from ketadash.core.numbers import count_text
from ketadash.core.spec import ViewSpec
from ketadash.questions.shared import theme
from ketadash.questions.shared.theme import Figure, Trace
from ketadash.results.endpoints import Flow

HEIGHT = 480  # wide or narrow: a page has one height for both
AIR = 0.02  # between two levels, share of the height
BLOCK = 0.035  # a level's width at either end
POINTS = 16  # of a stream's edge
OPACITY = (0.22, 0.34, 0.5, 0.68, 0.88, 0.14)  # of a level's streams, abstinent to very high, then unknown
LABEL_PX = 16  # that a level's name needs


def plot(flow: Flow, view: ViewSpec) -> Figure:
    """The control arm's streams, then the active arm's; each trace a stream, coloured by the level it came from."""
    data: list[Trace] = []
    notes: list[dict[str, Any]] = []
    axes: dict[str, Any] = {}
    across = view.narrow  # panels one below the other
    for k, arm in enumerate(flow.arms):
        number = "" if k == 0 else "2"
        low, high = (0.0, 0.46) if k == 0 else (0.54, 1.0)
        where = {"x": [0.0, 1.0], "y": [1 - high, 1 - low]} if across else {"x": [low, high], "y": [0.0, 1.0]}
        axes[f"xaxis{number}"] = _hidden(view, [-0.37, 1.37], where["x"], f"y{number}")
        axes[f"yaxis{number}"] = _hidden(view, [1.08, -0.08], where["y"], f"x{number}")
        traces, names = _arm(flow, k, number, view)
        data += traces
        notes += names
        ink = theme.ink(view).arms[k].colour
        notes.append(
            theme.note(
                f"<b>{theme.label(arm, view)}</b> (n = {round(sum(map(sum, flow.counts[k])), 1):,.6g})",
                view,
                xref=f"x{number}",
                yref=f"y{number}",
                x=0.5,
                y=-0.03,
                yanchor="bottom",
                font={"color": ink, "size": 13},
            )
        )
    height = theme.tall(HEIGHT, view, 0.8)
    return {
        "data": data,
        "layout": theme.layout(view, height=height, margin=(6, 6, 10, 6), annotations=notes, **axes),
    }


def _hidden(view: ViewSpec, reach: list[float], domain: list[float], anchor: str) -> dict[str, Any]:
    return theme.axis(view, range=reach, domain=domain, anchor=anchor, visible=False, fixedrange=True)


def _arm(flow: Flow, k: int, number: str, view: ViewSpec) -> tuple[list[Trace], list[dict[str, Any]]]:
    counts = flow.counts[k]
    levels = range(len(flow.levels))
    before = [sum(counts[b]) for b in levels]
    after = [sum(counts[b][a] for b in levels) for a in levels]
    total = sum(before)
    if not total:
        return [], []
    scale = _scale(before, after)
    left, right = _tops(before, total, scale), _tops(after, total, scale)
    ink = theme.ink(view).arms[k].colour
    traces = []
    used_left, used_right = list(left), list(right)
    for b in _order(levels):
        for a in _order(levels):
            width = scale * counts[b][a] / total
            if width <= 0:
                continue
            traces.append(_stream(used_left[b], used_right[a], width, _what(flow, b, a, counts[b][a]), number))
            traces[-1] |= {"fillcolor": ink, "opacity": OPACITY[b]}
            used_left[b] += width
            used_right[a] += width
    notes = [
        *_names(flow, before, left, total, 0.0, number, scale, view),
        *_names(flow, after, right, total, 1.0, number, scale, view),
    ]
    return traces, notes


def _scale(before: list[float], after: list[float]) -> float:
    """The height that all people take, which leaves air between the levels on the side with more of them."""
    gaps = max(sum(c > 0 for c in side) for side in (before, after)) - 1
    return 1 - AIR * max(gaps, 0)


def _tops(counts: list[float], total: float, scale: float) -> list[float]:
    """Where each level begins, the highest level on top and unknown at the bottom."""
    tops, at = [0.0] * len(counts), 0.0
    for i in _order(range(len(counts))):
        tops[i] = at
        if counts[i] > 0:
            at += scale * counts[i] / total + AIR
    return tops


def _order(levels: range) -> list[int]:
    """Levels from the top of the picture down: the highest first, unknown last."""
    return [*reversed(levels[:-1]), levels[-1]]


def _what(flow: Flow, b: int, a: int, count: float) -> str:
    return f"{flow.levels[b]} before, {flow.levels[a]} after: {count_text(count)}"


def _stream(top_left: float, top_right: float, width: float, text: str, number: str) -> Trace:
    """A band from the left to the right whose edges bend as a smooth step."""
    share = [i / (POINTS - 1) for i in range(POINTS)]
    bend = [s * s * (3 - 2 * s) for s in share]
    x = [BLOCK + s * (1 - 2 * BLOCK) for s in share]
    upper = [top_left + w * (top_right - top_left) for w in bend]
    x, upper = [0.0, *x, 1.0], [top_left, *upper, top_right]
    lower = [y + width for y in upper]
    return {
        "type": "scatter",
        "mode": "lines",
        "xaxis": f"x{number}",
        "yaxis": f"y{number}",
        "x": x + x[::-1],
        "y": upper + lower[::-1],
        "fill": "toself",
        "line": {"width": 0, "color": theme.CLEAR},
        "hoveron": "fills",
        "text": theme.safe(text),
        "hoverinfo": "text",
    }


def _names(
    flow: Flow,
    counts: list[float],
    tops: list[float],
    total: float,
    x: float,
    number: str,
    scale: float,
    view: ViewSpec,
) -> list[dict[str, Any]]:
    """Each level that has people, beside its block."""
    notes, places = [], [tops[i] + scale * counts[i] / total / 2 for i in range(len(counts))]
    shown = [i for i in range(len(counts)) if counts[i] > 0]
    plot_px = HEIGHT * (0.4 if view.narrow else 0.86)
    moved = theme.dodge([places[i] for i in shown], LABEL_PX / plot_px, 0.0, 1.0)
    for i, y in zip(shown, moved, strict=True):
        text = f"{theme.safe(flow.levels[i])} {count_text(counts[i])}"
        side = {"xanchor": "right", "xshift": -5} if x == 0 else {"xanchor": "left", "xshift": 5}
        notes.append(theme.note(text, view, xref=f"x{number}", yref=f"y{number}", x=x, y=y, yanchor="middle", **side))
    return notes
