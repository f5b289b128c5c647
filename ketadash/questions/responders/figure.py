"""Responders drawn: the ladder as stacked bars, and the share at every cut."""

from __future__ import annotations

from typing import Any

from ketadash.core.numbers import percent
from ketadash.core.spec import ViewSpec
from ketadash.questions.responders import words
from ketadash.questions.shared import parts, theme
from ketadash.questions.shared.error_bars import error_bars
from ketadash.questions.shared.theme import Figure, Trace
from ketadash.results.endpoints import Ladder, ResponderCurve

NONE, UNKNOWN = "none of them", "unknown"
SHORT = {
    "abstinent_all_days": "abstinent",
    "no_heavy_day": "no heavy day",
    "who_reduction_2": "WHO −2",
    "who_reduction_1": "WHO −1",
}
SHADES = (1.0, 0.72, 0.48, 0.28)  # of an arm's colour, from the highest rung down
BAR = 0.5  # a bar's thickness
LEAST_TEXT = 0.055, 0.10  # shares of the width that a percentage needs, wide and narrow
LIGHT_TEXT, DARK_TEXT = "#ffffff", "#10191f"


def ladder(result: Ladder, view: ViewSpec) -> Figure:
    """A bar an arm, active above; the parts of each trace are control, active, and all of them sum to 1."""
    control, active = result.arms
    shares = [_parts(result, k) for k in (0, 1)]
    names = [SHORT.get(r.key, r.label) for r in result.rungs] + [NONE, UNKNOWN]
    data: list[Trace] = []
    for place, name in enumerate(names):
        values = [shares[k][place] for k in (0, 1)]
        if any(v > 0 for v in values):
            data.append(_segment(place, name, values, result, view))
    data += [_limits(result, k, view) for k in (0, 1)]
    notes = [_name(arm, k, view) for k, arm in enumerate((control, active))]
    notes.append(_key(result, view))
    margin = (14, 14, 34 if not view.narrow else 52, 40) if view.narrow else (130, 20, 34, 40)
    return {
        "data": data,
        "layout": theme.layout(
            view,
            height=theme.tall(290, view),
            margin=margin,
            barmode="stack",
            bargap=0,
            annotations=notes,
            xaxis=parts.percent_axis(view, range=[0, 1], showline=True, ticks="outside", showgrid=False),
            yaxis=theme.axis(view, range=[-0.72, 1.6], visible=False, fixedrange=True),
        ),
    }


def _parts(result: Ladder, k: int) -> list[float]:
    """The shares of an arm at each rung as its highest, at none, and unknown."""
    n = max((r.arms[k].n + r.arms[k].n_unknown for r in result.rungs), default=0)
    if not n:
        return [0.0] * (len(result.rungs) + 2)
    reached = [(r.arms[k].events or 0.0) / n for r in result.rungs]
    each = [b - a for a, b in zip([0.0, *reached], reached, strict=False)]
    last = result.rungs[-1].arms[k]
    unknown = last.n_unknown / n
    return [*(max(share, 0.0) for share in each), max(1 - reached[-1] - unknown, 0.0), unknown]


def _segment(place: int, name: str, values: list[float], result: Ladder, view: ViewSpec) -> Trace:
    colours, rungs = theme.ink(view), len(result.rungs)
    arms = [colours.arms[k].colour for k in (0, 1)]
    if place < rungs:
        fill: dict[str, Any] = {"color": arms, "opacity": SHADES[place]}
        ink = LIGHT_TEXT if SHADES[place] > 0.6 and not view.dark else colours.text
        if view.dark and SHADES[place] > 0.6:
            ink = DARK_TEXT
    else:
        fill = {"color": [colours.neutral_band] * 2}
        ink = colours.text
        if place == rungs + 1:
            fill["pattern"] = {"shape": "/", "fgcolor": colours.muted}
    least = LEAST_TEXT[view.narrow]
    return {
        "type": "bar",
        "orientation": "h",
        "name": name,
        "x": values,
        "y": [0, 1],
        "width": BAR,
        "marker": fill | {"line": {"color": colours.paper, "width": 1}},
        "text": [percent(v) if v >= least else "" for v in values],
        "textposition": "inside",
        "insidetextanchor": "middle",
        "textangle": 0,
        "textfont": {"color": ink, "size": 12},
        "hovertemplate": f"{theme.safe(name)}: %{{x:.0%}}<extra></extra>",
    }


