"""Which days are missing: the share of each arm's participants by day, after dropout and between reported days."""

from __future__ import annotations

from typing import Any

from ketadash.core.spec import ViewSpec
from ketadash.questions.missing_days.tipping_strip import blend
from ketadash.questions.shared import parts, theme
from ketadash.questions.shared.theme import Figure, Trace
from ketadash.results.sensitivity import MissingDay, Missingness

HEIGHT, HEAD_PX, GAP_PX, ROW_PX = 404, 34, 44, 17
NARROW_BELOW = 560  # pixels: the heading and the key on one line
SOLID, LIGHT = 0.8, 0.5  # ink of the days after dropout, and of the hatched gaps laid over them


def plot(m: Missingness, view: ViewSpec) -> Figure:
    """A panel for each arm, control first, on one scale, and below the days how many reported.

    Per arm two traces of bars as wide as a day, the gaps on top of the days after dropout; ``y`` holds shares of the
    arm's participants, ``customdata`` the counts (after dropout, gaps, reported, n).  At the end the table's numbers.
    """
    margin = (84, 16, 44, 8) if view.narrow else (88, 24, 26, 8)
    ticks, (first, last) = theme.day_ticks(*m.window, view), m.window
    low = first - max(0.5, 0.05 * (last - first))  # room between a row's name and its first number
    table_px, inner = 3 * ROW_PX, HEIGHT - margin[2] - margin[3]
    panel_px = (inner - table_px - GAP_PX) / 2 - HEAD_PX
    most = max((_share(d.n - d.reported, d.n) for d in m.days), default=0.0)
    top = min(max(1.15 * most, 0.1), 1.02)
    axes, notes, data = {}, [*_heads(m, view, left=margin[0])], []
    for k, arm in enumerate(m.arms):
        own, high = [d for d in m.days if d.arm == arm], inner - HEAD_PX - k * (panel_px + HEAD_PX)
        axis = "yaxis" if k == 0 else "yaxis2"
        axes[axis] = parts.percent_axis(
            view,
            domain=[(high - panel_px) / inner, high / inner],
            range=[0, top],
            nticks=4,
            fixedrange=True,
            showline=True,
        )
        data += _bars(own, arm, m, "y" if k == 0 else "y2", view)
        notes.append(_name(m, k, high / inner, view, left=margin[0]))
        if not any(d.reported < d.n for d in own):
            notes.append(_none((high - panel_px / 2) / inner, view))
    return {
        "data": [*data, _table(m, ticks, view)],
        "layout": theme.layout(
            view,
            height=HEIGHT,
            margin=margin,
            annotations=notes,
            barmode="stack",
            bargap=0,
            meta={"narrowBelow": NARROW_BELOW},
            xaxis=theme.day_axis(view, m.window, low=low, anchor="y2"),
            **axes,
            yaxis3=_table_axis(m, view, table_px / inner),
            shapes=[
                {
                    "type": "line",
                    "xref": "paper",
                    "x0": 0,
                    "x1": 1,
                    "yref": "y domain",
                    "y0": 0,
                    "y1": 0,
                    "line": {"color": theme.ink(view).zero, "width": 1},
                }
            ],
        ),
    }


def _share(count: int, n: int) -> float:
    return count / n if n else 0.0


def _bars(days: list[MissingDay], arm: str, m: Missingness, axis: str, view: ViewSpec) -> list[Trace]:
    """After dropout in the arm's full colour, gaps on top in a lighter one, hatched to be told without it."""
    paper = theme.ink(view).paper
    colour, name = theme.arm_ink(view, m.arms)[arm].colour, theme.safe(arm)
    held = [[d.after_dropout, d.gaps, d.reported, d.n] for d in days]
    hover = (
        f"<b>{name}</b>, day %{{x}}<br>%{{customdata[0]}} after dropout, %{{customdata[1]}} between reported days"
        "<br>%{customdata[2]} of %{customdata[3]} reported<extra></extra>"
    )
    base = {
        "type": "bar",
        "x": [d.day for d in days],
        "yaxis": axis,
        "width": 1,
        "customdata": held,
        "hovertemplate": hover,
    }
    gap = {
        "color": blend(paper, colour, LIGHT),
        "line": {"width": 0},
        "pattern": {
            "shape": "/",
            "size": 5,
            "solidity": 0.4,
            "fillmode": "replace",
            "fgcolor": blend(paper, colour, LIGHT),
        },
    }
    return [
        base
        | {
            "name": f"{name}, after dropout",
            "y": [_share(d.after_dropout, d.n) for d in days],
            "marker": {"color": blend(paper, colour, SOLID), "line": {"width": 0}},
        },
        base | {"name": f"{name}, gaps", "y": [_share(d.gaps, d.n) for d in days], "marker": gap},
    ]


