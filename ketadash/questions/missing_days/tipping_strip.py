"""The exact tipping strip: the verdict under every count of successes among those whose outcome is unknown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from ketadash.core.numbers import signed_points
from ketadash.core.spec import ViewSpec
from ketadash.questions.shared import parts, theme
from ketadash.questions.shared.theme import Figure, Trace
from ketadash.results.sensitivity import Strip

STRIP_PX, CELL_PX, MOST_PX = 46, 34, 420  # the one row of a strip; a row of a grid; a grid's rows together
LINE_PX = theme.LABEL_PX + 2
SIGNED_ROWS, SIGNED_COLUMNS = 12, (16, 11)  # more (wide, narrow), and a cell is too small for its difference
MOST_PLACES = 200  # counts drawn along a side: more are less than two pixels each
NARROW_BELOW = 640  # pixels
LEAST_PX = (580, 270)  # what the plot has of the narrowest page that shows the (wide, narrow) figure
# A verdict's sign is the mark of the arm it favours, so that it is told without colour.
SIGNS = {-1: "■", 0: "", 1: "●"}
TINTS = {-1: ("#F3C2AA", "#74381F"), 0: ("#E9ECEF", "#2A353C"), 1: ("#A9D3EA", "#1F4F70")}


def plot(strip: Strip, view: ViewSpec, *, declared: str | None = None) -> Figure:
    """A grid of cells, successes assumed in the control arm across, in the active arm upwards.

    Where one arm knows every outcome it is one row, along the other arm's.  Of more than `MOST_PLACES` counts as many
    are drawn, evenly spaced, the first and the last among them.

    Parameters
    ----------
    strip
        Difference and interval for every pair of counts.
    view
        Appearance.
    declared
        What the trial's own analysis is called ("published") where it takes every unknown outcome for a failure; that
        corner is then marked.

    Returns
    -------
    Figure
        First a heatmap: ``z`` holds the verdict, ``customdata`` (successes assumed: control, active; successes in
        all: control, active; difference, interval) with the fractions rounded to four digits.
    """
    shown, open_ = _Grid(strip), strip.unknown != (0, 0)
    declared = declared if open_ else None
    margin = (16, 14, 10 + 2 * LINE_PX, 46 + LINE_PX * (declared is not None))
    if shown.rows > 1:
        margin = (38, 14, margin[2] + LINE_PX, margin[3])
    data = [_cells(shown, view)]
    if not shown.signed(view):
        data.append(_region_signs(shown, view))
    notes, shapes = _heads(shown, view, left=margin[0]), []
    if declared is not None:
        shapes.append(_declared_corner(view))
        notes.append(_declared_note(declared, view))
    ticks: dict[str, Any] = {"showgrid": False, "fixedrange": True, "showticklabels": open_, "showline": open_}
    ticks["ticks"] = "outside" if open_ else ""
    return {
        "data": data,
        "layout": theme.layout(
            view,
            height=round(shown.rows * shown.row_px) + margin[2] + margin[3],
            margin=margin,
            annotations=notes,
            shapes=shapes,
            meta={"narrowBelow": NARROW_BELOW},
            xaxis=theme.axis(
                view,
                range=[-0.5, shown.columns - 0.5],
                tickvals=counts(shown.columns, view),
                title=theme.title(shown.across(view), view),
                **ticks,
            ),
            yaxis=theme.axis(
                view, range=[-0.5, shown.rows - 0.5], visible=shown.rows > 1, tickvals=counts(shown.rows, view), **ticks
            ),
        ),
    }


def _declared_corner(view: ViewSpec) -> dict[str, Any]:
    """The frame round the cell in which every unknown outcome is a failure."""
    corner = {"x0": -0.5, "x1": 0.5, "y0": -0.5, "y1": 0.5}
    return {"type": "rect", **corner, "layer": "above", "line": {"color": theme.ink(view).text, "width": 2}}


def _declared_note(declared: str, view: ViewSpec) -> dict[str, Any]:
    """What that cell is."""
    place = {"xref": "paper", "x": 0, "xanchor": "left", "yref": "paper", "y": 0, "yanchor": "top", "yshift": -44}
    text = f"↑ {theme.safe(declared, 20)}: all unknown = failures"
    return theme.note(text, view, **place, font=parts.muted(view))


@dataclass(frozen=True, slots=True, eq=False)
class _Cells:
    """What is drawn of a strip's cells, rows upwards, whatever it looks like.

    `rows` and `columns` are the counts that are drawn; `held` is a heatmap's ``customdata``; `middles` has for each
    verdict the cell furthest inside its region, and how far that is.
    """

    rows: list[int]
    columns: list[int]
    verdict: np.ndarray
    verdicts: list[list[int]]
    held: list[list[list[float]]]
    middles: dict[int, tuple[int, int, float]]


# A strip of a large trial has 20,000 cells, and stands on each page of missing days, wide and narrow.
_drawn: WeakKeyDictionary[Strip, _Cells] = WeakKeyDictionary()


def _cells_of(strip: Strip) -> _Cells:
    cells = _drawn.get(strip)
    if cells is None:
        places = [counts_drawn(n) for n in strip.difference.shape]
        drawn = np.ix_(*places)
        k0, k1 = np.meshgrid(*places, indexing="ij")
        ends = (np.round(grid[drawn], 4) for grid in (strip.difference, strip.ci_low, strip.ci_high))
        grids = (k0, k1, strip.successes[0] + k0, strip.successes[1] + k1, *ends)
        held = [_turned(strip, np.asarray(grid)).tolist() for grid in grids]
        verdict = _turned(strip, strip.verdict[drawn])
        rows, columns = places if _one_row(strip) else reversed(places)
        cells = _drawn[strip] = _Cells(
            rows.tolist(),
            columns.tolist(),
            verdict,
            verdict.tolist(),
            [[list(cell) for cell in zip(*row, strict=True)] for row in zip(*held, strict=True)],
            {sign: _deepest(verdict == sign) for sign in SIGNS},
        )
    return cells


def counts_drawn(n: int) -> np.ndarray:
    """Of the counts 0 … n − 1 those that are drawn: all of them, or `MOST_PLACES`."""
    return np.linspace(0, n - 1, min(n, MOST_PLACES)).round().astype(int)


def _one_row(strip: Strip) -> bool:
    """Whether it is a strip of one row, along which the active arm's odds ratio runs."""
    return strip.unknown[0] == 0


