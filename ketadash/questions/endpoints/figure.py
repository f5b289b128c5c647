"""Every endpoint's difference with its interval: shares, amounts and days, and ratios, each group on its own scale."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ketadash.core.spec import ViewSpec
from ketadash.questions.endpoints import words
from ketadash.questions.shared import parts, theme
from ketadash.questions.shared.error_bars import error_bars
from ketadash.questions.shared.odds_ratio import ratio_ticks
from ketadash.questions.shared.theme import Figure, Trace
from ketadash.results.endpoints import EndpointResult, Endpoints

ROW_PX, SLIDE_ROW_PX, HEAD_PX, AXIS_PX = 36, 29, 26, 30  # wide or narrow: a page has one height for both
MARGIN, MARGIN_NARROW = (230, 190, 6, 6), (14, 14, 6, 6)
NARROW_BELOW = 720  # pixels: an endpoint's name, its interval and both arms' values beside each other
GROUPS = (
    ("percent", "Percentage points, {} − {}"),
    ("own", "In its own unit, {} − {}"),
    ("ratio", "Ratio of rates, {} ÷ {}"),
)


def plot(result: Endpoints, view: ViewSpec) -> Figure:
    """A panel a scale, from the top down; each trace holds one panel's differences, in the order of its rows."""
    panels = [(kind, head, [e for e in result.each if _kind(e) == kind and _drawn(e)]) for kind, head in GROUPS]
    panels = [panel for panel in panels if panel[2]]
    row = SLIDE_ROW_PX if view.presenting else ROW_PX
    arms = [theme.label(arm, view) for arm in reversed(result.arms)]
    heights = [HEAD_PX + row * len(each) + AXIS_PX for _, _, each in panels]
    total = max(sum(heights), 1)
    margin = MARGIN_NARROW if view.narrow else MARGIN
    data: list[Trace] = []
    notes, shapes, axes = list[dict[str, Any]](), list[dict[str, Any]](), dict[str, Any]()
    top = 0
    for k, ((kind, head, each), height) in enumerate(zip(panels, heights, strict=True)):
        number = "" if k == 0 else str(k + 1)
        high, low = 1 - (top + HEAD_PX) / total, 1 - (top + height - AXIS_PX) / total
        axes[f"xaxis{number}"] = _axis(kind, each, view, number)
        axes[f"yaxis{number}"] = _rows(len(each), [low, high], number, view)
        data.append(_intervals(each, result, number, view))
        notes += [_head(head.format(*arms), high, margin, view), *_names(each, number, margin, view)]
        shapes += _none(1.0 if kind == "ratio" else 0.0, len(each), number, view)
        top += height
    layout = theme.layout(
        view,
        height=total + margin[2] + margin[3],
        margin=margin,
        annotations=notes,
        shapes=shapes,
        meta={"narrowBelow": NARROW_BELOW},
        **axes,
    )
    return {"data": data, "layout": layout}


def _kind(e: EndpointResult) -> str:
    return "ratio" if e.is_ratio else "percent" if e.unit == "percent" else "own"


def _drawn(e: EndpointResult) -> bool:
    return e.difference.estimate is not None


def favours(e: EndpointResult) -> int:
    """1 where the estimate favours the active arm, −1 the control arm, 0 neither."""
    at = e.difference.estimate
    if at is None or at == (1.0 if e.is_ratio else 0.0):
        return 0
    more = at > (1.0 if e.is_ratio else 0.0)
    return 1 if more == e.good else -1


def clear(e: EndpointResult) -> bool:
    """Whether the interval leaves out no difference."""
    none, gap = (1.0 if e.is_ratio else 0.0), e.difference
    return gap.ci_low is not None and gap.ci_high is not None and (gap.ci_low > none or gap.ci_high < none)


