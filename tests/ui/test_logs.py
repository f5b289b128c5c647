"""The log and the page when something unexpected happens: a type and a place, never a value."""

import subprocess
import sys

import pytest
from waiting import HANG_S

from ketadash.ui.server import logs

MARK = "Smith-1942"
EVERY_WAY = f"""
import logging, sys, threading, warnings
from ketadash.ui.server import logs
logs.without_values()
logs.without_values()  # twice is once
def fails():
    raise ValueError("could not convert string to float: '{MARK}'")
def chained():
    try:
        fails()
    except ValueError as error:
        raise KeyError("{MARK}") from error
from streamlit.logger import get_logger
log = get_logger("streamlit.error_util")
try:
    chained()
except KeyError as error:
    log.exception("Uncaught app execution")
    log.error("Uncaught app execution", exc_info=error)
    log.warning(error)
    log.warning("said %s", error)
thread = threading.Thread(target=fails)
thread.start()
thread.join()
warnings.warn("a column called {MARK}")
class Late:
    def __del__(self):
        fails()
Late()
print("seen", file=sys.stderr)
fails()
"""


def test_no_value_reaches_the_log_by_any_way():
    done = subprocess.run(
        [sys.executable, "-c", EVERY_WAY], capture_output=True, text=True, timeout=HANG_S, check=False
    )
    said = done.stdout + done.stderr
    assert MARK not in said
    assert done.returncode == 1 and "seen" in said
    assert said.count("in chained\nKeyError") == 2  # the two tracebacks, by type and place
    assert said.count("in fails\nValueError") == 5  # as the cause of both, in the thread, in __del__, at the end
    assert "KeyError\n" in said and "said KeyError" in said
    assert "UserWarning at" in said


PAGE = f"""
import streamlit as st
st.title("before")
raise ValueError("{MARK}")
"""


@pytest.mark.parametrize("details", ["none"])
def test_streamlit_itself_shows_no_value_either(details):
    """Should the handler be lost one day: what `client.showErrorDetails` leaves is without the text."""
    code = (
        "from ketadash.ui.server import logs; logs.without_values()\n"
        "from streamlit import config; from streamlit.testing.v1 import AppTest\n"
        f"config.set_option('client.showErrorDetails', {details!r})\n"
        f"at = AppTest.from_string({PAGE!r}).run(timeout={HANG_S})\n"
        "print(at.title[0].value, at.exception[0].message)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=HANG_S, check=True)
    assert "before" in done.stdout and MARK not in done.stdout + done.stderr
    assert "ValueError" in done.stderr


def test_what_the_reader_sees_says_that_the_trial_is_still_here():
    assert "Your trial is still here" in logs.SORRY
