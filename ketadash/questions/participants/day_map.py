"""Every day of every participant as a map, and one participant's days."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ketadash.core.spec import ViewSpec
from ketadash.questions.participants.states import PALE, STATES, colour_of
from ketadash.questions.participants.words import day as day_of
from ketadash.questions.shared import parts, theme
from ketadash.questions.shared.theme import Figure, Trace
from ketadash.results.people import DayMap, DayState


@dataclass(frozen=True, slots=True)
class Place:
    """Where an arm's block stands (shares of the plot's height), and whether its rows are named."""

    low: float
    high: float
    named: bool


ROW_PX, MOST_PX, HEAD_PX, MOMENT_PX = 14, 1000, 26, 16
SIGNED_ROWS, SIGNED_DAYS = 80, 60  # more, and a cell is too small for a sign


def plot(result: DayMap, view: ViewSpec, *, day_zero: str | None = None) -> Figure:
    """One row a participant, one column a day, a block for each arm, the days before the window paler.

    Per arm, control first: the days before the window (if there are any), then the window; ``z`` holds `DayState`.
    """
    n_rows = len(result.participant_ids)
    sizes = [int((~result.active).sum()), int(result.active.sum())]
    moment = _moment(result, view, day_zero)
    head = HEAD_PX + (MOMENT_PX if moment else 0)
    heads = head + HEAD_PX
    height = round(heads + n_rows * max(min(ROW_PX, MOST_PX / n_rows), 1.0)) + 40 + 46
    margin = (16, 14, 62, 46) if view.narrow else (60, 12, 40, 46)
    inner = height - margin[2] - margin[3]
    row_px = (inner - heads) / n_rows  # a narrow figure's key takes more lines, and its rows give the room
    notes, axes = [_key_note(result, view, left=margin[0]), *moment], {}
    data: list[Trace] = []
    shapes: list[dict[str, Any]] = []
    for k, top in enumerate((head, heads + sizes[0] * row_px)):
        low = max(1 - (top + sizes[k] * row_px) / inner, 0.0)  # rounding may put the last row's end just below 0
        place = Place(low, 1 - top / inner, not view.narrow and row_px >= 11)
        ids = [p for p, a in zip(result.participant_ids, result.active, strict=True) if a == bool(k)]
        data += _block(result, bool(k), _labels(ids), "y2" if k else "y", view)
        axes["yaxis2" if k else "yaxis"] = _rows_axis(ids, place, view)
        notes.append(_arm_name(result, k, place, view))
        if int(result.days[0]) < result.window[0]:
            shapes.append(parts.upright(result.window[0] - 0.5, view) | {"y0": place.low, "y1": place.high})
    first, last = int(result.days[0]), int(result.days[-1])
    return {
        "data": data,
        "layout": theme.layout(
            view,
            height=height,
            margin=margin,
            annotations=notes,
            shapes=shapes,
            xaxis=theme.day_axis(view, (first, last), anchor="y2"),
            **axes,
        ),
    }


def participant_of(figure: Figure, result: DayMap, clicked: dict[str, Any]) -> str | None:
    """Whose row a click met, None where it met none."""
    traces, point = figure["data"], clicked["point"]
    if not isinstance(point, list) or not 0 <= clicked["trace"] < len(traces):
        return None
    active = traces[clicked["trace"]].get("yaxis") == "y2"
    own = [i for i, a in zip(result.participant_ids, result.active, strict=True) if a == active]
    return own[point[0]] if 0 <= point[0] < len(own) else None


def _rows_axis(ids: list[str], place: Place, view: ViewSpec) -> dict[str, Any]:
    """One row a participant, from the top down; named where there is room."""
    shown = {"tickvals": _labels(ids), "ticktext": [theme.safe(i, 9) for i in ids]} if place.named else {"tickvals": []}
    return theme.axis(
        view,
        type="category",
        domain=[place.low, place.high],
        range=[len(ids) - 0.5, -0.5],
        showgrid=False,
        fixedrange=True,
        anchor="x",
        showticklabels=place.named,
        tickfont={"size": 10, "color": theme.ink(view).muted},
        **shown,
    )


def _arm_name(result: DayMap, k: int, place: Place, view: ViewSpec) -> dict[str, Any]:
    """The arm's name and size above its block."""
    arm, n = result.arms[k], int((result.active == bool(k)).sum())
    return theme.note(
        f"<b>{theme.safe(arm, 24 if view.narrow else 60)}</b>, {n:,} participants",
        view,
        xref="paper",
        x=0,
        xanchor="left",
        yref="paper",
        y=place.high,
        yanchor="bottom",
        yshift=2,
        font={"size": 13, "color": theme.arm_ink(view, result.arms)[arm].colour},
    )


