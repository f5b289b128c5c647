"""Word, LaTeX, Excel, text, JSON and HTML: the same sections, whole, escaped, with their origin."""

import io
import json
import re

import pandas as pd
import pytest
from docx import Document
from known_trials import sample_trial
from taken_away import HOSTILE, LINK, content

from ketadash import analyse
from ketadash.core.errors import SpecError
from ketadash.core.spec import AnalysisSpec, Estimator, MissingRule
from ketadash.export.bundle import FORMATS, copied, written
from ketadash.export.catalogue import CHAPTERS, SUPPRESSED, chapter
from ketadash.export.latex import tex
from ketadash.export.provenance import SYNTHETIC, file_name, state_slug
from ketadash.export.report import POLICY


def html(made):
    return written("html", made).decode()


def figures(page):
    return json.loads(re.search(r'id="figures">(.*?)</script>', page, re.S)[1])


def plain(document):
    tables = [cell.text for t in document.tables for row in t.rows for cell in row.cells]
    return "\n".join([p.text for p in document.paragraphs] + tables)


# --- all -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [f.name for f in FORMATS if f.name not in ("slides", "excel", "json")])
def test_every_text_format_says_where_it_comes_from_and_that_it_is_synthetic(sample, file_of, name):
    made = file_of(name)
    said = plain(Document(io.BytesIO(made))) if name == "word" else made.decode()
    unescaped = said.replace("&#x27;", "'").replace("&amp;", "&").replace("\\_", "_").replace("\\&", "&")
    for part in (SYNTHETIC, sample.origin.sha256, "2026-03-01 12:34 UTC", LINK, "numpy", "Published analysis"):
        assert part in unescaped, part
    assert "Abstinent days were modelled" in said and "Kaplan EL, Meier P." in said


def test_a_brief_report_leaves_out_what_is_for_specialists(sample):
    brief = type(sample)(sample.material, sample.chosen, sample.sections, sample.origin, sample.methods, brief=True)
    full, short = html(sample), html(brief)
    assert "Solution for fixed effects" in full and "Solution for fixed effects" not in short
    assert "<h2>Methods</h2>" in full and "<h2>Methods</h2>" not in short
    assert sample.sections[1].answer[:40] in short and sample.origin.sha256 in short and SYNTHETIC in short


def test_stopping_stops_in_the_middle(sample):
    class StopError(Exception):
        pass

    seen = []

    def step():
        seen.append(1)
        if len(seen) == 2:
            raise StopError

    for name in ("html", "slides", "latex"):
        seen.clear()
        with pytest.raises(StopError):
            written(name, sample, step)
        assert len(seen) == 2


def test_small_counts_are_left_out_if_asked():
    made = content(
        sample_trial(), pages=[c.page for c in CHAPTERS if c.page in ("participants", "safety", "nnt")], suppress=True
    )
    assert {s.key for s in made.sections} == {"nnt", "measures"}
    assert "left out" in SUPPRESSED


def test_a_page_that_is_no_part_of_a_report_says_so():
    with pytest.raises(SpecError, match="no part of a report"):
        chapter("methods")


# --- HTML ------------------------------------------------------------------------------------------------------------


def test_the_report_holds_everything_once_and_asks_nobody(sample):
    page = html(sample)
    assert f'content="{POLICY.replace(chr(39), "&#x27;")}"' in page
    assert page.count("plotly.js (cartesian") == 1 and not re.search(r"<(script|link|img|iframe)[^>]*(src|href)=", page)
    drawn = figures(page)
    assert set(drawn) == set(re.findall(r'class="plot" id="(figure-[\d-]+)"', page))
    assert len(drawn) == sum(len(s.pictures) for s in sample.sections) > 20
    result = analyse.abstinence_result(sample.material.trial, sample.material.spec)
    wide, narrow = drawn["figure-1-0"]
    assert wide["data"][2]["y"] == [p.probability for p in result.modelled if p.arm == "midazolam"]
    assert narrow["layout"]["margin"] != wide["layout"]["margin"]
    for i, section in enumerate(sample.sections):
        assert f'href="#part-{i}"' in page and f'id="part-{i}"' in page and section.rests_on[:30] in page


def test_hostile_names_are_shown_and_not_obeyed(hostile):
    page = html(hostile)
    body = page[: page.index('<script type="application/json"')]
    assert "<img" not in body and "&lt;img src=x onerror=alert(1)&gt;" in body
    assert page.count("</script>") == 4  # two of JSON, plotly, ours
    assert SYNTHETIC not in page


# --- Word and LaTeX --------------------------------------------------------------------------------------------------


def test_word_tables_are_real_ones_with_repeated_heads(sample, file_of):
    document = Document(io.BytesIO(file_of("word")))
    held = [t for s in sample.sections for t in s.tables if not t.shown.empty]
    assert len(document.tables) == len(held)
    for made, table in zip(document.tables, held, strict=True):
        assert [c.text for c in made.rows[0].cells] == list(map(str, table.shown.columns))
        assert len(made.rows) == len(table.shown) + 1
        assert "tblHeader" in made.rows[0]._tr.xml
    text = plain(document)
    for caption in (
        "Table 1. Baseline characteristics",
        "Type III tests of fixed effects",
        "Solution for fixed effects",
        "Observed and modelled abstinence by day",
    ):
        assert caption in text


