"""Native tables of a slide, and how many of their rows it holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
from pptx.dml.color import RGBColor
from pptx.util import Emu, Pt

from ketadash.export import slides_text as fit
from ketadash.export.printable import printable
from ketadash.questions.shared import theme

ROW = fit.SMALLEST * fit.LINE + 4  # points: one line and its rule
SIDE = 6.0  # left and right of a cell's text
MOST_COLUMNS, MOST_LINES = 7, 3  # at most, of a table that is shown and of one of its cells
Rows = Sequence[Sequence[str]]


def holds(frame: pd.DataFrame) -> bool:
    """Whether a slide can hold a table's columns; of its rows it shows the first."""
    return 0 < len(frame.columns) <= MOST_COLUMNS and not frame.empty


def first_rows(frame: pd.DataFrame, room: float, tall: float) -> list[tuple[str, ...]]:
    """A table's head and as many rows as there is room for; cells of more than a few lines are cut."""
    cells = [tuple(map(str, frame.columns)), *(tuple(map(str, row)) for row in frame.itertuples(index=False))]
    rows = [tuple(" ".join(printable(value).split()) for value in row) for row in cells[: int(tall / ROW) + 1]]
    columns = widths(rows, room)
    rows = [
        tuple(fit.cut(v, fit.SMALLEST, w - 2 * SIDE, MOST_LINES) for v, w in zip(r, columns, strict=True)) for r in rows
    ]
    while len(rows) > 2 and sum(heights(rows, room)) > tall:
        rows = rows[:-1]
    return rows


def widths(rows: Rows, room: float) -> list[float]:
    """Each column as wide as its texts ask, as far as that is fair to the others."""
    wanted = [
        max(fit.width(str(row[k]), fit.SMALLEST, bold=True) for row in rows) + 2 * SIDE + 2 for k in range(len(rows[0]))
    ]
    fair = room / len(wanted)
    while sum(wanted) > room:
        over = [k for k, wide in enumerate(wanted) if wide > fair]
        left = room - sum(wide for wide in wanted if wide <= fair)
        if left / len(over) <= fair + 1e-9:
            wanted = [min(wide, left / len(over)) if k in over else wide for k, wide in enumerate(wanted)]
            break
        fair = left / len(over)
    spare = (room - sum(wanted)) / len(wanted)
    return [wide + spare for wide in wanted]


def heights(rows: Rows, room: float) -> list[float]:
    """How high each row is."""
    columns = widths(rows, room)
    lines = [
        max(fit.lines(str(v), fit.SMALLEST, w - 2 * SIDE, bold=i == 0) for v, w in zip(row, columns, strict=True))
        for i, row in enumerate(rows)
    ]
    return [n * fit.SMALLEST * fit.LINE + 4 for n in lines]


def grid(slide: Any, rows: Rows, place: tuple[int, int, int, int], *, room: float) -> None:
    """A native table without stripes."""
    shape = slide.shapes.add_table(len(rows), len(rows[0]), *place)
    table = shape.table
    table.horz_banding = False
    for k, wide in enumerate(widths(rows, room)):
        table.columns[k].width = Emu(int(Pt(1) * wide))
    for i, (row, tall) in enumerate(zip(rows, heights(rows, room), strict=True)):
        table.rows[i].height = Emu(int(Pt(1) * tall))
        for k, value in enumerate(row):
            _cell(table.cell(i, k), str(value), bold=i == 0)


def _cell(cell: Any, text: str, *, bold: bool) -> None:
    cell.margin_top = cell.margin_bottom = Emu(0)
    cell.margin_left = cell.margin_right = Pt(SIDE)
    cell.fill.background()
    cell.text = printable(text)
    for paragraph in cell.text_frame.paragraphs:
        paragraph.font.size = Pt(fit.SMALLEST)
        for run in paragraph.runs:
            run.font.size, run.font.bold = Pt(fit.SMALLEST), bold
            run.font.color.rgb = RGBColor.from_string(theme.LIGHT.text.lstrip("#").upper())
