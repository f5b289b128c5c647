"""The specification curve: every combination's estimate, sorted, above the matrix of the choices that made it."""

from __future__ import annotations

from typing import Any

import numpy as np

from ketadash.core.numbers import signed_points, with_points
from ketadash.core.spec import ViewSpec
from ketadash.questions.missing_days.dial import difference_text
from ketadash.questions.missing_days.tipping_strip import blend
from ketadash.questions.shared import parts, theme
from ketadash.questions.shared.theme import Figure, Trace
from ketadash.questions.specifications.words import CHOICE, GOOD, outcome
from ketadash.results import robustness
from ketadash.results.sensitivity import Specification, SpecificationCurve

CURVE_PX, GAP_PX, ROW_PX, LANE_PX = 250, 14, 16, 34
MARGIN, MARGIN_NARROW = (176, 20, 84, 32), (108, 14, 84, 32)
NARROW_BELOW = 640  # pixels
LEAST_PX = (440, 200)  # what the plot has of the narrowest page that shows the (wide, narrow) figure
NAME_CHARS = (26, 15)
FAINT = 0.45  # ink of the bounds, which are drawn paler than the analyses


def plot(curve: SpecificationCurve, view: ViewSpec, *, analysis_name: str = "published") -> Figure:
    """Estimates with intervals from the lowest to the highest, and below each a mark in the row of every choice.

    Parameters
    ----------
    curve
        The specifications computed so far, sorted.
    view
        Appearance.
    analysis_name
        What the stripe through the trial's own specification says.

    Returns
    -------
    Figure
        First the estimates, one point a row in the rows' order (a gap where there is none); ``customdata`` of every
        trace that a click can meet holds the row's index.
    """
    lines = [] if view.presenting else _lines(curve)  # nobody in a room could read the matrix
    inner = CURVE_PX + (GAP_PX + ROW_PX * len(lines) if lines else 0)
    margin = MARGIN_NARROW if view.narrow else MARGIN
    low, high = _reach(curve)
    lane = (high - low) * LANE_PX / (CURVE_PX - LANE_PX) if _failed(curve) else 0.0
    ticks = point_ticks(low, high)
    n = max(len(curve.rows), 1)
    many = _how_many(curve, narrow=view.narrow)
    stripe, mark = _published(curve, view, analysis_name)
    notes = [*_heads(curve, view, left=margin[0]), *mark, *_failure_note(curve, view, low - lane)]
    return {
        "data": [
            _estimates(curve, view),
            *_intervals(curve, view),
            _crosses(curve, view, low - 0.75 * lane),
            _matrix(curve, lines, view),
        ],
        "layout": theme.layout(
            view,
            height=inner + margin[2] + margin[3],
            margin=margin,
            annotations=notes,
            meta={"narrowBelow": NARROW_BELOW},
            shapes=[*stripe, parts.level(0, view)],
            xaxis=_rows_axis(n, many, view),
            yaxis=theme.axis(
                view,
                domain=[1 - CURVE_PX / inner, 1],
                range=[low - lane, high],
                fixedrange=True,
                tickvals=ticks,
                ticktext=[signed_points(t) for t in ticks],
            ),
            yaxis2=_names_axis(curve, lines, view, ROW_PX * len(lines) / inner),
        ),
    }


def _how_many(curve: SpecificationCurve, *, narrow: bool) -> str:
    """How many are drawn, and how many of them the words above count, which leave bounds and repeats out."""
    n, distinct = len(curve.rows), robustness.of_curve(curve).n
    drawn = f"{n} specification{'' if n == 1 else 's'}"
    if not curve.complete or distinct == n:
        return f"{drawn}, by estimate"
    return f"{drawn}, {distinct} distinct" if narrow else f"{drawn}, by estimate; {distinct} distinct without bounds"


def _rows_axis(n: int, title: str, view: ViewSpec) -> dict[str, Any]:
    """The specifications along the axis, one beside the other."""
    span = [0.5 - 0.01 * n, n + 0.5 + 0.01 * n]
    return theme.axis(
        view, range=span, showgrid=False, showticklabels=False, anchor="y2", title=theme.title(title, view)
    )