def _intervals(each: Sequence[EndpointResult], result: Endpoints, number: str, view: ViewSpec) -> Trace:
    inks, colours = theme.ink(view).arms, theme.ink(view)
    style = {-1: (inks[0].symbol, inks[0].colour), 0: ("diamond", colours.text), 1: (inks[1].symbol, inks[1].colour)}
    chosen = [style[favours(e)] for e in each]
    ends = [(e.difference.ci_low, e.difference.estimate or 0.0, e.difference.ci_high) for e in each]
    return {
        "type": "scatter",
        "mode": "markers",
        "xaxis": f"x{number}",
        "yaxis": f"y{number}",
        "x": [at for _, at, _ in ends],
        "y": [i + (0.22 if view.narrow else 0.0) for i in range(len(each))],
        "error_x": error_bars(ends, colours.muted),
        "marker": {
            "size": 10,
            "color": [c for _, c in chosen],
            "symbol": [s if clear(e) else f"{s}-open" for (s, _), e in zip(chosen, each, strict=True)],
            "line": {"width": 2},
        },
        "customdata": [[theme.safe(e.label), theme.safe(words.sentence(e, result.confidence), 400)] for e in each],
        "hovertemplate": "%{customdata[1]}<extra></extra>",
    }


def _rows(n: int, domain: list[float], number: str, view: ViewSpec) -> dict[str, Any]:
    return theme.axis(view, range=[n - 0.5, -0.5], domain=domain, visible=False, fixedrange=True, anchor=f"x{number}")


def _axis(kind: str, each: Sequence[EndpointResult], view: ViewSpec, number: str) -> dict[str, Any]:
    none = 1.0 if kind == "ratio" else 0.0
    every = [v for e in each for v in (e.difference.estimate, e.difference.ci_low, e.difference.ci_high)]
    known = [v for v in every if v is not None]
    low, high = min([*known, none]), max([*known, none])
    base = {"showline": True, "ticks": "outside", "anchor": f"y{number}", "showgrid": not view.narrow}
    if kind == "ratio":
        low, high = max(low, 1e-3) / 1.1, min(high, 1e3) * 1.1
        ticks = ratio_ticks(low, high, most=4 if view.narrow else 6)
        reach = {"range": [math.log10(low), math.log10(high)], "tickvals": ticks, "ticktext": [f"{t:g}" for t in ticks]}
        return theme.axis(view, type="log", **base, **reach)
    air = 0.06 * max(high - low, 0.1)
    form = {"tickformat": "~%"} if kind == "percent" else {}
    return theme.axis(view, range=[low - air, high + air], nticks=5 if view.narrow else 8, **base, **form)


def _head(head: str, high: float, margin: tuple[int, int, int, int], view: ViewSpec) -> dict[str, Any]:
    place = {"xref": "paper", "yref": "paper", "x": 0, "y": high, "xanchor": "left", "yanchor": "bottom"}
    return theme.note(f"<b>{head}</b>", view, **place, xshift=4 - margin[0], yshift=4)


def _names(
    each: Sequence[EndpointResult], number: str, margin: tuple[int, int, int, int], view: ViewSpec
) -> list[dict[str, Any]]:
    """Each row's endpoint, and both arms' values: at its left and right, on a phone above the interval."""
    notes = []
    for i, e in enumerate(each):
        control, active = e.arms
        both = f"{words.value(e, active)} v {words.value(e, control)}"
        place = {"yref": f"y{number}", "xref": "paper", "y": i, "yanchor": "middle"}
        if view.narrow:
            text = f"{theme.safe(e.label, 34)} · {both}"
            notes.append(theme.note(text, view, x=0, xanchor="left", yshift=10, **place))
            continue
        notes.append(theme.note(theme.safe(e.label, 36), view, x=0, xanchor="left", xshift=4 - margin[0], **place))
        text = f"{both} &nbsp; {words.effect(e)}"
        notes.append(theme.note(text, view, x=1, xanchor="left", xshift=10, font=parts.muted(view), **place))
    return notes


def _none(at: float, n: int, number: str, view: ViewSpec) -> list[dict[str, Any]]:
    """The line of no difference through a panel of `n` rows; on a phone only beside the intervals, clear of names."""
    line = {"color": theme.ink(view).zero, "width": 1.2}
    axis = {"type": "line", "xref": f"x{number}", "layer": "below", "line": line, "x0": at, "x1": at}
    if not view.narrow:
        return [axis | {"yref": f"y{number} domain", "y0": 0, "y1": 1}]
    return [axis | {"yref": f"y{number}", "y0": i + 0.02, "y1": i + 0.46} for i in range(n)]