def _turned(strip: Strip, grid: np.ndarray) -> np.ndarray:
    return grid if _one_row(strip) else grid.T


class _Grid:
    """A strip as rows and columns: the active arm's counts upwards, unless one arm's alone lie across."""

    def __init__(self, strip: Strip) -> None:
        self.strip, self.cells = strip, _cells_of(strip)
        self.by_active, self.verdict = _one_row(strip), self.cells.verdict
        self.rows, self.columns = _turned(strip, strip.difference).shape
        self.row_px = STRIP_PX if self.rows == 1 else min(CELL_PX, MOST_PX / self.rows)

    def signed(self, view: ViewSpec) -> bool:
        """Whether a cell can hold its difference."""
        return self.rows <= SIGNED_ROWS and self.columns <= SIGNED_COLUMNS[view.narrow]

    def across(self, view: ViewSpec) -> str:
        return _axis_title(self.strip, int(self.by_active), view)


def _axis_title(strip: Strip, arm: int, view: ViewSpec) -> str:
    if strip.unknown == (0, 0):
        return "No outcome is unknown"
    return f"{theme.label(strip.arms[arm], view)}: successes of {strip.unknown[arm]} unknown"


def _cells(shown: _Grid, view: ViewSpec) -> Trace:
    control, active = (theme.safe(a, 40) for a in shown.strip.arms)
    n = shown.strip.n
    gap = 2 if shown.signed(view) else 1 if max(shown.rows, shown.columns) <= 30 else 0
    return {
        "type": "heatmap",
        "name": "verdict",
        "x": shown.cells.columns,
        "y": shown.cells.rows,
        "z": shown.cells.verdicts,
        "zmin": -1.5,
        "zmax": 1.5,
        "showscale": False,
        "xgap": gap,
        "ygap": gap,
        "colorscale": [[(k + edge) / 3, tint(v, view)] for k, v in enumerate((-1, 0, 1)) for edge in (0, 1)],
        "customdata": shown.cells.held,
        "hovertemplate": f"%{{customdata[2]}} of {n[0]} v %{{customdata[3]}} of {n[1]}<br>{active} − {control}: "
        f"%{{customdata[4]:+.1%}}<br>{parts.percent(shown.strip.confidence)} interval "
        "%{customdata[5]:+.1%} to %{customdata[6]:+.1%}<extra></extra>",
        **(_signs(shown, view) if shown.signed(view) else {}),
    }


def tint(verdict: int, view: ViewSpec) -> str:
    """The colour of a verdict's cells."""
    return TINTS[verdict][view.dark]


