"""AppTest as the server: each of its runs looks for a pages/ folder again, which `server.pages_are_ours` forbids."""

import math
from functools import cache

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import local_script_runner

from ketadash.analyse import batch, jobs
from ketadash.analyse.jobs import Job
from ketadash.core.spec import MissingRule
from ketadash.ui import prefetched_pictures, unfolding


@pytest.fixture(autouse=True, scope="module")
def pages_are_ours():
    original = PagesManager.__init__

    def as_served(self, *args, **kwargs):
        PagesManager.uses_pages_directory = False
        original(self, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PagesManager, "__init__", as_served)
        patch.setattr(unfolding, "in_sight", lambda part: True)  # what a page says in all of its tabs, in one run
        yield
    PagesManager.uses_pages_directory = None


@pytest.fixture(autouse=True, scope="session")
def packages_are_looked_through_once():
    """A server looks once for parts that installed packages bring; each session of AppTest did, most of its time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


@pytest.fixture(autouse=True, scope="session")
def a_run_is_waited_for():
    """AppTest looked a thousand times a second whether its run is over, and took the run's time with it."""

    def ended(runner, timeout):
        runner._script_thread.join(timeout)
        if not runner.script_stopped():
            runner.request_stop()
            raise RuntimeError(f"the run did not end within {timeout} s")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(local_script_runner, "require_widgets_deltas", ended)
        yield


@pytest.fixture(autouse=True)
def nothing_goes_on_in_the_background(request, monkeypatch):
    """Maps and curves are not started: a page then shows the same each time; `jobs_run` tests start them.

    Nobody looks at them each second as a page in a browser does, and on a busy machine they stopped half done.
    """
    monkeypatch.setattr(jobs, "UNWATCHED_S", math.inf)
    if "jobs_run" not in request.fixturenames:
        monkeypatch.setattr(Job, "start", lambda self: None)


@pytest.fixture(autouse=True)
def nothing_is_foreseen(request, monkeypatch):
    """No page computes states that nobody has asked for: how many it gets done, a clock says; `sent_ahead` tests do."""
    if "sent_ahead" not in request.fixturenames:
        monkeypatch.setattr(prefetched_pictures, "send", lambda now: None)


@pytest.fixture
def sent_ahead():
    """Pages foresee what is one choice away, as long as they do for a reader."""


@pytest.fixture
def jobs_run(monkeypatch):
    """Background work is done at once, in this process."""
    monkeypatch.setattr(batch, "run", lambda f, tasks: ((task, f(task)) for task in tasks))


@pytest.fixture
def rules_run(monkeypatch):
    """The assumptions side by side are there as soon as they are asked for; maps are not started."""
    run = Job.work
    monkeypatch.setattr(batch, "run", lambda f, tasks: ((task, f(task)) for task in tasks))
    monkeypatch.setattr(Job, "start", lambda self: run(self) if isinstance(self.tasks[0], MissingRule) else None)
