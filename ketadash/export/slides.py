"""Slides in PowerPoint's format, 16:9: the answer as the title, native charts, notes with method and origin.

Everything on a slide is at least 14 points high, stays in its place and inside the slide: texts are reckoned
(`ketadash.export.slides_text`) and what does not fit stands in the notes.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.text import MSO_ANCHOR
from pptx.util import Inches, Pt

from ketadash.export import slides_chart, slides_table
from ketadash.export import slides_text as fit
from ketadash.export.printable import as_property, printable
from ketadash.export.provenance import HEADING, Stamp
from ketadash.export.sections import Picture, Section
from ketadash.questions.shared import theme
from ketadash.questions.shared.methods import Methods
from ketadash.questions.shared.office_chart import Chart

# Points, from the slide's left upper corner.
WIDTH, HEIGHT = 959.976, 540.0  # 13.333 by 7.5 inches
LEFT, TOP = 40.0, 22.0
ROOM = WIDTH - 2 * LEFT  # between the margins
FOOT = HEIGHT - 48.0  # where the two lines of the foot begin
GAP = 8.0
BODY, SMALL = 16.0, fit.SMALLEST
HEADLINES = ((1, 28.0), (2, 24.0), (3, 20.0), (4, 16.0))  # lines and size of a title
A_SLIDE = 2  # charts
MANY_ROWS = 5  # with a text each in a chart
LONGEST_NAME = 32  # letters of an arm on a slide
TITLE_LETTERS = 150
BADGE = "#8A4B00"


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
        Whether a title slide comes first and slides of methods and origin last.
    notes
        What the reader must know of the whole, on the title slide.
    """
    file = Presentation()
    file.slide_width, file.slide_height = Inches(13.333), Inches(7.5)
    _plain_type(file)
    file.core_properties.title = as_property(origin.title)
    file.core_properties.author, file.core_properties.comments = "ketadash", as_property(origin.line())
    deck = _Deck(file, origin, methods)
    if title:
        deck.title_slide(made, notes)
    for section in made:
        deck.section(section)
        step()
    if title:
        deck.written("Methods", methods.text.split("\n"), [f"{i}. {r}" for i, r in enumerate(methods.references, 1)])
        deck.written(HEADING, [f"{name}: {value}" for name, value in origin.lines()])
    held = io.BytesIO()
    file.save(held)
    return held.getvalue()


def leading(text: str) -> str:
    """The first sentences of an answer, as many as a title can hold; all of it stands in the notes."""
    kept, *rest = fit.sentences(text) or [""]
    for sentence in rest:
        if len(kept) + len(sentence) > TITLE_LETTERS:
            break
        kept = f"{kept} {sentence}"
    return fit.cut(kept, HEADLINES[-1][1], ROOM, HEADLINES[-1][0], bold=True)


def face(message: str, answer: str) -> tuple[str, str]:
    """What a slide says at its top: the title, and below it what follows, above all an interval.

    >>> face("It was 3. The interval (95% CI 1–5) is wide.", "")
    ('It was 3. The interval (95% CI 1–5) is wide.', '')
    """
    title = leading(message)
    rest = fit.sentences(message)[len(fit.sentences(title)) :] if not title.endswith("…") else []
    if title.endswith("…") or not fit.INTERVAL.search(title):
        with_interval = [s for s in (*rest, *fit.sentences(answer)) if fit.INTERVAL.search(s) and s not in title]
        following = fit.held(rest, BODY, ROOM, 2) if rest else ""
        if with_interval and not fit.INTERVAL.search(following):
            rest = [with_interval[0], *(s for s in rest if s != with_interval[0])]
    return title, fit.held(rest, BODY, ROOM, 2) if rest else ""


@dataclass(frozen=True, slots=True)
class _Box:
    """A place on a slide, in points."""

    left: float
    top: float
    width: float
    height: float

    @property
    def place(self) -> tuple[int, int, int, int]:
        """The same in the file's units."""
        return tuple(int(Pt(1) * v) for v in (self.left, self.top, self.width, self.height))  # type: ignore[return-value]


