"""The app as `ketadash app` serves it, in a real browser: what AppTest cannot see."""

from pathlib import Path

import pytest
from reading import CURVE, PATHS, WAIT, app_is_whole, curve, flip, gone, open_page, shows, still

pytestmark = pytest.mark.browser
ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_a_deep_link_is_the_servers_very_first_request(browser, untouched):
    page = browser.new_page()
    page.goto(f"{untouched}/{PATHS['abstinence']}?missing=missing")
    app_is_whole(page)
    shows(page.locator("h1"), "Were people abstinent on more days?")
    shows(page.get_by_test_id("stMain"), "none filled in")  # what the link says, not the default
    page.close()


@pytest.mark.slow
def test_a_pages_bare_file_name_is_the_servers_very_first_request(browser, untouched):
    for stem in ("abstinence", "relapse"):  # no such addresses, but Streamlit would run the files of that name alone
        page = browser.new_page()
        page.goto(f"{untouched}/{stem}")
        app_is_whole(page)
        page.close()


def test_the_journey(site, reader):
    reader.goto(site)
    app_is_whole(reader)
    reader.wait_for_function("document.querySelectorAll('.ketadash-plot').length === 5", timeout=WAIT)
    shows(reader.get_by_test_id("stMain"), "On day 21 the model puts abstinence")

    reader.get_by_role("button", name="Results").click()
    reader.get_by_role("menuitem", name="Abstinence").click()
    reader.get_by_role("heading", name="Were people abstinent on more days?").wait_for()
    reader.locator(f".st-key-{CURVE} .ketadash-plot[data-drawn]").wait_for()
    published = curve(reader)
    assert len(published) == 42 and all(0 < p < 1 for p in published)
    text = reader.get_by_test_id("stMain").inner_text()

    flip(reader, "missing")
    changed = curve(reader)
    assert changed != published
    # the picture was sent ahead and flips at once: the words come with the server's answer
    reader.get_by_text("Exploratory: differs in missing days = left out").first.wait_for(timeout=WAIT)
    assert reader.get_by_test_id("stMain").inner_text() != text
    reader.wait_for_url(f"{site}/{PATHS['abstinence']}?missing=missing", timeout=WAIT)

    reader.reload()  # a session of its own, which has the link and nothing else
    reader.locator(f".st-key-{CURVE} .ketadash-plot[data-drawn]").wait_for(timeout=WAIT)
    assert curve(reader) == changed

    reader.get_by_role("button", name="Back to the published analysis").click()
    reader.get_by_text("Published analysis", exact=True).wait_for()
    reader.wait_for_function("!location.search")
    assert curve(reader) == published


@pytest.mark.slow
def test_every_page_is_reached_by_its_link_and_draws_what_it_has(site, reader):
    reader.goto(site)
    app_is_whole(reader)
    titles = set()
    for i, stem in enumerate(PATHS):
        before = reader.locator("h1").inner_text()
        open_page(reader, stem)
        if i:
            turned = "t => document.querySelector('h1') && document.querySelector('h1').innerText !== t"
            reader.wait_for_function(turned, arg=before, timeout=WAIT)
        reader.wait_for_function(  # every picture in sight, or in a tab not shown
            "[...document.querySelectorAll('.ketadash-plot')].every(n => n.dataset.drawn || !n.clientWidth)",
            timeout=WAIT,
        )
        titles.add(reader.locator("h1").inner_text())
        assert reader.get_by_test_id("stException").count() == 0
        assert reader.get_by_text("Synthetic data").first.is_visible()
    assert len(titles) == len(PATHS)


@pytest.mark.slow
def test_the_zoom_survives_a_flip(site, reader):
    reader.goto(f"{site}/{PATHS['abstinence']}")
    app_is_whole(reader)
    node = reader.locator(f".st-key-{CURVE} .ketadash-plot")
    node.locator("[data-drawn]").or_(node).first.wait_for()
    box = node.bounding_box()
    reader.mouse.move(box["x"] + 200, box["y"] + 120)
    reader.mouse.down()
    reader.mouse.move(box["x"] + 500, box["y"] + 250, steps=6)
    reader.mouse.up()
    ranges = "n => [n.layout.xaxis.range.slice(), n.layout.yaxis.range.slice()]"
    zoomed = node.evaluate(ranges)
    assert zoomed[0][1] - zoomed[0][0] < 15  # of 22 days
    before = curve(reader)
    flip(reader, "missing")
    assert curve(reader) != before
    assert node.evaluate(ranges) == zoomed


@pytest.mark.slow
def test_a_file_that_cannot_be_read_is_a_message_and_the_trial_stays(site, reader, tmp_path):
    reader.goto(f"{site}/{PATHS['data']}")
    reader.get_by_text("What we have").wait_for(timeout=WAIT)
    fake = tmp_path / "days.csv"
    fake.write_bytes((ROOT / "ketadash" / "ui" / "icon.png").read_bytes())
    reader.locator("input[type=file]").set_input_files(fake)
    reader.get_by_text("days.csv was not loaded:").wait_for(timeout=WAIT)
    shows(reader.get_by_test_id("stMain"), "The trial shown before is still here")
    shows(reader.get_by_test_id("stSidebar"), "Synthetic sample trial")

    good = tmp_path / "mine.csv"
    arms = ("placebo", "active")
    rows = [f"P{i},{arms[i % 2]},{day},{(i * 7 + day * 3) % 5}" for i in range(12) for day in range(1, 8)]
    good.write_text("participant_id,arm,day,drinks\n" + "\n".join(rows))
    still(reader)  # until then the uploader of the run before stands beside its successor
    reader.locator("input[type=file]").set_input_files(good)
    reader.get_by_role("button", name="Forget this trial").wait_for(timeout=WAIT)
    shows(reader.get_by_test_id("stSidebar"), "mine")
    gone(reader.get_by_text("Synthetic data"))
    reader.get_by_role("button", name="Forget this trial").click()
    reader.get_by_text("Synthetic data").first.wait_for(timeout=WAIT)
    shows(reader.get_by_test_id("stSidebar"), "Synthetic sample trial")


@pytest.mark.slow
def test_code_on_the_overview_is_drawn_once_it_is_unfolded_and_stays(site, reader):
    reader.goto(site)
    app_is_whole(reader)
    code = reader.get_by_test_id("stCode")
    assert code.count() == 0  # nor is the highlighter fetched, before the first picture
    reader.locator(".st-key-overview_code summary").click()
    code.first.wait_for(timeout=WAIT)
    before = code.first.text_content()
    flip(reader, "linear", "spark_abstinence")
    changed = "was => ![was, undefined].includes(document.querySelector('[data-testid=stCode]')?.textContent)"
    reader.wait_for_function(changed, arg=before, timeout=WAIT)  # still unfolded, and the code of the new state
