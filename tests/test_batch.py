"""Work in other processes: the same numbers as here, ended when asked, and a word where a worker or a cluster fails."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest
from joblib import parallel_config
from waiting import HANG_S, until

from ketadash.analyse import batch
from ketadash.analyse.tipping_map import cells, tipping_problem
from ketadash.core.errors import KetadashError
from ketadash.core.spec import AnalysisSpec
from ketadash.trial import load_sample, resolve

ROOT = Path(__file__).parents[1]


def square(x):
    return x * x


def process_of(_):
    return os.getpid()


def killed(x):
    if x == 3:
        os.kill(os.getpid(), 9)
    return x


def first_of(task):
    return os.getpid(), task[0]


def rest_of(task, _, n):
    """What comes after the first; halved for two, the second half for whoever has nothing to do."""
    left = task[1:]
    half = -(-len(left) // n)
    return [part for part in (left[:half], left[half:]) if part]


def inverse_of(task):
    return 1 / task[0]


# One worker first, two then: each change of their number, and each end of theirs, begins processes anew.


def test_one_worker_works_elsewhere_too_and_the_server_is_not_slowed(monkeypatch):
    monkeypatch.setenv(batch.WORKERS, "1")
    monkeypatch.delenv(batch.DASK, raising=False)
    before = os.nice(0)
    assert os.getpid() not in {pid for _, pid in batch.run(process_of, [1, 2, 3])}
    assert os.nice(0) == before


@pytest.mark.parametrize("n", ["1", "2"])
def test_what_is_left_of_a_task_is_done_by_whoever_has_begun_it(monkeypatch, n):
    monkeypatch.setenv(batch.WORKERS, n)
    monkeypatch.delenv(batch.DASK, raising=False)
    tasks = [tuple(range(5)), tuple(range(10, 13)), (20,)]
    done = [result for _, result in batch.in_lanes(first_of, tasks, rest_of)]
    assert sorted(what for _, what in done) == sorted(x for task in tasks for x in task)
    if n == "1":
        assert [what for _, what in done] == [x for task in tasks for x in task]  # a lane to its end, then the next
        assert len({pid for pid, _ in done}) == 1
    with pytest.raises(ZeroDivisionError):
        list(batch.in_lanes(inverse_of, [(1, 0), (2,)], rest_of))
    assert batch.at_once() == int(n)


def test_results_come_in_the_order_of_the_tasks(two_workers):
    tasks = list(range(25))
    assert list(batch.run(square, tasks)) == [(x, x * x) for x in tasks]
    assert list(batch.run(square, [])) == []


def test_who_has_nothing_to_do_is_given_part_of_what_is_left(two_workers):
    asked = []

    def rest(task, result, n):
        asked.append(n)
        return rest_of(task, result, n)

    done = [result for _, result in batch.in_lanes(first_of, [tuple(range(9))], rest)]
    assert sorted(what for _, what in done) == list(range(9))
    assert asked[0] == 2 and set(asked) <= {1, 2}


def test_the_work_is_done_elsewhere(two_workers):
    assert os.getpid() not in {pid for _, pid in batch.run(process_of, [1, 2, 3, 4])}


def test_a_map_computed_elsewhere_is_the_map_computed_here(two_workers):
    t = load_sample()
    problem = tipping_problem(t, resolve(t, AnalysisSpec(imputations=2))[0])
    some = cells(problem)[:3]
    assert dict(batch.run(problem.cell, some)) == {at: problem.cell(at) for at in some}  # to the last bit


def test_whoever_stops_asking_stops_the_work(two_workers, tmp_path):
    (tmp_path / "begun").mkdir()
    stopped = str(tmp_path / "stopped")
    # three tasks end by themselves, all others only after nobody asks any more: two workers can have begun two of them
    tasks = [(stopped if i > 2 else "", str(tmp_path / "begun" / str(i))) for i in range(80)]
    for i, _ in enumerate(batch.run(in_turn, tasks)):
        if i == 2:
            break
    touch(stopped)
    assert len(list(batch.run(square, list(range(10))))) == 10  # the same workers: what was queued would come first
    assert 3 <= len(list((tmp_path / "begun").iterdir())) <= 3 + 2  # and not all 80


def test_two_runs_at_once_take_turns_and_one_that_stops_leaves_the_other_alone(two_workers):
    from threading import Thread

    found: list[tuple[int, int]] = []
    other = Thread(target=lambda: found.extend(batch.run(square, list(range(12)))))
    other.start()
    for _ in batch.run(square, list(range(40))):
        break  # stopped after the first
    other.join(HANG_S)
    assert found == [(x, x * x) for x in range(12)]


def test_no_worker_waits_for_the_slowest_of_a_handful(two_workers, tmp_path):
    """The second task ends once the third has been begun: one after the other in pairs, none would ever end."""
    mark = str(tmp_path / "begun")
    tasks = [("", ""), (mark, ""), ("", mark)]
    assert [done for _, done in batch.run(in_turn, tasks)] == [True, True, True]


def test_no_worker_waits_for_the_oldest_of_those_begun(two_workers, tmp_path):
    """The first task ends once the fourth has been begun, which is while the first lasts; results keep their order."""
    mark = str(tmp_path / "begun")
    tasks = [(mark, ""), ("", ""), ("", ""), ("", mark), ("", "")]
    assert [task for task, _ in batch.run(in_turn, tasks)] == tasks


def in_turn(task):
    """Wait for the first file to be there, if one is named, and make the second."""
    awaited, made = task
    if made:
        touch(made)
    until(lambda: not awaited or os.path.exists(awaited))
    return True


def touch(path):
    open(path, "w").close()
    return path


def test_a_worker_that_is_killed_is_a_message_and_the_next_run_works(two_workers):
    with pytest.raises(KetadashError, match="interrupted"):
        list(batch.run(killed, [1, 2, 3, 4]))
    assert list(batch.run(square, [2])) == [(2, 4)]


def test_workers_that_are_ended_are_gone_and_come_again_when_there_is_work(two_workers):
    before = {pid for _, pid in batch.run(process_of, list(range(6)))}
    batch.end_workers()
    batch.end_workers()  # and none are left to end
    assert not any(psutil.pid_exists(pid) for pid in before)
    assert before.isdisjoint(pid for _, pid in batch.run(process_of, list(range(6))))


def test_an_error_of_the_task_itself_is_the_tasks_own(two_workers):
    with pytest.raises(ZeroDivisionError):
        list(batch.run(inverse, [1, 0]))


def inverse(x):
    return 1 / x


@pytest.mark.parametrize("said", ["zero", "0", "-1", "1.5"])
def test_a_setting_that_is_no_number_says_so(monkeypatch, said):
    monkeypatch.setenv(batch.WORKERS, said)
    with pytest.raises(KetadashError, match="whole number"):
        batch.workers()


def test_without_a_setting_every_core_works(monkeypatch):
    monkeypatch.delenv(batch.WORKERS, raising=False)
    assert batch.workers() == os.cpu_count()


@pytest.mark.slow
def test_a_dask_cluster_gives_the_same_to_the_last_bit(monkeypatch):
    distributed = pytest.importorskip("distributed")
    t = load_sample()
    problem = tipping_problem(t, resolve(t, AnalysisSpec(imputations=3))[0])
    some = cells(problem)[:6]
    here = {at: problem.cell(at) for at in some}
    batch.dask_client.cache_clear()
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, processes=True) as cluster:
        monkeypatch.setenv(batch.DASK, cluster.scheduler_address)
        assert dict(batch.run(problem.cell, some)) == here
        pids = {pid for _, pid in batch.run(process_of, list(range(8)))}
        assert os.getpid() not in pids
        assert batch.at_once() == 2
        lanes = batch.in_lanes(first_of, [(1, 2, 3), (4,)], rest_of)
        assert sorted(what for _, (_, what) in lanes) == [1, 2, 3, 4]
        batch.dask_client(cluster.scheduler_address).close()
    batch.dask_client.cache_clear()


def test_no_scheduler_at_the_address_says_so(monkeypatch):
    pytest.importorskip("distributed")
    batch.dask_client.cache_clear()
    monkeypatch.setattr(batch, "PATIENCE", "100ms")
    monkeypatch.setenv(batch.DASK, "tcp://127.0.0.1:1")
    with pytest.raises(KetadashError, match=r"no Dask scheduler answers at tcp://127.0.0.1:1"):
        list(batch.run(square, [1]))
    batch.dask_client.cache_clear()


def test_joblibs_own_configuration_is_not_touched(two_workers):
    with parallel_config(backend="threading", n_jobs=1):
        assert list(batch.run(square, [3])) == [(3, 9)]


def test_nothing_that_a_worker_is_given_is_written_to_disk(two_workers, tmp_path, monkeypatch):
    """joblib would share arrays of a megabyte and more through files, in memory (/dev/shm) or on a disk."""
    import numpy as np

    monkeypatch.setenv("JOBLIB_TEMP_FOLDER", str(tmp_path))
    big = [np.full(500_000, float(k)) for k in range(4)]  # 4 MB each
    found = [done for _, done in batch.run(owns_its_memory, big)]
    assert found == [True] * 4
    assert not [p for p in tmp_path.rglob("*") if p.is_file()]


def owns_its_memory(x):
    import numpy as np

    return not isinstance(x, np.memmap)


# A server in small: it works in two processes, says which, and is ended in some way.
SERVER = """
import os, sys, time
from ketadash.analyse import batch
sys.path.insert(0, {here!r})
from test_batch import process_of
if __name__ == "__main__":
    os.environ[batch.WORKERS] = "2"
    print(*{{pid for _, pid in batch.run(process_of, list(range(8)))}}, flush=True)
    sys.stdin.readline()
    batch.end_workers()
