"""Adverse events by arm with their differences; dissociation scores by arm; late follow-up of everyone randomised."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from ketadash.core.numbers import interval, percent
from ketadash.core.spec import ViewSpec
from ketadash.questions.shared import parts, theme
from ketadash.questions.shared.error_bars import error_bars
from ketadash.questions.shared.theme import Figure, Trace
from ketadash.results.safety import AdverseEvent, AdverseEvents, Dissociation, FollowUp, FollowUpArm, ScoreArm

ROW_PX = 44  # room on a phone for the name above its marks
NARROW_BELOW = 760
MOST_EVENTS = 15  # kinds drawn; the table has them all


# --- adverse events --------------------------------------------------------------------------------------------------


def events(result: AdverseEvents, view: ViewSpec) -> Figure:
    """A row an event, the most frequent first: left the share of each arm, right the difference with its interval.

    Traces: links between the two shares, control, active, differences; shares and differences are fractions.
    """
    rows = (*result.events[:MOST_EVENTS], *([result.overall] if len(result.events) > 1 else ()))
    margin = (14, 14, 62, 48) if view.narrow else (280, 20, 62, 48)
    split = (0.46, 0.54) if view.narrow else (0.46, 0.53)
    control, active = (theme.label(a, view) for a in result.arms)
    notes = [_row_name(e, i, view, margin[0]) for i, e in enumerate(rows)]
    notes += [_column("With the event", 0, view), _column(f"{active} − {control}", split[1], view), _key(result, view)]
    ends = [v for e in rows for v in (e.difference.ci_low, e.difference.ci_high) if v is not None]
    reach = parts.padded(min([*ends, 0.0]), max([*ends, 0.0]), least=0.1)
    across = {"ticks": "outside", "showline": True, "tickformat": "~%", "nticks": 4 if view.narrow else 6}
    top = max([a.participants / a.n for e in rows for a in e.arms], default=0.0)
    down = 0.24 if view.narrow else 0.0
    return {
        "data": [
            _links(rows, down, view),
            *(_shares(result, rows, k, down, view) for k in (0, 1)),
            _differences(result, rows, down, view),
        ],
        "layout": theme.layout(
            view,
            height=max(len(rows), 1) * ROW_PX + margin[2] + margin[3],
            margin=margin,
            annotations=notes,
            meta={"narrowBelow": NARROW_BELOW},
            shapes=[_zero(i, view) for i in range(len(rows))],
            xaxis=theme.axis(view, range=[-0.03, min(1.03, 1.15 * top + 0.05)], domain=[0, split[0]], **across),
            xaxis2=theme.axis(view, range=reach, domain=[split[1], 1], **across),
            yaxis=theme.axis(view, range=[max(len(rows), 1) - 0.35, -0.5], visible=False, fixedrange=True),
        ),
    }


def _links(rows: tuple[AdverseEvent, ...], down: float, view: ViewSpec) -> Trace:
    x: list[float | None] = []
    y: list[float | None] = []
    for i, e in enumerate(rows):
        x += [*(a.participants / a.n for a in e.arms), None]
        y += [i + down, i + down, None]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "y": y,
        "hoverinfo": "skip",
        "line": {"color": theme.ink(view).grid, "width": 4},
    }


def _shares(result: AdverseEvents, rows: tuple[AdverseEvent, ...], k: int, down: float, view: ViewSpec) -> Trace:
    arm = result.arms[k]
    style, name = theme.arm_ink(view, result.arms)[arm], theme.safe(arm)
    own = [e.arms[k] for e in rows]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": [a.participants / a.n for a in own],
        "y": [i + down for i in range(len(rows))],
        "marker": {"color": style.colour, "symbol": style.symbol, "size": 11},
        "customdata": [
            [theme.safe(e.event), a.participants, a.n, a.occurrences] for e, a in zip(rows, own, strict=True)
        ],
        "hovertemplate": f"<b>%{{customdata[0]}}</b>, {name}<br>%{{customdata[1]}} of %{{customdata[2]}} participants "
        "(%{x:.1~%}), %{customdata[3]} occurrences<extra></extra>",
    }


def _differences(result: AdverseEvents, rows: tuple[AdverseEvent, ...], down: float, view: ViewSpec) -> Trace:
    known = [(i, e) for i, e in enumerate(rows) if e.difference.estimate is not None]
    differences = [e.difference for _, e in known]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "difference",
        "xaxis": "x2",
        "x": [d.estimate for d in differences],
        "y": [i + down for i, _ in known],
        "error_x": error_bars(((d.ci_low, d.estimate, d.ci_high) for d in differences), theme.ink(view).text),
        "marker": {"size": 8, "color": theme.ink(view).text},
        "customdata": [[theme.safe(e.event), e.difference.ci_low, e.difference.ci_high] for _, e in known],
        "hovertemplate": f"<b>%{{customdata[0]}}</b><br>%{{x:+.4~%}}<br>{parts.percent(result.confidence)} interval "
        "%{customdata[1]:+.4~%} to %{customdata[2]:+.4~%}<extra></extra>",
    }


def _row_name(e: AdverseEvent, i: int, view: ViewSpec, left: int) -> dict[str, Any]:
    control, active = e.arms
    inks = theme.arm_ink(view, (control.arm, active.arm))
    counts = " v ".join(
        f'<span style="color:{inks[a.arm].colour}">{a.participants}/{a.n}</span>' for a in (active, control)
    )
    text = f"{theme.safe(e.event, 24)} &nbsp;{counts}"
    place = {"xref": "paper", "x": 0, "xanchor": "left", "y": i, "yanchor": "middle"}
    return theme.note(text, view, **place, **({"yshift": 9} if view.narrow else {"xshift": -left + 4}))


def _zero(i: int, view: ViewSpec) -> dict[str, Any]:
    """No difference: beside the intervals only, clear of the names that stand above them on a phone."""
    y0, y1 = (i + 0.02, i + 0.46) if view.narrow else (i - 0.5, i + 0.5)
    line = {"color": theme.ink(view).zero, "width": 1.2}
    return {"type": "line", "xref": "x2", "x0": 0, "x1": 0, "y0": y0, "y1": y1, "layer": "below", "line": line}


def _column(text: str, x: float, view: ViewSpec) -> dict[str, Any]:
    return theme.note(
        f"<b>{text}</b>", view, xref="paper", yref="paper", x=x, y=1, xanchor="left", yanchor="bottom", yshift=6
    )


def _key(result: AdverseEvents, view: ViewSpec) -> dict[str, Any]:
    """Which mark is whose, above the columns at every width."""
    above = ViewSpec(dark=view.dark, narrow=True)
    return parts.arm_labels({}, result.arms, 0, above, plot_px=1)[0] | {"yshift": 32}


# --- dissociation ----------------------------------------------------------------------------------------------------


def dissociation(result: Dissociation, view: ViewSpec) -> Figure:
    """Every score as a dot, ties stacked; a bar from the first to the third quartile, a line at the median.

    Per arm, control first: the dots; ``x`` holds the scores.
    """
    arms = (result.arms[0].arm, result.arms[1].arm)
    inks = theme.arm_ink(view, arms)
    high = max([v for a in result.arms for v in a.values], default=1.0)
    low = min([v for a in result.arms for v in a.values], default=0.0)
    air = 0.03 * (high - low) or 1.0
    data, notes, shapes = [], [], []
    for i, a in enumerate(result.arms):
        style = inks[a.arm]
        data.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": theme.safe(a.arm),
                "x": list(a.values),
                "y": [i + dy for dy in _stacked(a.values)],
                "cliponaxis": False,
                "marker": {"color": style.colour, "symbol": style.symbol, "size": 7, "opacity": 0.75},
                "hovertemplate": f"<b>{theme.safe(a.arm)}</b><br>CADSS %{{x}}<extra></extra>",
            }
        )
        shapes += _box(a, i, style.band, style.colour)
        notes.append(_bar_name(a.arm, _middle(a), i - 0.42, style.colour, view))
    return {
        "data": data,
        "layout": theme.layout(
            view,
            height=250,
            margin=(14, 14, 8, 48),
            annotations=notes,
            shapes=shapes,
            xaxis=theme.axis(
                view,
                range=[low - air, high + air],
                ticks="outside",
                showline=True,
                title=theme.title("CADSS, points", view),
            ),
            yaxis=theme.axis(view, range=[1.55, -0.6], visible=False, fixedrange=True),
        ),
    }


def _bar_name(arm: str, value_text: str, y: float, colour: str, view: ViewSpec) -> dict[str, Any]:
    """An arm's name and its numbers, above its marks."""
    text = f'<span style="color:{colour}"><b>{theme.label(arm, view)}</b></span> {value_text}'
    return theme.note(text, view, xref="paper", x=0, xanchor="left", y=y, yanchor="middle")


