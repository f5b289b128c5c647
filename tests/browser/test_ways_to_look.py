"""Below the curve: points by week or of all days so far, and another day's difference; in the link, kept by a flip."""

import pytest
from reading import CURVE, PATHS, WAIT, address_has, curve, flip, still

pytestmark = pytest.mark.browser
NAMES = f"() => document.querySelector('.st-key-{CURVE} .ketadash-plot').data.map(t => t.name ?? '').join()"


def test_points_and_the_day_of_the_difference_are_chosen_kept_by_a_flip_and_in_the_link(site, browser):
    page = browser.new_page(viewport={"width": 1366, "height": 768})
    page.goto(f"{site}/{PATHS['abstinence']}")
    page.locator(f".st-key-{CURVE} .ketadash-plot[data-drawn]").wait_for(timeout=WAIT)
    still(page)
    whole = curve(page)
    page.get_by_role("radio", name="weekly").click()
    page.wait_for_function(f"({NAMES})().includes('ketamine, weekly')", timeout=WAIT)
    assert curve(page) == whole  # the model is the same
    picture, below = (page.locator(at).bounding_box()["y"] for at in (f".st-key-{CURVE}", ".st-key-looks"))
    assert below > picture
    page.get_by_role("combobox", name="Difference on day").click()
    page.get_by_role("option", name="14", exact=True).click()
    page.get_by_text("Day 14 was chosen by the reader").first.wait_for(timeout=WAIT)
    flip(page, "missing")
    page.wait_for_url("**missing=missing*", timeout=WAIT)
    still(page)
    assert "ketamine, weekly" in page.evaluate(NAMES)
    address_has(page, "observed=weekly", "contrast=14")
    other = browser.new_page(viewport={"width": 390, "height": 844})
    other.goto(page.url)
    other.get_by_text("Day 14 was chosen by the reader").first.wait_for(timeout=WAIT)
    other.locator(f".st-key-{CURVE} .ketadash-plot[data-drawn]").wait_for(timeout=WAIT)
    assert "ketamine, weekly" in other.evaluate(NAMES)
    other.close()
    page.close()
