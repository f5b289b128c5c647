"""Time to an event: steps with bands and, under the days, the KMunicate table.

The table is Morris et al. (2019, BMJ Open 9:e030215): per arm, participants at risk, censored and with the event; where
dropout competes, those who dropped out have a row of their own, so that the rows account for everybody.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby, pairwise
from typing import Any

from ketadash.core.choices.endpoint import definition_of
from ketadash.core.numbers import count_text
from ketadash.core.spec import ViewSpec
from ketadash.questions.shared import parts, theme
from ketadash.questions.shared.theme import ArmInk, Figure, Trace
from ketadash.results import SurvivalPoint, TimeToEvent

ROWS = ("At risk", "Censored", "Events")
COMPETING = "Left"  # dropped out, where that competes
ROW_PX = 17


def at_risk_table(
    curve: Sequence[SurvivalPoint], arm: str, days: Sequence[int]
) -> list[tuple[float, float, float, float]]:
    """How many of `arm` are at risk just before each day; censored, with the event and dropped out up to it.

    Counted as R's ``summary(survfit, times)`` and KMunicate count: those with their event on a day are still at
    risk just before it and already among the events up to it.
    """
    steps = [p for p in curve if p.arm == arm]
    return [
        (
            next((p.at_risk for p in steps if p.day >= day), 0),
            sum(p.censored for p in steps if p.day <= day),
            sum(p.events for p in steps if p.day <= day),
            sum(p.competing for p in steps if p.day <= day),
        )
        for day in days
    ]


def plot(result: TimeToEvent, view: ViewSpec, *, day_zero: str | None = None) -> Figure:
    """Curves with censoring ticks, each ending where its arm's follow-up ends, and the table below.

    Per arm, control first: band(s), steps, censoring ticks, and at the end one text trace of the table;
    the steps' ``y`` holds the result's own survival fractions.  `day_zero` is what happened on day 0 (``"Infusion"``).
    """
    arms = (result.arms[0].arm, result.arms[1].arm)
    inks = theme.arm_ink(view, arms)
    first, last = days_of(result)
    ticks = theme.day_ticks(first, last, view)
    rows = _rows(result, view)
    margin = (74, 14, parts.KEYED_PX, 8) if view.narrow else (80, 150, parts.HEAD_PX, 8)
    plot_px, gap_px, table_px = theme.tall(334, view) - margin[2], 46, 2 * (len(rows) + 1) * ROW_PX + 6
    inner = plot_px + gap_px + table_px
    curves = {arm: [p for p in result.curve if p.arm == arm] for arm in arms}
    data = [trace for arm in arms for trace in _arm(curves[arm], arm, inks[arm], result.confidence)]
    data.append(_table(result.curve, arms, ticks, rows, view))
    ends = {arm: c[-1].survival for arm, c in curves.items() if c}
    key = (
        f"{result.estimator[:1].upper()}{result.estimator[1:]}, {parts.percent(result.confidence)} band; tick: censored"
    )
    notes = parts.headed(_axis_title(result), key, view, left=margin[0])
    notes += parts.arm_labels(ends, arms, last, view, plot_px=plot_px)
    notes += [_arm_row(arm, i, len(rows), inks[arm], view, left=margin[0]) for i, arm in enumerate(arms)]
    return {
        "data": data,
        "layout": theme.layout(
            view,
            height=inner + margin[2] + margin[3],
            margin=margin,
            annotations=notes,
            meta=parts.can_hide(arms, view),
            xaxis=theme.day_axis(view, (first, last), low=lowest(first, last), anchor="y", tickvals=ticks)
            | {"title": theme.title(f"Day (0: {theme.safe(day_zero, 24)})" if day_zero else "Day", view)},
            yaxis=parts.percent_axis(view, domain=[1 - plot_px / inner, 1]),
            yaxis2=_table_axis(rows, view, table_px / inner),
        ),
    }


def days_of(result: TimeToEvent) -> tuple[int, int]:
    """The day just before the window, where every curve begins, and the last day that a curve reaches."""
    days = [p.day for p in result.curve]
    return min(days, default=result.window[0] - 1), max(days, default=result.window[1])


def lowest(first: int, last: int) -> float:
    """Where the axis of days begins: a little before the first, so that its number has room."""
    return first - 0.035 * max(last - first, 1)


def _axis_title(result: TimeToEvent) -> str:
    free, terms = definition_of(result.endpoint).still_free, result.terms
    return free.format(without=terms.without, heavy=terms.heavy_day)


def _arm(steps: list[SurvivalPoint], arm: str, style: ArmInk, confidence: float) -> list[Trace]:
    """Bands, steps and censoring ticks of one arm."""
    name, days = theme.safe(arm), [p.day for p in steps]
    line = {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": days,
        "y": [p.survival for p in steps],
        "line": {"color": style.colour, "width": 2.5, "dash": style.dash, "shape": "hv"},
        "customdata": [[p.ci_low, p.ci_high, p.at_risk, p.events, p.censored] for p in steps],
        "hovertemplate": [_hover(name, p, confidence) for p in steps],
    }
    left = [p for p in steps if p.censored]
    ticks = {
        "type": "scatter",
        "mode": "markers",
        "name": f"{name}, censored",
        "x": [p.day for p in left],
        "y": [p.survival for p in left],
        "customdata": [p.censored for p in left],
        "marker": {"symbol": "line-ns-open", "size": 11, "color": style.colour, "line": {"width": 2}},
        "hovertemplate": (
            f"<b>{name}</b>, day %{{x}}<br>%{{customdata:.4~g}} censored, %{{y:.4~%}} remain<extra></extra>"
        ),
    }
    return parts.of_arm(arm, [*_bands(steps, style.band), line, ticks])


def _hover(name: str, p: SurvivalPoint, confidence: float) -> str:
    interval = (
        ""
        if p.ci_low is None
        else (f"<br>{parts.percent(confidence)} interval %{{customdata[0]:.4~%}} to %{{customdata[1]:.4~%}}")
    )
    other = f", {p.competing} dropped out" if p.competing else ""
    return (
        f"<b>{name}</b>, day {p.day}<br>%{{y:.4~%}} remain{interval}<br>{p.at_risk:.4g} at risk, "
        f"{p.events:.4g} with the event, {p.censored:.4g} censored{other}<extra></extra>"
    )


def _bands(steps: list[SurvivalPoint], colour: str) -> list[Trace]:
    """The interval as closed stepped shapes, one for each unbroken run of days on which it exists."""
    bands = []
    cells = [(a.day, b.day, a) for a, b in pairwise(steps)]
    for known, run in groupby(cells, key=lambda cell: cell[2].ci_low is not None and cell[2].ci_high is not None):
        if not known:
            continue
        flat = list(run)
        x = [d for start, end, _ in flat for d in (start, end)]
        low = [p.ci_low or 0.0 for _, _, p in flat for _ in range(2)]
        high = [p.ci_high or 0.0 for _, _, p in flat for _ in range(2)]
        bands.append(parts.closed(x, low, high, colour))
    return bands


def _table(
    curve: Sequence[SurvivalPoint], arms: tuple[str, str], days: list[int], rows: Sequence[str], view: ViewSpec
) -> Trace:
    """The table's numbers as text at their days, so that they move with the axis when the reader zooms."""
    x, y, text = [], [], []
    for i, arm in enumerate(arms):
        for day, counts in zip(days, at_risk_table(curve, arm, days), strict=True):
            for row, count in enumerate(counts[: len(rows)]):
                x.append(day)
                y.append(_row(i, row, len(rows)))
                text.append(count_text(round(count, 9)))
    return {
        "type": "scatter",
        "mode": "text",
        "name": "at risk",
        "x": x,
        "y": y,
        "text": text,
        "yaxis": "y2",
        "hoverinfo": "skip",
        "cliponaxis": False,
        "textfont": {"size": 12, "color": theme.ink(view).text},
    }


