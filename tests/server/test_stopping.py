"""A computation that nobody waits for is given up between two pieces of it, and nothing wrong is remembered."""

import gc
from dataclasses import replace
from threading import Event
from types import SimpleNamespace

import pytest
from waiting import HANG_S

from ketadash import analyse
from ketadash.analyse import memo
from ketadash.core import errors
from ketadash.core.errors import StoppedError, stop_point
from ketadash.core.spec import AnalysisSpec, Estimator
from ketadash.trial import load_sample, resolve
from ketadash.ui.server import stopping
from ketadash.ui.server.downloads import File, Progress, SessionDownloads
from ketadash.ui.server.streamlit_seams import runs


def fits(estimator):
    trial = replace(load_sample())  # another object: nothing is remembered of it
    spec, _ = resolve(trial, AnalysisSpec(estimator=estimator))
    return trial, spec


@pytest.mark.parametrize("estimator", list(Estimator))
def test_a_fit_is_left_half_way_and_comes_out_the_same_when_it_is_asked_for_again(monkeypatch, estimator):
    (trial, spec), passed = fits(estimator), []
    monkeypatch.setattr(errors, "stop_checks", [lambda: passed.append(1)])
    whole = analyse.abstinence_result(trial, spec)
    assert len(passed) >= 9, "a fit passes so few stop points that it goes on for long"
    trial, spec = fits(estimator)
    left = [len(passed) // 2]

    def check():
        left[0] -= 1
        if left[0] < 0:
            raise StoppedError("stopped")

    monkeypatch.setattr(errors, "stop_checks", [check])
    with pytest.raises(StoppedError):
        analyse.abstinence_result(trial, spec)
    assert not any("abstinence_result" in name for name in memo.computed(trial))
    monkeypatch.setattr(errors, "stop_checks", [])
    assert analyse.abstinence_result(trial, spec).modelled == whole.modelled


def computes_for_ever(begun):
    def make(_):
        begun.set()
        while True:
            stop_point()

    return make


def test_a_file_that_computes_ends_with_its_session():
    session, begun = SessionDownloads("a"), Event()
    session.offer("file", File("file", "file", "text/plain", computes_for_ever(begun)))
    (offer,) = session.offers.values()
    making = offer.pressed("p")
    assert begun.wait(HANG_S)
    del offer, session
    gc.collect()
    making.ended.result(HANG_S)
    assert making.content is None and "stopped" in making.trouble


def test_work_in_one_thread_asks_for_its_own_reader_alone():
    stopped, wanted = Progress(), Progress()
    stopped.stop()
    with stopping.working_for(wanted):
        stop_point()
        with stopping.working_for(stopped), pytest.raises(StoppedError):
            stop_point()
        stop_point()
    stop_point()


@pytest.mark.parametrize(("asked", "ends"), [("STOP", True), ("RERUN", False), ("CONTINUE", False)])
def test_a_page_is_given_up_when_its_reader_has_left_and_not_for_another_click(monkeypatch, asked, ends):
    from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequests, ScriptRequestType

    requests, raised = ScriptRequests(), []
    requests._state = ScriptRequestType[asked]
    context = SimpleNamespace(script_requests=requests, yield_check=lambda: raised.append(1))
    monkeypatch.setattr(runs, "context", lambda: context)
    stopping.check()
    assert bool(raised) == ends