def _signs(shown: _Grid, view: ViewSpec) -> dict[str, Any]:
    """In every cell its difference in points, and below it the mark of the arm favoured."""
    text = [
        [f"{signed_points(cell[4])}<br>{SIGNS[v]}" if SIGNS[v] else signed_points(cell[4]) for cell, v in pairs]
        for pairs in (zip(*rows, strict=True) for rows in zip(shown.cells.held, shown.cells.verdicts, strict=True))
    ]
    font = {"size": 11 if view.narrow else 12, "color": theme.ink(view).text}
    return {"text": text, "texttemplate": "%{text}", "textfont": font}


def blend(colour: str, other: str, share: float) -> str:
    """The colour with `share` of the way gone to another; what transparency would show, without its seams."""
    a, b = ([int(c[k : k + 2], 16) for k in (1, 3, 5)] for c in (colour, other))
    return "#" + "".join(f"{round(p + share * (q - p)):02X}" for p, q in zip(a, b, strict=True))


def _region_signs(shown: _Grid, view: ViewSpec) -> Trace:
    """The sign of either arm once, in the middle of its cells, where cells are too small for their own."""
    signs = []
    cells = shown.cells
    row_px, column_px = shown.rows * shown.row_px / len(cells.rows), LEAST_PX[view.narrow] / len(cells.columns)
    for verdict, sign in SIGNS.items():
        row, column, depth = cells.middles[verdict]
        if sign and min(depth * row_px, depth * column_px) >= 5:
            signs.append((cells.columns[column], cells.rows[row], sign))
    return {
        "type": "scatter",
        "mode": "text",
        "name": "signs",
        "x": [f[0] for f in signs],
        "y": [f[1] for f in signs],
        "text": [f[2] for f in signs],
        "textfont": {"size": 14, "color": theme.ink(view).text},
        "hoverinfo": "skip",
    }


def _deepest(mask: np.ndarray) -> tuple[int, int, float]:
    """The cell furthest inside `mask`, and how far, in cells from its middle; 0 where there is none."""
    inside, depth = mask, 0.0
    best = (0, 0)
    while inside.any():
        rows, columns = np.nonzero(inside)
        middle = len(rows) // 2
        best, depth = (int(rows[middle]), int(columns[middle])), depth + 1
        padded = np.pad(inside, 1)
        inside = padded[1:-1, 1:-1] & padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    return *best, max(depth - 0.5, 0.0)


def counts(n: int, view: ViewSpec) -> list[int]:
    """Counts 0 … n − 1 to label: round steps, and the last where it has room."""
    most = 11 if view.narrow else 16
    step = next(s for s in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, n) if (n - 1) / s < most)
    kept = list(range(0, n, step))
    if n - 1 - kept[-1] >= 0.6 * step:
        kept.append(n - 1)
    return kept


def _heads(shown: _Grid, view: ViewSpec, *, left: int) -> list[dict[str, Any]]:
    """What the outcome is, the key of the verdicts that occur, and over a grid what runs upwards."""
    strip, grid = shown.strip, shown.rows > 1
    what = strip.definition[:1].upper() + strip.definition[1:]
    muted = f'<span style="color:{theme.ink(view).muted}">{{}}</span>'
    texts = [f"<b>{theme.safe(what, 44)}</b>", _key(shown, view)]
    if shown.signed(view) and not view.narrow:
        control, active = (theme.label(a, view) for a in strip.arms)
        unit = "percentage points" if len(active) + len(control) <= 24 else "points"
        texts[0] += " &nbsp; " + muted.format(f"{active} − {control}, {unit}")
    if grid:
        texts.append(muted.format(f"↑ {_axis_title(strip, 1, view)}"))
    place = {"xref": "paper", "x": 0, "xanchor": "left", "yref": "paper", "y": 1, "yanchor": "bottom"}
    return [
        theme.note(text, view, **place, xshift=-left + 2, yshift=4 + LINE_PX * (len(texts) - 1 - i))
        for i, text in enumerate(texts)
    ]


def _key(shown: _Grid, view: ViewSpec) -> str:
    control, active = (theme.label(a, view) for a in shown.strip.arms)
    favoured = {1: active, -1: control, 0: "neither" if view.narrow else "interval includes zero"}
    items = []
    for v in (1, -1, 0):
        if (shown.verdict == v).any():
            favours = "favours " if v and not view.narrow else ""
            items.append(f'<span style="color:{tint(v, view)}">█</span>{SIGNS[v]} {favours}{favoured[v]}')
    if not view.narrow:
        return " &nbsp; ".join(items)
    room = shown.signed(view) and len(control) + len(active) <= 20
    return ("Points, favours: " if room else "Favours: ") + " &nbsp; ".join(items)
