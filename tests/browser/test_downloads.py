"""Downloads from a server some way off, beside other people's clicks; nothing is fetched or kept without a click."""

import json
import os
import re
import sys
import threading
from pathlib import Path

import pytest
from delaying_proxy import delayed
from reading import PATHS, WAIT, app_is_whole, open_page
from waiting import until

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
from serving import Reader

pytestmark = pytest.mark.browser
BEGINNINGS = {
    "HTML": b"<!DOCTYPE html>",
    "PowerPoint": b"PK",
    "Word": b"PK",
    "LaTeX": b"%",
    "These tables (Excel)": b"PK",
    "Every result (JSON)": b"{",
}
MARK = "ZQ-marked-arm"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")


@pytest.fixture
def others(site, request):
    """So many readers who click all the time; how often they did."""
    over, clicks, trouble = threading.Event(), [0] * request.param, []

    def click(k):
        try:
            reader = Reader(site)
            trouble.extend(reader.open(["abstinent-days", "heavy-days"][k % 2]).trouble)
            while not over.wait(0.2):
                trouble.extend(reader.choose("missing", ["missing", "drinking"][clicks[k] % 2]).trouble)
                clicks[k] += 1
            reader.close()
        except Exception as error:
            trouble.append(type(error).__name__)

    threads = [threading.Thread(target=click, args=(k,)) for k in range(len(clicks))]
    for thread in threads:
        thread.start()
    yield clicks
    over.set()
    for thread in threads:
        thread.join(WAIT / 1000)
    assert not trouble


def the_download_tab(page, address, path="abstinent-days"):
    page.goto(f"{address}/{path}")
    app_is_whole(page)
    page.get_by_role("tab", name="Download").click()
    page.get_by_role("button", name="LaTeX").wait_for(timeout=WAIT)


@pytest.mark.slow  # that a file is kept until the browser has it, tests/server/test_made_files.py sees without one
@pytest.mark.parametrize(("others", "n"), [(3, 3), (10, 20)], indirect=["others"])
def test_every_file_arrives_from_far_away_while_others_click(browser, site, others, n):
    with delayed(site) as far:
        page = browser.new_context(accept_downloads=True).new_page()
        the_download_tab(page, far)
        arrived = []
        for k in range(n):
            label = list(BEGINNINGS)[k % len(BEGINNINGS)]
            before = sum(others)
            with page.expect_download(timeout=WAIT) as coming:
                page.get_by_role("button", name=label, exact=True).click()
            arrived.append(coming.value.path().read_bytes().startswith(BEGINNINGS[label]))
            until(lambda before=before: sum(others) >= before + 3)  # others' runs end between any two files
        page.context.close()
    assert arrived == [True] * n


@pytest.mark.slow
def test_a_double_click_brings_one_file_and_two_presses_bring_two(reader, site):
    the_download_tab(reader, site)
    came = []
    reader.on("download", lambda one: came.append(one.suggested_filename.rpartition(".")[2]))
    reader.get_by_role("button", name="LaTeX", exact=True).dblclick()
    reader.get_by_text("LaTeX is in your browser's downloads.").first.wait_for(timeout=WAIT)
    for _ in range(2):
        with reader.expect_download(timeout=WAIT):
            reader.get_by_role("button", name="Word", exact=True).click()
    assert came == ["tex", "docx", "docx"]


@pytest.mark.slow
def test_a_file_arrives_though_its_page_was_turned(reader, site):
    the_download_tab(reader, site)
    with reader.expect_download(timeout=WAIT) as coming:
        reader.get_by_role("button", name="Word", exact=True).click()
        open_page(reader, "heavy_drinking")
    assert coming.value.path().read_bytes().startswith(b"PK")


def marked_trial() -> bytes:
    rows = [f"P{i:02d},{(MARK, 'placebo')[i % 2]},{d},{(i * 7 + d * 3) % 5}" for i in range(24) for d in range(1, 15)]
    return ("participant_id,arm,day,drinks\n" + "\n".join(rows)).encode()


