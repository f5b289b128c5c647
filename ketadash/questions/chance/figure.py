"""The pictures of chance: what shuffling gave, what the models miss, who carries a result."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ketadash.core.spec import ViewSpec
from ketadash.questions.chance import words
from ketadash.questions.shared import parts, theme
from ketadash.questions.shared.error_bars import error_bars
from ketadash.questions.shared.theme import Figure
from ketadash.results import Estimate
from ketadash.results.chance import Contrast, Influence, ModelCheck, ModelMeasure, Randomisation, Without

FURTHEST = 5.0  # standard errors; a value further out is drawn at the edge
BINS = np.linspace(-FURTHEST, FURTHEST, 41)
ROW_PX, MEASURE_PX = 74, 48  # of a row, wide or narrow: a page has one height for both
TALLEST = 0.55  # of a row: above the tallest bar there is room for two lines
LABEL_AT, LABEL_AT_NARROW = 0.84, 0.775  # where a label's middle is, of one line or of two
NAMED = 6  # participants who are named in a picture
RATIO_AXIS = "Observed ÷ expected by the model"


def difference_axis(active: str, control: str) -> str:
    """What the axis below the histograms shows."""
    return f"Difference in its standard errors, {active} − {control}"


def shuffles(r: Randomisation, view: ViewSpec) -> Figure:
    """A histogram for each comparison that has an answer, the observed value marked."""
    shown = [c for c in r.contrasts if c.statistic is not None]
    colours = theme.ink(view)
    label_at = LABEL_AT_NARROW if view.narrow else LABEL_AT
    data: list[dict[str, Any]] = []
    notes: list[dict[str, Any]] = []
    for k, c in enumerate(reversed(shown)):
        data += _histogram(c, float(k), view)
        place: dict[str, Any] = {"xref": "paper", "y": k + label_at, "yanchor": "middle"}
        notes += [
            theme.note(_label(c.label, view), view, x=0, xanchor="left", align="left", **place),
            theme.note(f"{_in_100(c)} in 100", view, x=1, xanchor="right", **place),
        ]
    control, active = (theme.label(a, view) for a in r.arms)
    title = difference_axis(active, control)
    return {
        "data": data,
        "layout": theme.layout(
            view,
            height=theme.tall(56 + ROW_PX * max(len(shown), 1), view, _share(view)),
            margin=(14, 14, 8, 48),
            annotations=notes,
            shapes=[parts.upright(0, view)],
            xaxis=theme.axis(
                view,
                range=[-FURTHEST - 0.3, FURTHEST + 0.3],
                tickvals=[-4, -2, 0, 2, 4],
                showgrid=False,
                showline=True,
                title=theme.title(title, view),
            ),
            yaxis=theme.axis(view, range=[-0.06, len(shown) + 0.02], showticklabels=False, showgrid=False),
            barmode="overlay",
            bargap=0.06,
            plot_bgcolor=colours.paper,
        ),
    }


def _share(view: ViewSpec) -> float:
    """What a slide takes of a height: all of it where labels have two lines, which need their room."""
    return 1.0 if view.narrow else 0.75


def _in_100(c: Contrast) -> str:
    """As few signs as there can be beside a label."""
    return "&lt;1" if (c.observed.p or 0.0) < 0.01 else words.out_of_100(c)


def _label(text: str, view: ViewSpec) -> str:
    """What a row compares, on a phone in two lines."""
    return theme.wrapped(f"{text[:1].upper()}{text[1:]}", *((34, 2) if view.narrow else (80, 1)))


def _histogram(c: Contrast, base: float, view: ViewSpec) -> list[dict[str, Any]]:
    """Bars that stand on `base`: those as large as observed are dark."""
    colours = theme.ink(view)
    finite = np.clip(c.draws[~np.isnan(c.draws)], -FURTHEST, FURTHEST)
    statistic = float(np.clip(c.statistic or 0.0, -FURTHEST, FURTHEST))
    large = np.abs(finite) >= abs(statistic) - 1e-9
    every, tail = (np.histogram(values, BINS)[0] for values in (finite, finite[large]))
    tallest = max(int(every.max(initial=0)), 1)
    middle = ((BINS[:-1] + BINS[1:]) / 2).tolist()
    traces = [
        {
            "type": "bar",
            "x": middle,
            "y": (TALLEST * counts / tallest).tolist(),
            "base": base,
            "width": 0.94 * float(BINS[1] - BINS[0]),
            "marker": {"color": colour, "line": {"width": 0}},
            "customdata": counts.tolist(),
            "hovertemplate": "%{customdata} shuffles<extra></extra>",
        }
        for counts, colour in ((every, colours.grid), (tail, colours.muted))
    ]
    mark = {
        "type": "scatter",
        "mode": "lines+markers",
        "x": [statistic, statistic],
        "y": [base, base + TALLEST],
        "line": {"color": colours.arms[1].colour, "width": 2},
        "marker": {"symbol": "diamond", "size": [0, 11], "color": colours.arms[1].colour},
        "hovertemplate": f"observed: {words.in_errors(c)} standard errors<extra></extra>",
    }
    return [*traces, mark]


def model_check(rows: Sequence[tuple[ModelCheck, ModelMeasure, str]], view: ViewSpec) -> Figure:
    """Observed over expected, a row a measure; `rows` are top to bottom with their labels."""
    ends = [abs(math.log(v)) for _, m, _ in rows for v in ratios(m) if v > 0]
    reach = min(max([*ends, math.log(1.5)]), math.log(8)) * 1.12
    data, notes = list[dict[str, Any]](), list[dict[str, Any]]()
    for k, (_, m, label) in enumerate(reversed(rows)):
        data += _measured(m, k, reach, view)
        notes += _numbered(m, k, label, view)
    longest = max((len(_numbers(m)) for _, m, _ in rows), default=0)
    ticks = [t for t in (0.125, 0.25, 0.5, 1, 2, 4, 8) if abs(math.log(t)) <= reach]
    return {
        "data": data,
        "layout": theme.layout(
            view,
            height=theme.tall(60 + MEASURE_PX * max(len(rows), 1), view, _share(view)),
            margin=(14, max(84, 16 + 8 * longest), 8, 48),
            annotations=notes,
            shapes=[parts.upright(1, view)],
            xaxis=theme.axis(
                view,
                type="log",
                range=[-reach / math.log(10), reach / math.log(10)],
                tickvals=ticks,
                ticktext=[f"{t:g}" for t in ticks],
                showline=True,
                title=theme.title(RATIO_AXIS, view),
            ),
            yaxis=theme.axis(
                view, range=[-0.5, len(rows) - (0.2 if view.narrow else 0.4)], showticklabels=False, showgrid=False
            ),
        ),
    }


def _measured(m: ModelMeasure, row: int, reach: float, view: ViewSpec) -> list[dict[str, Any]]:
    """The model's band and what was observed, a full diamond where it lies outside."""
    colours = theme.ink(view)
    observed, low, high = (min(max(v, math.exp(-reach)), math.exp(reach)) for v in ratios(m))
    outside = not low <= observed <= high
    colour = colours.arms[0].colour if outside else colours.text
    band = {
        "type": "scatter",
        "mode": "lines",
        "x": [low, high],
        "y": [row, row],
        "line": {"color": colours.zero, "width": 7},
        "opacity": 0.45,
        "hoverinfo": "skip",
    }
    marker = {"symbol": "diamond" if outside else "diamond-open", "size": 12, "color": colour}
    mark = {
        "type": "scatter",
        "mode": "markers",
        "x": [observed],
        "y": [row],
        "marker": marker | {"line": {"width": 2, "color": colour}},
        "hovertemplate": "observed %{x:.2f} times what the model expects<extra></extra>",
    }
    return [band, mark]


