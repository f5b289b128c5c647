"""Opens a file of every format again, as its reader does, and gives what it says."""

import io
import json
import re
import zipfile
from html.parser import HTMLParser

import pytest
from docx import Document
from lxml import etree
from pptx import Presentation
from python_calamine import CalamineWorkbook

from ketadash.export.printable import LONGEST_PROPERTY


def parts_are_xml(raw):
    """A strict parser reads every part of an office file."""
    with zipfile.ZipFile(io.BytesIO(raw)) as packed:
        assert packed.testzip() is None
        for name in packed.namelist():
            if name.endswith((".xml", ".rels")):
                etree.fromstring(packed.read(name))
            elif name.endswith(".xlsx"):
                opens_excel(packed.read(name))


def opens_word(raw):
    parts_are_xml(raw)
    paper = Document(io.BytesIO(raw))
    assert len(paper.core_properties.title) <= LONGEST_PROPERTY and len(paper.core_properties.comments) <= 255
    return "\n".join([*(p.text for p in paper.paragraphs), *(c.text for t in paper.tables for c in t._cells)])


def opens_slides(raw):
    parts_are_xml(raw)
    deck = Presentation(io.BytesIO(raw))
    shapes = [shape for slide in deck.slides for shape in slide.shapes]
    notes = [slide.notes_slide.notes_text_frame.text for slide in deck.slides if slide.has_notes_slide]
    charts = [name for shape in shapes if shape.has_chart for name in (s.name for s in shape.chart.plots[0].series)]
    return "\n".join([*(s.text_frame.text for s in shapes if s.has_text_frame), *notes, *charts])


def opens_excel(raw):
    parts_are_xml(raw)
    book = CalamineWorkbook.from_filelike(io.BytesIO(raw))
    assert len(set(map(str.lower, book.sheet_names))) == len(book.sheet_names)
    assert all(0 < len(name.encode("utf-16-le")) <= 62 for name in book.sheet_names)
    rows = [row for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python()]
    return "\n".join(str(cell) for row in rows for cell in row)


class Page(HTMLParser):
    """The elements of an HTML file, and what is never closed."""

    def __init__(self):
        super().__init__()
        self.open, self.scripts, self.words = [], 0, []

    def handle_starttag(self, tag, attrs):
        self.scripts += tag == "script"
        assert not any(name.startswith("on") for name, _ in attrs) and tag != "img"
        if tag not in ("meta", "br", "input"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "script" not in self.open:
            self.words.append(data)


def opens_html(raw):
    text, page = raw.decode(), Page()
    page.feed(text)
    page.close()
    assert not page.open and page.scripts == 4
    json.loads(re.search(r'id="figures">(.*?)</script>', text, re.S)[1], parse_constant=pytest.fail)
    return "".join(page.words)


def opens_latex(raw):
    text = re.sub(r"(?m)^%.*\n", "", raw.decode())
    bare = re.sub(r"\\[{}\\%$&#_]", "", text)
    assert bare.count("{") == bare.count("}") and bare.count("$") % 2 == 0 and "%" not in bare
    assert text.count(r"\begin{") == text.count(r"\end{") and text.count(r"\end{document}") == 1
    return text


def opens_json(raw):
    return json.dumps(json.loads(raw.decode(), parse_constant=pytest.fail), ensure_ascii=False)


OPEN = {
    "html": opens_html,
    "slides": opens_slides,
    "word": opens_word,
    "latex": opens_latex,
    "excel": opens_excel,
    "text": bytes.decode,
    "json": opens_json,
}