def row_of(figure: Figure, clicked: dict[str, Any]) -> int | None:
    """The index of the row that a click met, None where it met none."""
    traces, point = figure["data"], clicked["point"]
    at = traces[clicked["trace"]].get("customdata") if 0 <= clicked["trace"] < len(traces) else None
    for k in point if isinstance(point, list) else [point]:  # [row, column] in the matrix
        if not isinstance(at, list) or not 0 <= k < len(at):
            return None
        at = at[k]
    return at if isinstance(at, int) else None


def favoured(row: Specification, outcome: str) -> int:
    """1 where the interval does not include zero in favour of the active arm, −1 of the control arm, 0 where not."""
    low, high = row.difference.ci_low, row.difference.ci_high
    if low is None or high is None:
        return 0
    return (int(low > 0) - int(high < 0)) * GOOD.get(outcome, 1)


def _colours(view: ViewSpec) -> dict[int, str]:
    control, active = theme.ink(view).arms
    return {1: active.colour, -1: control.colour, 0: theme.ink(view).zero}


def _column_px(curve: SpecificationCurve, view: ViewSpec) -> float:
    return LEAST_PX[view.narrow] / max(len(curve.rows), 1)


def _estimates(curve: SpecificationCurve, view: ViewSpec) -> Trace:
    colours, rows = _colours(view), curve.rows
    verdicts = [favoured(r, curve.outcome) for r in rows]
    solid = ["square" if v < 0 else "circle" for v in verdicts]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "estimates",
        "zorder": 1,
        "x": _places(curve),
        "y": [r.difference.estimate for r in rows],
        "customdata": list(range(len(rows))),
        "marker": {
            "color": [colours[v] for v in verdicts],
            "size": min(max(_column_px(curve, view), 3.5), 8),
            "symbol": [s + "-open" if r.kind == "bound" else s for s, r in zip(solid, rows, strict=True)],
        },
        "hovertext": [_hover_text(r, curve) for r in rows],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }


def _places(curve: SpecificationCurve) -> list[int]:
    return list(range(1, len(curve.rows) + 1))


def _hover_text(row: Specification, curve: SpecificationCurve) -> str:
    """A specification for a hover: its choices, its estimate, what kind of departure it is."""
    varied = {name for name, options in curve.names.items() if len(options) > 1}
    chosen = {name: curve.terms.worded(option) for name, option in row.choices.items() if name in varied}
    choices = [f"{CHOICE[name]}: {option}" for name, option in chosen.items()]
    head = "<br>".join(theme.safe(c, 60) for c in choices)
    d = row.difference
    if d.estimate is None:
        return f"{head}<br>not estimable: {theme.wrapped(row.failed or 'no finite answer', 60, 2)}"
    if d.ci_low is None or d.ci_high is None:
        return f"{head}<br>Difference {with_points(signed_points(d.estimate))}, no interval<br>{row.kind}"
    return f"{head}<br>{difference_text(d.estimate, d.ci_low, d.ci_high, curve.confidence)}<br>{row.kind}"


def _intervals(curve: SpecificationCurve, view: ViewSpec) -> list[Trace]:
    """Upright bars, one trace for each colour and strength: hundreds of bars, six traces."""
    made, colours = [], _colours(view)
    width = min(max(0.6 * _column_px(curve, view), 1.0), 4.0)
    for verdict in (0, -1, 1):
        for bound in (True, False):
            ends = [
                (i, r.difference.ci_low, r.difference.ci_high)
                for i, r in enumerate(curve.rows, start=1)
                if (r.kind == "bound") is bound
                and favoured(r, curve.outcome) == verdict
                and r.difference.ci_low is not None
            ]
            made.append(
                {
                    "type": "scatter",
                    "mode": "lines",
                    "name": f"intervals {verdict}{' of bounds' if bound else ''}",
                    "x": [x for i, _, _ in ends for x in (i, i, None)],
                    "y": [y for _, low, high in ends for y in (low, high, None)],
                    "hoverinfo": "skip",
                    "opacity": FAINT if bound else 1,
                    "line": {"color": colours[verdict], "width": width},
                }
            )
    return made


