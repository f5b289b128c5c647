"""Background jobs: progressive, stopped, resumed, kept with their trial; work replaced by hand-fed batches."""

import gc
from dataclasses import replace
from threading import Semaphore, Thread

import pytest
from waiting import HANG_S, until

from ketadash.analyse import batch, jobs
from ketadash.analyse.jobs import Job, job
from ketadash.core.errors import KetadashError
from ketadash.core.spec import AnalysisSpec
from ketadash.trial import load_sample


@pytest.fixture
def steps(monkeypatch):
    """`batch.run` in this process, one task at each release of `go`, so that a test decides how far a job is."""
    go, done = Semaphore(0), []

    def run(f, tasks):
        for task in tasks:
            assert go.acquire(timeout=HANG_S)
            done.append(task)
            yield task, f(task)

    monkeypatch.setattr(batch, "run", run)
    return go, done


def square(x):
    return x * x


def test_results_are_there_as_they_come_and_all_at_the_end(steps):
    go, _ = steps
    work = Job(square, [1, 2, 3])
    assert (work.n_done, work.n_tasks, work.running, work.finished) == (0, 3, False, False)
    work.start()
    assert work.running and work.results == []
    go.release(3)
    work.wait(HANG_S)
    assert work.results == [(1, 1), (2, 4), (3, 9)] and work.finished and not work.running


def test_stopped_it_keeps_what_it_has_and_goes_on_from_there(steps):
    go, done = steps
    work = Job(square, list(range(30)))
    work.start()
    go.release(3)
    until(lambda: work.n_done == 3)
    work.cancel()
    go.release()  # what was under way
    work.wait(HANG_S)
    assert not work.running and work.n_done == 4
    work.start()
    go.release(26)
    work.wait(HANG_S)
    assert work.finished and done == list(range(30))  # nothing twice


def test_nobody_looking_it_stops_by_itself_and_goes_on_when_asked(steps, monkeypatch):
    go, _ = steps
    clock = [0.0]
    monkeypatch.setattr(jobs, "monotonic", lambda: clock[0])
    work = Job(square, list(range(1000)))
    work.start()
    go.release(3)
    until(lambda: work.n_done == 3)
    clock[0] = jobs.UNWATCHED_S + 1
    go.release()
    until(lambda: not work.running)
    assert work.n_done == 4
    work.start()
    go.release(2)
    until(lambda: work.n_done == 6)
    clock[0] += jobs.UNWATCHED_S - 1
    assert work.results  # somebody looks
    clock[0] += jobs.UNWATCHED_S - 1
    go.release(2)
    until(lambda: work.n_done == 8)
    assert work.running
    work.cancel()
    go.release()
    work.wait(HANG_S)


def test_whoever_waits_for_it_is_looking(steps, monkeypatch):
    """However long its processes take to start on a busy machine."""
    go, _ = steps
    clock = [0.0]
    monkeypatch.setattr(jobs, "monotonic", lambda: clock[0])
    work = Job(square, list(range(4)))
    work.start()
    clock[0] = 10 * jobs.UNWATCHED_S
    assert not work.watched
    waiting = Thread(target=work.wait, args=(HANG_S,))
    waiting.start()
    until(lambda: work.watched)
    go.release(4)
    waiting.join(HANG_S)
    assert work.finished


def test_started_twice_it_runs_once(steps):
    go, done = steps
    work = Job(square, [1, 2])
    work.start()
    work.start()
    go.release(4)  # a second thread would compute its tasks too
    work.wait(HANG_S)
    work.start()
    work.wait(HANG_S)
    assert done == [1, 2] and not work.running  # a finished job stays finished


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
    work.wait(HANG_S)
    assert "start it again" in work.trouble and work.results == [(1, 1)]
    fail[0] = False
    work.start()
    work.wait(HANG_S)
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
    work = job(t, "map", AnalysisSpec(), square, lambda: list(range(1000)))
    work.start()
    go.release()
    until(lambda: work.n_done == 1)
    del t
    gc.collect()
    go.release()
    work.wait(HANG_S)
    assert not work.running and work.n_done == 2


def test_jobs_take_their_work_from_batch():
    assert jobs.batch is batch
