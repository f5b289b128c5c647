"""Read by everyone: axe-core on every page in both themes and on a phone, the keyboard alone, motion, texts for pictures.

A page is loaded once, with all of its tabs and boxes laid open, and looked at three times: wide, wide in the dark (where
nothing but colours differs), and on a phone.
"""

from __future__ import annotations

import re
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

import pytest
from reading import PATHS, WAIT, app_is_whole

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# Violations of Streamlit 1.67's own, by rule: which elements, and why.  One more is a failure, and so is one that is no
# longer met: then it has been mended upstream and leaves this list.
UPSTREAM = {
    "list": ('[data-testid="stSidebarNavItems"]', "st.navigation: groups are <div>s between <ul> and <li>"),
    "listitem": ('[data-testid="stSidebarNavItems"] li', "the same, from the other side"),
    "presentation-role-conflict": ('[data-testid="stFileUploaderDropzone"]', "st.file_uploader: a drop zone that takes "
                                   "the focus has role=presentation"),
}  # fmt: skip
# Everything that a reader can open, laid open: one look instead of six.
OPEN = """() => {
  document.head.insertAdjacentHTML('beforeend', `<style>
    [role=tabpanel] { display: block !important; visibility: visible !important; } </style>`);
  document.querySelectorAll('[role=tabpanel]').forEach(p => { p.removeAttribute('inert'); p.hidden = false; });
  document.querySelectorAll('.stMain details:not(.ketadash-save)').forEach(d => { d.open = true; });
}"""
DRAWN = """() => document.querySelector('[data-testid="stApp"]').dataset.testScriptState === 'notRunning'
  && !document.querySelector('.stProgress')
  && [...document.querySelectorAll('.ketadash-plot')].every(n => n.dataset.drawn || !n.clientWidth)"""
RUN = """async ([rules, upstream]) => {
  const how = {resultTypes: ['violations'], elementRef: true};
  if (rules) how.runOnly = {type: 'rule', values: rules};
  const found = await axe.run(document, how);
  return found.violations.flatMap(v => v.nodes.map(n => ({
    rule: v.id, theirs: !!upstream[v.id] && n.element.matches(upstream[v.id]),
    what: v.help + ': ' + n.html.slice(0, 160) + ' ' + (n.any.concat(n.all, n.none)[0]?.message ?? ''),
  })));
}"""
TEXTS = """() => [...document.querySelectorAll('.ketadash-plot[data-drawn]')].map(
  n => n.querySelector('svg[role=img]')?.getAttribute('aria-label') ?? '')"""


@pytest.fixture(scope="module")
def axe():
    spec = find_spec("axe_playwright_python")
    if spec is None:
        pytest.skip("no axe-core; install the development dependencies")
    return (Path(spec.origin).parent / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def visitor(browser, site):
    """One visitor for all pages, in the light, who wants nothing to move."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme="light",
                                  reduced_motion="reduce")  # fmt: skip
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def met():
    """Which upstream violations were seen on any page; looked at when all pages are done."""
    return Counter()


def look(page, met, rules=None):
    """Violations that are ours, with where they are."""
    ours = []
    for one in page.evaluate(RUN, [rules, {rule: where for rule, (where, _) in UPSTREAM.items()}]):
        if one["theirs"]:
            met[one["rule"]] += 1
        else:
            ours.append(f"{one['rule']}: {one['what']}")
    return ours


@pytest.mark.parametrize("stem", PATHS)
def test_no_violation_that_is_ours(stem, site, visitor, axe, met):
    page = visitor
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(color_scheme="light")
    page.goto(f"{site}/{PATHS[stem]}")
    page.locator("h1").wait_for(timeout=WAIT)
    page.wait_for_function(DRAWN, timeout=WAIT)
    page.evaluate(OPEN)
    page.wait_for_function(DRAWN, timeout=WAIT)
    assert page.evaluate("document.documentElement.lang") == "en"
    texts = page.evaluate(TEXTS)
    assert all(re.search(r"\d", text) for text in texts), texts
    assert len(texts) == page.locator(".ketadash-plot").count()
    page.evaluate(axe)
    ours = {"wide": look(page, met)}
    page.emulate_media(color_scheme="dark")
    page.wait_for_function("getComputedStyle(document.querySelector('.stApp')).backgroundColor === 'rgb(16, 25, 31)'")
    page.wait_for_timeout(300)  # the pictures' turn: the page is run again for them
    page.wait_for_function(DRAWN, timeout=WAIT)
    page.evaluate(OPEN)
    ours["dark"] = look(page, met, ["color-contrast", "link-in-text-block"])
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_function(DRAWN, timeout=WAIT)
    ours["phone, dark"] = look(page, met)
    assert {where: found for where, found in ours.items() if found} == {}


def test_every_exception_made_for_streamlit_is_still_needed(met):
    if len(met) == 0:
        pytest.skip("no page was looked at")
    assert set(met) == set(UPSTREAM)
