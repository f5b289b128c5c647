"""Slides opened again: native charts whose numbers are the results', error bars, steps, notes, origin."""

import io
import re
import shutil
import subprocess
import zipfile
from dataclasses import replace
from itertools import combinations, pairwise

import pandas as pd
import pytest
from odd_trials import NAMES, STATES
from odd_trials import trial as odd
from pptx import Presentation
from pptx.enum.chart import XL_LABEL_POSITION
from pptx.oxml.ns import qn
from taken_away import HOSTILE, content

from ketadash import analyse
from ketadash.core.spec import PValues, Trend
from ketadash.export import slides_chart, slides_table
from ketadash.export import slides_text as fit
from ketadash.export.bundle import written
from ketadash.export.provenance import SYNTHETIC
from ketadash.export.slides import leading
from ketadash.questions.shared import theme
from ketadash.trial import load, load_sample
from ketadash.trial.masking import masked
from ketadash.trial.sources import gather


@pytest.fixture(scope="session")
def deck(sample):
    return Presentation(io.BytesIO(written("slides", sample)))


def charts(deck):
    return {shape.name: shape.chart for slide in deck.slides for shape in slide.shapes if shape.has_chart}


def numbers(element, tag):
    found = element.find(f".//{qn(tag)}")
    return [] if found is None else [float(v.text) for v in found.iter(qn("c:v"))]


def series(chart, name):
    (found,) = [s for s in chart.plots[0].series if s.name == name]
    return found


def test_observed_and_modelled_are_the_results_own_numbers_and_error_bars_wilsons_intervals(sample, deck):
    result = analyse.abstinence_result(sample.material.trial, sample.material.spec)
    chart = charts(deck)["abstinence-by-day"]
    for arm in result.arms:
        seen = [p for p in result.observed if p.arm == arm]
        made = series(chart, f"{arm}, as counted, with 95% CI")
        assert numbers(made._element, "c:xVal") == [p.day for p in seen]
        assert list(made.values) == [p.proportion for p in seen]
        bars = made._element.find(qn("c:errBars"))
        assert numbers(bars, "c:plus") == pytest.approx([p.ci_high - p.proportion for p in seen])
        assert numbers(bars, "c:minus") == pytest.approx([p.proportion - p.ci_low for p in seen])
        assert bars.find(qn("c:errDir")).get("val") == "y"
        model = [p for p in result.modelled if p.arm == arm]
        assert list(series(chart, f"{arm}, modelled").values) == [p.probability for p in model]
        assert list(series(chart, f"{arm}, 95% CI low").values) == [p.ci_low for p in model]
        assert all(s._element.find(qn("c:smooth")).get("val") == "0" for s in chart.plots[0].series)


def test_arms_have_their_colour_and_dash(deck):
    chart = charts(deck)["abstinence-by-day"]
    for arm, ink in zip(("midazolam", "ketamine"), theme.LIGHT.arms, strict=True):
        line = series(chart, f"{arm}, modelled").format.line
        assert str(line.color.rgb) == ink.colour.lstrip("#").upper()
        assert (line.dash_style is not None and "DASH" in str(line.dash_style)) == (ink.dash != "solid")


def test_kaplan_meier_goes_down_in_steps_at_the_days_of_the_events(sample, deck):
    result = analyse.time_to_event(sample.material.trial, sample.material.spec)["relapse"]
    chart = charts(deck)["time-to-relapse"]
    for arm in (a.arm for a in result.arms):
        made = series(chart, arm)
        x, y = numbers(made._element, "c:xVal"), list(made.values)
        corners = list(zip(x, y, strict=True))
        for a, b in pairwise(corners):
            assert a[0] == b[0] or a[1] == b[1], "a step is level or upright, never slanted"
        points = [p for p in result.curve if p.arm == arm]
        assert {(p.day, p.survival) for p in points} <= set(corners)
    assert any(shape.has_table for slide in deck.slides for shape in slide.shapes), "numbers at risk"


def test_risk_differences_have_bars_that_reach_the_intervals(sample, deck):
    result = analyse.nnt_result(sample.material.trial, sample.material.spec)
    chart = charts(deck)["number-needed-to-treat"]
    made = series(chart, "Risk difference")
    rows = (result.observed, result.observed_last_day, result.modelled)
    assert numbers(made._element, "c:xVal") == [n.risk_difference for n in rows]
    bars = [s for s in chart.plots[0].series if s.name == "Risk difference, interval"]
    for bar, at, n in zip(bars, made.values, rows, strict=True):
        assert numbers(bar._element, "c:xVal") == pytest.approx([n.ci_low, n.ci_high], abs=1e-15)
        assert list(bar.values) == [at, at]


