"""Tiny plots for the overview's cards: no axes, no hover; the card's words carry the numbers."""

from __future__ import annotations

from typing import Any

from ketadash.core.errors import KetadashError
from ketadash.core.numbers import level
from ketadash.core.spec import ViewSpec
from ketadash.questions.shared import parts, theme
from ketadash.questions.shared.theme import Figure, Trace
from ketadash.results import BinaryOutcome, Nnt, Sensitivity, TimeToEvent

HEIGHT = 76


def binary(result: BinaryOutcome, view: ViewSpec) -> Figure:
    """The two modelled curves on 0 to 100%, one trace per arm, control first.

    Raises
    ------
    KetadashError
        If the model has no finite answer.
    """
    if not result.modelled:
        raise KetadashError("there is no modelled curve")
    data = []
    for arm in result.arms:
        points = [p for p in result.modelled if p.arm == arm]
        data.append(_line([p.day for p in points], [p.probability for p in points], arm, result.arms, view))
    ends = {arm: d["y"][-1] for arm, d in zip(result.arms, data, strict=True) if d["y"]}
    return _card(data, view, yaxis={"range": [-0.04, 1.04]}, ends=ends)


def survival(result: TimeToEvent, view: ViewSpec) -> Figure:
    """The two curves of the share without the event, one trace per arm, control first."""
    arms = (result.arms[0].arm, result.arms[1].arm)
    data = []
    for arm in arms:
        points = [p for p in result.curve if p.arm == arm]
        line = _line([p.day for p in points], [p.survival for p in points], arm, arms, view)
        data.append(line | {"line": line["line"] | {"shape": "hv"}})
    ends = {arm: d["y"][-1] for arm, d in zip(arms, data, strict=True) if d["y"]}
    return _card(data, view, yaxis={"range": [-0.04, 1.04]}, ends=ends)


def difference(result: Nnt, view: ViewSpec) -> Figure:
    """A risk difference and its interval against the line of no difference; empty if it cannot be estimated."""
    colours = theme.ink(view)
    known = [v for v in (result.ci_low, result.ci_high, result.risk_difference) if v is not None]
    data: list[Trace] = []
    if result.risk_difference is not None:
        if result.ci_low is not None and result.ci_high is not None:
            data.append(
                {
                    "type": "scatter",
                    "mode": "lines",
                    "x": [result.ci_low, result.ci_high],
                    "y": [0, 0],
                    "line": {"color": colours.text, "width": 3},
                }
            )
        data.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": [result.risk_difference],
                "y": [0],
                "marker": {"size": 12, "symbol": "diamond", "color": colours.text},
            }
        )
    reach = parts.padded(min(known, default=-0.1), max(known, default=0.1), least=0.1)
    return _card(data, view, xaxis={"range": reach}, yaxis={"range": [-1, 1]}, shapes=[_zero(view)])


def agreement(result: Sensitivity, view: ViewSpec) -> Figure:
    """Every specification's risk difference on one line, filled where its interval excludes 0, published larger."""
    colours = theme.ink(view)
    rows = [r for r in result.rows if r.failed is None and r.difference.estimate is not None]
    clear = [excludes_zero(r.difference.ci_low, r.difference.ci_high) for r in rows]
    values = [r.difference.estimate or 0.0 for r in rows]
    dots = {
        "type": "scatter",
        "mode": "markers",
        "x": values,
        "y": [0] * len(rows),
        "marker": {
            "size": [14 if r.published else 9 for r in rows],
            "opacity": 0.75,
            "color": colours.text,
            "symbol": [
                ("diamond" if r.published else "circle") + ("" if c else "-open")
                for r, c in zip(rows, clear, strict=True)
            ],
            "line": {"width": 1.5},
        },
    }
    reach = parts.padded(min([0.0, *values]), max([0.0, *values]), least=0.1)
    diamond = "; diamond: the main analysis" if any(r.published for r in rows) else ""
    title = (
        f"Difference on day {result.last_day}{'' if view.narrow else ', one mark a specification'}{diamond}<br>"
        f"filled: its {level(result.confidence)} does not include zero; empty: it does"
    )
    scale = theme.axis(
        view, range=reach, tickformat="~%", title=theme.title(title, view), nticks=5 if view.narrow else 9
    )
    return {
        "data": [dots],
        "layout": theme.layout(
            view,
            height=HEIGHT + 34 + theme.LABEL_PX,
            margin=(8, 8, 2, 46 + theme.LABEL_PX),
            hovermode=False,
            dragmode=False,
            paper_bgcolor=theme.CLEAR,
            meta={"static": True},
            shapes=[_zero(view)],
            xaxis=scale,
            yaxis={"visible": False, "fixedrange": True, "range": [-1, 1]},
        ),
    }


def excludes_zero(low: float | None, high: float | None) -> bool:
    """Whether an interval is known and has 0 outside it."""
    return low is not None and high is not None and (low > 0 or high < 0)


def _line(x: list[int], y: list[float], arm: str, arms: tuple[str, str], view: ViewSpec) -> Trace:
    style = theme.arm_ink(view, arms)[arm]
    return {
        "type": "scatter",
        "mode": "lines",
        "name": theme.safe(arm),
        "x": x,
        "y": y,
        "line": {"color": style.colour, "width": 2.5, "dash": style.dash},
    }


def _card(
    data: list[Trace],
    view: ViewSpec,
    *,
    yaxis: dict[str, Any],
    xaxis: dict[str, Any] | None = None,
    shapes: list[dict[str, Any]] | None = None,
    ends: dict[str, float] | None = None,
) -> Figure:
    """Lines without axes; `ends` names each at its last value, to the right of the lines."""
    notes = []
    if ends:
        places = theme.dodge(list(ends.values()), 0.24, 0.06, 0.98)
        for (name, _), y, trace in zip(ends.items(), places, data, strict=True):
            notes.append(
                theme.note(
                    theme.label(name, view, 10),
                    view,
                    x=1,
                    xref="paper",
                    y=y,
                    xanchor="left",
                    xshift=4,
                    yanchor="middle",
                    font={"size": 12, "color": trace["line"]["color"]},
                )
            )
    hidden = {"visible": False, "fixedrange": True}
    layout = theme.layout(
        view,
        height=HEIGHT,
        margin=(2, 80 if ends else 2, 2, 2),
        hovermode=False,
        dragmode=False,
        paper_bgcolor=theme.CLEAR,
        meta={"static": True},
        shapes=shapes or [],
        annotations=notes,
        xaxis=hidden | (xaxis or {}),
        yaxis=hidden | yaxis,
    )
    return {"data": data, "layout": layout}


def _zero(view: ViewSpec) -> dict[str, Any]:
    line = {"color": theme.ink(view).zero, "width": 1.2}
    return {"type": "line", "yref": "paper", "x0": 0, "x1": 0, "y0": 0, "y1": 1, "line": line, "layer": "below"}
