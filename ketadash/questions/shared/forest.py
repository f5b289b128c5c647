"""Assumptions about the missing days side by side: risk difference and arm × day interaction, one a row."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ketadash.core.spec import ViewSpec
from ketadash.core.terms import Terms
from ketadash.questions.shared import parts, theme
from ketadash.questions.shared.error_bars import error_bars
from ketadash.questions.shared.odds_ratio import FURTHEST, ratio_ticks
from ketadash.questions.shared.theme import Figure, Trace
from ketadash.results import Estimate, Sensitivity, SensitivityRow

ROW_PX = 38  # room on a phone for the assumption above its interval
AROUND_PX = 102  # above and below the rows, wide or narrow: both are as high
NARROW_BELOW = 600  # pixels; names and counts beside two columns need more than a curve does
HEAD = "Missing days are"


def plot(result: Sensitivity, view: ViewSpec) -> Figure:
    """Two columns of intervals, the declared analysis marked, bounds hollow; a row without an estimate says so.

    The first trace holds the risk differences (fractions), the second the interactions (ratios of the arms' odds
    ratios per day, on a logarithmic axis), both in the order of the rows, without those that have no estimate.
    """
    n = len(result.rows)
    margin = (14, 14, 54, 48) if view.narrow else (190, 84, 34, 48)
    split = (0.47, 0.53)
    control, active = (theme.label(a, view) for a in result.arms)
    rows = range(n)
    notes = [note for i in rows for note in _row_notes(result.rows[i], i, result.terms, view, margin)]
    notes += [column_head(f"Difference on day {result.last_day}", 0, view), column_head("Arm × day", split[1], view)]
    notes += _table_heads(margin, view)
    axes = {
        "xaxis": interval_axis(
            [r.difference for r in result.rows],
            view,
            least=0.1,
            domain=[0, split[0]],
            tickformat="~%",
            title=theme.title(f"{active} − {control}", view),
        ),
        "xaxis2": ratio_axis(
            [r.interaction for r in result.rows],
            view,
            domain=[split[1], 1],
            title=theme.title("Ratio of odds ratios a day", view),
        ),
        "yaxis": theme.axis(view, range=[n - 0.5 + (0.15 if view.narrow else 0), -0.5], visible=False, fixedrange=True),
    }
    zeros = [line for axis, none in (("x", 0), ("x2", 1)) for line in _zeros(axis, none, result.rows, view)]
    return {
        "data": [_intervals(result, "difference", "x", view), _intervals(result, "interaction", "x2", view)],
        "layout": theme.layout(
            view,
            height=n * ROW_PX + AROUND_PX,
            margin=margin,
            annotations=notes,
            shapes=zeros + _published(result.rows, view),
            meta={"narrowBelow": NARROW_BELOW},
            **axes,
        ),
    }


def _table_heads(margin: tuple[int, int, int, int], view: ViewSpec) -> list[dict[str, Any]]:
    """What stands left and right of the intervals; on a phone, one line above them."""
    top = {"yref": "paper", "y": 1, "yanchor": "bottom"}
    if view.narrow:
        return [theme.note(HEAD, view, xref="paper", x=0, xanchor="left", **top, yshift=28, font=parts.muted(view))]
    right = {"xref": "paper", "x": 1, "xanchor": "right", "xshift": margin[1] - 4}
    return [
        _left(f"<b>{HEAD}</b>", margin, view, **top, yshift=8),
        theme.note("<b>Days used</b>", view, **right, **top, yshift=8),
    ]


def _intervals(result: Sensitivity, what: str, axis: str, view: ViewSpec) -> Trace:
    colours, known = theme.ink(view), []
    for i, row in enumerate(result.rows):
        value: Estimate = getattr(row, what)
        if row.failed is None and value.estimate is not None:
            known.append((i, row, value))
    down = 0.24 if view.narrow else 0.0
    form = "+.4~%" if what == "difference" else ".5~g"
    return {
        "type": "scatter",
        "mode": "markers",
        "name": what,
        "xaxis": axis,
        "x": [v.estimate for _, _, v in known],
        "y": [i + down for i, _, _ in known],
        "error_x": error_bars(((v.ci_low, v.estimate, v.ci_high) for _, _, v in known), colours.text),
        "marker": {
            "size": 9,
            "color": colours.text,
            "symbol": [
                "diamond" if r.published else "circle-open" if r.kind == "bound" else "circle" for _, r, _ in known
            ],
        },
        "customdata": [
            [theme.safe(result.terms.worded(r.label)), v.ci_low, v.ci_high, r.n_rows, r.n_imputed] for _, r, v in known
        ],
        "hovertemplate": f"<b>%{{customdata[0]}}</b><br>%{{x:{form}}}<br>{parts.percent(result.confidence)} interval "
        f"%{{customdata[1]:{form}}} to %{{customdata[2]:{form}}}<br>"
        "%{customdata[3]} days used, %{customdata[4]} filled in<extra></extra>",
    }


def _row_notes(
    row: SensitivityRow, i: int, terms: Terms, view: ViewSpec, margin: tuple[int, int, int, int]
) -> list[dict[str, Any]]:
    """The row's name and its days used beside the intervals; on a phone the name above them."""
    muted = theme.ink(view).muted
    label = terms.worded(row.label) + (" (bound)" if row.kind == "bound" else "")
    row_name = theme.safe(label, 46 if view.narrow else 26)
    row_name = f"<b>{row_name}</b>" if row.published else row_name
    place = {"xref": "paper", "x": 0, "xanchor": "left", "y": i}
    if view.narrow:
        notes = [theme.note(row_name, view, yanchor="middle", yshift=9, **place)]
    else:
        notes = [_left(row_name, margin, view, y=i, yanchor="middle")]
        notes.append(
            theme.note(
                f"{row.n_rows:,}",
                view,
                yanchor="middle",
                xshift=margin[1] - 4,
                **(place | {"x": 1, "xanchor": "right"}),
            )
        )
    if row.failed is not None:
        notes.append(
            theme.note(
                f"not estimated: {theme.safe(row.failed, 32 if view.narrow else 60)}",
                view,
                yanchor="middle",
                yshift=-10 if view.narrow else 0,
                xshift=4,
                font={"size": 12, "color": muted},
                **place,
            )
        )
    return notes


