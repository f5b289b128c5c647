"""The tipping map: the difference over both arms' assumptions about missing days, and where the verdict tips."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ketadash.core.numbers import signed_points
from ketadash.core.spec import ViewSpec
from ketadash.questions.missing_days import dial
from ketadash.questions.missing_days.label_places import SIDES, Box, box_at, free, on_the_wrong_side
from ketadash.questions.missing_days.tipping_strip import blend
from ketadash.questions.shared import parts, theme
from ketadash.questions.shared.theme import Figure, Trace
from ketadash.results.sensitivity import TippingMap

# left, right, top, bottom; top and bottom are the same on either screen
HEIGHT, MARGIN, MARGIN_NARROW = 470, (132, 34, 66, 78), (74, 32, 66, 78)
LEAST_PX = (dial.NARROW_BELOW, 320)  # of the narrowest page that shows the (wide, narrow) figure
CHAR_PX, MARK_PX, LINE_PX = 6.6, 10, 15  # a label's letter, half a mark with air, a line of a label
# From control better through no difference to active better; the middle is not the paper's colour.
SCALE = (("#E08B62", "#9A4A28"), ("#E6E9EC", "#2A353C"), ("#6FB2DB", "#20699C"))
LIMIT = ("interval includes<br>no difference", "interval<br>includes no<br>difference")  # the wider one first


def plot(tm: TippingMap, view: ViewSpec, *, odds_ratios: tuple[float, float] | None = None) -> Figure:
    """Control arm's odds ratio across, active arm's upwards; a line along one arm's where the other has no missing day.

    Parameters
    ----------
    tm
        The map as far as its cells are computed; at least one arm varies.
    view
        Appearance.
    here
        Where the dial stands: odds ratios of (control, active).

    Returns
    -------
    Figure
        First the heatmap of differences; ``customdata`` holds a cell's places among the stops (control, active).
    """
    if not all(tm.varies):
        return dial.one_arm(tm, view, odds_ratios=odds_ratios)
    margin = MARGIN_NARROW if view.narrow else MARGIN
    upright = _above(f"↑ {dial.ratio_title(tm.arms[1], view)}", 4, view, font=parts.muted(view))
    labels = _labels(tm, view, odds_ratios)
    named = any(note["text"] in LIMIT for note in labels)
    notes = [_heading(tm, view), _key(tm, view, named=named), upright]
    data = [_cells(tm, view), _failed(tm, view), _contour(tm, view), _marks(tm, view, odds_ratios)]
    last = len(tm.stops) - 1
    side = {
        "range": [-0.5, last + 0.5],
        "tickvals": list(range(last + 1)),
        "showgrid": False,
        "fixedrange": True,
        "tickangle": 0,
        "tickfont": {"size": 11 if view.narrow else 12, "color": theme.ink(view).muted},
    }
    return {
        "data": data,
        "layout": theme.layout(
            view,
            height=HEIGHT,
            margin=margin,
            annotations=notes + labels,
            meta={"narrowBelow": dial.NARROW_BELOW},
            xaxis=theme.axis(
                view,
                **side,
                ticktext=dial.stop_labels(tm.stops, view, tm.terms),
                title=theme.title(dial.ratio_title(tm.arms[0], view), view),
            ),
            yaxis=theme.axis(view, **side, ticktext=dial.stop_labels(tm.stops, view, tm.terms, beside=True)),
        ),
    }


def stops_of(figure: Figure, clicked: dict[str, Any]) -> tuple[int, int] | None:
    """The places among the stops (control, active) of a click, None where it met nothing that has one."""
    traces, point = figure["data"], clicked["point"]
    trace = traces[clicked["trace"]] if 0 <= clicked["trace"] < len(traces) else {}
    if trace.get("name") not in ("difference", "marks"):
        return None
    at = trace["customdata"]
    for k in point if isinstance(point, list) else [point]:  # [row, column] in the map, one place on a line
        if not isinstance(at, list) or not 0 <= k < len(at):
            return None
        at = at[k]
    pair = isinstance(at, list) and len(at) == 2 and all(isinstance(k, int) for k in at)
    return (at[0], at[1]) if pair else None


def _cells(tm: TippingMap, view: ViewSpec) -> Trace:
    control, active = (theme.safe(a, 40) for a in tm.arms)
    n, most = len(tm.stops), _most(tm)
    names = [dial.stop_name(s) for s in tm.stops]
    hover = [[_hover(tm, i, j, names, (control, active)) for i in range(n)] for j in range(n)]
    return {
        "type": "heatmap",
        "name": "difference",
        "x": list(range(n)),
        "y": list(range(n)),
        "z": [[_finite(v) for v in row] for row in tm.estimate.T.tolist()],
        "zmin": -most,
        "zmax": most,
        "colorscale": [[k / 2, SCALE[k][view.dark]] for k in range(3)],
        "showscale": False,
        "xgap": 1,
        "ygap": 1,
        "customdata": [[[i, j] for i in range(n)] for j in range(n)],
        "hovertext": hover,
        "hoverongaps": True,
        "hovertemplate": "%{hovertext}<extra></extra>",
    }


def _hover(tm: TippingMap, i: int, j: int, names: Sequence[str], arms: tuple[str, str]) -> str:
    corner = next((f"<b>{name.capitalize()}</b><br>" for name, *at in corners(tm) if at == [i, j]), "")
    where = f"{corner}Odds ratio {names[i]} in {arms[0]}, {names[j]} in {arms[1]}"
    e, low, high = (float(grid[i, j]) for grid in (tm.estimate, tm.ci_low, tm.ci_high))
    if math.isnan(e):
        return f"{where}<br>{_why_empty(tm)}"
    return f"{where}<br>{dial.difference_text(e, low, high, tm.confidence)}"


def _why_empty(tm: TippingMap) -> str:
    return "not computed yet" if tm.n_done < tm.n_cells else "no finite answer"


def _finite(v: float) -> float | None:
    return v if math.isfinite(v) else None


def _most(tm: TippingMap) -> float:
    """Where the colours end: the largest difference, of either sign, rounded up to 10 points."""
    known = np.abs(tm.estimate[np.isfinite(tm.estimate)])
    return max(math.ceil(10 * float(known.max(initial=0.0))) / 10, 0.1)


def _failed(tm: TippingMap, view: ViewSpec) -> Trace:
    """A cross in each cell that has no answer; those still to be computed are empty."""
    cells_failed = np.argwhere(np.isnan(tm.estimate)) if tm.n_done == tm.n_cells else np.zeros((0, 2), dtype=int)
    control, active = cells_failed.T.tolist()
    return {
        "type": "scatter",
        "mode": "text",
        "name": "no answer",
        "x": control,
        "y": active,
        "text": ["×"] * len(control),
        "textfont": {"size": 13, "color": theme.ink(view).muted},
        "customdata": cells_failed.tolist(),
        "hoverinfo": "skip",
    }


def _contour(tm: TippingMap, view: ViewSpec) -> Trace:
    """Where the interval reaches no difference, drawn on to the edges of the outermost cells."""
    n = len(tm.stops)
    at = [-0.5, *range(n), n - 0.5]
    margin = np.pad(tm.margin.T, 1, mode="edge")
    return {
        "type": "contour",
        "name": "interval reaches zero",
        "x": at,
        "y": at,
        "z": [[_finite(v) for v in row] for row in margin.tolist()],
        "showscale": False,
        "hoverinfo": "skip",
        "autocontour": False,
        "contours": {"start": 0, "end": 0, "size": 1, "coloring": "none"},
        "line": {"color": theme.ink(view).text, "width": 3, "smoothing": 0},
    }


def corners(tm: TippingMap) -> list[tuple[str, int, int]]:
    """The assumptions that have a name: (name, control's stop, active's stop)."""
    last, middle = len(tm.stops) - 1, tm.stops.index(1.0)
    return [
        (f"both {tm.terms.use}", 0, 0),
        ("like reported", middle, middle),
        ("best case", 0, last),
        ("worst case", last, 0),
    ]


def _marks(tm: TippingMap, view: ViewSpec, odds_ratios: tuple[float, float] | None) -> Trace:
    """The named assumptions as small rings, and the dial as a filled one."""
    named = corners(tm)
    x: list[float] = [i for _, i, _ in named]
    y: list[float] = [j for _, _, j in named]
    symbols, sizes, where = ["circle-open"] * len(named), [8] * len(named), [[i, j] for _, i, j in named]
    if odds_ratios is not None:
        at = [dial.place(tm.stops, v) for v in odds_ratios]
        x, y = [*x, at[0]], [*y, at[1]]
        symbols, sizes, where = [*symbols, "star-diamond"], [*sizes, 15], [*where, [round(a) for a in at]]
    colours = theme.ink(view)
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "marks",
        "x": x,
        "y": y,
        "customdata": where,
        "marker": {
            "symbol": symbols,
            "size": sizes,
            "color": colours.text,
            "opacity": 1,
            "line": {"width": 1.5, "color": [colours.text] * len(named) + [colours.paper]},
        },
        "hoverinfo": "skip",
    }


def _labels(tm: TippingMap, view: ViewSpec, odds_ratios: tuple[float, float] | None) -> list[dict[str, Any]]:
    """Names of the marks and of the side of the line that holds no difference, each where it meets neither the line nor
    another; a mark whose name has no such place is named by the hover alone.
    """
    cell = cell_px(view)
    wanted = [(name, float(i), float(j)) for name, i, j in corners(tm)]
    if odds_ratios is not None:
        wanted.insert(0, ("now", dial.place(tm.stops, odds_ratios[0]), dial.place(tm.stops, odds_ratios[1])))
    half = (MARK_PX / cell[0], MARK_PX / cell[1])
    taken: list[Box] = [(x - half[0], x + half[0], y - half[1], y + half[1]) for _, x, y in wanted]
    if tm.n_done == tm.n_cells:
        taken += [(i - 0.4, i + 0.4, j - 0.4, j + 0.4) for i, j in np.argwhere(np.isnan(tm.estimate)).tolist()]
    notes = []
    for name, x, y in wanted:
        size = (CHAR_PX * len(name) / cell[0], LINE_PX / cell[1])
        for side in SIDES:
            box = box_at((x, y), size, side, half)
            if free(box, tm, taken, (x, y)):
                taken.append(box)
                notes.append(_beside(f"<b>{name}</b>" if name == "now" else name, (x, y), side, view))
                break
    return [*notes, *_limit(tm, view, taken)]


def _limit(tm: TippingMap, view: ViewSpec, taken: Sequence[Box]) -> list[dict[str, Any]]:
    """On which side of the line intervals include no difference."""
    cell = cell_px(view)
    for text in LIMIT if _has_line(tm) else ():
        lines = text.split("<br>")
        size = (CHAR_PX * max(map(len, lines)) / cell[0], LINE_PX * len(lines) / cell[1])
        box = on_the_wrong_side(tm, size, taken)
        if box is not None:
            return [
                theme.note(
                    text,
                    view,
                    x=(box[0] + box[1]) / 2,
                    y=(box[2] + box[3]) / 2,
                    xanchor="center",
                    yanchor="middle",
                    font=_font(view),
                )
            ]
    return []


def _has_line(tm: TippingMap) -> bool:
    return bool((tm.margin > 0).any() and (tm.margin < 0).any())


def cell_px(view: ViewSpec) -> tuple[float, float]:
    """How large a cell is on the narrowest page."""
    left, right, top, bottom = MARGIN_NARROW if view.narrow else MARGIN
    return (LEAST_PX[view.narrow] - left - right) / 11, (HEIGHT - top - bottom) / 11


def _font(view: ViewSpec) -> dict[str, Any]:
    return {"size": 12, "color": theme.ink(view).text}


def _beside(text: str, at: tuple[float, float], side: tuple[int, int], view: ViewSpec) -> dict[str, Any]:
    """A label at a mark, a fixed number of pixels away."""
    across = {1: "left", 0: "center", -1: "right"}[side[0]]
    up = {1: "bottom", 0: "middle", -1: "top"}[side[1]]
    return theme.note(
        text,
        view,
        x=at[0],
        y=at[1],
        xanchor=across,
        yanchor=up,
        xshift=side[0] * MARK_PX,
        yshift=side[1] * MARK_PX,
        font=_font(view),
    )


def _heading(tm: TippingMap, view: ViewSpec) -> dict[str, Any]:
    control, active = (theme.label(a, view) for a in tm.arms)
    what = f"{'Abstinence,' if view.narrow else 'Difference in abstinence on'} day {tm.last_day}"
    if view.narrow and len(active) + len(control) > 20:
        what = f"Day {tm.last_day}"
    return _above(f"<b>{what}, {active} − {control}</b>", 42, view)


def _above(text: str, up: int, view: ViewSpec, **changes: Any) -> dict[str, Any]:
    """A line of text `up` pixels above the map, from the figure's left edge."""
    left = (MARGIN_NARROW if view.narrow else MARGIN)[0]
    return theme.above(text, view, left=left - 2, up=up, **changes)


