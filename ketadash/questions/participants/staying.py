"""Who stayed: the CONSORT flow diagram, and the share still reporting by day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from ketadash.core.spec import ViewSpec
from ketadash.questions.participants.words import STILL_REPORTING, left_out_of_set
from ketadash.questions.shared import parts, theme
from ketadash.questions.shared.theme import Figure
from ketadash.results.people import ArmFlow, Flow, Leaving, Participants

LINE_PX, PAD_PX, GAP_PX = 16, 16, 26
Ends = tuple[float, float, float, float]  # x and y of both ends of a line
DAYS_LISTED = 8  # of more days, only the first and the last are listed


@dataclass(frozen=True, slots=True)
class Box:
    """A box of the diagram: left and right edge (0 to 100), top (pixels), its lines of text, already safe."""

    left: float
    right: float
    top: float
    lines: tuple[str, ...]
    colour: str

    @property
    def height(self) -> float:
        """Pixels that its lines take."""
        return len(self.lines) * LINE_PX + PAD_PX

    @property
    def bottom(self) -> float:
        """Its lower edge, in pixels from above."""
        return self.top + self.height

    @property
    def middle(self) -> float:
        """Half way between its left and right edges."""
        return (self.left + self.right) / 2


def flow(result: Flow, view: ViewSpec) -> Figure:
    """CONSORT flow diagram: boxes as shapes, their text as annotations, arrows between them.

    The diagram has no traces; one unit of its vertical axis is one pixel, counted downwards.
    """
    boxes, lines, arrows = _diagram(result, view)
    other = _diagram(result, replace(view, narrow=not view.narrow))[0]
    # the wide and the narrow figure are equally high, since the page keeps one height free for both
    height = int(max(box.bottom for box in boxes + other) + 6)
    shapes = [_rectangle(box, view) for box in boxes] + [_line(*ends, view) for ends in lines]
    return {
        "data": [],
        "layout": theme.layout(
            view,
            height=height,
            margin=(2, 2, 2, 2),
            shapes=shapes,
            dragmode=False,
            annotations=[_text(box, view) for box in boxes] + [_arrow(*ends, view) for ends in arrows],
            xaxis={"visible": False, "range": [0, 100], "fixedrange": True},
            yaxis={"visible": False, "range": [height - 4, 0], "fixedrange": True},
            meta={"static": True, "narrowBelow": 640},
        ),
    }


def _diagram(result: Flow, view: ViewSpec) -> tuple[list[Box], list[Ends], list[Ends]]:
    """Every box, the fork's lines, and the arrows."""
    boxes, arrows, last = _spine(result, view)
    columns = [_column(arm, k, last.bottom + GAP_PX * 1.6, result, view) for k, arm in enumerate(result.arms)]
    _level(columns)
    fork = last.bottom + GAP_PX * 0.7
    centres = [column[0].middle for column in columns]
    lines = [(last.middle, last.bottom, last.middle, fork), (centres[0], fork, centres[1], fork)]
    for column in columns:
        arrows.append((column[0].middle, fork, column[0].middle, column[0].top))
        arrows += [(a.middle, a.bottom, b.middle, b.top) for a, b in pairwise(column)]
        boxes += column
    return boxes, lines, arrows


def _spine(result: Flow, view: ViewSpec) -> tuple[list[Box], list[Ends], Box]:
    """Boxes from screening to randomisation with their side boxes, the arrows, and the randomisation box."""
    grey = theme.ink(view).zero
    left, right, side = (2.0, 50.0, 58.0) if view.narrow else (34.0, 66.0, 74.0)
    if result.screened is None and result.enrolled is None:
        left, right = (20.0, 80.0) if view.narrow else (34.0, 66.0)
    steps = [("Screened", result.screened), ("Enrolled", result.enrolled), ("Randomised", result.randomised)]
    known = [(step, n) for step, n in steps if n is not None]
    boxes: list[Box] = []
    arrows: list[Ends] = []
    top, before, box = 2.0, None, None
    for step, n in known:
        lines = [f"<b>{step}: {n:,}</b>"]
        if step == "Randomised" and result.other_arms:
            lines.append(f"{result.other_arms:,} of them in other arms")
        if step == "Randomised" and result.outside_set:
            lines.append(left_out_of_set(result))
        if before is not None and box is not None:
            aside = Box(side, 99.0, box.bottom + 4, (f"Not {step.lower()}: {before - n:,}",), grey)
            middle = (aside.top + aside.bottom) / 2
            top = aside.bottom + 4
            boxes.append(aside)
            arrows += [(box.middle, box.bottom, box.middle, top), (box.middle, middle, aside.left, middle)]
        box = Box(left, right, top, tuple(lines), grey)
        boxes.append(box)
        before = n
    assert box is not None  # the number randomised is always known
    return boxes, arrows, box


