"""With p-values hidden no page holds a p-value or a sentence about one, nor does a slide."""

import html
import json
import re

import pytest
from opened import opened, turned

from ketadash.ui import navigation, slides

# As tests/export/test_hidden_p.py has it; what the words and the methods mean stays.
LEAK = re.compile(
    r"\bp[\s\u00a0]*(?:[=<>≤≥][\s\u00a0]*)?0?\.\d+|\bp[\s\u00a0](?:is|stays|below|above)\b|\bp[\s\u00a0]*[<>=]"
    r"|\bexact p\b|\bp_fisher\b"
)
# A p-value that nobody turned into text, or the mark around a sentence about one.
UNREAD = re.compile("[\U0010fe00-\U0010feff\ufdd2\ufdd3]")
STATE = {"missing": "missing", "trend": "linear", "dropout": "censored", "pvalues": "hidden"}
# About methods and words in general, not about this trial: they explain what a p-value is.
GENERAL = ("methods", "glossary")


def texts(at):
    """Everything on a page, tabs out of sight and the sidebar's lists too, as text; code and oracles left out."""
    found = []
    for element in at:
        proto = getattr(element, "proto", None)
        kind = getattr(element, "type", "")
        if proto is None or kind in ("code", "arrow_data_frame"):
            continue
        if kind == "html":
            found.append(html.unescape(re.sub(r"<[^>]*>", " ", proto.body)))
        elif kind == "bidi_component":
            found.append(json.dumps(json.loads(proto.json or "null"), ensure_ascii=False))
        else:
            found += [str(getattr(proto, field, "")) for field in ("body", "label", "help", "value", "text")]
    return [text.replace("\\", "") for text in found]


def leaks(at):
    return [text[max(0, m.start() - 80) : m.end() + 40] for text in texts(at) for m in LEAK.finditer(text)]


@pytest.fixture(autouse=True)
def without_methods(monkeypatch):
    """The method panels are the same whatever the trial: R's answers for data sets of R's, with their p-values."""
    from ketadash.ui import method_panels

    monkeypatch.setattr(method_panels, "panels", lambda *a: None)


@pytest.mark.sweep(7)
@pytest.mark.parametrize("page", [p for p in navigation.page_keys() if p not in GENERAL])
def test_no_page_holds_a_hidden_p_value_or_speaks_of_one(page):
    at = opened(page, **STATE)
    assert not at.exception
    assert leaks(at) == [] and not UNREAD.search(" ".join(texts(at)))


def test_the_same_pages_hold_them_where_they_are_shown():
    """Or the law would hold of what never had any."""
    at = opened("relapse")
    for page in ("relapse", "dropout", "safety", "heavy_drinking", "overview", "paper"):
        assert leaks(turned(at, page)), page
        assert not UNREAD.search(" ".join(texts(at))), page


@pytest.mark.sweep(5)
@pytest.mark.parametrize("page", slides.ORDER)
def test_no_slide_holds_one(page):
    assert leaks(opened(page, present="on", **STATE)) == []
