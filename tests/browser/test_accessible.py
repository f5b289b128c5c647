"""For every reader: axe-core on every page in both themes and on a phone, the keyboard alone, motion, pictures' texts.

A page is loaded once, with all of its tabs and boxes laid open, and looked at three times: wide, wide in the dark
(where nothing but colours differs), and on a phone.
"""

from __future__ import annotations

import re
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

import pytest
from reading import PATHS, WAIT, app_is_whole, still

from ketadash.questions.question import Group

pytestmark = pytest.mark.browser
EVERY_TAB = str(Path(__file__).parents[1] / "every_tab.py")

# Violations of Streamlit 1.67's own, by rule: which elements, and why.  One more is a failure, and so is one that is no
# longer met: then it has been mended upstream and leaves this list.
UPSTREAM = {
    "list": ('[data-testid="stSidebarNavItems"]', "st.navigation: groups are <div>s between <ul> and <li>"),
    "listitem": ('[data-testid="stSidebarNavItems"] li', "the same, from the other side"),
    "scrollable-region-focusable": (
        ".stCode pre",
        "st.code: the box that scrolls has no tabindex; Chromium and Firefox take it into the tab order by themselves",
    ),
    "presentation-role-conflict": (
        '[data-testid="stFileUploaderDropzone"]',
        "st.file_uploader: a drop zone that takes the focus has role=presentation",
    ),
}
# Everything that a reader can open, laid open: one look instead of six.
OPEN = """() => {
  if (!document.getElementById('opened')) document.head.insertAdjacentHTML('beforeend', `<style id="opened">
    [data-testid="stTabPanel"] { display: block !important; visibility: visible !important; } </style>`);
  for (const p of document.querySelectorAll('[data-testid="stTabPanel"]')) p.removeAttribute('inert');
  document.querySelectorAll('.stMain details:not(.ketadash-save)').forEach(d => { d.open = true; });
  return [...document.querySelectorAll('.ketadash-plot')].every(n => n.dataset.drawn);
}"""
RUN = """async ([rules, upstream]) => {
  const how = {resultTypes: ['violations'], elementRef: true};
  if (rules) how.runOnly = {type: 'rule', values: rules};
  const found = await axe.run(document, how);
  return found.violations.flatMap(v => v.nodes.map(n => ({
    rule: v.id, theirs: !!upstream[v.id] && n.element.matches(upstream[v.id]),
    what: v.help + ': ' + n.html.slice(0, 160) + ' ' + (n.any.concat(n.all, n.none)[0]?.message ?? ''),
  })));
}"""
FOCUSED = """() => {
  let e = document.activeElement;
  while (e?.shadowRoot?.activeElement) e = e.shadowRoot.activeElement;
  if (!e || e === document.body) return null;
  const owner = (e.getRootNode().host ?? e).closest('[class*="st-key-"]');
  const key = owner ? [...owner.classList].find(c => c.startsWith('st-key-')).slice(7) : '';
  let seen = false;
  for (let n = e, i = 0; n && i < 4 && !seen; n = n.parentElement, i++) {
    const s = getComputedStyle(n);
    seen = s.outlineStyle !== 'none' || s.boxShadow !== 'none';
  }
  return [key, e.getAttribute('role') ?? e.tagName.toLowerCase(), e.getAttribute('aria-label') ?? e.innerText, seen];
}"""
TEXTS = """() => [...document.querySelectorAll('.ketadash-plot[data-drawn]')].map(
  n => n.querySelector('svg[role=img]')?.getAttribute('aria-label') ?? '')"""


@pytest.fixture(scope="module")
def site(serve):
    with serve(program=[EVERY_TAB]) as server:  # a tab out of sight is drawn when it is opened
        yield server.address