@pytest.mark.slow
def test_nothing_is_fetched_before_a_click_and_nothing_stays_in_the_browser(browser, site, tmp_path):
    """The browser's own folder, after a trial was looked at, downloaded from and forgotten, has no word of it."""
    profile, saved = tmp_path / "profile", tmp_path / "saved"
    context = browser.browser_type.launch_persistent_context(
        str(profile),
        accept_downloads=True,
        downloads_path=str(saved),
        executable_path=CHROMIUM,
        args=["--no-sandbox", "--disable-gpu"],
    )
    asked, answers = [], []
    page = context.pages[0]
    page.on("request", lambda r: asked.append(r.url))
    page.on("response", lambda a: answers.append(a))
    page.goto(f"{site}/{PATHS['data']}")
    box = page.locator("input[type=file]").first
    box.wait_for(state="attached", timeout=WAIT)
    box.set_input_files([{"name": "mine.csv", "mimeType": "text/csv", "buffer": marked_trial()}])
    page.get_by_role("button", name="Forget this trial").wait_for(timeout=WAIT)
    open_page(page, "abstinence")
    page.locator(".st-key-abstinence_curve .ketadash-plot[data-drawn]").wait_for(timeout=WAIT)
    page.get_by_role("tab", name="Download").click()
    page.get_by_role("button", name="LaTeX").wait_for(timeout=WAIT)
    page.wait_for_load_state("networkidle")
    assert not [url for url in asked if re.match(r"http://[^/]*/(made|media)/", url)]  # the icon neither
    with page.expect_download(timeout=WAIT) as coming:
        page.get_by_role("button", name="abstinence observed (CSV)").click()
    assert MARK.encode() in coming.value.path().read_bytes()
    made = [a for a in answers if "/made/" in a.url and a.request.method == "POST"]
    assert made and all(a.headers["cache-control"] == "no-store" for a in made)
    open_page(page, "data")
    page.get_by_role("button", name="Forget this trial").click(timeout=WAIT)
    page.get_by_role("button", name="Forget this trial").wait_for(state="detached", timeout=WAIT)
    context.close()
    kept = [p for p in profile.rglob("*") if p.is_file() and "Cache" in str(p) and MARK.encode() in p.read_bytes()]
    assert any("Cache" in str(p) for p in profile.rglob("*")), "the browser kept nothing at all: this looks at nothing"
    assert kept == []


def answering(page, *answers):
    """Let the server's answers to a press be these, the last one for ever."""
    left = list(answers)

    def answer(route):
        if route.request.method == "DELETE":
            return route.fulfill(status=204)
        status, body = left.pop(0) if len(left) > 1 else left[0]
        return route.fulfill(status=status, content_type="application/json", body=json.dumps(body))

    page.route("**/made/**", answer)


def test_why_a_file_could_not_be_made_stands_on_the_page_and_nothing_else_changes(browser, site):
    page = browser.new_context().new_page()
    the_download_tab(page, site)
    answering(
        page, (202, {"waiting": True, "done": 0, "steps": 0}), (422, {"trouble": "Word could not be made: because."})
    )
    answer = page.locator("p").filter(has_text="Over days").first.inner_text()
    page.get_by_role("button", name="Word", exact=True).click()
    said = page.locator("[data-trouble]")
    said.get_by_text("Word could not be made: because.").wait_for(timeout=WAIT)
    assert page.get_by_role("button", name="Stop making Word").count() == 0
    assert page.locator("p").filter(has_text="Over days").first.inner_text() == answer
    page.unroute("**/made/**")
    with page.expect_download(timeout=WAIT):
        page.get_by_role("button", name="Word", exact=True).click()
    page.get_by_text("Word is in your browser's downloads.").wait_for(timeout=WAIT)
    assert said.count() == 0
    page.context.close()


@pytest.mark.slow
def test_how_far_it_is_is_shown_and_the_keyboard_stops_it(browser, site):
    page = browser.new_context().new_page()
    the_download_tab(page, site)
    ended = []
    page.on("request", lambda r: ended.append(r.url) if r.method == "DELETE" else None)
    answering(page, (202, {"done": 2, "steps": 8, "now": "dropout"}))
    page.get_by_role("button", name="Every result (JSON)", exact=True).click()
    page.get_by_text("Making Every result (JSON): dropout (2 of 8 steps done)").wait_for(timeout=WAIT)
    bar = page.get_by_role("progressbar", name="Every result (JSON)")
    assert bar.evaluate("b => b.value / b.max") == 0.25
    stop = page.get_by_role("button", name="Stop making Every result (JSON)")
    stop.focus()
    for _ in range(3):  # it is told how far it is again, and the focus stays
        page.wait_for_event("response", lambda answer: "/made/" in answer.url, timeout=WAIT)
    page.keyboard.press("Enter")
    page.get_by_text("Every result (JSON) was stopped.").wait_for(timeout=WAIT)
    assert ended and bar.count() == 0
    page.context.close()


@pytest.mark.slow
def test_a_server_that_does_not_answer_is_said(browser, site):
    page = browser.new_context().new_page()
    the_download_tab(page, site)
    page.route("**/made/**", lambda route: route.abort())
    page.get_by_role("button", name="LaTeX", exact=True).click()
    page.get_by_text("LaTeX did not arrive: the server did not answer.").wait_for(timeout=WAIT)
    page.context.close()
