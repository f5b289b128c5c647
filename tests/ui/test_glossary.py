"""The glossary: complete, unambiguous, searchable, and beside the lines that use its terms."""

import re
from pathlib import Path

import pytest
from opened import opened

from ketadash.questions.shared.glossary import MOST, explained, matching
from ketadash.questions.shared.glossary_terms import TERMS

ROOT = Path(__file__).parents[2]


def test_every_term_is_there_once_and_says_something():
    spellings = [s.casefold() for t in TERMS for s in (t.name, *t.also)]
    assert len({t.anchor for t in TERMS}) == len(TERMS)
    assert not {s for s in spellings if spellings.count(s) > 1 and s not in {t.name.casefold() for t in TERMS}}
    for t in TERMS:
        assert t.means.endswith(".") and len(t.means) > 25 and t.means[0].isupper()
        assert t.method is None or (ROOT / "docs" / "methods" / f"{t.method}.md").is_file(), t.name


def test_the_terms_come_in_the_order_of_the_alphabet():
    names = [t.anchor for t in matching("")]
    assert names == sorted(names) and len(names) == len(TERMS)


def test_a_word_finds_its_terms():
    assert next(t.name for t in matching("gray")) == "Gray's test"
    assert {"Number needed to treat (NNT)", "NNTB, NNTH"} <= {t.name for t in matching("  nnt ")}
    assert matching("no such word") == ()


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("Missing days are imputed 20 times.", ["Missing day", "Imputation"]),
        ("the closed session", []),  # no SE, no odds
        ("Type III tests of fixed effects", ["Type III test"]),
        ("NNTB 5.5 (95% CI)", ["NNTB, NNTH", "Confidence interval (CI)"]),
        ("log-rank, Kaplan–Meier, hazard ratio, RMST, censored, Greenwood, dropout, relapse", None),
    ],
)
def test_the_terms_of_a_line_are_explained_in_its_order(text, terms):
    said = explained(text)
    found = re.findall(r"\*\*(.+?)\*\*", said or "")
    assert len(found) == MOST if terms is None else found == terms


def test_what_a_result_rests_on_explains_its_terms():
    at = opened("abstinence")
    (line,) = [m for m in at.main.markdown if "What this rests on" in m.value]
    assert "**Logistic mixed model**" in line.help and line.help.count("**:") == MOST


def test_the_page_lists_all_and_finds_from_the_link():
    at = opened("glossary")
    text = "\n".join(m.value for m in at.main.markdown)
    assert not at.exception and all(f"**{t.name}.**" in text for t in TERMS)
    found = opened("glossary", term="censored")
    text = "\n".join(m.value for m in found.main.markdown)
    assert "**Censored.**" in text and "**RSPL.**" not in text