class _Deck:
    """A presentation while it grows."""

    def __init__(self, file: Any, origin: Stamp, methods: Methods) -> None:
        self.file, self.origin, self.methods = file, origin, methods
        long = [arm for arm, _ in origin.arms if len(arm) > LONGEST_NAME]
        self.names = {arm: f"{arm[: LONGEST_NAME // 2]}…{arm[-LONGEST_NAME // 2 :]}" for arm in long}
        arms = ", ".join(f"{k:,} {arm}" for arm, k in reversed(origin.arms))
        self.n = self.short(f"n = {sum(k for _, k in origin.arms):,}: {arms}")

    def short(self, text: str) -> str:
        """A text with long names of arms cut in their middle: they would leave no room for what is said of them."""
        for arm, name in self.names.items():
            text = text.replace(arm, name)
        return text

    def _named(self, chart: Chart) -> Chart:
        """A chart with such names; its series, which are its data, keep theirs."""
        series = tuple(
            replace(s, label=s.label and self.short(s.label), texts=tuple(map(self.short, s.texts)))
            for s in chart.series
        )
        x, y = (replace(axis, title=self.short(axis.title)) for axis in (chart.x, chart.y))
        counts = tuple(tuple(map(self.short, row)) for row in chart.counts)
        return replace(chart, x=x, y=y, key=self.short(chart.key), series=series, counts=counts)

    def section(self, section: Section) -> None:
        """A slide for each picture that has native charts, at most two charts on one; else for the answer."""
        shown = [(p, c) for p in section.pictures for c in p.charts]
        if not shown:
            self._answer(section)
            return
        groups = [[(p, c) for c in p.charts] for p in section.pictures if p.charts]
        if len(groups) > A_SLIDE + 1:  # small ones, such as the visit measures, side by side
            groups = [shown]
        for group in groups:
            for i in range(0, len(group), A_SLIDE):
                self._charts(section, some := group[i : i + A_SLIDE], first=some[0][0] is shown[0][0])

    def _charts(self, section: Section, shown: Sequence[tuple[Picture, Chart]], *, first: bool) -> None:
        pictures = list(dict.fromkeys(p for p, _ in shown))
        slide, top = self._begun(section, pictures, first=first)
        width = (ROOM - GAP * (len(shown) - 1)) / len(shown)
        shortened = [slides_chart.shortened(self._named(chart)) for _, chart in shown]
        keys = list(dict.fromkeys(chart.key for chart in shortened))
        counts = shortened[0].counts if len(shown) == 1 else ()
        bottom = FOOT - GAP
        crowded = any(len(s.texts) > MANY_ROWS for chart in shortened for s in chart.series)
        if not counts and not crowded:  # the sentence on what it rests on would take the rows' room
            bottom = self._rests(slide, section, bottom)
        if counts:
            tall = sum(slides_table.heights(counts, ROOM))
            bottom -= tall
            slides_table.grid(slide, counts, _Box(LEFT, bottom, ROOM, tall).place, room=ROOM)
            bottom -= GAP
        rooms = [ROOM] if len(keys) == 1 else [width] * len(shown)
        texts = [fit.held(key, SMALL, room, 2) for key, room in zip(keys, rooms, strict=False)]
        tall = max(fit.height(text, SMALL, room) for text, room in zip(texts, rooms, strict=False))
        bottom -= tall
        for i, (text, room) in enumerate(zip(texts, rooms, strict=False)):
            _text(slide, text, _Box(LEFT + i * (width + GAP), bottom, room, tall), colour=theme.LIGHT.muted)
        for i, ((picture, _), chart) in enumerate(zip(shown, shortened, strict=True)):
            self._chart(slide, picture, chart, _Box(LEFT + i * (width + GAP), top, width, bottom - 4 - top))

    def _chart(self, slide: Any, picture: Picture, chart: Chart, box: _Box) -> None:
        """A chart; a title that is longer than its upright axis stands above it instead."""
        title, line = chart.y.title, SMALL * fit.LINE
        if fit.width(title, SMALL) > slides_chart.HIGH * box.height:
            _text(slide, fit.cut(title, SMALL, box.width), _Box(box.left, box.top, box.width, line))
            chart = replace(chart, y=replace(chart.y, title=""))
            box = _Box(box.left, box.top + line, box.width, box.height - line)
        frame = slides_chart.add(slide, chart, box.place, size=SMALL, name=picture.name)
        frame._element.nvGraphicFramePr.cNvPr.set("descr", printable(picture.alt))

    def _answer(self, section: Section) -> None:
        """A section without charts: the first rows of its first table that is narrow enough, else the whole answer."""
        made = next((t for t in section.tables if slides_table.holds(t.shown)), None)
        slide, top = self._begun(section, (), first=True, body_too=made is not None)
        bottom = self._rests(slide, section, FOOT - GAP)
        if made is not None:
            rows = slides_table.first_rows(made.shown, ROOM, bottom - top - slides_table.ROW)
            tall = sum(slides_table.heights(rows, ROOM))
            slides_table.grid(slide, rows, _Box(LEFT, top, ROOM, tall).place, room=ROOM)
            if len(rows) - 1 < len(made.shown):
                left_out = f"{len(rows) - 1} of {len(made.shown):,} rows. {fit.THE_REST}"
                _text(slide, left_out, _Box(LEFT, top + tall + 4, ROOM, SMALL * fit.LINE), colour=theme.LIGHT.muted)
        elif more := fit.sentences(answer := self.short(section.answer))[len(fit.sentences(leading(answer))) :]:
            text = fit.held(more, BODY, ROOM, int((bottom - top) / (BODY * fit.LINE)))
            _text(slide, text, _Box(LEFT, top, ROOM, fit.height(text, BODY, ROOM)), size=BODY)

    def _begun(
        self, section: Section, pictures: Sequence[Picture], *, first: bool, body_too: bool = True
    ) -> tuple[Any, float]:
        """A slide with its title, what follows it, n, its foot and its notes; and where its room begins."""
        slide = self.file.slides.add_slide(self.file.slide_layouts[5])
        messages = [p.message or p.legend for p in pictures]
        message = section.answer if first or not pictures else messages[0]
        if not first and len(pictures) > 1:
            message = " ".join(fit.sentences(one)[0] for one in messages if fit.sentences(one))
        title, body = face(self.short(message), self.short(section.answer) if first else "")
        top = _heading(slide, title)
        if body and body_too:
            tall = fit.height(body, BODY, ROOM)
            _text(slide, body, _Box(LEFT, top, ROOM, tall), size=BODY)
            top += tall + 2
        _text(slide, self.n, _Box(LEFT, top, ROOM, SMALL * fit.LINE), bold=True)
        self._foot(slide)
        legends = [p.legend for p in pictures]
        doubts = [f"Doubts: {' '.join(section.doubts)}"] if section.doubts else []
        all_of_it = [section.question, section.answer, f"What this rests on: {section.rests_on}", *doubts, *legends]
        self._notes(slide, all_of_it)
        return slide, top + SMALL * fit.LINE + GAP

    def _rests(self, slide: Any, section: Section, bottom: float) -> float:
        """What it rests on, as far as two lines hold it; returns where it begins."""
        text = fit.held(self.short(section.rests_on), SMALL, ROOM, 2)
        if not text or text.endswith("…"):
            return bottom  # half an assumption would mislead, so all of it goes to the slide's notes
        tall = fit.height(text, SMALL, ROOM)
        _text(slide, text, _Box(LEFT, bottom - tall, ROOM, tall), colour=theme.LIGHT.muted)
        return bottom - tall - GAP

    def _foot(self, slide: Any) -> None:
        """Where it comes from, and in amber that the data are synthetic or whose they are."""
        tall = SMALL * fit.LINE
        if self.origin.mark:
            box = _Box(LEFT, FOOT, ROOM, tall)
            _text(slide, self.origin.mark, box, colour=BADGE, bold=True)
        of_what = f" · {self.origin.of_what()}"
        status = fit.cut(self.origin.status, SMALL, ROOM - fit.width(of_what, SMALL) - 4)
        _text(slide, f"{status}{of_what}", _Box(LEFT, FOOT + tall, ROOM, tall), colour=theme.LIGHT.muted)

    def _notes(self, slide: Any, sentences: Sequence[str]) -> None:
        lines = [
            *sentences,
            "",
            "Methods",
            *self.methods.paragraphs,
            "",
            "Where it comes from",
            *(f"{name}: {value}" for name, value in self.origin.lines()),
        ]
        _note(slide, lines)

    def title_slide(self, made: Sequence[Section], notes: Sequence[str]) -> None:
        """The trial, n, the questions as far as there is room, and what must be known of the whole."""
        slide = self.file.slides.add_slide(self.file.slide_layouts[5])
        top = _heading(slide, fit.cut(self.origin.title, HEADLINES[-1][1], ROOM, HEADLINES[-1][0], bold=True))
        _text(slide, self.n, _Box(LEFT, top, ROOM, SMALL * fit.LINE), bold=True)
        top += SMALL * fit.LINE + 2 * GAP
        questions = [f"•  {section.question}" for section in made]
        for size in (20.0, 18.0, 16.0, SMALL):
            known = "\n".join(fit.held(note, size, ROOM, 3) for note in notes)
            most = int((FOOT - GAP - top) / (size * fit.LINE)) - (fit.lines(known, size, ROOM) if notes else 0)
            if len(questions) <= most:
                break
        shown = (
            questions
            if len(questions) <= most
            else [*questions[: most - 1], f"•  and {len(questions) - most + 1} more"]
        )
        lines = [*(fit.cut(one, size, ROOM) for one in shown), *([known] if notes else [])]
        text = "\n".join(lines)
        _text(slide, text, _Box(LEFT, top, ROOM, fit.height(text, size, ROOM)), size=size)
        self._foot(slide)
        _note(slide, [self.origin.title, *notes, *(s.question for s in made)])

    def written(self, heading: str, paragraphs: Sequence[str], more: Sequence[str] = ()) -> None:
        """Paragraphs on as many slides as they need; all of them, and `more`, stand in the notes of the first."""
        top = TOP + HEADLINES[0][1] * fit.LINE + GAP
        made = fit.pages([p for p in paragraphs if p.strip()], SMALL, ROOM, FOOT - GAP - top)
        for number, some in enumerate(made, 1):
            slide = self.file.slides.add_slide(self.file.slide_layouts[5])
            _heading(slide, heading if len(made) == 1 else f"{heading} ({number} of {len(made)})")
            text = "\n\n".join(some)
            _text(slide, text, _Box(LEFT, top, ROOM, fit.height(text, SMALL, ROOM)))
            self._foot(slide)
            if number == 1:
                _note(slide, [*paragraphs, *more])


