"""Exports in a real browser: the report without a network, pictures at their sizes, a slide taken away from a page."""

import base64
import io
import struct
import xml.etree.ElementTree as ElementTree
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from known_trials import sample_trial
from pptx import Presentation
from reading import WAIT, open_page

from ketadash.export.bundle import Content, written
from ketadash.export.catalogue import every
from ketadash.export.provenance import SYNTHETIC, stamp
from ketadash.export.report_style import PRINT_PX
from ketadash.export.sections import Material, methods_of
from ketadash.trial import resolve
from ketadash.ui import plot

pytestmark = pytest.mark.browser
PAGES = ("overview", "abstinence", "relapse", "nnt", "missing_days", "dropout", "participants", "safety")
FEW = ("abstinence", "participants")  # a curve, words and tables
SVG = "{http://www.w3.org/2000/svg}"


@contextmanager
def opened(browser, folder, pages):
    """The sample's report opened from a file without a network; it may neither ask for nor complain of anything."""
    trial = sample_trial()
    chosen = trial.declared.published
    material = Material(trial, resolve(trial, chosen)[0])
    sections = tuple(every(pages, material))
    origin = stamp(trial, chosen, material.spec, when=datetime(2026, 3, 1, tzinfo=UTC))
    path = folder / "report.html"
    path.write_bytes(
        written("html", Content(material, chosen, sections, origin, methods_of(material, sections, origin)))
    )
    context, troubles = browser.new_context(viewport={"width": 1100, "height": 900}, offline=True), []
    page = context.new_page()
    page.on("console", lambda m: troubles.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda e: troubles.append(str(e)))
    page.on(
        "request", lambda r: None if r.url.startswith(("blob:", "data:", path.as_uri())) else troubles.append(r.url)
    )
    page.goto(path.as_uri())
    page.wait_for_function("document.body.dataset.drawn", timeout=WAIT)
    yield page, sum(len(s.pictures) for s in sections)
    context.close()
    assert troubles == []


@pytest.fixture(scope="module")
def offline(browser, tmp_path_factory):
    with opened(browser, tmp_path_factory.mktemp("few"), FEW) as it:
        yield it


@pytest.fixture(scope="module")
def whole_offline(browser, tmp_path_factory):
    with opened(browser, tmp_path_factory.mktemp("report"), PAGES) as it:
        yield it


@pytest.mark.slow
def test_every_figure_is_drawn_without_a_network(whole_offline):
    page, n = whole_offline
    drawn = page.evaluate("[...document.querySelectorAll('.plot')].map(p => p.querySelectorAll('.main-svg').length)")
    assert len(drawn) == n > 15 and all(drawn)
    assert page.get_by_text(SYNTHETIC).first.is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 1100
    page.locator(".plot").nth(1).hover()
    assert not page.locator(".modebar-btn[data-title*=loud]").count()


@pytest.mark.slow
def test_it_prints_its_figures_as_wide_as_the_paper(whole_offline):
    page, n = whole_offline
    paper = page.pdf(format="A4")
    assert paper.startswith(b"%PDF") and len(paper) > 50_000
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    widths = page.evaluate("[...document.querySelectorAll('.plot')].map(p => p._fullLayout.width)")
    assert set(widths) == {PRINT_PX} and len(widths) == n
    page.evaluate("dispatchEvent(new Event('afterprint'))")


@pytest.mark.slow
def test_a_name_without_end_widens_neither_a_phone_nor_the_paper(whole_offline):
    page, _ = whole_offline
    name = "craving_" + "a_treatment_" * 20
    page.evaluate(
        "name => { for (const e of document.querySelectorAll('h1, .answer, figcaption, p.doubt'))"
        " e.firstChild.before(name); }",
        name,
    )
    wide = "document.documentElement.scrollWidth - innerWidth"
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate(wide) <= 0
    page.set_viewport_size({"width": 680, "height": 900})
    page.emulate_media(media="print")
    boxes = "[...document.querySelectorAll('h1, .answer, figcaption, p.doubt')]"
    assert page.evaluate(f"{boxes}.every(e => e.scrollWidth <= e.clientWidth + 1)")


SAVED = """async ([size, format]) => {
  const [figure, narrow] = JSON.parse(document.getElementById('figures').textContent)['figure-0-0'];
  const state = { data: { figure, narrow, alt: 'A & B', light: null,
                          origin: { line: 'Synthetic <b>$x$</b> & so on '.repeat(9), file: 'f' } } };
  const blob = await image(Plotly, state, size, format);
  return btoa([...new Uint8Array(await blob.arrayBuffer())].map((b) => String.fromCharCode(b)).join(''));
}"""


@pytest.mark.parametrize(("size", "width"), [("single", 1004), ("double", 2126), ("slide", 1920)])
def test_a_saved_picture_has_its_size_and_its_origin(offline, size, width):
    page, _ = offline
    if page.evaluate("typeof image === 'undefined'"):
        scripts = (Path(plot.__file__).with_name(name) for name in ("hidden_arm.js", "save.js"))
        page.evaluate("\n".join(script.read_text(encoding="utf-8") for script in scripts) + "\nwindow.image = image; 0")
    png = io.BytesIO(base64.b64decode(page.evaluate(SAVED, [size, "png"]))).getvalue()
    w, h = struct.unpack(">II", png[16:24])
    assert png[:8] == b"\x89PNG\r\n\x1a\n" and w == width and (h == 1080) == (size == "slide")
    if size != "slide":  # 85 mm = 1004 / 300 inch
        assert png[37:41] == b"pHYs" and struct.unpack(">II", png[41:49]) == (11811, 11811)
    svg = ElementTree.fromstring(base64.b64decode(page.evaluate(SAVED, [size, "svg"])))
    assert svg.get("width") == {"single": "85mm", "double": "180mm", "slide": "1920"}[size]
    assert svg.findtext(f"{SVG}title") == "A & B" and "Synthetic <b>$x$</b>" in svg.findtext(f"{SVG}desc")
    below = "".join(svg.itertext())
    assert below.count("Synthetic") >= 10, "in the description, and line by line below the picture"
    assert not [e for e in svg.iter() if e.tag.endswith(("script", "image", "foreignObject"))]


def test_a_clinician_takes_a_picture_a_slide_and_a_report_away(reader, site):
    reader.goto(f"{site}/abstinent-days?trend=linear")
    reader.locator(".ketadash-plot[data-drawn]").first.wait_for(timeout=WAIT)
    menu = reader.locator(".ketadash-save").first
    menu.locator("summary").focus()
    reader.keyboard.press("Enter")
    with reader.expect_download() as png:
        menu.get_by_role("button", name="Slide, PNG").click()
    assert png.value.suggested_filename == "ketadash-abstinence-curve-linear-time-trend-slide.png"
    assert struct.unpack(">II", png.value.path().read_bytes()[16:24]) == (1920, 1080)

    reader.get_by_role("tab", name="Download").click()
    with reader.expect_download(timeout=WAIT) as slide:
        reader.get_by_role("button", name="PowerPoint").click()
    assert slide.value.suggested_filename == "ketadash-abstinence-linear-time-trend.pptx"
    deck = Presentation(slide.value.path())
    assert "ketamine participants were abstinent on" in deck.slides[0].shapes.title.text
    assert "trend=linear" in deck.slides[0].notes_slide.notes_text_frame.text

    open_page(reader, "report")
    reader.get_by_role("button", name="Make the report").click()
    with reader.expect_download(timeout=WAIT) as whole:
        reader.get_by_role("button", name="HTML (").click(timeout=WAIT)
    assert whole.value.path().read_bytes().startswith(b"<!DOCTYPE html>")
