"""A server that ends and comes back, and a browser that leaves in the middle of a computation."""

import json
import os
import signal
from urllib.request import urlopen

import psutil
import pytest
from person import Person
from reading import WAIT, address_has, app_is_whole, curve, flip, gone, open_page, shows, still
from waiting import HANG_S, until

pytestmark = pytest.mark.browser


def health(address):
    with urlopen(f"{address}/healthz", timeout=HANG_S) as answer:
        return json.loads(answer.read())


def children(server):
    return psutil.Process(server.process.pid).children(recursive=True)


@pytest.mark.slow
def test_a_server_without_home_or_temporary_folder_goes_on_when_a_browser_leaves_in_the_middle(browser, serve):
    with serve(KETADASH_LOG="json", HOME="/nonexistent/home", TMPDIR="/nonexistent/tmp") as server:
        context = browser.new_context(lent=False)
        page = context.new_page()
        page.goto(f"{server.address}/what-if")
        app_is_whole(page)
        assert health(server.address)["sessions"] == 1
        page.get_by_role("radio", name="your assumption…", exact=True).click()  # twenty imputations
        context.close()
        until(lambda: health(server.address)["sessions"] == 0)
        other = browser.new_context().new_page()
        other.goto(f"{server.address}/abstinent-days")
        app_is_whole(other)
        before = curve(other)
        flip(other, "linear")
        assert curve(other) != before
        os.kill(server.process.pid, signal.SIGUSR1)
        until(lambda: any('"draining"' in line for line in server.log))
        flip(other, "quadratic")  # whoever is there stays
        assert curve(other) == before
        lines = [json.loads(line) for line in server.log if line.strip()]
        events = [line["event"] for line in lines]
        assert events.count("session opened") == 2 and "session left" in events and "ready" in events
        assert not {"error", "log"} & set(events), lines
        other.context.close()


def command(process):
    """Its words; none of one that has ended, as processes that read a file do."""
    try:
        return process.cmdline()
    except psutil.Error:
        return []


@pytest.mark.slow
def test_a_server_that_ends_takes_its_workers_along(browser, serve):
    with serve() as server:
        page = browser.new_context().new_page()
        page.goto(f"{server.address}/what-if")  # whose map is computed in processes
        until(lambda: any("LokyProcess" in word for child in children(server) for word in command(child)))
        left = children(server)
        page.context.close()
    _, alive = psutil.wait_procs(left, HANG_S)
    assert alive == []


CONNECTION = "is => (document.querySelector('[data-testid=stApp]').dataset.testConnectionState === 'CONNECTED') === is"


def heard(page, word, address):
    """The page has found the new server, and a press has come to be in its `address`.

    To a press that a session begins with, a server that had never heard of it answers with the state in the address.
    """
    radio = page.get_by_role("radio", name=word, exact=True)

    def counts():
        if radio.get_attribute("aria-checked") != "true":
            radio.click()
        still(page)
        return radio.get_attribute("aria-checked") == "true" and address(page.url)

    page.wait_for_function(CONNECTION, arg=True, timeout=WAIT)
    until(counts)


@pytest.mark.slow
def test_after_a_restart_the_page_comes_back_in_its_state_by_itself(browser, serve):
    with serve() as first:
        page = browser.new_context().new_page()
        page.goto(f"{first.address}/abstinent-days?trend=linear")
        app_is_whole(page)
        flip(page, "unadjusted")
        address_has(page, "baseline=unadjusted")
        still(page)
        shown, link = curve(page), page.url
        port = first.address.rsplit(":", 1)[1]
    page.wait_for_function(CONNECTION, arg=False, timeout=WAIT)
    with serve(port=port) as second:
        assert second.address == first.address
        heard(page, "adjusted", lambda url: "trend=linear" in url and "baseline" not in url)
        assert curve(page) != shown
        flip(page, "unadjusted")
        assert curve(page) == shown
        page.goto(link)
        app_is_whole(page)
        assert curve(page) == shown
        page.context.close()


@pytest.mark.slow
def test_after_a_restart_a_trial_that_was_brought_is_asked_for_again(browser, serve):
    rows = [
        f"P{i:02d},{('placebo', 'active')[i % 2]},{d},{max(0, (i * 7 + d * (2 + i % 3)) % 9 - 4)}"
        for i in range(16)
        for d in range(1, 11)
    ]
    brought = ("mine.csv", "\n".join(["participant_id,arm,day,drinks", *rows]).encode())
    with serve() as first:
        ann = Person(browser)
        ann.upload(first.address, brought)
        ann.turn("abstinence")
        flip(ann.page, "linear")
        address_has(ann.page, "data=", "trend=linear")
        still(ann.page)
        shown, port = curve(ann.page), first.address.rsplit(":", 1)[1]
    ann.page.wait_for_function(CONNECTION, arg=False, timeout=WAIT)
    assert curve(ann.page) == shown  # what was on screen stays while nobody answers
    with serve(port=port):
        heard(ann.page, "typical", lambda url: "curve=typical" in url)
        said = ann.page.get_by_text("made with other data")
        said.wait_for(timeout=WAIT)
        shows(said, "what you see is Synthetic sample trial")
        app_is_whole(ann.page)
        assert curve(ann.page) != shown
        flip(ann.page, "population")
        still(ann.page)
        open_page(ann.page, "data")
        box = ann.page.locator("input[type=file]").first
        box.wait_for(state="attached", timeout=WAIT)
        box.set_input_files({"name": brought[0], "mimeType": "text/csv", "buffer": brought[1]})
        ann.page.get_by_role("button", name="Forget this trial").wait_for(timeout=WAIT)
        ann.turn("abstinence")
        app_is_whole(ann.page)
        assert curve(ann.page) == shown  # in the state in which it was left (it has no baseline to adjust for)
        gone(ann.page.get_by_text("made with other data"))
        ann.context.close()
