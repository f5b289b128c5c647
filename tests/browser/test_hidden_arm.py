"""An arm is hidden by its name: at once, through every choice and on every page, and its picture says so."""

import pytest
from reading import CURVE, PATHS, WAIT, curve, flip, open_page, still
from sweeps import others_slow

pytestmark = pytest.mark.browser
SEEN = "n => n.data.filter(t => t.visible !== false).map(t => t.legendgroup)"
NOTES = "n => n.layout.annotations.map(a => a.text).join(' | ')"


def plot(page, key=CURVE):
    return page.locator(f".st-key-{key} .ketadash-plot")


def opened(browser, site, width, height, path="abstinence"):
    page = browser.new_page(viewport={"width": width, "height": height})
    page.goto(f"{site}/{PATHS[path]}")
    plot(page).and_(page.locator("[data-drawn]")).wait_for(timeout=WAIT)
    still(page)
    return page


def hide(page, name, key=CURVE):
    drawn = plot(page, key).get_attribute("data-drawn")
    page.locator(f".st-key-{key}").get_by_role("button", name=f"Show {name}").click()
    page.wait_for_function(
        "([key, n]) => document.querySelector(`.st-key-${key} .ketadash-plot`).dataset.drawn !== n",
        arg=[key, drawn],
        timeout=WAIT,
    )


@pytest.mark.parametrize("size", others_slow([(1366, 768), (390, 844)], (1366, 768)))
def test_a_hidden_arm_stays_hidden_through_choices_and_pages_and_is_spoken_of(site, browser, size):
    page = opened(browser, site, *size)
    whole = curve(page)
    hide(page, "midazolam")
    assert set(plot(page).evaluate(SEEN)) == {"ketamine"}
    assert "midazolam" in plot(page).evaluate(NOTES) and "hidden" in plot(page).evaluate(NOTES)
    chip = page.locator(f".st-key-{CURVE}").get_by_role("button", name="Show midazolam")
    assert chip.get_attribute("aria-pressed") == "false"
    image = page.locator(f".st-key-{CURVE} svg[role=img]").first
    assert image.get_attribute("aria-label").endswith("midazolam is hidden.")
    assert curve(page) == whole  # nothing was computed anew
    flip(page, "missing")
    still(page)
    assert curve(page) != whole and set(plot(page).evaluate(SEEN)) == {"ketamine"}
    open_page(page, "relapse")
    plot(page, "survival").and_(page.locator("[data-drawn]")).wait_for(timeout=WAIT)
    still(page)
    assert set(plot(page, "survival").evaluate(SEEN)) == {"ketamine", None}  # and the table of both
    hide(page, "ketamine", "survival")  # instead: never both
    assert set(plot(page, "survival").evaluate(SEEN)) == {"midazolam", None}
    hide(page, "ketamine", "survival")
    assert set(plot(page, "survival").evaluate(SEEN)) == {"midazolam", "ketamine", None}
    assert "hidden" not in plot(page, "survival").evaluate(NOTES)
    page.close()


@pytest.mark.slow
def test_a_click_on_the_name_beside_the_line_hides_it_and_another_shows_it(site, browser):
    page = opened(browser, site, 1366, 768)
    for seen in ({"midazolam"}, {"midazolam", "ketamine"}):
        drawn = plot(page).get_attribute("data-drawn")
        plot(page).locator("g.annotation", has_text="ketamine").last.click()
        page.wait_for_function(
            "([key, n]) => document.querySelector(`.st-key-${key} .ketadash-plot`).dataset.drawn !== n",
            arg=[CURVE, drawn],
            timeout=WAIT,
        )
        assert set(plot(page).evaluate(SEEN)) == seen
    page.close()


@pytest.mark.slow
def test_a_picture_saved_meanwhile_lacks_the_arm_and_says_so(site, browser):
    page = opened(browser, site, 1366, 768)
    hide(page, "midazolam")
    page.locator(f".st-key-{CURVE} .ketadash-save summary").click()
    with page.expect_download(timeout=WAIT) as coming:
        page.locator(f".st-key-{CURVE} [data-save=double-svg]").click()
    svg = coming.value.path().read_text(encoding="utf-8")
    assert "midazolam hidden" in svg and "midazolam is hidden." in svg
    assert "#0067a5" in svg.lower() or "rgb(0, 103, 165)" in svg
    assert "(200, 80, 30" not in svg  # the other arm's band
    page.close()
