"""The main choices and the curve that they move are seen together, on a laptop and on a phone."""

import pytest
from reading import CURVE, PATHS, curve, flip, still

pytestmark = pytest.mark.browser

PLACES = """(key) => {
  const box = (n) => document.querySelector(n).getBoundingClientRect();
  const ends = (r) => [r.top, r.bottom, r.height];
  return [box('.st-key-choices'), box(`.st-key-${key} .ketadash-plot`)].map(ends);
}"""


@pytest.mark.parametrize("width, height", [(1366, 768), (390, 844)])
def test_choices_and_curve_are_in_one_view_and_the_curve_does_not_jump(site, browser, width, height):
    page = browser.new_page(viewport={"width": width, "height": height})
    page.goto(f"{site}/{PATHS['abstinence']}")
    page.locator(f".st-key-{CURVE} .ketadash-plot[data-drawn]").wait_for()
    still(page)
    page.locator(f".st-key-{CURVE}").evaluate("n => n.scrollIntoView({ block: 'end' })")
    still(page)
    heights, before = set(), curve(page)
    for word in ("missing", "dial", "more", "drinking"):
        flip(page, word)  # one tap
        still(page)
        page.locator(f".st-key-{CURVE}").evaluate("n => n.scrollIntoView({ block: 'end' })")
        row, picture = page.evaluate(PLACES, CURVE)
        assert row[0] >= 0 and row[1] <= picture[0] and picture[1] <= height, (word, row, picture)
        heights.add(round(row[2]))
        if word == "missing":
            assert curve(page) != before
    assert len(heights) == 1
    assert curve(page) == before
    page.close()
