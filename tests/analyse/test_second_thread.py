"""A large trial's combinations, fitted by a second thread of the command line: each once, and with the same results."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from trials import frame, trial

from ketadash import analyse
from ketadash.analyse import ahead, memo
from ketadash.core import threads
from ketadash.core.errors import FitError
from ketadash.core.spec import AnalysisSpec
from ketadash.trial import resolve

ROOT = Path(__file__).parents[2]


@pytest.fixture
def large(monkeypatch):
    """A trial of its own, which nothing is remembered of, taken for a large one."""
    monkeypatch.setattr(ahead, "MOST_AT_ONCE", 0)
    t = trial(frame(3))
    return t, resolve(t, AnalysisSpec())[0]


def test_a_second_thread_fits_what_the_first_then_finds(large):
    t, spec = large
    thread = ahead.begin(t, spec)
    thread.join()
    fitted = memo.computed(t)["ketadash.analyse.binary.abstinence_fit"]
    result = analyse.sensitivity(t, spec)
    problem = analyse.sensitivity_problem(t, spec)
    assert fitted == len(problem.combinations) == memo.computed(t)["ketadash.analyse.binary.abstinence_fit"]
    assert result == problem.together({one: problem.row(one) for one in problem.combinations})


def test_both_at_work_compute_nothing_twice(large):
    t, spec = large
    thread = ahead.begin(t, spec)
    result = analyse.sensitivity(t, spec)
    thread.join()
    assert memo.computed(t)["ketadash.analyse.binary.abstinence_fit"] == len(result.rows)


def test_what_is_wrong_is_told_by_who_asks_for_it(large, monkeypatch):
    def refuse(*_):
        raise FitError("no")

    monkeypatch.setattr(ahead, "abstinence_fit", refuse)
    t, spec = large
    ahead.begin(t, spec).join()
    assert len(analyse.sensitivity(t, spec).rows) == len(analyse.sensitivity_problem(t, spec).combinations)


def test_a_small_trial_needs_no_second_thread(sample):
    assert ahead.begin(sample, resolve(sample, AnalysisSpec())[0]) is None


@pytest.mark.parametrize(
    ("before", "said"), [({}, "1"), pytest.param({"OPENBLAS_NUM_THREADS": "3"}, "3", marks=pytest.mark.slow)]
)
def test_the_command_line_takes_one_thread_a_sum_unless_told_otherwise(before, said):
    code = (
        "import os, sys; from ketadash.__main__ import main; main(['analyze', '--only', 'nnt', '--json', os.devnull]); "
        "print(os.environ['OPENBLAS_NUM_THREADS'], 'numpy' in sys.modules)"
    )
    kept = {name: value for name, value in os.environ.items() if name not in threads.SETTINGS}
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT, env=kept | before
    )
    assert run.stdout.split() == [said, "True"]


def test_what_somebody_has_said_of_threads_stays(monkeypatch):
    for name in threads.SETTINGS:
        monkeypatch.setenv(name, "2")  # put back afterwards
        monkeypatch.delenv(name)
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "3")
    monkeypatch.delitem(sys.modules, "numpy")
    threads.one_of_each()
    assert [os.environ[name] for name in threads.SETTINGS] == ["1", "3", *["1"] * 5]


def test_once_numpy_is_there_nothing_is_set(monkeypatch):
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    threads.one_of_each()  # numpy is imported
    assert "OPENBLAS_NUM_THREADS" not in os.environ
