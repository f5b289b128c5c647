"""PowerPoint that a room can read: sizes of type, nothing outside a slide or upon another."""

import io
import re
import shutil
import subprocess
from itertools import combinations

import pytest
from decks import ROOMS, charts, numbers, sizes
from pptx import Presentation
from pptx.enum.chart import XL_LABEL_POSITION
from pptx.oxml.ns import qn

from ketadash.export import slides_chart, slides_table
from ketadash.export import slides_text as fit
from ketadash.export.bundle import written
from ketadash.questions.shared.office_chart import Axis, Chart, Series, day_axis

# --- what a room can read --------------------------------------------------------------------------------------------

SMALLEST = 14.0  # points
EMU = 12700  # of a point


def test_numbers_of_days_stand_level_in_a_chart_of_half_a_slide():
    for last, room, step in ((168, 800, 14), (168, 330, 28), (168, 150, 56), (21, 330, 2), (21, 800, 2)):
        assert slides_chart.spaced(day_axis(0, last), room, 12.0).step == step
    assert slides_chart.spaced(Axis("Share", 0.0, 1.0, 0.2, "0%"), 20, 12.0).step == 0.2


@pytest.mark.sweep(2)
def test_no_type_is_smaller_than_a_room_can_read(shown):
    for number, slide in enumerate(shown[2].slides, 1):
        small = [(text, size) for text, size in sizes(slide) if size is None or size < SMALLEST]
        assert not small, (number, small)


def _height(shape):
    """How high a shape's text is, set with Arial's widths."""
    (size,) = {run.font.size.pt for p in shape.text_frame.paragraphs for run in p.runs} or {SMALLEST}
    bold = any(run.font.bold for p in shape.text_frame.paragraphs for run in p.runs)
    return fit.height(shape.text_frame.text, size, shape.width / EMU, bold=bold) * EMU


def test_nothing_leaves_the_slide_or_lies_on_another(shown):
    deck = shown[2]
    for number, slide in enumerate(deck.slides, 1):
        boxes = []
        for shape in slide.shapes:
            if shape.has_text_frame and not shape.text_frame.text.strip():
                continue
            high = shape.height
            if shape.has_text_frame:
                high = _height(shape)
                assert high <= shape.height + EMU, (number, shape.text_frame.text[:60])
            if shape.has_table:
                rows = [tuple(cell.text_frame.text for cell in row.cells) for row in shape.table.rows]
                high = sum(slides_table.heights(rows, shape.width / EMU)) * EMU
            boxes.append((shape.left, shape.top, shape.left + shape.width, shape.top + high, shape.name))
        for left, top, right, bottom, name in boxes:
            assert left >= 0 and top >= 0, (number, name)
            assert right <= deck.slide_width + EMU and bottom <= deck.slide_height + EMU, (number, name)
        for a, b in combinations(boxes, 2):
            apart = a[2] <= b[0] + EMU or b[2] <= a[0] + EMU or a[3] <= b[1] + EMU or b[3] <= a[1] + EMU
            assert apart, (number, a[4], b[4])


def test_a_page_has_headline_interval_and_n_on_its_face_and_at_most_two_charts(shown):
    made, _, deck = shown
    slides = list(deck.slides)
    n = f"n = {sum(k for _, k in made.origin.arms)}: "
    for section in made.sections:
        mine = [s for s in slides if section.question in s.notes_slide.notes_text_frame.text.split("\n")[:1]]
        faces = ["\n".join(x.text_frame.text for x in s.shapes if x.has_text_frame) for s in mine]
        assert mine and all(s.shapes.title.text.strip() for s in mine), section.key
        assert all(n in face for face in faces), section.key
        if fit.INTERVAL.search(section.answer):
            assert fit.INTERVAL.search(faces[0]), (section.key, faces[0])
        has_charts = any(p.charts for p in section.pictures)
        for slide in mine:
            drawn = sum(shape.has_chart for shape in slide.shapes)
            assert drawn <= 2 and (drawn > 0) == has_charts, section.key


def test_no_two_slides_have_the_same_charts(deck):
    made = [
        tuple(
            (s.name, *numbers(s._element, "c:xVal"), *s.values)
            for shape in slide.shapes
            if shape.has_chart
            for s in shape.chart.plots[0].series
        )
        for slide in deck.slides
    ]
    drawn = [one for one in made if one]
    assert drawn and len(set(drawn)) == len(drawn)


def test_arms_names_do_not_lie_on_each_other(shown):
    made_from, _, deck = shown
    arms = {arm for arm, _ in made_from.material.arms}
    for slide in deck.slides:
        for shape in (shape for shape in slide.shapes if shape.has_chart):
            axis, ends = shape.chart.value_axis, []
            if axis._element.findall(f".//{qn('c:logBase')}"):
                continue
            for made in shape.chart.plots[0].series:
                values = list(made.values)
                label = made.points[len(values) - 1].data_label
                if label._dLbl is not None and label.position == XL_LABEL_POSITION.RIGHT:
                    ends.append((values[-1], label.text_frame.text))
            points = slides_chart.HIGH * shape.height / EMU / (axis.maximum_scale - axis.minimum_scale)
            for (a, one), (b, other) in combinations([e for e in ends if e[1] in arms], 2):
                assert abs(a - b) * points >= SMALLEST, f"{shape.name}: {one} on {other}"


