"""The main choices and the curve that they move are seen together, on a laptop and on a phone."""

from itertools import pairwise

import pytest
from reading import CURVE, PATHS, WAIT, curve, flip, still
from sweeps import others_slow

pytestmark = pytest.mark.browser
SIZES = LAPTOP, PHONE = [(1366, 768), (390, 844)]
SEEN_ON = ["laptop", "phone"]

PLACES = """(key) => {
  const box = (n) => document.querySelector(n).getBoundingClientRect();
  const places = [box('.st-key-missing'), box('.st-key-choices_more'), box(`.st-key-${key} .ketadash-plot`)];
  return places.map(r => [r.top, r.bottom]);
}"""
TO_THE_END = f"document.querySelector('.st-key-{CURVE}').scrollIntoView({{ block: 'end' }})"


@pytest.fixture
def page(request, site, browser):
    width, height = request.param
    page = browser.new_page(viewport={"width": width, "height": height})
    page.goto(f"{site}/{PATHS['abstinence']}")
    page.locator(f".st-key-{CURVE} .ketadash-plot[data-drawn]").wait_for()
    still(page)
    yield page
    page.close()


@pytest.mark.parametrize("page", others_slow(SIZES, PHONE), ids=SEEN_ON, indirect=True)
def test_choices_and_curve_are_in_one_view_and_the_curve_does_not_jump(page):
    page.evaluate(TO_THE_END)
    still(page)
    gaps, before = set(), curve(page)
    for word in ("missing", "dial", "more", "drinking"):
        flip(page, word)  # one tap
        still(page)
        page.evaluate(TO_THE_END)
        missing, more, picture = page.evaluate(PLACES, CURVE)
        assert missing[0] >= 0 and more[1] <= picture[0], (word, missing, more, picture)
        assert picture[1] <= page.viewport_size["height"], (word, picture)
        page.evaluate("document.querySelector('.stMain').scrollTop = 0")
        missing, more, picture = page.evaluate(PLACES, CURVE)
        gaps.add(round(picture[0] - missing[0]))
        if word == "missing":
            assert curve(page) != before
    assert len(gaps) == 1  # the row is as high whatever is chosen
    assert curve(page) == before


@pytest.mark.slow
@pytest.mark.parametrize("page", others_slow(SIZES, LAPTOP), ids=SEEN_ON, indirect=True)
def test_row_and_curve_are_in_the_first_view_and_stay_where_they_are(page):
    tops = set()
    for word in ("", "missing", "more", "drinking"):
        if word:
            flip(page, word)
        still(page)
        assert page.evaluate("document.querySelector('.stMain').scrollTop") == 0
        missing, _, picture = page.evaluate(PLACES, CURVE)
        tops.add((round(missing[0]), round(picture[0])))
        assert missing[0] > 0 and picture[0] + 200 <= page.viewport_size["height"], (word, picture)  # most of the curve
    assert len(tops) == 1, tops  # badges, n and notes above or below come and go without moving it


@pytest.mark.parametrize("page", others_slow(SIZES, PHONE), ids=SEEN_ON, indirect=True)
def test_the_missing_days_stay_in_sight_below_the_navigation_wherever_the_page_is_scrolled_to(page):
    header = page.get_by_test_id("stHeader").bounding_box()
    for down in (900, 1200):
        page.evaluate("y => { document.querySelector('.stMain').scrollTop = y }", down)
        still(page)
        buttons = page.locator(".st-key-missing .stButtonGroup").bounding_box()
        assert header["y"] + header["height"] - 10 <= buttons["y"] <= header["y"] + header["height"] + 30
        shown = page.evaluate(
            "([x, y]) => !!document.elementFromPoint(x, y).closest('.st-key-missing')",
            [buttons["x"] + 20, buttons["y"] + buttons["height"] - 6],
        )
        assert shown  # nothing lies over it
    before = curve(page)
    flip(page, "missing")
    assert curve(page) != before


@pytest.mark.slow
@pytest.mark.parametrize("page", others_slow(SIZES, PHONE), ids=SEEN_ON, indirect=True)
def test_what_the_rules_mean_is_told_on_a_phone_too(page):
    page.locator(".st-key-missing .stTooltipIcon").first.click()
    page.get_by_role("tooltip").get_by_text("left out").first.wait_for(timeout=WAIT)


@pytest.mark.parametrize("page", others_slow(SIZES, LAPTOP), ids=SEEN_ON, indirect=True)
def test_the_row_is_called_by_its_labels_and_comes_before_its_picture(page):
    for label in ("Missing days counted as", "Time trend", "Curve"):
        assert page.get_by_role("radiogroup", name=label).count() == 1
    follows = "([a, b]) => !!(document.querySelector(a).compareDocumentPosition(document.querySelector(b)) & 4)"
    for pair in pairwise(("h1", ".st-key-missing", ".st-key-choices_more", f".st-key-{CURVE}")):
        assert page.evaluate(follows, list(pair)), pair


def test_the_row_has_the_pages_own_colour_in_the_dark(site, browser):
    page = browser.new_page(viewport={"width": 390, "height": 844}, color_scheme="dark")
    page.goto(f"{site}/{PATHS['abstinence']}")
    still(page)
    colour = "n => getComputedStyle(document.querySelector(n)).backgroundColor"
    assert page.evaluate(colour, ".st-key-missing") == page.evaluate(colour, ".stApp")
    page.close()
