"""With p-values hidden no export holds a p-value or a sentence about one."""

import json
import re
from dataclasses import replace

import pytest
from known_trials import sample_trial
from odd_trials import STATES, trial
from opened_files import OPEN
from sweeps import others_slow
from taken_away import content

from ketadash import analyse
from ketadash.analyse import long_work
from ketadash.analyse.specification_tasks import rows_of
from ketadash.analyse.specifications import abstinence_specifications, specification_curve
from ketadash.analyse.tipping_map import tipping_map
from ketadash.core import p_values
from ketadash.core.spec import PValues
from ketadash.export.analysis_json import analysis
from ketadash.export.bundle import written
from ketadash.export.sections import Material
from ketadash.export.sheets import csv
from ketadash.trial import resolve
from ketadash.ui import report_job

# A p-value as anybody may write it, a sentence on which side of a limit one lies, where it stands, what it is.
LEAK = re.compile(
    r"\bp[\s\u00a0]*(?:[=<>≤≥][\s\u00a0]*)?0?\.\d+|\bp[\s\u00a0](?:is|stays|below|above)\b|\bp[\s\u00a0]*[<>=]"
    r"|\bexact p\b|\bp_fisher\b|\bp-values?\b(?! are hidden)"
)
# A p-value that nobody turned into text, or the mark around a sentence about one.
UNREAD = re.compile("[\U0010fe00-\U0010feff\ufdd2\ufdd3]")

GIVES_P = r"p|p_.*|.*_p|f|t|z|chi2|statistic"

# A paper that the methods cite is called what it is called.
CITED = re.compile(r"Permutation p-values should never be zero: calculating\s+exact p-values when permutations are")


def leaks(text):
    plainly = (
        CITED.sub("", text)
        .replace("~", " ")
        .replace(r"\textless{}", "<")
        .replace(r"\textgreater{}", ">")
        .replace("$", "")
    )
    return [plainly[max(0, found.start() - 60) : found.end() + 30] for found in LEAK.finditer(plainly)]


def p_fields(value, path=""):
    """Where in a JSON document a p-value stands, or a test's statistic, which gives it away."""
    if isinstance(value, dict):
        own = [f"{path}.{k}" for k, v in value.items() if isinstance(v, float | int) and re.fullmatch(GIVES_P, k)]
        return [*own, *(at for k, v in value.items() for at in p_fields(v, f"{path}.{k}"))]
    return [at for k, v in enumerate(value) for at in p_fields(v, f"{path}.{k}")] if isinstance(value, list) else []


@pytest.fixture(scope="module", params=others_slow(["sample", "other"], "sample"))
def made(request):
    spec = STATES["five choices changed"]
    own = sample_trial() if request.param == "sample" else trial("plain")
    return content(own, spec, p_values=PValues.HIDDEN)


@pytest.mark.sweep(5)  # of the formats of two trials, one of which is slow
@pytest.mark.parametrize("form", OPEN)
def test_no_export_holds_a_hidden_p_value_or_speaks_of_one(made, form):
    raw = written(form, made)
    assert leaks(OPEN[form](raw)) == [] and not UNREAD.search(OPEN[form](raw))
    if form == "html":
        figures = re.search(r'id="figures">(.*?)</script>', raw.decode(), re.S)[1]
        assert leaks(figures) == [] and leaks(" ".join(re.findall(r'aria-label="([^"]*)"', raw.decode()))) == []
    if form == "json":
        assert p_fields(json.loads(raw)) == []
    if form in ("text", "word", "html", "latex", "slides"):
        assert "p-values are hidden" in OPEN[form](raw)


@pytest.mark.slow
def test_the_same_exports_hold_them_where_they_are_shown(made):
    """Or the law would hold of what never had any."""
    shown = content(made.material.trial, made.chosen)
    for form, opened in OPEN.items():
        text = opened(written(form, shown))
        assert leaks(text) or p_fields(json.loads(text)), form
        assert not UNREAD.search(text), form


def test_no_table_in_full_precision_has_a_column_of_them(made):
    for section in made.sections:
        for name, frame in section.full.items():
            text = csv(frame).decode()
            assert not [
                c for c in frame.columns if re.search(r"(^|[\s:_])p($|[,_])|^(f|t|z|chi2|statistic)$", str(c))
            ] and not leaks(text), name
            assert not re.search(r"'p(_\w+)?':", text), name


def test_a_strict_trials_json_hides_them_outside_its_declared_analysis_only():
    own = sample_trial()
    strict = replace(own, declared=replace(own.declared, strict=True))
    assert p_fields(analysis(strict, strict.declared.published, ["time_to_event"]))
    hidden = analysis(strict, STATES["five choices changed"])
    assert p_fields(hidden) == [] and hidden["warnings"][-1].startswith("p-values are hidden")
    assert p_fields(analysis(own, STATES["five choices changed"], ["time_to_event"], hidden=True)) == []


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("It grew. The conclusion hangs on dropout: p is below .05 only where it is censored.", "It grew."),
        (
            "For p below .05, at least 3 of the 4 who left must have relapsed; whoever they are, it takes all of them.",
            None,
        ),
        ("However many of them relapsed, p stays below .05.", None),
        ("The trends differed at p < .05 in none of 3 measures (smallest p\u00a0.21). Craving grew.", "Craving grew."),
        ("Fisher's exact p is in the download. Intervals are Newcombe's.", "Intervals are Newcombe's."),
        ("The report prints p = 0.03 in its text and p=.0004 in its table.", None),
        ("Drug p was better than placebo.", "Drug p was better than placebo."),
    ],
)
def test_sentences_about_p_are_left_out_and_no_others(said, kept):
    assert p_values.shown(p_values.of_prose(said), PValues.HIDDEN) == (kept or p_values.GONE)
    assert p_values.shown(p_values.of_prose(said), PValues.SHOWN) == said


def test_a_report_finds_the_maps_and_curves_that_its_pages_computed(monkeypatch):
    """One computation has one name: what a page began, a report goes on with."""
    own = trial("plain")
    spec, _ = resolve(own, STATES["five choices changed"])
    m = Material(own, spec)
    assert report_job.long_results(m, "missing_days") == {}
    problem = analyse.tipping_problem(own, spec)
    work = long_work.tipping_map(own, spec, problem)
    work.keep(0, problem.cell(work.tasks[0]))
    found = report_job.long_results(m, "missing_days")["tipping"]
    assert found.n_done == tipping_map(problem, dict(work.results)).n_done == 1
    curves = abstinence_specifications(own, spec)
    rows = long_work.specifications(own, spec, curves)
    rows.keep(0, rows_of(rows.tasks[0]))
    made_of = report_job.long_results(m, "specifications")["specifications abstinence"]
    assert made_of.rows == specification_curve(curves, list(rows.results[0][1])).rows