def _heads(m: Missingness, view: ViewSpec, *, left: int) -> list[dict[str, Any]]:
    """What is shown, and what the two kinds of missing days look like (those that occur)."""
    kinds = [
        sign
        for sign, occurs in (
            ("█ after dropout", any(d.after_dropout for d in m.days)),
            ("▨ between reported days", any(d.gaps for d in m.days)),
        )
        if occurs
    ]
    place = {"xref": "paper", "yref": "paper", "y": 1, "yanchor": "bottom", "font": parts.muted(view)}
    key = " &nbsp; ".join(kinds)
    head = theme.heading("Participants who did not report", view, left=left - 2, up=24 if view.narrow else 6)
    if view.narrow:
        return [head, theme.note(key, view, **place, x=0, xanchor="left", xshift=2 - left, yshift=4)]
    return [head, theme.note(key, view, **place, x=1, xanchor="right", yshift=6)]


def _name(m: Missingness, k: int, y: float, view: ViewSpec, *, left: int) -> dict[str, Any]:
    """The arm's name above its panel, with how much of it is missing."""
    colour = theme.arm_ink(view, m.arms)[m.arms[k]].colour
    share = f"{_share(m.n_missing[k], m.n_days[k]):.0%} of its days"
    text = f"<b>{theme.safe(m.arms[k], 24 if view.narrow else 60)}</b>, {share}"
    return theme.note(
        text,
        view,
        xref="paper",
        x=0,
        xanchor="left",
        xshift=2 - left,
        yref="paper",
        y=y,
        yanchor="bottom",
        yshift=8,
        font={"size": 13, "color": colour},
    )


def _none(y: float, view: ViewSpec) -> dict[str, Any]:
    return theme.note(
        "no day missing",
        view,
        xref="paper",
        x=0.5,
        xanchor="center",
        yref="paper",
        y=y,
        yanchor="middle",
        bgcolor=theme.ink(view).paper,
        font=parts.muted(view),
    )


def _table(m: Missingness, days: list[int], view: ViewSpec) -> Trace:
    """How many reported on the labelled days, as text at their days, so that it moves with the axis."""
    reported = {(d.arm, d.day): d.reported for d in m.days}
    cells = [(day, k, reported[arm, day]) for k, arm in enumerate(m.arms) for day in days if (arm, day) in reported]
    return {
        "type": "scatter",
        "mode": "text",
        "name": "reported",
        "x": [c[0] for c in cells],
        "y": [c[1] for c in cells],
        "text": [str(c[2]) for c in cells],
        "yaxis": "y3",
        "hoverinfo": "skip",
        "cliponaxis": False,
        "textfont": {"size": 12, "color": theme.ink(view).text},
    }


def _table_axis(m: Missingness, view: ViewSpec, share: float) -> dict[str, Any]:
    inks = theme.arm_ink(view, m.arms)
    names = [f'<span style="color:{inks[a].colour}">{theme.safe(a, 9)}</span>' for a in m.arms]
    return theme.axis(
        view,
        domain=[0, share],
        range=[1.5, -1.5],
        showgrid=False,
        fixedrange=True,
        anchor="x",
        tickvals=[-1, 0, 1],
        ticktext=["Reported", *names],
        ticklabelstandoff=4,
        tickfont={"size": 12, "color": theme.ink(view).muted},
    )
