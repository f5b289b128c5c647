"""The app as `ketadash app` serves it, in a real browser: what AppTest cannot see."""

import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from ketadash.ui import frame

pytestmark = [pytest.mark.browser, pytest.mark.slow]
sync_api = pytest.importorskip("playwright.sync_api")
ROOT = Path(__file__).parents[2]
CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip
PATHS = {stem: path for pages in frame.PAGES.values() for stem, path, *_ in pages}
CURVE = "abstinence_curve"
WAIT = 60_000  # ms; two slow cores, a first session imports and fits


@pytest.fixture(scope="module")
def browser():
    if not CHROMIUM.exists():
        pytest.skip("no Chromium; set CHROMIUM to its path")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


def served():
    """A server of its own on a free port, nothing asked of it yet; yields its address."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    command = [sys.executable, "-m", "ketadash", "app", "--headless", "--port", str(port)]
    env = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    kill = threading.Timer(90, process.kill)
    kill.start()
    ready = next((line for line in process.stdout if "is ready" in line), None)
    kill.cancel()
    threading.Thread(target=process.stdout.read, daemon=True).start()  # never let its pipe fill
    try:
        assert ready, "the server ended before it was ready"
        yield ready.split()[-1].replace("localhost", "127.0.0.1")
    finally:
        process.terminate()
        process.wait(15)


@pytest.fixture(scope="module")
def site():
    yield from served()


@pytest.fixture(scope="module")
def untouched():
    yield from served()


@pytest.fixture
def reader(browser, site):
    """A new visitor; the test fails for any console error and any request to another host."""
    context, troubles = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True), []
    page = context.new_page()

    def heard(message):
        # a deep link makes Streamlit ask for these two below the page's own path first, and it says so
        expected = message.location["url"].endswith(("/_stcore/health", "/_stcore/host-config"))
        if message.type == "error" and not expected:
            troubles.append(message.text)

    page.on("console", heard)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("request", lambda r: None if r.url.startswith((site, "blob:", "data:")) else troubles.append(r.url))
    yield page
    context.close()
    assert troubles == []


def app_is_whole(page) -> None:
    """Controls, title and picture are there, and no exception."""
    page.get_by_text("Missing days are").wait_for(timeout=WAIT)
    page.locator("h1").wait_for(timeout=WAIT)
    page.locator(".ketadash-plot[data-drawn]").first.wait_for(timeout=WAIT)
    assert page.get_by_test_id("stException").count() == 0


def curve(page, key: str = CURVE) -> list[float]:
    """The modelled curves in the page's picture `key`, both arms one after the other."""
    return page.locator(f".st-key-{key} .ketadash-plot").evaluate(
        "n => n.data.filter(t => t.mode === 'lines' && !t.fill).flatMap(t => t.y)"
    )


def flip(page, word: str, key: str = CURVE) -> None:
    """Choose `word` among the sidebar's buttons and wait until the picture `key` is drawn again."""
    node = page.locator(f".st-key-{key} .ketadash-plot")
    drawn = int(node.get_attribute("data-drawn"))
    page.get_by_test_id("stSidebar").get_by_role("radio", name=word, exact=True).click()
    page.wait_for_function(
        "([key, n]) => Number(document.querySelector(`.st-key-${key} .ketadash-plot`).dataset.drawn) > n",
        arg=[key, drawn], timeout=WAIT,
    )  # fmt: skip


def test_a_deep_link_is_the_servers_very_first_request(browser, site):
    page = browser.new_page()
    page.goto(f"{site}/{PATHS['abstinence']}?missing=missing")
    app_is_whole(page)
    assert page.locator("h1").inner_text() == "Were people abstinent on more days?"
    assert "none filled in" in page.get_by_test_id("stMain").inner_text()  # what the link says, not the default
    page.close()


def test_a_pages_bare_file_name_is_the_servers_very_first_request(browser, untouched):
    for stem in ("abstinence", "relapse"):  # no such addresses, but Streamlit would run the files of that name alone
        page = browser.new_page()
        page.goto(f"{untouched}/{stem}")
        app_is_whole(page)
        page.close()


def test_the_journey(browser, site, reader):
    reader.goto(site)
    app_is_whole(reader)
    assert reader.locator(".ketadash-plot").count() == 5  # four cards and the strip
    assert "On day 21 the model puts abstinence" in reader.get_by_test_id("stMain").inner_text()

    reader.get_by_test_id("stSidebarNav").get_by_role("link", name="Abstinence").click()
    reader.get_by_role("heading", name="Were people abstinent on more days?").wait_for()
    reader.locator(f".st-key-{CURVE} .ketadash-plot[data-drawn]").wait_for()
    published = curve(reader)
    assert len(published) == 42 and all(0 < p < 1 for p in published)
    text = reader.get_by_test_id("stMain").inner_text()

    flip(reader, "missing")
    changed = curve(reader)
    assert changed != published
    assert reader.get_by_test_id("stMain").inner_text() != text
    assert "Exploratory: missing days = missing" in reader.get_by_test_id("stMain").inner_text()
    assert reader.url == f"{site}/{PATHS['abstinence']}?missing=missing"

    stranger = browser.new_context().new_page()
    stranger.goto(reader.url)
    stranger.locator(f".st-key-{CURVE} .ketadash-plot[data-drawn]").wait_for(timeout=WAIT)
    assert curve(stranger) == changed
    stranger.context.close()

    reader.get_by_role("button", name="Back to the published analysis").click()
    reader.get_by_text("Published analysis", exact=True).wait_for()
    reader.wait_for_function("!location.search")
    assert curve(reader) == published


def test_every_page_is_reached_by_its_link_and_draws_what_it_has(site, reader):
    reader.goto(site)
    app_is_whole(reader)
    links = reader.get_by_test_id("stSidebarNav").get_by_role("link")
    titles = set()
    for i in range(links.count()):
        before = reader.locator("h1").inner_text()
        links.nth(i).click()
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


def test_a_file_that_cannot_be_read_is_a_message_and_the_trial_stays(site, reader, tmp_path):
    reader.goto(f"{site}/{PATHS['data']}")
    reader.get_by_text("What we have").wait_for(timeout=WAIT)
    fake = tmp_path / "days.csv"
    fake.write_bytes((ROOT / "ketadash" / "ui" / "icon.png").read_bytes())
    reader.locator("input[type=file]").set_input_files(fake)
    reader.get_by_text("days.csv was not loaded:").wait_for(timeout=WAIT)
    assert "The trial shown before is still here" in reader.get_by_test_id("stMain").inner_text()
    assert "Synthetic sample trial" in reader.get_by_test_id("stSidebar").inner_text()

    good = tmp_path / "mine.csv"
    arms = ("placebo", "active")
    rows = [f"P{i},{arms[i % 2]},{day},{(i * 7 + day * 3) % 5}" for i in range(12) for day in range(1, 8)]
    good.write_text("participant_id,arm,day,drinks\n" + "\n".join(rows))
    reader.locator("input[type=file]").set_input_files(good)
    reader.get_by_role("button", name="Forget this trial").wait_for(timeout=WAIT)
    assert "mine" in reader.get_by_test_id("stSidebar").inner_text()
    assert reader.get_by_text("Synthetic data").count() == 0
    reader.get_by_role("button", name="Forget this trial").click()
    reader.get_by_text("Synthetic data").first.wait_for(timeout=WAIT)
    assert "Synthetic sample trial" in reader.get_by_test_id("stSidebar").inner_text()