def _stacked(values: tuple[float, ...]) -> list[float]:
    """Offsets that set equal scores one above the other, within a quarter of a row of the middle."""
    offsets: list[float] = []
    for _, ties in groupby(values):
        n = len(list(ties))
        step = min(0.07, 0.5 / n)
        offsets += [0.08 + step * (k - (n - 1) / 2) for k in range(n)]
    return offsets


def _box(a: ScoreArm, i: int, band: str, colour: str) -> list[dict[str, Any]]:
    if a.median is None or a.q1 is None or a.q3 is None:
        return []
    y = {"y0": i - 0.22, "y1": i + 0.38, "layer": "below"}
    return [
        {"type": "rect", "x0": a.q1, "x1": a.q3, "fillcolor": band, "line": {"width": 0}, **y},
        {"type": "line", "x0": a.median, "x1": a.median, "line": {"color": colour, "width": 2.5}, **y},
    ]


def _middle(a: ScoreArm) -> str:
    if a.median is None or a.q1 is None or a.q3 is None:
        return "not recorded"
    return f"median {a.median:.10g} ({a.q1:.10g} to {a.q3:.10g}), n = {a.n:,}"


# --- follow-up -------------------------------------------------------------------------------------------------------


def follow_up(result: FollowUp, view: ViewSpec) -> Figure:
    """One bar an arm, everyone randomised: abstinent, not reached, using.

    The ends of the part not reached are the two bounds.  Traces in that order; ``x`` holds shares of everyone.
    """
    inks = theme.arm_ink(view, (result.arms[0].arm, result.arms[1].arm))
    data = [_segment(result, *segment, view) for segment in _segments(result, view)]
    notes = [_bar_name(a.arm, _among_reached(a), i - 0.28, inks[a.arm].colour, view) for i, a in enumerate(result.arms)]
    if view.narrow:
        key = f"abstinent · not reached (hatched) · {result.terms.use} (pale)"
        place = {"xref": "paper", "yref": "paper", "x": 0, "y": 1, "xanchor": "left", "yanchor": "bottom"}
        notes.append(theme.note(key, view, **place, font=parts.muted(view)))
    return {
        "data": data,
        "layout": theme.layout(
            view,
            height=230,
            margin=(14, 14, 24, 48),
            annotations=notes,
            barmode="stack",
            xaxis=theme.axis(
                view,
                range=[0, 1],
                tickformat="~%",
                nticks=6,
                ticks="outside",
                showline=True,
                showgrid=False,
                title=theme.title("Share of everyone in the arm", view),
            ),
            yaxis=theme.axis(view, range=[1.5, -0.5], visible=False, fixedrange=True),
        ),
    }


