"""p-values outside the declared analysis: each marked or hidden, wherever sentences and tables have them."""

import ast
import importlib
import pkgutil
import re
from dataclasses import asdict, fields, is_dataclass, replace
from pathlib import Path

import pandas as pd
import pytest
from known_trials import sample_trial
from source_trees import nodes, tree

from ketadash import results
from ketadash.core import numbers
from ketadash.core.p_values import (
    GONE,
    HIDDEN,
    MARK,
    PValue,
    Statistic,
    about_p,
    cell_of_statistic,
    everywhere,
    p_cell,
    p_text,
    shown,
)
from ketadash.core.spec import AnalysisSpec, PValues
from ketadash.questions.registry import QUESTIONS
from ketadash.questions.shared import code_numbers
from ketadash.questions.shared.full_precision import precise
from ketadash.questions.shared.tables import guarded as table
from ketadash.questions.shared.tables import without_p
from ketadash.results import Estimate
from ketadash.results.models import EffectTest
from ketadash.trial import resolve

STATISTICS = {"f", "t", "z", "chi2", "statistic"}
PS = (0.9999, 0.71, 0.049, 0.04, 0.007, 0.0001)


@pytest.mark.parametrize("p", PS)
def test_every_p_that_words_write_is_marked_or_hidden(p):
    text = f"It grew (odds ratio 1.19, 95% CI 1.14–1.25, {p_text(p)}), and stayed."
    plain, marked, hidden = (shown(text, how) for how in PValues)
    assert re.search(r"1\.25, p\u00a0[<>]?\u00a0?\.\d+\), and", plain)
    assert marked == plain.replace("), and", f"{MARK}), and")
    assert hidden == re.sub(r"p\u00a0[^)]*", HIDDEN, plain)
    assert "1.14–1.25" in hidden  # the interval stays


@pytest.mark.parametrize("p", PS)
def test_a_p_value_that_nobody_asked_about_cannot_be_read(p):
    for text in (p_text(p), p_cell(p)):
        assert not re.search(r"[\dp.]", text)


def test_sentences_about_p_are_left_out_where_it_is_hidden_and_nothing_else():
    text = f"It grew. {about_p('For p below .05 it takes three.')} It stayed{about_p(' and had a p-value')}."
    assert shown(text, PValues.SHOWN) == "It grew. For p below .05 it takes three. It stayed and had a p-value."
    assert shown(text, PValues.HIDDEN) == "It grew. It stayed."
    assert shown(about_p("p stays below .05."), PValues.HIDDEN) == GONE
    cut_short = about_p("One. For p below .05 it takes three.")[:20]
    assert shown(f"It grew. {cut_short}", PValues.HIDDEN) == "It grew."


def test_what_is_no_p_stays():
    for text in ("step .5", "p", "cap .04", "2 p.m.", "p not estimable", "p .04", p_text(None)):
        assert shown(text, PValues.LABELLED) == shown(text, PValues.HIDDEN) == text


def test_nothing_comes_in_with_the_signs_of_a_p_value():
    """A text from a file may hold any character: what does not say a p-value says nothing."""
    token = p_text(0.04)
    assert shown(token[::-1] + token[:1] * 9, PValues.SHOWN) == ""


def test_results_and_documents_hide_by_type():
    result = Estimate(0.1, 0.0, 0.2, 0.04)
    assert isinstance(result.p, PValue) and result.p == 0.04
    assert isinstance(replace(result, p=0.05).p, PValue) and Estimate(None, None, None).p is None
    document = {"any name": asdict(result), "list": [PValue(0.3), 0.3, about_p("p is here.")]}
    assert everywhere(document, PValues.HIDDEN) == {
        "any name": {"estimate": 0.1, "ci_low": 0.0, "ci_high": 0.2, "p": None, "se": None},
        "list": [None, 0.3, GONE],
    }
    assert everywhere(document, PValues.SHOWN)["list"] == [0.3, 0.3, "p is here."]


def test_columns_of_p_are_marked_or_hidden():
    frame = pd.DataFrame({"p": [p_cell(0.04)], "RSPL": [p_cell(None)], "p, SE": [about_p(".01")], "Group": ["p"]})
    assert list(table(frame, PValues.LABELLED).columns) == ["p †", "RSPL †", "p, SE †", "Group"]
    assert table(frame, PValues.HIDDEN).loc[0].tolist() == ["hidden", "hidden", "hidden", "p"]
    shown_frame = table(frame, PValues.SHOWN)
    assert list(shown_frame.columns) == list(frame.columns) and shown_frame.loc[0].tolist() == [".04", "–", ".01", "p"]