def interval_axis(estimates: Sequence[Estimate], view: ViewSpec, *, least: float, **changes: Any) -> dict[str, Any]:
    """An axis that holds 0 and every interval."""
    ends = [v for e in estimates for v in (e.estimate, e.ci_low, e.ci_high) if v is not None]
    low, high = min([*ends, -least]), max([*ends, least])
    air = 0.06 * (high - low)
    return theme.axis(
        view,
        range=[low - air, high + air],
        nticks=4 if view.narrow else 6,
        ticks="outside",
        showline=True,
        showgrid=not view.narrow,
        **changes,
    )


def ratio_axis(estimates: Sequence[Estimate], view: ViewSpec, **changes: Any) -> dict[str, Any]:
    """A logarithmic axis that holds 1 and every interval, cut at `FURTHEST`."""
    ends = [v for e in estimates for v in (e.estimate, e.ci_low, e.ci_high) if v is not None and v > 0]
    low, high = max(min([*ends, 0.95]), 1 / FURTHEST), min(max([*ends, 1.05]), FURTHEST)
    air = (high / low) ** 0.06
    ticks = ratio_ticks(low / air, high * air, most=3 if view.narrow else 5)
    return theme.axis(
        view,
        type="log",
        range=[math.log10(low / air), math.log10(high * air)],
        tickvals=ticks,
        ticktext=[f"{t:g}" for t in ticks],
        ticks="outside",
        showline=True,
        showgrid=not view.narrow,
        **changes,
    )


def _left(text: str, margin: tuple[int, int, int, int], view: ViewSpec, **place: Any) -> dict[str, Any]:
    """Text at the left edge of the margin."""
    return theme.note(text, view, xref="paper", x=0, xanchor="left", xshift=4 - margin[0], **place)


def _published(rows: Sequence[SensitivityRow], view: ViewSpec) -> list[dict[str, Any]]:
    """A pale bar across the row of the declared analysis."""
    return [
        {
            "type": "rect",
            "xref": "paper",
            "x0": 0,
            "x1": 1,
            "y0": i - 0.5,
            "y1": i + 0.5,
            "layer": "below",
            "fillcolor": theme.ink(view).neutral_band,
            "line": {"width": 0},
        }
        for i, row in enumerate(rows)
        if row.published
    ]


def _zeros(axis: str, none: float, rows: Sequence[SensitivityRow], view: ViewSpec) -> list[dict[str, Any]]:
    """The line of no difference: unbroken, or on a phone only beside the intervals, clear of the rows' names."""
    line = {
        "type": "line",
        "xref": axis,
        "x0": none,
        "x1": none,
        "layer": "below",
        "line": {"color": theme.ink(view).zero, "width": 1.2},
    }
    if not view.narrow:
        return [line | {"yref": "paper", "y0": 0, "y1": 1}]
    return [line | {"y0": i + 0.02, "y1": i + 0.46} for i, row in enumerate(rows) if row.failed is None]


def column_head(text: str, x: float, view: ViewSpec) -> dict[str, Any]:
    """What a column of intervals shows, above it."""
    return theme.note(
        f"<b>{text}</b>", view, xref="paper", yref="paper", x=x, y=1, xanchor="left", yanchor="bottom", yshift=8
    )
