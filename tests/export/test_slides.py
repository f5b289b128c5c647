"""Slides opened again: native charts whose numbers are the results', error bars, steps, notes, origin."""

import io
import re
import zipfile
from dataclasses import replace
from itertools import pairwise

import pandas as pd
import pytest
from decks import charts, numbers
from known_trials import sample_trial
from pptx import Presentation
from pptx.oxml.ns import qn
from taken_away import HOSTILE, content

from ketadash import analyse
from ketadash.core.spec import PValues, Trend
from ketadash.export.bundle import written
from ketadash.export.provenance import SYNTHETIC
from ketadash.export.slides import leading
from ketadash.questions.shared import theme


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
    trial = sample_trial()
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