def test_no_level_interval_is_an_error_bar_which_libreoffice_draws_upright(deck):
    every = [s for chart in charts(deck).values() for s in chart.plots[0].series]
    bars = [bar for s in every for bar in s._element.iter(qn("c:errDir"))]
    assert {bar.get("val") for bar in bars} == {"y"}
    level = [s for s in every if s.name.endswith(", interval")]
    assert len({s.name for s in level}) > 1 and all(len(set(s.values)) == 1 for s in level)
    assert all(s.format.line.width > 0 and s.format.line.color.rgb for s in level)


@pytest.mark.parametrize(
    ("name", "axis", "at"),
    [
        ("abstinence-difference", 1, 0.0),  # the level axis lies at no difference
        ("abstinence-odds-ratios", 1, 1.0),
        ("number-needed-to-treat", 2, 0.0),  # the upright one stands there
        ("number-needed-to-treat", 1, 0.4),  # and the level one at the bottom
        ("heavy-odds-ratios", 1, 1.0),
        ("model-check", 2, 1.0),
        ("model-check", 1, 0.4),
    ],
)
def test_an_axis_is_the_line_of_no_difference(deck, name, axis, at):
    area = charts(deck)[name]._chartSpace.chart.plotArea
    drawn = area.findall(qn("c:valAx"))[axis - 1]
    assert drawn.find(qn("c:delete")).get("val") == "0"
    assert float(drawn.find(qn("c:crossesAt")).get("val")) == at


def test_the_embedded_workbook_holds_what_the_chart_shows_and_no_formula(deck):
    for name, chart in charts(deck).items():
        blob = chart.part.chart_workbook.xlsx_part.blob
        sheet = pd.read_excel(io.BytesIO(blob), header=None, engine="calamine")
        for made in chart.plots[0].series:
            for tag in ("c:xVal", "c:yVal"):
                element = made._element.find(qn(tag))
                letter, first, last = re.fullmatch(
                    r"Data!\$([A-Z]+)\$(\d+):\$\1\$(\d+)", element.find(f".//{qn('c:f')}").text
                ).groups()
                column = _column(letter)
                held = [float(v) for v in sheet.iloc[int(first) - 1 : int(last), column]]
                assert held == pytest.approx(numbers(made._element, tag), rel=1e-15), (name, made.name)
        with zipfile.ZipFile(io.BytesIO(blob)) as book:
            assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")


def _column(letter):
    total = 0
    for c in letter:
        total = 26 * total + ord(c) - 64
    return total - 1


def test_each_slide_has_the_answer_the_origin_and_notes(sample, deck):
    titles = [slide.shapes.title.text for slide in deck.slides]
    for section in sample.sections:
        assert leading(section.answer) in titles
    for slide in deck.slides:
        said = "\n".join(shape.text_frame.text for shape in slide.shapes if shape.has_text_frame)
        assert SYNTHETIC in said and sample.origin.data in said and "2026-03-01" in said
    notes = [s.notes_slide.notes_text_frame.text for s in deck.slides if any(x.has_chart for x in s.shapes)]
    for said in notes:
        assert "n = 17" in said and "SHA-256" in said and sample.methods.paragraphs[1] in said
        assert "What this rests on" in said and SYNTHETIC in said
    assert (deck.slide_width, deck.slide_height) == (12191695, 6858000)


def test_every_chart_has_a_text_alternative_and_stays_on_its_slide(deck):
    for slide in deck.slides:
        for shape in slide.shapes:
            assert shape.left >= 0 and shape.left + shape.width <= deck.slide_width + 1, shape.name
            assert shape.top >= 0 and shape.top + shape.height <= deck.slide_height + 1, shape.name
            if shape.has_chart:
                assert len(shape._element.nvGraphicFramePr.cNvPr.get("descr")) > 20


def test_hostile_names_are_text(hostile):
    deck = Presentation(io.BytesIO(written("slides", hostile)))
    said = "\n".join(s.text_frame.text for slide in deck.slides for s in slide.shapes if s.has_text_frame)
    assert HOSTILE[0] in said and SYNTHETIC not in said
    for chart in charts(deck).values():
        with zipfile.ZipFile(io.BytesIO(chart.part.chart_workbook.xlsx_part.blob)) as book:
            texts = book.read("xl/sharedStrings.xml").decode()
            assert b"<f>" not in book.read("xl/worksheets/sheet1.xml") and "<t>=" not in texts


def test_the_series_that_is_longest_comes_first(deck):
    """LibreOffice loses a series that comes before a longer one."""
    for chart in charts(deck).values():
        sizes = [len(list(s.values)) for s in chart.plots[0].series]
        assert sizes == sorted(sizes, reverse=True)