def _key(tm: TippingMap, view: ViewSpec, *, named: bool) -> dict[str, Any]:
    """What the colours mean, and the line where no label says it."""
    most = _most(tm)
    swatches = [
        f'<span style="color:{_colour(f, view)}">█</span> {signed_points(f * most)}' for f in (-1, -0.5, 0, 0.5, 1)
    ]
    text = "" if view.narrow else " points"
    known = tm.margin[np.isfinite(tm.margin)]
    if tm.n_done < tm.n_cells:
        text += f" &nbsp; {tm.n_done} of {tm.n_cells} cells"
    elif len(known) and ((known > 0).all() or (known < 0).all()):
        short, long = "all incl. 0", "every interval includes zero"
        if (known > 0).all():
            short, long = "all excl. 0", "no interval includes zero"
        text += f" &nbsp; {short if view.narrow else long}"
    elif _has_line(tm) and not named:
        text += f" &nbsp; line: interval {'at 0' if view.narrow else 'reaches zero'}"
    return _above(" ".join(swatches) + text, 23, view, font=parts.muted(view))


def _colour(f: float, view: ViewSpec) -> str:
    """The scale's colour at −1 … 1."""
    return blend(SCALE[1][view.dark], SCALE[2 if f > 0 else 0][view.dark], abs(f))
