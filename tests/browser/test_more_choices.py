"""More choices in a real browser: drawn when they are unfolded, and true when they are not."""

import pytest
from reading import CURVE, WAIT, address_has, flip, open_page, rests, shows, still

sync_api = pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.browser


def test_a_choice_holds_in_a_shut_box_on_other_pages_and_after_back(site, reader):
    reader.goto(site)
    still(reader)
    open_page(reader, "abstinence")
    box, level = reader.locator("details", has_text="More choices"), reader.locator(".st-key-days input")
    sync_api.expect(level).to_have_count(0)
    box.locator("summary").first.click()
    level.wait_for(timeout=WAIT)
    level.fill("1:14")
    level.press("Enter")
    address_has(reader, "days=1%3A14")
    shows(reader.get_by_test_id("stMain"), "Exploratory: differs in days")
    box.locator("summary").first.click()
    sync_api.expect(level).to_have_count(0, timeout=WAIT)
    rests(reader)  # two changes in a row are one step back
    flip(reader, "missing")
    address_has(reader, "days=1%3A14")
    still(reader)
    open_page(reader, "nnt")
    address_has(reader, "days=1%3A14")
    still(reader)
    box.locator("summary").first.click()
    sync_api.expect(level).to_have_value("1:14", timeout=WAIT)
    open_page(reader, "abstinence")  # a box that is open stays so
    reader.locator(f".st-key-{CURVE} .ketadash-plot[data-drawn]").wait_for(timeout=WAIT)
    sync_api.expect(level).to_have_value("1:14", timeout=WAIT)
    still(reader)
    box.locator("summary").first.click()
    sync_api.expect(level).to_have_count(0, timeout=WAIT)
    for _ in range(3):
        reader.go_back()
        still(reader)
    shows(reader.get_by_test_id("stMain"), "Exploratory: differs in days")
    reader.go_back()
    shows(reader.get_by_test_id("stMain"), "Published analysis")
    box.locator("summary").first.click()
    sync_api.expect(level).to_have_value("", timeout=WAIT)