def test_arms_names_stand_beside_the_plot_and_not_on_its_lines(deck):
    """Above or below a line's end a name lay on the line: X:BOT's slides could not be read there."""
    found = 0
    for name, chart in charts(deck).items():
        every = list(chart.plots[0].series)
        for made in every:
            label = made.points[len(list(made.values)) - 1].data_label
            if made.name.endswith(", name"):
                found += 1
                (x,), right = numbers(made._element, "c:xVal"), chart.category_axis.maximum_scale
                assert label.position == XL_LABEL_POSITION.RIGHT and label.text_frame.text
                lines = [s for s in every if ", name" not in s.name and len(list(s.values)) > 9]
                assert not lines or x == right, (name, made.name)
            else:
                assert label._dLbl is None or label.position == XL_LABEL_POSITION.RIGHT
    assert found > 10


@pytest.mark.parametrize(
    ("ends", "places"),
    [
        ([0.5, 0.8], [0.5, 0.8]),  # far apart: each at its line's end
        ([0.5, 0.52], [0.46, 0.56]),
        ([0.0, 0.0], [0.05, 0.15]),  # on the axis: above it
        ([0.99, 1.0], [0.9, 1.0]),
    ],
)
def test_names_of_lines_that_end_near_each_other_are_moved_apart(ends, places):
    axis = Axis("", 0.0, 1.0)
    ink = {"kind": "line", "colour": "#000000"}
    series = tuple(Series(f"arm {k}", (0.0, 10.0), (0.3, y), label=f"arm {k}", **ink) for k, y in enumerate(ends))
    made = slides_chart.named_apart(Chart(Axis("", 0.0, 10.0), axis, series, ""), 0.1)
    names = [s for s in made if s.label]
    assert [s.y[0] for s in names] == pytest.approx(places) and {s.x for s in names} == {(10.0,)}


def test_a_chart_of_more_rows_than_a_slide_holds_says_how_many_there_are():
    deck = Presentation(io.BytesIO(written("slides", ROOMS["many events"]())))
    (slide,) = [s for s in deck.slides if any(x.has_chart and x.name == "adverse-events" for x in s.shapes)]
    texts = [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
    assert any(text.startswith("The first 8 of 20. The rest is in the report.") for text in texts)
    chart = charts(deck)["adverse-events"]
    assert all(len(list(made.values)) == 8 for made in chart.plots[0].series)
    assert min(min(made.values) for made in chart.plots[0].series) > chart.value_axis.minimum_scale


def test_a_long_table_shows_its_first_rows_and_says_so(deck):
    (slide,) = [s for s in deck.slides if s.shapes.title.text.startswith("275 of 275")]
    (table,) = [shape.table for shape in slide.shapes if shape.has_table]
    texts = [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
    assert f"{len(table.rows) - 1} of 275 rows. The rest is in the report." in texts


def test_methods_stand_on_as_many_slides_as_they_need(sample, deck):
    methods = [s for s in deck.slides if s.shapes.title.text.startswith("Methods (")]
    said = "\n".join(x.text_frame.text for s in methods for x in s.shapes if x.has_text_frame)
    assert len(methods) > 1 and all(paragraph in said for paragraph in sample.methods.paragraphs)


@pytest.mark.skipif(shutil.which("soffice") is None, reason="no LibreOffice")
@pytest.mark.slow
def test_libreoffice_shows_every_slide_without_text_outside_it(shown, tmp_path):
    (tmp_path / "deck.pptx").write_bytes(shown[1])
    command = ["soffice", f"-env:UserInstallation={tmp_path.as_uri()}/profile", "--headless", "--convert-to", "pdf"]
    subprocess.run([*command, "--outdir", str(tmp_path), str(tmp_path / "deck.pptx")], check=True, capture_output=True)
    bbox = subprocess.run(
        ["pdftotext", "-bbox", str(tmp_path / "deck.pdf"), "-"], check=True, capture_output=True
    ).stdout.decode("utf-8", "replace")
    pages = bbox.split("<page ")[1:]
    assert len(pages) == len(shown[2].slides)
    for number, page in enumerate(pages, 1):
        wide, high = (float(v) for v in re.match(r'width="([\d.]+)" height="([\d.]+)"', page).groups())
        for box in re.findall(r'<word xMin="(\S+)" yMin="(\S+)" xMax="(\S+)" yMax="(\S+)">', page):
            left, top, right, bottom = map(float, box)
            assert left >= 0 and top >= 0 and right <= wide and bottom <= high, (number, box)


def test_a_chart_says_what_its_own_signs_are(sample):
    keys = {p.name: [c.key for c in p.charts] for s in sample.sections for p in s.pictures}
    model = "Lines: model, thin lines their 95% CI."
    assert keys["measure-craving"] == [f"Points: observed means, bars ± 1 SE. {model}"]
    assert keys["abstinence-by-day"] == [f"Points: as counted, bars their 95% CI. {model}"]
    heads = [key.split(".")[0] for key in keys["dropout-three-ways"]]
    assert heads == ["Dropout = relapse", "Dropout censored", "Dropout competes"]