def _block(result: DayMap, active: bool, ids: list[str], axis: str, view: ViewSpec) -> list[Trace]:
    """One arm's heatmaps: before the window, and the window."""
    own = result.active == active
    before = result.days < result.window[0]
    made = []
    for when, opacity, part in ((before, PALE, "before the window"), (~before, 1.0, "window")):
        if not when.any():
            continue
        state, amount = result.state[np.ix_(own, when)], result.amount[np.ix_(own, when)]
        made.append(
            {
                "type": "heatmap",
                "name": f"{theme.safe(result.arms[int(active)])}, {part}",
                "x": [int(d) for d in result.days[when]],
                "y": ids,
                "z": state.tolist(),
                "yaxis": axis,
                "zmin": -0.5,
                "zmax": len(DayState) - 0.5,
                "colorscale": amount_scale(view),
                "showscale": False,
                "opacity": opacity,
                "xgap": 1 if len(result.days) <= SIGNED_DAYS else 0,
                "ygap": 1 if len(result.participant_ids) <= SIGNED_ROWS else 0,
                "customdata": _cells(state, amount),
                "hovertemplate": "<b>%{y}</b>, day %{x}<br>%{customdata}<extra></extra>",
                **_signs(result, state, view),
            }
        )
    return made


def _signs(result: DayMap, state: np.ndarray, view: ViewSpec) -> dict[str, Any]:
    """Signs inside the cells, where they are large enough."""
    if not _signed(result):
        return {}
    signs = np.array([STATES[s].sign for s in DayState], dtype=object)[state].tolist()
    # plotly writes a light sign on a dark cell by itself
    return {"text": signs, "texttemplate": "%{text}", "textfont": {"size": 8 if view.narrow else 9}}


def _signed(result: DayMap) -> bool:
    return len(result.participant_ids) <= SIGNED_ROWS and len(result.days) <= SIGNED_DAYS


def _cells(state: np.ndarray, amount: np.ndarray) -> list[list[str]]:
    """Every cell in words; each kind of cell is put into words once, as a large map has a hundred thousand."""
    amounts, which = np.unique(np.nan_to_num(amount, nan=-1.0), return_inverse=True)
    kind = which.reshape(state.shape) * len(DayState) + state
    kinds, place = np.unique(kind, return_inverse=True)
    words = [_day_text(k % len(DayState), float(amounts[k // len(DayState)])) for k in kinds.tolist()]
    texts: list[list[str]] = np.array(words, dtype=object)[place.reshape(state.shape)].tolist()
    return texts


def _day_text(state: int, amount: float) -> str:
    """A cell in words."""
    if state == DayState.MISSING:
        return "not reported"
    if state == DayState.OVERRIDDEN:
        return "0 reported, test positive"
    if state == DayState.UNKNOWN_AMOUNT:
        return "use reported, amount unknown"
    return f"{amount:g}" + (", heavy" if state == DayState.HEAVY else "")


def amount_scale(view: ViewSpec) -> list[list[Any]]:
    """A colour scale of steps, one a state."""
    n = len(DayState)
    return [[(s + edge) / n, colour_of(s, view)] for s in DayState for edge in (0, 1)]


def _labels(ids: list[str]) -> list[str]:
    """Ids safe to show; numbered where two would read alike, since rows of one name would be drawn as one."""
    shown = [theme.safe(i, 30) for i in ids]
    return shown if len(set(shown)) == len(shown) else [f"{k + 1}: {i}" for k, i in enumerate(shown)]


def _key_note(result: DayMap, view: ViewSpec, *, left: int) -> dict[str, Any]:
    """The key above the map: of the kinds of day that it has."""
    present = [s for s in DayState if (result.state == s).any()]
    items = []
    for s in present:
        meaning = day_of(s, result.terms, result.can_tell_heavy)
        swatch = f'<span style="color:{colour_of(s, view)}">█</span>'
        items.append(f"{swatch} {meaning}" + (f" ({STATES[s].sign})" if STATES[s].sign and _signed(result) else ""))
    rows = [items[:2], items[2:4], items[4:]] if view.narrow else [items[:3], items[3:]]
    text = "<br>".join(" &nbsp; ".join(row) for row in rows if row)
    return theme.above(text, view, left=left, up=2, align="left")


def _moment(result: DayMap, view: ViewSpec, day_zero: str | None) -> list[dict[str, Any]]:
    """What happened on day 0, written above its column."""
    if day_zero is None or not int(result.days[0]) <= 0 <= int(result.days[-1]):
        return []
    return [
        theme.note(
            theme.safe(day_zero, 24),
            view,
            x=0,
            xref="x",
            y=1,
            yref="paper",
            xanchor="center",
            yanchor="top",
            font=parts.muted(view),
        )
    ]
