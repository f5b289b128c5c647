"""The log is bounded, and names no session whole."""

import subprocess
import sys
from pathlib import Path

import pytest

from ketadash.ui.server import logs

ROOT = Path(__file__).parents[2]
NUMBER = "1b4e28ba-2fa1-11d2-883f-0016d3cca427"
FLOOD = f"""
import logging, sys
from ketadash.ui.server import logs
logs.without_values()
logging.basicConfig(stream=sys.stderr, format="%(message)s")
for number in range(5000):
    logging.getLogger("flood").error("could not accept %s", number)
    try:
        raise OSError("too many files")
    except OSError:
        logging.getLogger("asyncio").exception("no more")
    logs.event("session opened")
logging.getLogger("quiet").warning("session {NUMBER} %s and %r", "{NUMBER}", ["{NUMBER}"])
"""


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(logs, "monotonic", clock)
    return clock


def test_so_many_lines_of_a_kind_and_of_all_kinds_are_written_in_a_minute(clock):
    allowance = logs.Allowance(each=3, everything=5)
    assert [allowance.take("a")[0] for _ in range(5)] == [True] * 3 + [False] * 2
    assert [allowance.take(kind)[0] for kind in "bcd"] == [True, True, False]
    clock.now += 60
    assert allowance.take("a") == (True, 3)
    assert allowance.take("a") == (True, 0)


@pytest.mark.parametrize("kind", ["", "json"])
def test_a_flood_is_a_few_lines_and_no_session_is_named_whole(kind):
    import os

    env = os.environ | {logs.LOG: kind}
    done = subprocess.run([sys.executable, "-c", FLOOD], cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    assert len(done.stderr) < 100_000
    assert NUMBER not in done.stderr and done.stderr.count("1b4e…") == 3


def test_other_values_are_named_as_they_are():
    for value in ("text", 3, 2.5, None, ("a", 1)):
        assert logs.named(value) is value
    assert logs.named(f"session {NUMBER}") == "session 1b4e…"
    assert logs.named(ValueError("Smith")) == "ValueError"