def _failed(curve: SpecificationCurve) -> list[int]:
    return [i for i, r in enumerate(curve.rows) if r.difference.estimate is None]


def _crosses(curve: SpecificationCurve, view: ViewSpec, y: float) -> Trace:
    """Those without an estimate, on the axis at the right end."""
    failed = _failed(curve)
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "not estimable",
        "x": [i + 1 for i in failed],
        "y": [y] * len(failed),
        "customdata": failed,
        "marker": {
            "symbol": "x-thin-open",
            "size": min(max(_column_px(curve, view), 5), 8),
            "color": theme.ink(view).muted,
            "line": {"width": 1.5},
        },
        "hovertext": [_hover_text(curve.rows[i], curve) for i in failed],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }


def _failure_note(curve: SpecificationCurve, view: ViewSpec, bottom: float) -> list[dict[str, Any]]:
    n = len(_failed(curve))
    return (
        [
            theme.note(
                f"{n} not estimable",
                view,
                xref="paper",
                x=1,
                xanchor="right",
                y=bottom,
                yanchor="bottom",
                yshift=14,
                bgcolor=theme.ink(view).paper,
                borderpad=0,
                font=parts.muted(view),
            )
        ]
        if n
        else []
    )


def _lines(curve: SpecificationCurve) -> list[tuple[str, str | None]]:
    """The matrix's rows from the top: each choice that varies (choice, None), then its options (choice, option)."""
    varied = {name: options for name, options in curve.names.items() if len(options) > 1}
    return [(name, option) for name, options in varied.items() for option in (None, *options)]


def _matrix(curve: SpecificationCurve, lines: list[tuple[str, str | None]], view: ViewSpec) -> Trace:
    """A mark in each specification's column and each of its options' rows, coloured as its interval is.

    ``z`` is 0 for no difference, 1 for the active and 2 for the control arm, 3 more for bounds and those not
    estimable, none where no mark is.
    """
    colours, place = _colours(view), {line: k for k, line in enumerate(lines)}
    z: list[list[int | None]] = [[None] * len(curve.rows) for _ in lines]
    for i, row in enumerate(curve.rows):
        code = favoured(row, curve.outcome) % 3 + 3 * (row.kind == "bound" or row.difference.estimate is None)
        for choice in row.choices.items():
            if choice in place:
                z[place[choice]][i] = code
    shades = [colours[v] for v in (0, 1, -1)]
    shades += [blend(theme.ink(view).paper, c, FAINT) for c in shades]
    return {
        "type": "heatmap",
        "name": "choices",
        "yaxis": "y2",
        "x": _places(curve),
        "y": list(range(len(lines))),
        "z": z,
        "zmin": -0.5,
        "zmax": 5.5,
        "showscale": False,
        "ygap": 5,
        "hoverongaps": False,
        "xgap": 2 if _column_px(curve, view) > 7 else 0,
        "colorscale": [[(k + edge) / 6, shade] for k, shade in enumerate(shades) for edge in (0, 1)],
        "customdata": [list(range(len(curve.rows))) for _ in lines],
        "hovertemplate": f"Specification %{{x}} of {len(curve.rows)}<extra></extra>",
    }


def _names_axis(
    curve: SpecificationCurve, lines: list[tuple[str, str | None]], view: ViewSpec, share: float
) -> dict[str, Any]:
    labels = [
        f"<b>{theme.safe(CHOICE[name], 16)}</b>" if option is None else _option(curve.terms.worded(option), view)
        for name, option in lines
    ]
    return theme.axis(
        view,
        domain=[0, share],
        range=[max(len(lines), 1) - 0.5, -0.5],
        fixedrange=True,
        showgrid=True,
        anchor="x",
        tickvals=list(range(len(lines))),
        ticktext=labels,
        ticklabelstandoff=4,
        tickfont={"size": 11 if view.narrow else 12, "color": theme.ink(view).text},
    )


