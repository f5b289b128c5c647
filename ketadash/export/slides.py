"""Slides in PowerPoint's format, 16:9: the answer as the title, native charts, notes with method and origin."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from typing import Any

from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.text import MSO_ANCHOR
from pptx.util import Emu, Inches, Pt

from ketadash.export import slides_chart
from ketadash.export.printable import as_property, printable
from ketadash.export.provenance import HEADING, Stamp
from ketadash.export.sections import Picture, Section, Table
from ketadash.questions.shared import theme
from ketadash.questions.shared.chart import Chart
from ketadash.questions.shared.methods import Methods

WIDTH, HEIGHT = Inches(13.333), Inches(7.5)
LEFT, RIGHT = Inches(0.55), Inches(0.55)
TOP, BOTTOM = Inches(1.95), Inches(0.95)  # of the room for charts
MOST_ROWS, MOST_COLUMNS = 12, 7  # of a table that a slide can hold
A_SLIDE = 4  # charts
TITLE_LETTERS = 230
MOST_QUESTIONS = 16  # on the title slide
BADGE = RGBColor(0x8A, 0x4B, 0x00)


def slides(
    made: Sequence[Section],
    origin: Stamp,
    methods: Methods,
    *,
    title: bool = True,
    notes: Sequence[str] = (),
    step: Callable[[], None] = lambda: None,
) -> bytes:
    """A presentation of the sections; `step` is called after each, and may raise to stop.

    Parameters
    ----------
    made
        What to show; each picture with native charts has a slide, a section without any a slide of its answer.
    origin, methods
        What stands in the notes.
    title
        Whether a title slide comes first and a slide of methods last.
    notes
        What the reader must know of the whole, on the title slide.
    """
    deck = Presentation()
    deck.slide_width, deck.slide_height = WIDTH, HEIGHT
    _plain_type(deck)
    deck.core_properties.title = as_property(origin.title)
    deck.core_properties.author, deck.core_properties.comments = "ketadash", as_property(origin.line())
    if title:
        _title_slide(deck, origin, made, notes)
    for section in made:
        _section(deck, section, origin, methods)
        step()
    if title:
        _methods_slide(deck, origin, methods)
    held = io.BytesIO()
    deck.save(held)
    return held.getvalue()


def _section(deck: Any, section: Section, origin: Stamp, methods: Methods) -> None:
    shown = [p for p in section.pictures if p.charts]
    if not shown:
        _answer_slide(deck, section, origin, methods)
        return
    groups = [[p] for p in shown]
    if len(shown) > A_SLIDE - 1:  # small ones, such as the visit measures, side by side
        groups = [shown[i : i + A_SLIDE] for i in range(0, len(shown), A_SLIDE)]
    for number, group in enumerate(groups):
        charts = [(p, c) for p in group for c in p.charts]
        slide = _slide(deck, section, origin, methods, group, first=number == 0)
        _charts(slide, charts, bottom=_counts(slide, charts))


def _slide(
    deck: Any, section: Section, origin: Stamp, methods: Methods, pictures: Sequence[Picture], *, first: bool
) -> Any:
    """A slide with its title, what it rests on, its foot and its notes."""
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    message = section.answer if first or not pictures else pictures[0].message or pictures[0].legend
    _heading(slide, leading(message))
    _text(
        slide,
        section.rests_on,
        (LEFT, Inches(1.38), WIDTH - LEFT - RIGHT, Inches(0.55)),
        size=_fit(section.rests_on, ((260, 12), (420, 11), (10_000, 10))),
        colour=theme.LIGHT.muted,
    )
    _foot(slide, origin)
    legends = [p.legend for p in pictures]
    doubts = [f"Doubts: {' '.join(section.doubts)}"] if section.doubts else []
    _notes(
        slide,
        [section.question, section.answer, f"What this rests on: {section.rests_on}", *doubts, *legends],
        origin,
        methods,
    )
    return slide


def leading(text: str) -> str:
    """The first sentences of an answer, as many as a title can hold; all of it stands in the notes."""
    sentences = re.split(r"(?<=[.!?]) +(?=[A-Z0-9])", text)
    kept = sentences[0]
    for sentence in sentences[1:]:
        if len(kept) + len(sentence) > TITLE_LETTERS:
            break
        kept = f"{kept} {sentence}"
    return kept


def _heading(slide: Any, heading: str) -> None:
    title = slide.shapes.title
    title.left, title.top, title.width, title.height = LEFT, Inches(0.3), WIDTH - LEFT - RIGHT, Inches(1.08)
    title.text_frame.word_wrap = True
    title.text_frame.margin_left = 0
    title.text_frame.vertical_anchor = MSO_ANCHOR.TOP
    title.text = printable(heading)
    for paragraph in title.text_frame.paragraphs:
        paragraph.alignment = 1
        for run in paragraph.runs:
            run.font.size = Pt(_fit(heading, ((60, 28), (110, 24), (240, 20), (340, 16), (10_000, 13))))
            run.font.bold, run.font.color.rgb = True, _rgb(theme.LIGHT.text)


def _fit(text: str, sizes: tuple[tuple[int, int], ...]) -> int:
    """The size of type for so many characters."""
    return next((size for most, size in sizes if len(text) <= most), sizes[-1][1])


def _charts(slide: Any, charts: Sequence[tuple[Picture, Chart]], *, bottom: int) -> None:
    """The charts on a grid, each with what its signs mean below it."""
    columns = 1 if len(charts) == 1 else 3 if len(charts) == 3 else 2
    rows = -(-len(charts) // columns)
    key = Inches(0.3)
    width = (WIDTH - LEFT - RIGHT) // columns
    height = (HEIGHT - TOP - bottom) // rows
    size = {1: 14.0, 2: 12.0}.get(columns, 11.0) - (1.0 if rows > 1 else 0.0)
    for i, (picture, chart) in enumerate(charts):
        left, top = LEFT + width * (i % columns), TOP + height * (i // columns)
        frame = slides_chart.add(slide, chart, (left, top, width, height - key), size=size, name=picture.name)
        frame._element.nvGraphicFramePr.cNvPr.set("descr", printable(picture.alt))
        if i == len(charts) - 1 or chart.key != charts[i + 1][1].key:
            _text(
                slide,
                chart.key,
                (left, top + height - key, width, key),
                size=max(size - 2, 9),
                colour=theme.LIGHT.muted,
            )


def _counts(slide: Any, charts: Sequence[tuple[Picture, Chart]]) -> int:
    """The numbers at risk below a single survival chart; how much room they and the foot take."""
    if len(charts) != 1 or not charts[0][1].counts:
        return BOTTOM
    rows = charts[0][1].counts
    tall = Inches(0.28) * len(rows)
    top = HEIGHT - BOTTOM - tall
    _grid(slide, rows, (LEFT, top, WIDTH - LEFT - RIGHT, tall), size=11)
    return BOTTOM + tall + Inches(0.05)


def _answer_slide(deck: Any, section: Section, origin: Stamp, methods: Methods) -> None:
    """A section without charts: its first table, if a slide can hold it, else the whole answer."""
    slide = _slide(deck, section, origin, methods, (), first=True)
    held = next((t for t in section.tables if _holds(t)), None)
    if held is not None:
        frame = held.shown
        cells = [tuple(map(str, frame.columns)), *(tuple(map(str, row)) for row in frame.itertuples(index=False))]
        tall = min(Inches(0.36) * len(cells), HEIGHT - TOP - BOTTOM)
        _grid(slide, cells, (LEFT, TOP, WIDTH - LEFT - RIGHT, tall), size=12 if len(cells) < 9 else 10)
    elif leading(section.answer) != section.answer:
        _text(slide, section.answer, (LEFT, TOP + Inches(0.2), WIDTH - LEFT - RIGHT, Inches(4)), size=16)


def _holds(table: Table) -> bool:
    return len(table.shown) <= MOST_ROWS and len(table.shown.columns) <= MOST_COLUMNS and not table.shown.empty


def _grid(slide: Any, rows: Sequence[Sequence[str]], place: tuple[int, int, int, int], *, size: int) -> None:
    """A native table without stripes, its first column as wide as its texts ask."""
    shape = slide.shapes.add_table(len(rows), len(rows[0]), *(Emu(int(v)) for v in place))
    table = shape.table
    table.horz_banding = False
    widths = [max(len(str(row[k])) for row in rows) + 2 for k in range(len(rows[0]))]
    for k, wide in enumerate(widths):
        table.columns[k].width = Emu(int(place[2] * wide / sum(widths)))
    for i, row in enumerate(rows):
        table.rows[i].height = Emu(int(place[3] / len(rows)))
        for k, value in enumerate(row):
            cell = table.cell(i, k)
            cell.margin_top = cell.margin_bottom = Emu(0)
            cell.fill.background()
            cell.text = printable(str(value))
            for paragraph in cell.text_frame.paragraphs:
                for run in paragraph.runs:
                    run.font.size, run.font.bold = Pt(size), i == 0
                    run.font.color.rgb = _rgb(theme.LIGHT.text)


def _foot(slide: Any, origin: Stamp) -> None:
    """Where it comes from, and in amber that the data are synthetic."""
    line = origin.foot()
    top = HEIGHT - Inches(0.42)
    if origin.mark:
        _text(
            slide,
            origin.mark,
            (LEFT, HEIGHT - Inches(0.66), WIDTH - LEFT - RIGHT, Inches(0.26)),
            size=11,
            rgb=BADGE,
            bold=True,
        )
    _text(slide, line, (LEFT, top, WIDTH - LEFT - RIGHT, Inches(0.26)), size=10, colour=theme.LIGHT.muted)


def _text(
    slide: Any,
    text: str,
    place: tuple[int, int, int, int],
    *,
    size: float,
    colour: str = theme.LIGHT.text,
    rgb: RGBColor | None = None,
    bold: bool = False,
) -> None:
    box = slide.shapes.add_textbox(*(Emu(int(v)) for v in place))
    frame = box.text_frame
    frame.word_wrap = True
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    frame.text = printable(text)
    for paragraph in frame.paragraphs:
        for run in paragraph.runs:
            run.font.size, run.font.bold, run.font.color.rgb = Pt(size), bold, rgb or _rgb(colour)


def _notes(slide: Any, sentences: Sequence[str], origin: Stamp, methods: Methods) -> None:
    lines = [
        *sentences,
        "",
        "Methods",
        *methods.paragraphs,
        "",
        "Where it comes from",
        *(f"{name}: {value}" for name, value in origin.lines()),
    ]
    slide.notes_slide.notes_text_frame.text = printable("\n".join(lines))


def _title_slide(deck: Any, origin: Stamp, made: Sequence[Section], notes: Sequence[str]) -> None:
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    _heading(slide, origin.title)
    questions = "\n".join([*(f"•  {s.question}" for s in made[:MOST_QUESTIONS]), *notes])
    _text(slide, questions, (LEFT, Inches(1.6), WIDTH - LEFT - RIGHT, Inches(4.6)), size=18 if len(made) < 10 else 14)
    _foot(slide, origin)


def _methods_slide(deck: Any, origin: Stamp, methods: Methods) -> None:
    """The methods paragraph with its references in the notes, and a slide of where it all comes from."""
    room = (LEFT, Inches(1.05), WIDTH - LEFT - RIGHT, Inches(5.5))
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    _heading(slide, "Methods")
    _text(
        slide,
        methods.text.replace("\n\n", "\n"),
        room,
        size=_fit(methods.text, ((1400, 16), (2000, 14), (2800, 12), (4000, 11), (100_000, 9))),
    )
    _foot(slide, origin)
    slide.notes_slide.notes_text_frame.text = printable(
        "\n".join(f"{i}. {reference}" for i, reference in enumerate(methods.references, 1))
    )
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    _heading(slide, HEADING)
    _text(slide, "\n".join(f"{name}: {value}" for name, value in origin.lines()), room, size=13)
    _foot(slide, origin)


def _plain_type(deck: Any) -> None:
    """A typeface that every machine has, or one of the same widths: a title then breaks where it did here."""
    for relation in deck.slide_master.part.rels.values():
        if relation.reltype.endswith("/theme"):
            part = relation.target_part
            part._blob = re.sub(rb'(<a:latin typeface=")Calibri[^"]*"', rb'\1Arial"', part.blob)


def _rgb(colour: str) -> RGBColor:
    return RGBColor.from_string(colour.lstrip("#").upper())