def _numbered(m: ModelMeasure, row: int, label: str, view: ViewSpec) -> list[dict[str, Any]]:
    """What a row is, above it; observed against expected, beside it."""
    small = {"color": theme.ink(view).muted, "size": 11 if view.narrow else 13}
    text = theme.wrapped(label, *((50, 2) if view.narrow else (90, 1)))
    beside = {"xref": "paper", "yanchor": "middle", "xanchor": "left"}
    return [
        theme.note(text, view, x=0, y=row + (0.5 if view.narrow else 0.36), font=small, align="left", **beside),
        theme.note(_numbers(m), view, x=1, y=row, xshift=8, **beside),
    ]


def _numbers(m: ModelMeasure) -> str:
    return f"{words.value(m, m.observed)} v {words.value(m, m.expected)}"


def ratios(m: ModelMeasure) -> tuple[float, float, float]:
    """Observed, low and high over what is expected; only for measures that have them."""
    assert m.observed is not None and m.expected is not None and m.low is not None and m.high is not None
    expected = max(m.expected, 1e-12)
    return m.observed / expected, m.low / expected, m.high / expected


def rows_of(
    checks: Sequence[ModelCheck], labels: Sequence[Sequence[str]]
) -> list[tuple[ModelCheck, ModelMeasure, str]]:
    """The measures that can be drawn, with their labels."""
    return [
        (c, m, label)
        for c, own in zip(checks, labels, strict=True)
        for m, label in zip(c.measures, own, strict=True)
        if None not in (m.observed, m.expected, m.low, m.high) and (m.expected or 0) > 0
    ]