def _limits(result: Ladder, k: int, view: ViewSpec) -> Trace:
    """The intervals of the shares at each rung or above, below the bar."""
    arms = [(i, r.arms[k]) for i, r in enumerate(result.rungs)]
    known = [(i, a) for i, a in arms if a.value is not None and a.ci_low is not None and a.ci_high is not None]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [a.value for _, a in known],
        "y": [k - 0.3 - 0.055 * i for i, _ in known],
        "marker": {"size": 5, "color": theme.ink(view).arms[k].colour, "symbol": theme.ink(view).arms[k].symbol},
        "error_x": error_bars(
            ((a.ci_low, a.value, a.ci_high) for _, a in known), theme.ink(view).arms[k].colour, thickness=1.5
        ),
        "customdata": [theme.safe(result.rungs[i].label) for i, _ in known],
        "hovertemplate": "%{customdata}, or above: %{x:.0%}<extra></extra>",
    }


def _name(arm: str, k: int, view: ViewSpec) -> dict[str, Any]:
    ink = theme.ink(view).arms[k]
    font = {"size": 13, "color": ink.colour}
    place = {"xref": "paper", "x": 0, "xanchor": "left", "font": font, "yanchor": "middle"}
    if view.narrow:
        return theme.note(theme.label(arm, view), view, y=k + 0.38, **place)
    return theme.note(theme.label(arm, view), view, y=k, xshift=-126, **place)


def _key(result: Ladder, view: ViewSpec) -> dict[str, Any]:
    """What the parts are, from left to right."""
    names = [SHORT.get(r.key, r.label) for r in result.rungs]
    text = "From the left: " + ", ".join([*names, NONE])
    if view.narrow and len(names) > 2:
        text = text.replace(f", {names[2]}", f",<br>{names[2]}")
    return theme.above(text, view, left=0 if view.narrow else 126, up=6, align="left", font=parts.muted(view))


def curve(c: ResponderCurve, view: ViewSpec) -> Figure:
    """The share of each arm with at most, or at least, each cut; one trace an arm, control first."""
    inks = theme.arm_ink(view, c.arms)
    data: list[Trace] = []
    for arm, steps in zip(c.arms, c.curves, strict=True):
        style = inks[arm]
        line = {
            "type": "scatter",
            "mode": "lines",
            "name": theme.safe(arm),
            "x": [s.cut for s in steps],
            "y": [s.share for s in steps],
            "line": {
                "shape": "vh" if c.good else "hv",
                "color": style.colour,
                "width": 2.5,
                "dash": style.dash,
            },
            "hovertemplate": f"{theme.safe(arm)}<br>%{{x:{_form(c)}}}: %{{y:.0%}}<extra></extra>",
        }
        data += parts.of_arm(arm, [line])
    margin = (46, 14, 50, 46)
    axis = {"title": theme.title(theme.safe(words.curve_axis(c)), view), "showline": True, "ticks": "outside"}
    forms = {"tickformat": "~%"} if c.unit == "percent" else {}
    return {
        "data": data,
        "layout": theme.layout(
            view,
            height=theme.tall(300, view, 0.9),
            margin=margin,
            annotations=[_arms(c.arms, view), theme.heading("Participants", view, left=44, up=26)],
            xaxis=theme.axis(view, nticks=6, rangemode="tozero", **axis, **forms),
            yaxis=parts.percent_axis(view),
        ),
    }


def _form(c: ResponderCurve) -> str:
    return ".0%" if c.unit == "percent" else ".1f"


def _arms(arms: tuple[str, str], view: ViewSpec) -> dict[str, Any]:
    """The arms' names above a small picture, whatever its width."""
    inks = theme.arm_ink(view, arms)
    key = " &nbsp; ".join(
        f'<span style="color:{i.colour}">{parts.GLYPHS[i.symbol]} {theme.label(a, view)}</span>'
        for a, i in inks.items()
    )
    place = {"xref": "paper", "yref": "paper", "x": 0, "y": 1, "xanchor": "left", "yanchor": "bottom"}
    return theme.note(key, view, **place, xshift=-44, yshift=6)
