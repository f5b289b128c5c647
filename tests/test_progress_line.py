"""What the command line tells of how far a computation is, and what Ctrl-C leaves."""

import argparse
import io
import os
import re
import signal
import subprocess
import sys
import threading
import types
from functools import partial

import pytest
from waiting import HANG_S

from ketadash import __main__ as cli
from ketadash.__main__ import INTERRUPTED, main
from ketadash.analyse import binary, progress
from ketadash.core.spec import AnalysisSpec
from ketadash.export import analysis_json, progress_line
from ketadash.export.progress_line import ProgressLine
from ketadash.trial import load_sample

QUICK = ("--days", "1:5", "--trend", "linear")  # shuffles that are soon told of


class Terminal(io.StringIO):
    def isatty(self):
        return True


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def told(stream, seconds_a_step, of):
    clock = Clock()
    line = ProgressLine(stream, clock)
    for done in range(of + 1):
        line("fits", done, of)
        clock.now += seconds_a_step
    return stream.getvalue()


def test_a_log_has_a_line_for_each_tenth_and_none_of_what_is_left_where_it_is_seconds():
    lines = told(io.StringIO(), 0.1, 100).splitlines()
    assert lines == [f"ketadash: fits {n} of 100" for n in range(20, 101, 10)]


def test_what_takes_no_time_is_not_told():
    assert told(io.StringIO(), 0.01, 100) == ""


def test_a_log_has_a_line_at_least_each_half_minute_and_says_how_many_minutes_are_left():
    lines = told(io.StringIO(), 31, 20).splitlines()
    assert len(lines) == 20
    assert lines[0] == "ketadash: fits 1 of 20, about 10 minutes left"
    assert lines[-4] == "ketadash: fits 17 of 20, about 2 minutes left"
    assert lines[-1] == "ketadash: fits 20 of 20"


def test_a_terminal_has_one_line_that_moves():
    text = told(Terminal(), 3, 7)
    assert text.count("\n") == 1
    assert text.endswith("ketadash: fits 7 of 7\n")
    assert text.count("\r") == 7


def test_steps_are_counted_as_they_come():
    seen = []
    with progress.told_to(lambda *far: seen.append(far)):
        assert list(progress.counted("fits", iter("ab"), 2)) == ["a", "b"]
    assert seen == [("fits", 0, 2), ("fits", 1, 2), ("fits", 2, 2)]


def test_a_command_tells_how_far_it_is_and_is_quiet_when_asked(capsys, monkeypatch):
    monkeypatch.setattr(progress_line, "BEGIN_S", 0.0)  # however fast the machine is
    command = ["analyze", "--only", "randomisation", "--shuffles", "19", *QUICK, "--json", os.devnull]
    assert main(command) == 0
    assert "ketadash: shuffles 19 of 19" in capsys.readouterr().err
    assert main([*command, "--quiet"]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="a group of processes is Unix's")
@pytest.mark.parametrize("part", ["sensitivity", "randomisation", "influence", "abstinence"])
def test_a_part_that_takes_minutes_says_so_before_it_begins(part, monkeypatch):
    trial = load_sample()
    assert analysis_json.beforehand(trial, AnalysisSpec(), (part,)) is None  # of the sample it takes seconds
    monkeypatch.setattr(binary, "MOST_IMPUTED_UNASKED", 1000)
    said = analysis_json.beforehand(trial, AnalysisSpec(), ("abstinence", part))
    if part == "abstinence":
        assert said is None
    else:
        assert said is not None and said.endswith("in a trial of 840 participant-days that takes minutes")


def test_it_is_said_on_standard_error_unless_it_is_to_be_quiet(monkeypatch, capsys):
    monkeypatch.setattr(analysis_json, "beforehand", lambda trial, spec, wanted: "minutes")
    for quiet, said in ((["--quiet"], ""), ([], "ketadash: minutes\n")):
        assert main(["analyze", "--only", "time_to_event", *quiet]) == 0
        assert capsys.readouterr().err == said


TELLS_AT_ONCE = """
import sys
from ketadash.__main__ import main
from ketadash.export import progress_line
progress_line.BEGIN_S, progress_line.TENTHS = 0.0, 100
sys.exit(main())
"""


def test_ctrl_c_ends_it_without_a_traceback():
    """As a terminal sends it: to the command and to its workers."""
    command = [sys.executable, "-c", TELLS_AT_ONCE, "analyze", "--only", "randomisation", "--shuffles", "2000", *QUICK]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # ignored where a shell began it with `&`
    )
    begun = ""
    while not re.search("shuffles [1-9]", begun):  # its workers are at it
        begun = process.stderr.readline()
        assert begun, "it ended by itself"
    os.killpg(process.pid, signal.SIGINT)
    out, rest = process.communicate(timeout=HANG_S)
    assert process.returncode == INTERRUPTED
    assert out == ""
    assert rest.strip().splitlines()[-1] == "ketadash: interrupted"
    assert "Traceback" not in rest and "Warning" not in rest


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="a group of processes is Unix's")
def test_ctrl_c_in_the_midst_of_imports_ends_it_too(monkeypatch, capsys):
    """What works with many processes is not imported yet, or half: there are no workers to end."""
    half = types.ModuleType("ketadash.analyse.batch")
    monkeypatch.setitem(sys.modules, "ketadash.analyse.batch", half)
    handler, hook = signal.getsignal(signal.SIGINT), threading.excepthook
    options = argparse.Namespace(if_interrupted=lambda options: "interrupted")
    try:
        assert cli.interrupted(options) == INTERRUPTED
        monkeypatch.delitem(sys.modules, "ketadash.analyse.batch")
        monkeypatch.setitem(sys.modules, "pandas", None)  # whoever imports it now fails
        assert cli.interrupted(options) == INTERRUPTED
    finally:
        signal.signal(signal.SIGINT, handler)
        threading.excepthook = hook
    assert capsys.readouterr().err.splitlines() == ["", "ketadash: interrupted"] * 2
