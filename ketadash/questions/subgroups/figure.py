"""The forest of subgroups: a level a row, the difference and, of relapse, the odds ratio."""

from __future__ import annotations

from typing import Any

from ketadash.core.numbers import level
from ketadash.core.spec import SubgroupEndpoint, ViewSpec
from ketadash.questions.shared import theme
from ketadash.questions.shared.error_bars import error_bars
from ketadash.questions.shared.forest import column_head, interval_axis, ratio_axis
from ketadash.questions.shared.theme import Figure, Trace
from ketadash.questions.subgroups import words
from ketadash.results import Estimate
from ketadash.results.subgroups import NOTHING, SubgroupLevel, Subgroups

ROW_PX = 60  # room for a level, its counts and, on a phone below them, its interval
AROUND_PX = 96
NARROW_BELOW = 600


def plot(result: Subgroups, view: ViewSpec) -> Figure:
    """Levels from top to bottom, everyone last and as a diamond; a level without an effect says why."""
    rows = (*result.levels, result.overall)
    relapse = result.endpoint == SubgroupEndpoint.RELAPSE
    margin = (14, 14, 34, 48) if view.narrow else (250, 20, 34, 48)
    split = (0.5, 0.56) if relapse else (1.0, 1.0)
    control, active = (theme.label(a, view) for a in result.arms)
    gaps, ratios = [r.difference for r in rows], [r.odds_ratio or NOTHING for r in rows]
    notes = [note for i, row in enumerate(rows) for note in _row(row, i, i == len(rows) - 1, margin, view)]
    short = view.narrow or (relapse and view.presenting)  # beside it stands the head of the ratios
    notes.append(column_head("Difference" if short else f"Difference, {active} − {control}", 0, view))
    data = [_intervals(result, "difference", gaps, view)]
    shapes = _lines("x", 0.0, len(rows), view)
    axes: dict[str, Any] = {
        "xaxis": interval_axis(
            gaps, view, least=0.1, domain=[0, split[0]], tickformat="~%", title=theme.title("Difference in share", view)
        ),
        "yaxis": theme.axis(view, range=[len(rows) - 0.4, -0.5], visible=False, fixedrange=True),
    }
    if relapse:
        notes.append(column_head("Odds ratio", split[1], view))
        data.append(_intervals(result, "odds ratio", ratios, view))
        shapes += _lines("x2", 1.0, len(rows), view)
        axes["xaxis2"] = ratio_axis(
            [r for r in ratios if r.estimate is not None], view, domain=[split[1], 1], title=theme.title("Ratio", view)
        )
    return {
        "data": data,
        "layout": theme.layout(
            view,
            height=len(rows) * ROW_PX + AROUND_PX,
            margin=margin,
            annotations=notes,
            shapes=[*shapes, _rule(len(rows), view)],
            meta={"narrowBelow": NARROW_BELOW},
            **axes,
        ),
    }


def _row(row: SubgroupLevel, i: int, everyone: bool, margin: tuple[int, ...], view: ViewSpec) -> list[dict[str, Any]]:
    """A level's name and its counts: left of its intervals, on a phone above them."""
    title = theme.safe(row.level, 34 if view.narrow else 30)
    title = f"<b>{title}</b>" if everyone else title
    counts = theme.safe(words.counts(row), 56 if view.narrow else 40)
    place = {"xref": "paper", "x": 0, "xanchor": "left", "y": i, "xshift": 4 - margin[0], "align": "left"}
    if view.narrow:
        place["yshift"] = 14
    text = f"{title}<br>{counts}"
    return [theme.note(text, view, yanchor="middle", font={"size": 12, "color": theme.ink(view).text}, **place)]


def _intervals(result: Subgroups, what: str, estimates: list[Estimate], view: ViewSpec) -> Trace:
    colours, rows = theme.ink(view), (*result.levels, result.overall)
    shown = [(i, row, e) for i, (row, e) in enumerate(zip(rows, estimates, strict=True)) if e.estimate is not None]
    form = "+.3~%" if what == "difference" else ".3~g"
    down = 0.36 if view.narrow else 0.0
    return {
        "type": "scatter",
        "mode": "markers",
        "name": what,
        "xaxis": "x" if what == "difference" else "x2",
        "x": [e.estimate for _, _, e in shown],
        "y": [i + down for i, _, _ in shown],
        "error_x": error_bars(((e.ci_low, e.estimate, e.ci_high) for _, _, e in shown), colours.text),
        "marker": {
            "size": 10,
            "color": colours.text,
            "symbol": ["diamond" if i == len(rows) - 1 else "circle" for i, _, _ in shown],
        },
        "customdata": [
            [theme.safe(row.level), e.ci_low, e.ci_high, theme.safe(words.counts(row))] for _, row, e in shown
        ],
        "hovertemplate": f"<b>%{{customdata[0]}}</b><br>{what} %{{x:{form}}}<br>{level(result.confidence)} "
        f"%{{customdata[1]:{form}}} to %{{customdata[2]:{form}}}<br>%{{customdata[3]}}<extra></extra>",
    }


def _lines(axis: str, none: float, n: int, view: ViewSpec) -> list[dict[str, Any]]:
    """The line of no difference; on a phone only beside the intervals, clear of the names."""
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
    return [line | {"y0": i + 0.22, "y1": i + 0.5} for i in range(n)]


def _rule(n: int, view: ViewSpec) -> dict[str, Any]:
    """A thin line above the row of everyone."""
    return {
        "type": "line",
        "xref": "paper",
        "x0": 0,
        "x1": 1,
        "y0": n - 1.5,
        "y1": n - 1.5,
        "layer": "below",
        "line": {"color": theme.ink(view).grid, "width": 1},
    }