def test_latex_braces_balance_and_every_row_has_its_cells(sample, hostile):
    for made in (sample, hostile):
        text = re.sub(r"(?m)^%.*\n", "", written("latex", made).decode())
        bare = re.sub(r"\\[{}\\]", "", text)
        assert bare.count("{") == bare.count("}")
        assert text.count(r"\begin{") == text.count(r"\end{")
        rows_of = r"\\midrule\n(?:\\endfirsthead.*?\\endfoot\n)?(.*?)(?:\\bottomrule|\\end\{longtable)"
        for body in re.findall(rows_of, text, re.S):
            rows = [r for r in body.split("\\\\\n") if r.strip()]
            assert len({len(re.findall(r"(?<!\\)&", r)) for r in rows}) == 1
    assert r"\toprule" in text and r"\textbackslash{}input\{/etc/passwd\}" in text and r"\input{" not in text


def test_latex_signs():
    assert tex("50% of A_1 & B#2 $x^2~{}") == r"50\% of A\_1 \& B\#2 \$x\textasciicircum{}2\textasciitilde{}\{\}"
    assert tex("χ² 7.87, p < .05 – −1 to ∞\u00a0†") == (
        r"$\chi$$^2$ 7.87, p \textless{} .05 -- $-$1 to $\infty$~\dag{}"
    )
    assert tex("a\nb\tc\x00d") == "a b cd"


def test_nothing_in_latex_needs_another_engine(sample):
    body = written("latex", sample).decode().split("\\begin{document}")[1]
    assert {c for c in body if ord(c) > 126} == set()


# --- Excel, text, JSON ------------------------------------------------------------------------------------------------


def test_excel_holds_the_numbers_in_full_precision_and_its_origin(sample):
    book = pd.read_excel(io.BytesIO(written("excel", sample)), sheet_name=None, engine="calamine")
    result = analyse.abstinence_result(sample.material.trial, sample.material.spec)
    assert list(book["abstinence observed"]["proportion"]) == pytest.approx(
        [p.proportion for p in result.observed], rel=1e-15
    )
    assert list(book["abstinence modelled"]["ci_high"]) == pytest.approx(
        [p.ci_high for p in result.modelled], rel=1e-15
    )
    tests = book["abstinence tests"]
    assert (
        list(tests["f"]) == pytest.approx([t.f for t in result.model.tests], rel=1e-15) and tests["f"].dtype.kind == "f"
    )
    about = book["provenance"].astype(str).to_csv()
    assert SYNTHETIC in about and sample.origin.sha256 in about and LINK in about
    assert {"table 1", "nnt", "relapse curve", "adverse events", "follow-up"} <= set(book)


def test_text_has_methods_and_a_legend_for_each_figure_with_n(sample):
    text = written("text", sample).decode()
    assert sample.methods.text in text
    for section in sample.sections:
        for picture in section.pictures:
            assert f"{picture.name}: {picture.legend}" in text
            assert re.search(r"n = \d+", picture.legend) or "of 17 with ketamine" in picture.legend, picture.name


def test_json_is_the_analysis(sample):
    found = json.loads(written("json", sample))
    assert found["provenance"]["synthetic"] is True and found["provenance"]["data_sha256"] == sample.origin.sha256


def test_a_copied_table_keeps_its_cells(hostile):
    frame = pd.DataFrame({"Arm": [HOSTILE[0], "a\tb\nc"], "n": ["1", "2"]})
    rows = [line.split("\t") for line in copied(frame).split("\n")]
    assert [len(r) for r in rows] == [2, 2, 2] and rows[1][0].startswith("'=") and rows[2][0] == "a b c"


# --- origin ----------------------------------------------------------------------------------------------------------


def test_files_are_named_after_what_they_hold_and_the_state(sample):
    assert file_name("Time to relapse", "pptx", sample.origin) == "ketadash-time-to-relapse-published.pptx"
    differences = ("missing days = left out", "linear time trend")
    assert state_slug(differences, "published") == "missing-days-left-out-linear-time-trend"
    in_brackets = ("relapse = 2 heavy days in 7 (a run)", "linear time trend")
    assert state_slug(in_brackets, "published") == "relapse-2-heavy-days-in-7-linear-time-trend"
    assert state_slug((), None) == "default" and state_slug((), "pre-specified") == "pre-specified"


def test_choices_are_those_that_matter():
    trial = sample_trial()
    published = AnalysisSpec()
    said = "; ".join(content(trial, published, ["nnt"]).origin.choices)
    assert "missing days = drinking" in said and "imputations" not in said and "quadrature points" in said
    other = published.replace(missing=MissingRule.IMOR, imputations=5, imor_control=0.5, estimator=Estimator.RSPL)
    found = content(trial, other, ["nnt"]).origin
    assert "5 imputations" in "; ".join(found.choices) and "odds ratio 0.5" in "; ".join(found.choices)
    assert "quadrature points" not in "; ".join(found.choices) and "--imor-control=0.5" in found.command
    assert found.status.startswith("Exploratory: differs in")


def test_a_report_of_real_data_claims_nothing_synthetic(hostile):
    for name in ("html", "latex", "text"):
        made = written(name, hostile)
        assert SYNTHETIC.encode() not in made
