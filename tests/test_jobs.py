"""Background jobs: progressive, stopped, resumed, kept with their trial; work replaced by hand-fed batches."""

import gc
import time
from dataclasses import replace
from threading import Event

import pytest

from ketadash import batch, jobs
from ketadash.errors import KetadashError
from ketadash.jobs import Job, job
from ketadash.spec import AnalysisSpec
from ketadash.trial import load_sample


@pytest.fixture
def steps(monkeypatch):
    """`batch.run` in this process, one task at each `go`, so that a test decides how far a job is."""
    go, done = Event(), []

    def run(f, tasks):
        for task in tasks:
            assert go.wait(5)
            done.append(task)
            yield task, f(task)

    monkeypatch.setattr(batch, "run", run)
    return go, done


def square(x):
    return x * x


def until(condition, seconds=5.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.01)


def test_results_are_there_as_they_come_and_all_at_the_end(steps):
    go, _ = steps
    work = Job(square, [1, 2, 3])
    assert (work.n_done, work.n_tasks, work.running, work.finished) == (0, 3, False, False)
    work.start()
    assert work.running and work.results == []
    go.set()
    work.wait(5)
    assert work.results == [(1, 1), (2, 4), (3, 9)] and work.finished and not work.running


def test_stopped_it_keeps_what_it_has_and_goes_on_from_there(steps):
    go, done = steps
    work = Job(slowly, list(range(30)))
    work.start()
    go.set()
    until(lambda: work.n_done >= 3)
    work.cancel()
    work.wait(5)
    so_far = work.n_done
    assert not work.running and 3 <= so_far < 30
    work.start()
    work.wait(10)
    assert work.finished and done == sorted(done) and len(done) == len(set(done)) == 30  # nothing twice


def slowly(x):
    time.sleep(0.01)
    return x


def test_nobody_looking_it_stops_by_itself_and_goes_on_when_asked(steps, monkeypatch):
    go, _ = steps
    monkeypatch.setattr(jobs, "UNWATCHED_S", 0.1)
    work = Job(slowly, list(range(1000)))
    work.start()
    go.set()
    work.wait(5)
    assert not work.running and 0 < work.n_done < 1000
    monkeypatch.setattr(jobs, "UNWATCHED_S", 100.0)
    so_far = work.n_done
    work.start()
    until(lambda: work.n_done > so_far)
    work.cancel()


def test_started_twice_it_runs_once(steps):
    go, done = steps
    work = Job(square, [1, 2])
    work.start()
    first = work._thread
    work.start()
    assert work._thread is first
    go.set()
    work.wait(5)
    work.start()
    assert work._thread is first and done == [1, 2]  # a finished job stays finished


def test_trouble_is_said_and_the_rest_can_be_tried_again(monkeypatch):
    fail = [True]

    def run(f, tasks):
        for task in tasks:
            if fail[0] and task == 2:
                raise KetadashError("the computation was interrupted (somehow); start it again")
            yield task, f(task)

    monkeypatch.setattr(batch, "run", run)
    work = Job(square, [1, 2, 3])
    work.start()
    work.wait(5)
    assert "start it again" in work.trouble and work.results == [(1, 1)]
    fail[0] = False
    work.start()
    work.wait(5)
    assert work.trouble is None and work.finished


def test_one_job_for_each_trial_name_and_choices():
    t, other = replace(load_sample()), replace(load_sample())
    spec = AnalysisSpec()
    one = job(t, "map", spec, square, lambda: [1])
    assert job(t, "map", spec, square, lambda: pytest.fail("made again")) is one
    assert job(t, "curve", spec, square, lambda: [1]) is not one
    assert job(t, "map", spec.replace(confidence=0.9), square, lambda: [1]) is not one
    assert job(other, "map", spec, square, lambda: [1]) is not one


def test_a_job_stops_with_its_trial(steps):
    go, _ = steps
    t = replace(load_sample())
    work = job(t, "map", AnalysisSpec(), slowly, lambda: list(range(1000)))
    work.start()
    go.set()
    until(lambda: work.n_done >= 1)
    del t
    gc.collect()
    work.wait(5)
    assert not work.running and work.n_done < 1000


def test_jobs_take_their_work_from_batch():
    assert jobs.batch is batch