def _heading(slide: Any, heading: str) -> float:
    """Write the title, as large as its lines allow; returns where it ends."""
    size = next((s for most, s in HEADLINES if fit.lines(heading, s, ROOM, bold=True) <= most), HEADLINES[-1][1])
    tall = fit.height(heading, size, ROOM, bold=True)
    title = slide.shapes.title
    title.left, title.top, title.width, title.height = _Box(LEFT, TOP, ROOM, tall).place
    title.text_frame.vertical_anchor = MSO_ANCHOR.TOP
    _written(title.text_frame, heading, size, theme.LIGHT.text, bold=True)
    return TOP + tall + 4


def _text(
    slide: Any, text: str, box: _Box, *, size: float = SMALL, colour: str = theme.LIGHT.text, bold: bool = False
) -> None:
    _written(slide.shapes.add_textbox(*box.place).text_frame, text, size, colour, bold=bold)


def _written(frame: Any, text: str, size: float, colour: str, *, bold: bool) -> None:
    frame.word_wrap = True
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    frame.text = printable(text)
    for paragraph in frame.paragraphs:
        paragraph.alignment = 1
        paragraph.font.size = Pt(size)
        for run in paragraph.runs:
            run.font.size, run.font.bold = Pt(size), bold
            run.font.color.rgb = RGBColor.from_string(colour.lstrip("#").upper())


def _note(slide: Any, lines: Sequence[str]) -> None:
    slide.notes_slide.notes_text_frame.text = printable("\n".join(lines))


def _plain_type(file: Any) -> None:
    """A typeface that every machine has, or one of the same widths: a title then breaks where it did here."""
    for relation in file.slide_master.part.rels.values():
        if relation.reltype.endswith("/theme"):
            part = relation.target_part
            part._blob = re.sub(rb'(<a:latin typeface=")Calibri[^"]*"', rb'\1Arial"', part.blob)