def _rows(result: TimeToEvent, view: ViewSpec) -> tuple[str, ...]:
    """The rows that each arm has: on a slide only who is at risk."""
    if view.presenting:
        return ROWS[:1]
    return (*ROWS, COMPETING) if any(p.competing for p in result.curve) else ROWS


def _row(arm: int, row: int, n_rows: int) -> int:
    """Where a row stands on the table's axis, counted downwards; row −1 is the arm's name."""
    return arm * (n_rows + 1) + row + 1


def _table_axis(names: Sequence[str], view: ViewSpec, share: float) -> dict[str, Any]:
    rows = [(_row(arm, row, len(names)), name) for arm in (0, 1) for row, name in enumerate(names)]
    return theme.axis(
        view,
        domain=[0, share],
        range=[2 * (len(names) + 1) - 0.4, -0.6],
        showgrid=False,
        fixedrange=True,
        ticklabelstandoff=4,
        tickvals=[at for at, _ in rows],
        ticktext=[label for _, label in rows],
        tickfont={"size": 12, "color": theme.ink(view).muted},
        anchor="x",
        side="left",
    )


def _arm_row(arm: str, i: int, n_rows: int, style: ArmInk, view: ViewSpec, *, left: int) -> dict[str, Any]:
    return theme.note(
        f"<b>{theme.safe(arm, 34)}</b>",
        view,
        xref="paper",
        x=0,
        xanchor="left",
        xshift=-left,
        yref="y2",
        y=_row(i, -1, n_rows),
        yanchor="middle",
        font={"size": 12, "color": style.colour},
    )