def test_a_section_of_an_answer_alone_has_its_slide(sample):
    section = replace(sample.sections[0], rests_on="", pictures=(), tables=(), doubts=())
    for answer in ("It is so.", ""):
        made = replace(sample, sections=(replace(section, answer=answer),), whole=False)
        (slide,) = Presentation(io.BytesIO(written("slides", made))).slides
        assert slide.shapes.title.text == answer


def test_a_title_holds_whole_sentences():
    assert leading("One. Two.") == "One. Two."
    long = "First sentence here. X" + "x" * 300 + "."
    assert leading(long) == "First sentence here."
    assert leading("p .04 and more. Then 5.2 days.") == "p .04 and more. Then 5.2 days."


def test_hidden_p_values_are_hidden_everywhere():
    trial = load_sample()
    spec = trial.declared.published.replace(trend=Trend.LINEAR)
    made = content(trial, spec, ["heavy_drinking", "relapse"], p_values=PValues.HIDDEN)
    for section in made.sections:
        for text in (
            section.answer,
            section.rests_on,
            *(t for table in section.tables for t in table.shown.astype(str).to_numpy().ravel()),
        ):
            assert "p\u00a0." not in text and "p\u00a0<" not in text
        for frame in section.full.values():
            assert not [c for c in frame.columns if c == "p" or c.endswith("_p")]
    shown = content(trial, spec, ["relapse"], p_values=PValues.LABELLED)
    assert "†" in shown.sections[0].answer


# --- what a room can read --------------------------------------------------------------------------------------------

SMALLEST = 14.0  # points
EMU = 12700  # of a point


def _few():
    """Three people an arm."""
    rows = [f"P{i},{('drug', 'placebo')[i % 2]},{d},{(i * 7 + d * 3) % 5}" for i in range(6) for d in range(1, 8)]
    return load(gather(("participant_id,arm,day,drinks\n" + "\n".join(rows)).encode(), "mine.csv"))


def _many_events():
    """More adverse events than a slide can hold."""
    people = "participant_id,arm\n" + "\n".join(f"P{i},{('drug', 'placebo')[i % 2]}" for i in range(40))
    days = "participant_id,day,drinks\n" + "\n".join(f"P{i},{d},{(i + d) % 3}" for i in range(40) for d in range(1, 8))
    events = "participant_id,day,event\n" + "\n".join(f"P{i},2,event {k}" for k in range(20) for i in range(k, 40, 3))
    files = {"participants.csv": people, "days.csv": days, "adverse_events.csv": events}
    return load(gather({name: text.encode() for name, text in files.items()}, None))


def _hidden():
    spec = load_sample().declared.published.replace(trend=Trend.LINEAR)
    return content(load_sample(), spec, p_values=PValues.HIDDEN)


ROOMS = {
    "three an arm": lambda: content(_few()),
    "hidden p-values": _hidden,
    "suppressed": lambda: content(load_sample(), suppress=True),
    "masked": lambda: content(masked(load_sample(), b"1")),
    "many events": lambda: content(_many_events(), pages=["safety"]),
    "five choices": lambda: content(odd(NAMES["long"]), STATES["five choices changed"]),
    **{
        name: lambda name=name: content(odd(NAMES[name])) for name in ("long", "words without end", "scripts", "markup")
    },
}


USUAL = ("three an arm", "many events", "long")


@pytest.fixture(
    scope="session",
    params=["sample", *USUAL, *(pytest.param(n, marks=pytest.mark.slow) for n in ROOMS if n not in USUAL)],
)
def shown(request, sample):
    """A presentation and what it is made from."""
    made = sample if request.param == "sample" else ROOMS[request.param]()
    raw = written("slides", made)
    return made, raw, Presentation(io.BytesIO(raw))


def sizes(slide):
    """Every size of type on a slide, by where it stands; texts without one of their own have None."""
    for shape in slide.shapes:
        frames = [shape.text_frame] if shape.has_text_frame else []
        if shape.has_table:
            frames = [cell.text_frame for row in shape.table.rows for cell in row.cells]
        for frame in frames:
            for run in (run for paragraph in frame.paragraphs for run in paragraph.runs if run.text.strip()):
                yield run.text[:30], run.font.size and run.font.size.pt
        if shape.has_chart:
            element = shape.chart._chartSpace
            yield "chart", shape.chart.font.size.pt
            for properties in (*element.iter(qn("a:rPr")), *element.iter(qn("a:defRPr"))):
                if properties.get("sz") is not None:
                    yield f"chart {shape.name}", int(properties.get("sz")) / 100


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