"""


@pytest.fixture
def small_server(tmp_path):
    script = tmp_path / "server.py"
    script.write_text(SERVER.format(here=str(Path(__file__).parent)))
    pipe = subprocess.PIPE
    path = os.pathsep.join((str(ROOT), str(Path(__file__).parent)))
    process = subprocess.Popen(
        [sys.executable, str(script)],
        cwd=ROOT,
        stdin=pipe,
        stdout=pipe,
        stderr=pipe,
        text=True,
        env=os.environ | {"PYTHONPATH": path},
    )
    process.workers = [int(pid) for pid in process.stdout.readline().split()]
    assert process.workers
    yield process
    process.kill()
    process.communicate()


@pytest.mark.skipif(os.name != "posix", reason="elsewhere who began a process cannot be told by its parent")
def test_a_worker_whose_parent_ended_before_its_first_task_ends_too():
    """It did not watch a parent that was gone already, and waited with its answer for ever, 200 MB each."""
    code = (
        "import subprocess; from ketadash.analyse import batch; from test_batch import square;"
        "gone = subprocess.Popen(['true']); gone.wait(); print(batch._while_it_lives(square, 2, gone.pid))"
    )
    env = os.environ | {"PYTHONPATH": str(Path(__file__).parent)}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, timeout=HANG_S)
    assert (done.returncode, done.stdout) == (1, ""), done.stderr


def hoarded(task: int) -> int:
    """Keeps 200 MB for each task, and takes as long as workers are left in peace before they are weighed."""
    _hoard.append(b"x" * 200_000_000)
    time.sleep(1.1)
    return task


_hoard: list[bytes] = []


@pytest.mark.slow
def test_a_worker_that_is_replaced_since_it_keeps_much_is_not_spoken_of():
    code = (
        "from ketadash.analyse import batch; from test_batch import hoarded;"
        "print([result for _, result in batch.run(hoarded, range(8))])"
    )
    env = os.environ | {batch.WORKERS: "1", "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, timeout=HANG_S)
    assert done.stdout.strip() == str(list(range(8))) and done.stderr == ""


def test_no_folder_is_kept_for_each_handful_of_tasks(two_workers):
    list(batch.run(square, list(range(12))))
    assert not list(Path("/dev/shm").glob(f"joblib*_{os.getpid()}_*"))
    assert not list(Path(tempfile.gettempdir()).glob(f"joblib*_{os.getpid()}_*"))


@pytest.mark.slow
def test_at_its_end_nothing_is_said_in_the_log_of_what_is_tidied(small_server):
    _, said = small_server.communicate("end\n", timeout=HANG_S)
    assert said == ""
    assert not any(psutil.pid_exists(pid) for pid in small_server.workers)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no such signal")
@pytest.mark.slow
def test_workers_end_with_a_server_that_was_killed(small_server):
    workers = [psutil.Process(pid) for pid in small_server.workers]
    small_server.kill()
    _, alive = psutil.wait_procs(workers, timeout=batch.IDLE_S / 4)  # by themselves they would stay for `IDLE_S`
    assert alive == []
    _, said = small_server.communicate(timeout=HANG_S)
    assert said == ""
