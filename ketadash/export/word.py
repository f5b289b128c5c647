"""Tables and sentences as a Word file: real tables, so that they can be set as a journal wants them."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt, RGBColor

from ketadash.export.printable import as_property, printable
from ketadash.export.provenance import HEADING, Stamp
from ketadash.export.sections import Section, Table
from ketadash.questions.shared.methods import Methods

WIDE = 8  # columns from which a table needs the page turned
AMBER = RGBColor(0x8A, 0x4B, 0x00)


def word(
    made: Sequence[Section],
    origin: Stamp,
    methods: Methods,
    *,
    brief: bool = False,
    notes: Sequence[str] = (),
    step: Callable[[], None] = lambda: None,
) -> bytes:
    """The sections' answers, tables and legends, the methods and where it comes from; see `report.report`."""
    paper = Document()
    paper.core_properties.title, paper.core_properties.author = as_property(origin.title), "ketadash"
    paper.core_properties.comments = as_property(origin.line())
    paper.styles["Normal"].font.name, paper.styles["Normal"].font.size = "Arial", Pt(10)
    if any(len(t.shown.columns) >= WIDE for s in made for t in s.tables if not (brief and t.deep)):
        _turn(paper)
    paper.add_heading(printable(origin.title), 0)
    if origin.mark:
        run = paper.add_paragraph().add_run(origin.mark)
        run.bold, run.font.color.rgb = True, AMBER
    for note in (origin.status, *notes):
        paper.add_paragraph(printable(note))
    for section in made:
        _section(paper, section, brief, origin.mark)
        step()
    if not brief:
        _methods(paper, methods)
    paper.add_heading(HEADING, 1)
    for name, value in origin.lines():
        line = paper.add_paragraph()
        line.add_run(f"{name}: ").bold = True
        line.add_run(printable(value))
    held = io.BytesIO()
    paper.save(held)
    return held.getvalue()


def _turn(paper: Any) -> None:
    page = paper.sections[0]
    page.orientation = WD_ORIENT.LANDSCAPE
    page.page_width, page.page_height = page.page_height, page.page_width


def _section(paper: Any, section: Section, brief: bool, mark: str | None) -> None:
    paper.add_heading(printable(section.question), 1)
    paper.add_paragraph(printable(section.answer))
    rests = paper.add_paragraph()
    rests.add_run("What this rests on. ").bold = True
    rests.add_run(printable(section.rests_on))
    for doubt in section.doubts:
        paper.add_paragraph(printable(f"Note: {doubt}"))
    if not brief:
        for number, picture in enumerate(section.pictures, 1):
            legend = paper.add_paragraph()
            legend.add_run(f"Legend of figure {number} ({picture.name}). ").bold = True
            legend.add_run(printable(picture.legend))
    for table in section.tables:
        if not (brief and table.deep) and not table.shown.empty:
            _table(paper, table, mark)


def _table(paper: Any, table: Table, mark: str | None) -> None:
    """A table between three rules, its head repeated on every page."""
    caption = paper.add_paragraph()
    caption.paragraph_format.keep_with_next = True
    caption.add_run(printable(table.caption)).bold = True
    if mark:
        caption.add_run(f" ({mark.lower()})").italic = True
    frame = table.shown
    rows = [[str(c) for c in frame.columns], *([str(x) for x in row] for row in frame.itertuples(index=False))]
    made = paper.add_table(rows=len(rows), cols=len(frame.columns))
    cells = iter(made._cells)  # all of them at once: row by row, python-docx counts them anew for each
    for number, row in enumerate(rows):
        for text in row:
            _fill(next(cells), text, bold=number == 0)
    _repeat(made.rows[0])
    _rules(made.rows[0], "top", "bottom")
    _rules(made.rows[len(made.rows) - 1], "bottom")
    paper.add_paragraph()


def _fill(cell: Any, text: str, *, bold: bool = False) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_after = Pt(0)
    run = paragraph.add_run(printable(text))
    run.bold, run.font.size = bold, Pt(8.5)


def _repeat(row: Any) -> None:
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(mark)


def _rules(row: Any, *sides: str) -> None:
    for cell in row.cells:
        edges = OxmlElement("w:tcBorders")
        for side in sides:
            edge = OxmlElement(f"w:{side}")
            for name, value in (("val", "single"), ("sz", "8"), ("space", "0"), ("color", "1A2A33")):
                edge.set(qn(f"w:{name}"), value)
            edges.append(edge)
        cell._tc.get_or_add_tcPr().append(edges)


def _methods(paper: Any, methods: Methods) -> None:
    paper.add_heading("Methods", 1)
    for paragraph in methods.paragraphs:
        paper.add_paragraph(printable(paragraph))
    if methods.references:
        paper.add_heading("References", 2)
        for number, reference in enumerate(methods.references, 1):
            paper.add_paragraph(printable(f"{number}. {reference}"))