def _column(arm: ArmFlow, k: int, top: float, result: Flow, view: ViewSpec) -> list[Box]:
    """One arm's boxes from top to bottom: allocated, left, analysed."""
    left, right = ((0.5, 49.0), (51.0, 99.5))[k] if view.narrow else ((4.0, 47.0), (53.0, 96.0))[k]
    colour = theme.arm_ink(view, (result.arms[0].arm, result.arms[1].arm))[arm.arm].colour
    width = 25 if view.narrow else 46
    last = result.window[1]
    received = [] if arm.received is None else [f"{arm.received:,} received it"]
    allocated = [f"<b>{theme.label(arm.arm, view)}: {arm.randomised:,}</b>", *received]
    gone = arm.never_reported + arm.n_left
    away = [f"<b>Left before day {last}: {gone:,}</b>"]
    if arm.never_reported:
        away.append(f"{arm.never_reported:,} never reported")
    for leaving in arm.left:
        away += theme.wrapped(_leaving(leaving), width, 4).split("<br>")
    analysed = [f"<b>Analysed: {arm.analysed:,}</b>", f"{arm.completed:,} known to day {last}"]
    return [Box(left, right, top, tuple(lines), colour) for lines in (allocated, away, analysed)]


def _leaving(leaving: Leaving) -> str:
    n = len(leaving.days)
    if n == 1:
        when = f"day {leaving.days[0]}"
    elif n <= DAYS_LISTED:
        when = "days " + ", ".join(str(d) for d in leaving.days)
    else:
        when = f"days {leaving.days[0]} to {leaving.days[-1]}"
    return f"{n:,} {leaving.reason} ({when})"


def _level(columns: list[list[Box]]) -> None:
    """Put the two arms' boxes of one row at one height, each row below the tallest above it; changes the lists."""
    top = columns[0][0].top
    for row in range(len(columns[0])):
        most = max(len(column[row].lines) for column in columns)
        for column in columns:
            b = column[row]
            lines = b.lines + ("",) * (most - len(b.lines))
            column[row] = Box(b.left, b.right, top, lines, b.colour)
        top = columns[0][row].bottom + GAP_PX


def _rectangle(box: Box, view: ViewSpec) -> dict[str, Any]:
    return {
        "type": "rect",
        "x0": box.left,
        "x1": box.right,
        "y0": box.top,
        "y1": box.bottom,
        "layer": "below",
        "line": {"color": box.colour, "width": 1.2},
        "fillcolor": theme.ink(view).paper,
    }


def _text(box: Box, view: ViewSpec) -> dict[str, Any]:
    text = "<br>".join(line for line in box.lines if line)
    return theme.note(
        text,
        view,
        x=box.middle,
        y=box.top + PAD_PX / 2 - 2,
        yanchor="top",
        align="center",
        font={"size": 12, "color": theme.ink(view).text},
    )


def _line(x0: float, y0: float, x1: float, y1: float, view: ViewSpec) -> dict[str, Any]:
    return {
        "type": "line",
        "x0": x0,
        "y0": y0,
        "x1": x1,
        "y1": y1,
        "layer": "below",
        "line": {"color": theme.ink(view).zero, "width": 1.2},
    }


def _arrow(x0: float, y0: float, x1: float, y1: float, view: ViewSpec) -> dict[str, Any]:
    return {
        "x": x1,
        "y": y1,
        "ax": x0,
        "ay": y0,
        "axref": "x",
        "ayref": "y",
        "showarrow": True,
        "text": "",
        "arrowhead": 2,
        "arrowsize": 1,
        "arrowwidth": 1.2,
        "arrowcolor": theme.ink(view).zero,
    }


def retention(result: Participants, view: ViewSpec) -> Figure:
    """Share of each arm still reporting, as steps; per arm, control first, one trace of the result's own shares."""
    inks = theme.arm_ink(view, result.arms)
    height, margin = theme.tall(320, view), (48, 14, 52, 46) if view.narrow else (56, 130, 34, 50)
    data, ends = [], {}
    for arm in result.arms:
        points = [p for p in result.retention if p.arm == arm]
        ends[arm] = points[-1].proportion
        data.append(
            {
                "type": "scatter",
                "mode": "lines",
                "name": theme.safe(arm),
                "legendgroup": theme.safe(arm),
                "x": [p.day for p in points],
                "y": [p.proportion for p in points],
                "line": {"color": inks[arm].colour, "width": 2.5, "dash": inks[arm].dash, "shape": "hv"},
                "customdata": [[p.staying, p.n, p.reported] for p in points],
                "hovertemplate": f"<b>{theme.safe(arm)}</b>, day %{{x}}<br>%{{customdata[0]}} of %{{customdata[1]}} "
                "still reporting (%{y:.4~%})<br>%{customdata[2]} reported this day<extra></extra>",
            }
        )
    first, last = result.flow.window
    notes = [theme.heading(STILL_REPORTING, view, left=margin[0], up=30 if view.narrow else 10)]
    notes += parts.arm_labels(ends, result.arms, last, view, plot_px=height - margin[2] - margin[3])
    return {
        "data": data,
        "layout": theme.layout(
            view,
            height=height,
            margin=margin,
            annotations=notes,
            meta=parts.can_hide(result.arms, view),
            xaxis=theme.day_axis(view, (first - 1, last)),
            yaxis=parts.percent_axis(view),
        ),
    }