def _end(e: Estimate, end: str) -> float:
    """An end of an interval, or the estimate itself where there is none."""
    value = getattr(e, end)
    return float(e.estimate or 0.0) if value is None else float(value)


def influence(r: Influence, view: ViewSpec) -> Figure:
    """The estimates without each participant, sorted."""
    shown = [w for w in r.without if w.estimate.estimate is not None]
    shown.sort(key=lambda w: float(w.estimate.estimate or 0.0))
    ratio = r.null == 1.0
    scale = 1.0 if ratio else 100.0
    lines = [parts.level(scale * r.null, view)]
    if r.full.estimate is not None:
        full = {"color": theme.ink(view).arms[1].colour, "width": 1.2, "dash": "dot"}
        lines.append(parts.level(scale * r.full.estimate, view) | {"line": full})
    title = theme.wrapped(f"{r.label[:1].upper()}{r.label[1:]}{' (ratio)' if ratio else ' (points)'}", 44, 2)
    return {
        "data": [t for changes in (False, True) for t in _left_out(r, shown, changes, scale, view)],
        "layout": theme.layout(
            view,
            height=theme.tall(260, view),
            margin=(52, 14, 48, 44),
            annotations=[theme.heading(title, view, left=52)],
            shapes=lines,
            xaxis=theme.axis(
                view,
                range=[0, len(shown) + 1],
                showgrid=False,
                showline=True,
                title=theme.title("Left out, sorted", view),
            ),
            yaxis=theme.axis(view, nticks=6),
        ),
    }


def _left_out(
    r: Influence, shown: Sequence[Without], changes: bool, scale: float, view: ViewSpec
) -> list[dict[str, Any]]:
    """Those whose absence changes the conclusion, or the others."""
    colours = theme.ink(view)
    at = [(k, w) for k, w in enumerate(shown, start=1) if (w.participant in r.changes_conclusion) == changes]
    if not at:
        return []
    values, low, high = ([scale * _end(w.estimate, end) for _, w in at] for end in ("estimate", "ci_low", "ci_high"))
    named = changes and len(at) <= NAMED
    bars = error_bars(zip(low, values, high, strict=True), colours.zero, thickness=1)
    marker = {"symbol": "circle", "size": 5, "color": colours.text}
    return [
        {
            "type": "scatter",
            "mode": "markers+text" if named else "markers",
            "x": [k for k, _ in at],
            "y": values,
            "text": [theme.safe(w.participant, 14) for _, w in at] if named else None,
            "textposition": "top center",
            "customdata": [[theme.safe(w.participant), theme.safe(w.arm)] for _, w in at],
            "error_y": bars,
            "marker": {"symbol": "diamond", "size": 10, "color": colours.arms[0].colour} if changes else marker,
            "hovertemplate": "without %{customdata[0]} (%{customdata[1]}): %{y:.3~g}<extra></extra>",
        }
    ]
