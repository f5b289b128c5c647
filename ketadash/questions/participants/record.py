"""One participant's record: every day's amount, its state, and what else is known."""

from __future__ import annotations

from typing import Any

from ketadash.core.spec import ViewSpec
from ketadash.questions.participants.day_map import SIGNED_DAYS, amount_scale
from ketadash.questions.participants.states import PALE, STATES, colour_of
from ketadash.questions.participants.words import day as day_of
from ketadash.questions.shared import parts, theme
from ketadash.questions.shared.theme import Figure, Trace
from ketadash.results.people import DayState, PersonRecord, RecordedDay


def plot(record: PersonRecord, view: ViewSpec, *, day_zero: str | None = None) -> Figure:
    """One participant's amounts by day with the heavy-day threshold, EtG tests and events above, day states below.

    Traces: amounts before the window (if any), amounts in it, tests and events, the strip of `DayState`.
    """
    margin = (44, 14, 60, 46) if view.narrow else (56, 20, 40, 50)
    most = max([d.amount or 0.0 for d in record.days] + [record.threshold or 0.0, 1.0])
    inside, before = [d for d in record.days if d.in_window], [d for d in record.days if not d.in_window]
    data = [_bars(record, days, view, opacity) for days, opacity in ((before, PALE), (inside, 1.0)) if days]
    data += [_marks(record, view, top=most * 1.18), _strip(record, view)]
    first, last = record.days[0].day, record.days[-1].day
    shapes, notes = _moments(record, view, day_zero)
    if record.threshold is not None:
        shapes.append(
            parts.level(record.threshold, view) | {"line": {"color": theme.ink(view).muted, "width": 1, "dash": "dash"}}
        )
        notes.append(
            theme.note(
                f"heavy: more than {record.threshold:g}",
                view,
                xref="paper",
                x=1,
                xanchor="right",
                y=record.threshold,
                yanchor="bottom",
                font=parts.muted(view),
            )
        )
    notes += [
        _marks_key(record, view, left=margin[0]),
        theme.heading(
            theme.safe(record.amount_name.replace("_", " ").capitalize(), 30),
            view,
            left=margin[0],
            up=28 if view.narrow else 8,
        ),
    ]
    return {
        "data": data,
        "layout": theme.layout(
            view,
            height=300,
            margin=margin,
            annotations=notes,
            shapes=shapes,
            barmode="overlay",
            bargap=0.15,
            xaxis=theme.day_axis(view, (first, last), anchor="y2"),
            yaxis=theme.axis(view, range=[0, most * 1.4], nticks=5, domain=[0.14, 1]),
            yaxis2=theme.axis(view, domain=[0.02, 0.1], visible=False, fixedrange=True, anchor="x"),
        ),
    }


def _moments(
    record: PersonRecord, view: ViewSpec, day_zero: str | None
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Lines at day 0 and where the participant left, named at their top."""
    first, last = record.days[0].day, record.days[-1].day
    at: list[tuple[float, str]] = [(0.0, day_zero)] if day_zero is not None and first <= 0 <= last else []
    if record.left is not None:
        at.append((record.left - 0.5, "left"))
    notes = [
        theme.note(
            theme.safe(label, 24),
            view,
            x=x,
            y=1,
            yref="paper",
            xanchor="left",
            yanchor="top",
            xshift=4,
            font=parts.muted(view),
        )
        for x, label in at
    ]
    return [parts.upright(x, view) | {"y0": 0.14} for x, _ in at], notes


def _bars(record: PersonRecord, days: list[RecordedDay], view: ViewSpec, opacity: float) -> Trace:
    """Amounts as bars in the colour of the day's state; a day of none is a thin stroke, to be seen."""
    return {
        "type": "bar",
        "name": "window" if opacity == 1 else "before the window",
        "x": [d.day for d in days],
        "y": [d.amount for d in days],
        "opacity": opacity,
        "marker": {
            "color": [colour_of(d.state, view) for d in days],
            "line": {"width": 1, "color": [colour_of(d.state, view) for d in days]},
        },
        "customdata": [day_text(d, record) for d in days],
        "hovertemplate": "<b>Day %{x}</b><br>%{customdata}<extra></extra>",
    }


def _marks(record: PersonRecord, view: ViewSpec, *, top: float) -> Trace:
    """Tests (filled: positive) and, a little lower, adverse events."""
    ink, test = theme.ink(view), record.terms.test[:1].upper() + record.terms.test[1:]
    marks = [
        (
            d.day,
            top,
            "triangle-down" if d.test else "triangle-down-open",
            f"{test} {'positive' if d.test else 'negative'}",
        )
        for d in record.days
        if d.test is not None
    ]
    marks += [(d.day, top * 0.9, "star", theme.safe(", ".join(d.events), 60)) for d in record.days if d.events]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "tests and events",
        "x": [m[0] for m in marks],
        "y": [m[1] for m in marks],
        "customdata": [m[3] for m in marks],
        "marker": {
            "symbol": [m[2] for m in marks],
            "size": 9,
            "color": ink.text,
            "line": {"width": 1.5, "color": ink.text},
        },
        "hovertemplate": "<b>Day %{x}</b><br>%{customdata}<extra></extra>",
    }


def _marks_key(record: PersonRecord, view: ViewSpec, *, left: int) -> dict[str, Any]:
    """What the marks and the strip's colours mean, those that occur."""
    test = record.terms.assay or record.terms.test
    signs = (
        (f"▽ {test} negative", any(d.test is False for d in record.days)),
        (f"▼ {test} positive", any(d.test for d in record.days)),
        ("★ event", any(d.events for d in record.days)),
    )
    text = " &nbsp; ".join(sign for sign, occurs in signs if occurs)
    if view.narrow:
        return theme.above(text, view, left=left, up=6, font=parts.muted(view))
    return theme.note(
        text,
        view,
        xref="paper",
        yref="paper",
        x=1,
        y=1,
        xanchor="right",
        yanchor="bottom",
        yshift=8,
        font=parts.muted(view),
    )


def _strip(record: PersonRecord, view: ViewSpec) -> Trace:
    """What each day counted as, in the map's colours and signs: a day of none has no bar to show it."""
    return {
        "type": "heatmap",
        "name": "counted as",
        "x": [d.day for d in record.days],
        "y": [0],
        "z": [[int(d.state) for d in record.days]],
        "yaxis": "y2",
        "zmin": -0.5,
        "zmax": len(DayState) - 0.5,
        "colorscale": amount_scale(view),
        "showscale": False,
        "xgap": 1 if len(record.days) <= SIGNED_DAYS else 0,
        "customdata": [[day_text(d, record) for d in record.days]],
        "hovertemplate": "<b>Day %{x}</b><br>%{customdata}<extra></extra>",
        **(
            {"text": [[STATES[d.state].sign for d in record.days]], "texttemplate": "%{text}", "textfont": {"size": 9}}
            if len(record.days) <= SIGNED_DAYS
            else {}
        ),
    }


def day_text(day: RecordedDay, record: PersonRecord) -> str:
    """A day in words: how much was reported, and what it counts as."""
    if day.amount is None:
        return "not reported"
    if day.state is DayState.UNKNOWN_AMOUNT:
        return day_of(day.state, record.terms, record.threshold is not None)
    return f"{day.amount:g}, {day_of(day.state, record.terms, record.threshold is not None)}"
