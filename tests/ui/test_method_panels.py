"""Each method's panel: its sections, the formula, our answer beside R's, and what is shipped is what R said."""

import json
import re
import sys
from pathlib import Path

import pytest
from opened import opened, tables, turned, words

from ketadash.analyse import comparison_with_r as engine
from ketadash.core.spec import DropoutRule, MissingRule
from ketadash.questions.methods.words import METHODS
from ketadash.ui import method_panels

ROOT = Path(__file__).parents[2]
PAGES = sorted(p.stem for p in (ROOT / "docs" / "methods").glob("*.md"))
SHIPPED = json.loads((ROOT / "docs" / "methods" / "oracle.json").read_text(encoding="utf-8"))


def test_what_is_shipped_is_what_r_said():
    sys.path.insert(0, str(ROOT / "tests" / "oracle"))
    try:
        from make_shipped import SHIPPED as PATH
        from make_shipped import text
    finally:
        sys.path.pop(0)
    assert PATH.read_text(encoding="utf-8") == text(), "run python tests/oracle/make_shipped.py"


@pytest.mark.parametrize("name", PAGES)
def test_every_page_has_its_sections(name):
    parts = method_panels.sections((ROOT / "docs" / "methods" / f"{name}.md").read_text(encoding="utf-8"))
    for key in ("Formula", "Source", "What could mislead", "Oracle"):
        assert len(parts.get(key, "")) > len(key) + 20, key
    assert "Question" in parts or "Questions" in parts
    assert all(body.count("$$") % 2 == 0 for body in parts.values()), "a formula that does not end"


RULES = [rule.value for rule in (*MissingRule, *DropoutRule) if rule.value not in ("worst", "best")]


@pytest.mark.parametrize("name", PAGES)
def test_no_page_calls_a_rule_by_its_code(name):
    text = (ROOT / "docs" / "methods" / f"{name}.md").read_text(encoding="utf-8")
    assert not [code for code in re.findall(r"`([^`]+)`", text) if code in RULES]


def test_the_list_of_methods_is_the_folder():
    at = opened("methods")
    (box,) = [s for s in at.selectbox if s.key == "method"]
    assert box.options == list(METHODS) and sorted(METHODS.values()) == PAGES


@pytest.mark.parametrize("name", SHIPPED)
def test_our_answer_is_within_tolerance_of_rs(name):
    found = engine.comparison(name, SHIPPED[name])
    assert name in PAGES and found.rows
    for row in found.rows:
        assert row.agrees, row
        assert row.tolerance <= 1e-3 * max(1, abs(row.r)), "a tolerance that means something"


def test_a_number_of_rs_that_is_not_ours_is_told():
    asked = json.loads(json.dumps(SHIPPED["log-rank"]))
    asked["answers"][0][1] += 1e-6
    found = engine.comparison("log-rank", asked)
    assert [r.agrees for r in found.rows] == [False, True]
    from ketadash.questions.methods import tables as methods_tables
    from ketadash.questions.methods import words as methods_words

    assert "DIFFERS" in methods_tables.beside(found).to_csv()
    assert "1 of 2 numbers" in methods_words.comparison(found)


def test_a_result_shows_formula_counts_and_r_beside_it():
    at = opened("relapse")
    said = words(at)
    assert "23" in said and "12 events, 11 censored, of 23" in said
    assert r"\chi^2" in "\n".join(m.value for m in at.main.markdown)
    beside = [t for t in tables(at) if "ours, now" in t]
    assert len(beside) == 4 and all("agrees" in t and "DIFFERS" not in t for t in beside)  # definitions have no R
    turned(at, "abstinence")
    assert "of 483 days (66.0%)" in words(at) and "of 357 days (78.2%)" in words(at)
    assert "840 rows of 40 participants" in words(at) and not at.exception
