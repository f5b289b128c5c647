"""Numbers needed to treat on the scale they come from: the risk difference, with 1 / difference along the top.

On that scale an interval that spans no difference is unbroken: its number needed to treat runs through infinity,
which stands at 0 (Altman 1998, BMJ 317:1309).
"""

from __future__ import annotations

from typing import Any

from ketadash.core.spec import ViewSpec
from ketadash.questions.nnt import words
from ketadash.questions.shared import difference, parts, theme
from ketadash.questions.shared.error_bars import error_bars
from ketadash.questions.shared.theme import Figure, Trace
from ketadash.results import Nnt, NntResult

# Ticks that the axis may have, the ones that clinicians speak of first.
WANTED = (2, 1, 5, 3, 10, 4, 20, 50, 7, 100)
INFINITY = "∞"


def scale(low: float, high: float, *, least: float) -> tuple[list[float], list[str]]:
    """Ticks of the number needed to treat between two risk differences, at least `least` apart.

    Returns
    -------
    positions, labels
        Risk differences (fractions) in rising order, and the numbers to write there: ``∞`` at 0.
    """
    wanted = [0.0] + [sign / n for n in WANTED for sign in (1, -1)]
    kept = theme.spread(wanted, low, high, least)
    return kept, [INFINITY if at == 0 else f"{abs(1 / at):.0f}" for at in kept]


def plot(result: NntResult, view: ViewSpec) -> Figure:
    """Intervals of the three risk differences, with the scale of numbers needed to treat along the top.

    The first trace holds the differences in the order observed, observed on the last day, modelled.
    """
    rows = (result.observed, result.observed_last_day, result.modelled)
    shown = [n for n in rows if n.risk_difference is not None]
    ends = [v for n in shown for v in (n.ci_low, n.ci_high, n.risk_difference) if v is not None]
    reach = parts.padded(min(ends, default=-0.1), max(ends, default=0.1), least=0.1)
    at, labels = scale(*reach, least=(0.12 if view.narrow else 0.055) * (reach[1] - reach[0]))
    control, active = (theme.label(a, view) for a in result.arms)
    top = {
        "range": reach,
        "overlaying": "x",
        "matches": "x",
        "side": "top",
        "showgrid": False,
        "ticks": "outside",
        "showline": True,
        "tickvals": at,
        "ticktext": labels,
        "title": theme.title(words.NAME, view),
    }
    bottom = {
        "range": reach,
        "tickformat": "~%",
        "nticks": 5 if view.narrow else 9,
        "ticks": "outside",
        "showline": True,
        "title": theme.title(words.difference_axis(active, control), view),
    }
    notes = [_row_note(n, i, view) for i, n in enumerate(rows)]
    notes += [_side(f"← {control} better", "left", view), _side(f"{active} better →", "right", view)]
    return {
        "data": [_intervals(rows, result.confidence, view), _anchor()],
        "layout": theme.layout(
            view,
            height=theme.tall(380, view, 0.85),
            margin=(14, 14, 58, 52),
            annotations=notes,
            shapes=[parts.upright(0, view) | {"line": {"color": theme.ink(view).zero, "width": 1.2}}],
            xaxis=theme.axis(view, **bottom),
            xaxis2=theme.axis(view, **top),
            yaxis=theme.axis(view, range=[3.15, -0.5], visible=False, fixedrange=True),
        ),
    }


def by_day(result: NntResult, view: ViewSpec) -> Figure:
    """The modelled risk difference by day, with numbers needed to treat along the right."""
    window = (result.by_day[0].day, result.by_day[-1].day) if result.by_day else (0, 1)
    figure = difference.by_day(result.by_day, result.arms, window, view, confidence=result.confidence)
    axis = figure["layout"]["yaxis"]
    at, labels = scale(*axis["range"], least=0.14 * (axis["range"][1] - axis["range"][0]))
    figure["layout"]["yaxis2"] = theme.axis(
        view,
        range=axis["range"],
        overlaying="y",
        matches="y",
        side="right",
        showgrid=False,
        tickvals=at,
        ticktext=labels,
        ticks="outside",
        showline=True,
    )
    figure["layout"]["margin"] |= {"r": 40 if view.narrow else 150}
    figure["layout"]["annotations"].append(
        theme.note(
            "NNT",
            view,
            xref="paper",
            yref="paper",
            x=1,
            y=1,
            xanchor="left",
            yanchor="bottom",
            xshift=6,
            yshift=8,
            font=parts.muted(view),
        )
    )
    figure["data"].append(_anchor() | {"xaxis": "x", "yaxis": "y2", "x": [window[0]]})
    return figure


def _intervals(rows: tuple[Nnt, ...], confidence: float, view: ViewSpec) -> Trace:
    colour = theme.ink(view).text
    known = [(i, n) for i, n in enumerate(rows) if n.risk_difference is not None]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "risk difference",
        "cliponaxis": False,
        "x": [n.risk_difference for _, n in known],
        "y": [i + 0.38 for i, _ in known],
        "error_x": error_bars(
            ((n.ci_low, n.risk_difference, n.ci_high) for _, n in known), colour, thickness=2.5, width=5
        ),
        "marker": {"size": 11, "color": colour, "symbol": "diamond"},
        "customdata": [[n.ci_low, n.ci_high, n.risk_active, n.risk_control, theme.safe(n.text)] for _, n in known],
        "hovertemplate": f"Risk difference %{{x:+.4~%}}<br>{parts.percent(confidence)} interval "
        "%{customdata[0]:+.4~%} to %{customdata[1]:+.4~%}<br>%{customdata[2]:.4~%} against "
        "%{customdata[3]:.4~%}<br>%{customdata[4]}<extra></extra>",
    }


def _row_note(n: Nnt, i: int, view: ViewSpec) -> dict[str, Any]:
    """What a row is, and its text, written above its interval so that no margin is spent on names."""
    definition = n.definition[:1].upper() + n.definition[1:]
    first, second, lines = (40, 46, 2) if view.narrow else (90, 90, 1)
    value_text = "not estimable" if n.risk_difference is None else n.text
    text = f"<b>{theme.wrapped(definition, first, lines)}</b><br>{theme.wrapped(value_text, second, lines)}"
    return theme.note(
        text,
        view,
        xref="paper",
        x=0,
        xanchor="left",
        y=i + 0.22,
        yanchor="bottom",
        align="left",
        bgcolor=theme.ink(view).paper,
        borderpad=0,
    )


def _side(text: str, side: str, view: ViewSpec) -> dict[str, Any]:
    return theme.note(
        text,
        view,
        xref="paper",
        x=0 if side == "left" else 1,
        y=2.95,
        xanchor=side,
        yanchor="middle",
        bgcolor=theme.ink(view).paper,
        font=parts.muted(view),
    )


def _anchor() -> Trace:
    """An unseen point: plotly draws a second axis only if some trace lies on it."""
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [0],
        "y": [0],
        "xaxis": "x2",
        "opacity": 0,
        "marker": {"size": 1},
        "hoverinfo": "skip",
    }