def _option(option: str, view: ViewSpec) -> str:
    """An option's name; where it is too long for the margin, shorter, without what stands in brackets."""
    most = NAME_CHARS[view.narrow]
    option = option.removeprefix("last ").replace("to reference", "to ref.") if view.narrow else option
    return theme.safe(option if len(option) <= most else option.split(" (")[0], most)


def _reach(curve: SpecificationCurve) -> tuple[float, float]:
    ends = [
        v
        for r in curve.rows
        for v in (r.difference.estimate, r.difference.ci_low, r.difference.ci_high)
        if v is not None
    ]
    low, high = parts.padded(min([*ends, 0.0]), max([*ends, 0.0]), least=0.02)
    return low, high


def point_ticks(low: float, high: float) -> list[float]:
    """Round differences between two fractions, at most seven of them, in percentage points."""
    step = next(s for s in (1, 2, 5, 10, 20, 50) if 100 * (high - low) / s <= 7)
    return [k * step / 100 for k in range(int(np.ceil(100 * low / step)), int(np.floor(100 * high / step)) + 1)]


def _published(
    curve: SpecificationCurve, view: ViewSpec, analysis_name: str
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """A pale stripe from top to bottom through the trial's own specification, named above it."""
    n = len(curve.rows)
    at = next((i for i, r in enumerate(curve.rows, start=1) if r.kind == "published"), None)
    if at is None:
        return [], []
    column = _column_px(curve, view)
    half = min(max(0.5, 2 / column), 8 / column)  # on the narrowest page four pixels at least, sixteen at most
    stripe = {
        "type": "rect",
        "x0": at - half,
        "x1": at + half,
        "yref": "paper",
        "y0": 0,
        "y1": 1,
        "layer": "below",
        "fillcolor": theme.ink(view).neutral_band,
        "line": {"width": 0},
    }
    side = "left" if at <= n / 2 else "right"
    return [stripe], [
        theme.note(
            f"↓ {theme.safe(analysis_name, 16)}" if side == "left" else f"{theme.safe(analysis_name, 16)} ↓",
            view,
            x=at,
            xanchor=side,
            xshift=-5 if side == "left" else 5,
            yref="paper",
            y=1,
            yanchor="bottom",
            yshift=1,
        )
    ]


def _heads(curve: SpecificationCurve, view: ViewSpec, *, left: int) -> list[dict[str, Any]]:
    """What is shown, which way is better for whom, and what the colours mean."""
    control, active = (theme.label(a, view) for a in curve.arms)
    what = outcome(curve).capitalize()
    title = f"{theme.safe(what, 24)}, points" if view.narrow else f"{theme.safe(what, 40)}, percentage points"
    if not view.narrow or len(control) + len(active) + len(title) < 44:
        title += f", {active} − {control}"
    dot = {v: f'<span style="color:{c}">{"■" if v < 0 else "●"}</span>' for v, c in _colours(view).items()}
    up = {v: "↑" if v * GOOD.get(curve.outcome, 1) > 0 else "↓" for v in (1, -1)}
    if view.narrow:
        sides = f"Favours {dot[1]} {up[1]} {active} &nbsp; {dot[-1]} {up[-1]} {control}"
        rest = f"{dot[0]} includes zero"
    else:
        sides = f"{dot[1]} {up[1]} favours {active} &nbsp; {dot[-1]} {up[-1]} favours {control}"
        rest = f"{dot[0]} interval includes zero"
    if any(r.kind == "bound" for r in curve.rows):
        rest += f' &nbsp; <span style="color:{_colours(view)[0]}">○</span> bound'
    place = {
        "xref": "paper",
        "x": 0,
        "xanchor": "left",
        "xshift": 2 - left,
        "yref": "paper",
        "y": 1,
        "yanchor": "bottom",
    }
    return [
        theme.note(text, view, **place, yshift=up) for text, up in ((f"<b>{title}</b>", 60), (sides, 41), (rest, 22))
    ]