def _segments(result: FollowUp, view: ViewSpec) -> list[tuple[str, list[int], dict[str, Any], str]]:
    """The parts of an arm's bar: name, counts by arm, marker, colour of its text."""
    colours = theme.ink(view)
    inks = theme.arm_ink(view, (result.arms[0].arm, result.arms[1].arm))
    styles = [inks[a.arm] for a in result.arms]
    hatched = {
        "color": theme.CLEAR,
        "line": {"color": colours.zero, "width": 1},
        "pattern": {"shape": "/", "fgcolor": colours.grid, "size": 7, "solidity": 0.3},
    }
    using = [a.reached - a.abstinent for a in result.arms]
    return [
        ("abstinent", [a.abstinent for a in result.arms], {"color": [s.colour for s in styles]}, colours.paper),
        ("not reached", [a.n - a.reached for a in result.arms], hatched, colours.text),
        (result.terms.use, using, {"color": [s.band for s in styles]}, colours.text),
    ]


def _segment(
    result: FollowUp, name: str, counts: list[int], marker: dict[str, Any], text_colour: str, view: ViewSpec
) -> Trace:
    """One part of each arm's bar."""
    return {
        "type": "bar",
        "orientation": "h",
        "name": name,
        "x": [k / a.n for k, a in zip(counts, result.arms, strict=True)],
        "y": [0.12, 1.12],
        "width": 0.46,
        "marker": marker,
        "text": [_count_text(k, name, view) for k in counts],
        "textposition": "inside",
        "insidetextanchor": "middle",
        "textangle": 0,
        "insidetextfont": {"color": text_colour, "size": 13},
        "constraintext": "none",
        "customdata": [[theme.safe(a.arm), k, a.n] for k, a in zip(counts, result.arms, strict=True)],
        "hovertemplate": f"<b>%{{customdata[0]}}</b><br>%{{customdata[1]}} of %{{customdata[2]}} {name}<extra></extra>",
    }


def _among_reached(a: FollowUpArm) -> str:
    p = a.proportion
    if p.estimate is None or p.ci_low is None or p.ci_high is None:
        return "nobody reached"
    return (
        f"{a.abstinent} of {a.reached} reached: {percent(p.estimate)} ({interval(100 * p.ci_low, 100 * p.ci_high, 0)})"
    )


def _count_text(count: int, unit: str, view: ViewSpec) -> str:
    if count == 0:
        return ""
    return str(count) if view.narrow else f"{count} {unit}"