def test_the_statistic_of_a_hidden_p_is_hidden_with_it_and_never_marked():
    """Whoever has F and its degrees of freedom has p."""
    for value, text in ((2.04, "2.04"), (-0.5, "−0.50"), (None, "–")):
        frame = pd.DataFrame({"t": [cell_of_statistic(numbers.number(value))], "p": [p_cell(0.04)]})
        assert not re.search(r"\d", frame["t"][0])  # unread, it cannot be read
        assert table(frame, PValues.SHOWN)["t"][0] == text
        assert list(table(frame, PValues.LABELLED).columns) == ["t", "p †"]
        assert table(frame, PValues.HIDDEN)["t"][0] == ("–" if value is None else "hidden")
    result = EffectTest("arm", 4.2, 1, 38.0, 0.047)
    assert result.f == 4.2 and isinstance(replace(result, f=3.0).f, Statistic)
    assert everywhere({"f": result.f, "df_num": 1}, PValues.HIDDEN) == {"f": None, "df_num": 1}
    full = precise([asdict(result)])
    assert list(without_p(full, PValues.HIDDEN).columns) == ["effect", "df_num", "df_den"]
    assert list(table(full, PValues.LABELLED).columns) == ["effect", "f", "df_num", "df_den", "p †"]


def test_every_result_that_holds_p_beside_a_statistic_holds_that_as_one():
    """By its field's name, in whichever class of results: a new test is guarded with its p."""
    for name in (m.name for m in pkgutil.iter_modules(results.__path__)):
        for kind in vars(importlib.import_module(f"ketadash.results.{name}")).values():
            if isinstance(kind, type) and is_dataclass(kind) and kind.__module__.endswith(name):
                given = {f.name: 2.5 for f in fields(kind)}
                if not STATISTICS & set(given) or not {"p", "monte_carlo_se"} & set(given):
                    continue
                made = kind(**given)
                for one in STATISTICS & set(given):
                    assert isinstance(getattr(made, one), Statistic), (kind, one)


def test_tables_in_full_precision_lose_their_p_values_and_nothing_else():
    frame = precise([{"a": 1.5, "odds": PValue(0.04), "note": about_p("p.")}, {"a": 2.5, "odds": None, "note": "x"}])
    assert frame["odds"].tolist() == [0.04, None]
    assert list(without_p(frame, PValues.SHOWN)["note"]) == ["p.", "x"]
    assert list(without_p(frame, PValues.HIDDEN).columns) == ["a"]


# --- whoever writes a sentence about p says so ------------------------------------------------------------------------

SPEAKS = re.compile(
    r"\bp[\s\u00a0](?:is|stays|below|above)\b|(?<!</)(?<!<)\bp[\s\u00a0]*[<>=][\s\u00a0]*\d?\."
    r"|\bexact p\b|\bp-values?\b"
)
# What a p-value is in general, how one is written, printed and cited; labels of the Code tab, whose numbers are hidden.
IN_GENERAL = {
    "__main__.py",  # the option that shows, marks or hides them
    "core/p_values.py",
    "export/analysis_json.py",
    "export/power.py",  # whose p a planned trial is judged by
    "export/code_sas_people.py",  # which procedure of SAS gives them
    "questions/missing_days/code.py",
    "questions/paper/printed.py",
    "questions/shared/glossary_terms.py",
    "questions/shared/methods.py",
    "questions/shared/references.py",
    "ui/controls.py",
}


def outside_about_p(of):
    """Texts of a file that speak of p-values and are no docstring, outside every call of `about_p`."""
    left_out = set()
    for node in nodes(of):
        if isinstance(node, ast.Expr):
            left_out.add(id(node.value))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "about_p":
            left_out |= {id(inner) for inner in ast.walk(node)}
    texts = (n for n in nodes(of) if isinstance(n, ast.Constant) and isinstance(n.value, str))
    return [text.value for text in texts if id(text) not in left_out and SPEAKS.search(text.value)]


def test_every_sentence_about_p_is_one():
    package = Path(__file__).parents[1] / "ketadash"
    sources = {p.relative_to(package).as_posix(): tree(p) for p in package.rglob("*.py")}
    spoken = {name: texts for name, source in sources.items() if (texts := outside_about_p(source))}
    assert set(spoken) == IN_GENERAL, {name: texts for name, texts in spoken.items() if name not in IN_GENERAL}
    assert outside_about_p(ast.parse('f = about_p("p stays below .05")')) == []
    one_of_two = ast.parse('"p stays below .05."\nx = f"so {y}: p stays below .05"')
    assert outside_about_p(one_of_two) == [": p stays below .05"]


def test_the_code_tab_knows_every_p_value_by_its_type():
    """Fisher's p of the strips has no field's name to be known by: it could be read while p-values were hidden."""
    trial = sample_trial()
    spec, _ = resolve(trial, AnalysisSpec())
    seen = 0
    for question in QUESTIONS:
        for number in question.numbers(trial, spec) if question.numbers else ():
            names = number.json_fields or (number.json.rpartition(".")[2],)
            for name, value in zip(names, code_numbers.value(number, trial, spec), strict=True):
                of_p = name in {"p", *STATISTICS} or (number.part, name) == ("randomisation", "monte_carlo_se")
                assert isinstance(value, PValue) == (of_p and value is not None), number.label
                seen += isinstance(value, PValue)
    assert seen > 5
