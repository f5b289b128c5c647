"""After a page was closed, or its trial forgotten, nothing of the trial is left in the server, though nobody comes."""

import json
import os
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from person import Person
from reading import PATHS, WAIT
from waiting import HANG_S, until

pytestmark = pytest.mark.browser
ROWS = "\n".join(
    f"ZQ-{i:02d},{('placebo', 'ketamine')[i % 2]},{d},{(i * 7 + d * 3) % 5 if (i + d) % 9 else ''}"
    for i in range(24)
    for d in range(1, 15)
)
CSV = f"participant_id,arm,day,drinks\n{ROWS}\n".encode()


class Watched:
    """The server, and what it says is alive in it."""

    def __init__(self, process, address):
        self.process, self.address = process, address

    def says(self, word):
        self.process.stdin.write(f"{word}\n")
        self.process.stdin.flush()
        while True:
            line = self.process.stdout.readline()
            assert line, "the server ended"
            if line[0] in "{[0123456789n":
                return json.loads(line)

    def until(self, word, wanted):
        try:
            until(lambda: self.says(word) == wanted, f"{word} is not {wanted}", pause=0.5)
        except AssertionError as error:
            raise AssertionError(f"{error}: {self.says(word)}, held by {self.says('holders')}") from None


@pytest.fixture(scope="module")
def server():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    root = Path(__file__).parents[2]
    command = [sys.executable, str(Path(__file__).with_name("watched_server.py")), str(port)]
    env = os.environ | {"PYTHONPATH": str(root), "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(command, cwd=root, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    address = f"http://127.0.0.1:{port}"

    def answers():
        assert process.poll() is None
        try:
            urllib.request.urlopen(f"{address}/healthz", timeout=HANG_S).close()
        except OSError:
            return False
        return True

    until(answers)
    yield Watched(process, address)
    process.terminate()
    process.wait(HANG_S)


LAST = ("specifications", "missing_days", "report")  # where something is begun
EVERYWHERE = tuple(stem for stem in PATHS if stem not in LAST)


def looked_at(browser, server, pages=EVERYWHERE):
    """A reader who has brought a trial, been on those pages, and begun a map, downloads and a report."""
    first = Person(browser)  # what everybody needs is there before anything is counted
    first.page.goto(f"{server.address}/your-trial")
    first.settle()
    first.context.close()
    server.until("sessions", 0)
    server.says("mark")
    reader = Person(browser, lent=False)  # whose end is the end of a browser's page
    reader.upload(server.address, ("mine.csv", CSV))
    for stem in (*pages, "specifications"):
        reader.turn(stem)
    reader.page.get_by_role("tab", name="Download").click()
    reader.page.get_by_role("button", name="Every result (JSON)").click(timeout=WAIT)
    reader.turn("missing_days")
    reader.page.get_by_role("tab", name="Download").click(timeout=WAIT)
    with reader.page.expect_download(timeout=WAIT):
        reader.page.get_by_role("button", name="Word", exact=True).click(timeout=WAIT)
    reader.turn("report")
    reader.page.get_by_role("button", name="Make the report").click(timeout=WAIT)
    reader.page.get_by_role("button", name="Stop", exact=True).wait_for(timeout=WAIT)
    seen = server.says("look")
    assert seen["Trial"] == 1 and seen["Job"] > 2 and seen["Making"] == 1 and seen["Material"] and seen["DataFrame"]
    return reader


@pytest.mark.slow
@pytest.mark.parametrize("pages", [("participants",), pytest.param(EVERYWHERE, marks=pytest.mark.slow)])
def test_a_page_that_was_closed_leaves_nothing_though_nobody_else_comes(browser, server, pages):
    reader = looked_at(browser, server, pages)
    reader.context.close()
    server.until("sessions", 0)
    server.until("left", {})


@pytest.mark.slow
def test_a_trial_that_was_forgotten_leaves_nothing_while_its_page_stays(browser, server):
    reader = looked_at(browser, server)
    reader.turn("data")
    reader.page.get_by_role("button", name="Forget this trial").click(timeout=WAIT)
    reader.page.get_by_role("button", name="Forget this trial").wait_for(state="detached", timeout=WAIT)
    server.until("left", {})
    assert server.says("sessions") == 1
    reader.context.close()


@pytest.mark.slow
def test_a_page_that_computes_is_given_up_when_its_reader_leaves(browser, server):
    """The last test of this file: from here on the server comes to no end by itself."""
    server.says("stick")
    reader = Person(browser, lent=False)
    reader.page.goto(f"{server.address}/abstinent-days?imputations=5&seed=7&missing=dial")
    server.until("stuck", 1)
    reader.context.close()
    server.until("stuck", 0)