@pytest.fixture(scope="module")
def axe():
    spec = find_spec("axe_playwright_python")
    if spec is None:
        pytest.skip("no axe-core; install the development dependencies")
    return (Path(spec.origin).parent / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def visitor(browser, site):
    """One visitor for all pages, in the light, who wants nothing to move."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, color_scheme="light", reduced_motion="reduce"
    )
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def met():
    """Which upstream violations were seen on any page; looked at when all pages are done."""
    return Counter()


def settled(page):
    """Wait for all that a page loads by and by: widgets and pictures come after the script has run."""
    page.locator("h1").wait_for(timeout=WAIT)
    still(page)


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
@pytest.mark.slow
def test_no_violation_that_is_ours(stem, site, visitor, axe, met):
    page = visitor
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(color_scheme="light")
    page.goto(f"{site}/{PATHS[stem]}")
    settled(page)
    page.wait_for_function(OPEN, timeout=WAIT, polling=300)  # again and again: panels are filled by and by
    settled(page)
    assert page.evaluate("document.documentElement.lang") == "en"
    texts = page.evaluate(TEXTS)
    assert all(re.search(r"\d", text) for text in texts), texts
    assert len(texts) == page.locator(".ketadash-plot").count()
    page.evaluate(axe)
    ours = {"wide": look(page, met)}
    page.emulate_media(color_scheme="dark")
    page.wait_for_function("getComputedStyle(document.querySelector('.stApp')).backgroundColor === 'rgb(16, 25, 31)'")
    settled(page)  # the page is run again for the pictures
    page.wait_for_function(OPEN, timeout=WAIT, polling=300)
    ours["dark"] = look(page, met, ["color-contrast", "link-in-text-block"])
    page.set_viewport_size({"width": 390, "height": 844})
    still(page)
    ours["phone, dark"] = look(page, met)
    assert {where: found for where, found in ours.items() if found} == {}


@pytest.mark.slow
def test_every_exception_made_for_streamlit_is_still_needed(met, request):
    if not {f"{stem}]" for stem in PATHS} <= {item.name.partition("[")[2] for item in request.session.items}:
        pytest.skip("not every page was looked at")
    assert set(met) == set(UPSTREAM)


def stops(page, most=150):
    """Everything that the Tab key reaches: the nearest key of ours, role and name, and whether the focus is seen."""
    found = []
    while len(found) < most:
        page.keyboard.press("Tab")
        at = page.evaluate(FOCUSED)
        if at is None:  # the browser's own bar: the page has been left
            return found
        found.append(tuple(at))
    raise AssertionError(f"no end after {most} stops: {found[-5:]}")


def operable(page, site):
    """The Abstinence page, with all of its controls loaded."""
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(color_scheme="light")
    page.goto(f"{site}/{PATHS['abstinence']}")
    app_is_whole(page)
    still(page)
    page.locator(".st-key-curve [role=radio]").first.wait_for(timeout=WAIT)
    page.locator(".st-key-ketadash_address button").first.wait_for(timeout=WAIT)


@pytest.mark.slow
def test_the_keyboard_alone_reaches_everything_and_sees_where_it_is(visitor, site):
    page = visitor
    operable(page, site)
    found = stops(page)
    keys = [key for key, *_ in found]
    for key in (
        "missing",
        "trend",
        "baseline",
        "curve",
        "abstinence_curve",
        "abstinence_difference",
        "tabs_abstinence",
    ):
        assert key in keys, key
    names = " | ".join(name for _, _, name, _ in found)
    headings = [group.value for group in Group]  # of the navigation; its menus: test_navigation.py
    for name in ("Skip to main content", *headings, "More choices", "Present", "Save picture", "Zoom"):
        assert name in names, name
    unseen = [stop for stop in found if not stop[3] and stop[1] != "main"]
    assert unseen == []
    page.locator("summary", has_text="More choices").focus()
    page.keyboard.press("Enter")
    page.locator(".st-key-seed input").wait_for()
    page.keyboard.press("Tab")
    assert page.evaluate("!!document.activeElement.closest('details:has(.st-key-seed)')")


@pytest.mark.parametrize("stem", ("abstinence", "participants", "compare", "data"))
@pytest.mark.slow
def test_the_focus_is_seen_in_every_box_and_on_every_link(visitor, site, stem):
    page = visitor
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(color_scheme="light")
    page.goto(f"{site}/{PATHS[stem]}?missing=dial")
    settled(page)
    page.evaluate("document.querySelectorAll('details:not([open]) > summary').forEach(box => box.click())")
    page.locator(".st-key-seed input").wait_for(timeout=WAIT)
    settled(page)
    assert [stop for stop in stops(page, 500) if not stop[3] and stop[1] != "main"] == []


@pytest.mark.slow
def test_the_keyboard_alone_flips_a_choice_turns_a_tab_reads_the_numbers_and_downloads(visitor, site):
    page = visitor
    operable(page, site)
    page.locator(".st-key-missing [role=radio]").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    page.wait_for_url("**missing=missing*")
    page.get_by_role("tab", name="Table").first.focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    box = page.get_by_role("combobox", name="The numbers behind the pictures")
    box.wait_for(timeout=WAIT)
    still(page)  # the tab is drawn by a run of the page: what is typed before it ends would be lost
    box.focus()
    page.keyboard.type("difference")
    page.get_by_role("option", name="abstinence difference").wait_for(timeout=WAIT)
    page.keyboard.press("Enter")
    page.locator("caption", has_text="abstinence difference").wait_for(timeout=WAIT)
    caption = page.locator("caption", has_text="abstinence difference")
    rows = page.locator("table").filter(has=caption).locator("tbody tr")
    rows.nth(20).wait_for(timeout=WAIT)
    assert rows.count() == 21
    page.get_by_role("button", name="abstinence observed (CSV)").focus()
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert download.value.suggested_filename.endswith(".csv")


@pytest.mark.slow
def test_nothing_moves_for_readers_who_asked_for_that(visitor, site):
    page = visitor
    operable(page, site)
    assert (
        page.evaluate("""() => [...document.querySelectorAll('.stApp *')].filter(e => {
      const s = getComputedStyle(e);
      return s.animationName !== 'none' || s.transitionDuration.split(',').some(d => parseFloat(d) > 0.001);
    }).map(e => e.outerHTML.slice(0, 120))""")
        == []
    )
    moving = "n => [n._fullLayout.transition?.duration ?? 0, n._transitionData?._frames.length ?? 0]"
    assert page.locator(".ketadash-plot[data-drawn]").first.evaluate(moving)[1] == 0
