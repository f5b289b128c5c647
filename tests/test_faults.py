"""What goes wrong around the program: each is survived, with a word to whoever reads the page or the log."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from threading import Event

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from waiting import HANG_S

import ketadash
from ketadash import __main__ as cli
from ketadash.analyse import batch
from ketadash.analyse.jobs import Job
from ketadash.core.errors import KetadashError
from ketadash.core.paths import sample_folder
from ketadash.ui import state
from ketadash.ui.server import health, logs
from ketadash.ui.server import serve as server

PACKAGE = Path(ketadash.__file__).parent


def square(x):
    return x * x


def killed_once(task):
    """Kills its own worker, until the mark is there."""
    x, mark = task
    if x == 2 and not Path(mark).exists():
        Path(mark).touch()
        os.kill(os.getpid(), 9)
    return x


# Workers, disks, folders, clocks


@pytest.mark.slow
def test_a_job_whose_worker_is_killed_says_so_keeps_what_it_has_and_goes_on(two_workers, tmp_path):
    mark = str(tmp_path / "killed")
    job = Job(killed_once, [(x, mark) for x in range(4)])
    job.start()
    job.wait(HANG_S)
    assert not job.finished and "interrupted" in job.trouble and "start it again" in job.trouble
    before = job.results
    job.start()
    job.wait(HANG_S)
    assert job.trouble is None and [r for _, r in job.results] == [0, 1, 2, 3] and job.results[: len(before)] == before


@pytest.mark.slow
def test_no_room_for_temporary_files_is_no_trouble_for_long_work(tmp_path):
    """In a process of its own, since the workers of this one already have their folders."""
    code = (
        "from ketadash.analyse import batch\nfrom test_faults import square\n"
        "if __name__ == '__main__':\n    print([r for _, r in batch.run(square, [1, 2, 3])])"
    )
    nowhere = {"JOBLIB_TEMP_FOLDER": "/dev/full/none", "TMPDIR": "/dev/full/none"}
    env = os.environ | nowhere | {batch.WORKERS: "2", "PYTHONPATH": str(Path(__file__).parent)}
    script = tmp_path / "run.py"
    script.write_text(code)
    done = subprocess.run(
        [sys.executable, script], env=env, capture_output=True, text=True, timeout=HANG_S, check=False
    )
    assert "[1, 4, 9]" in done.stdout, done.stderr


def test_the_folder_of_the_workers_gone_they_work_all_the_same(two_workers, tmp_path, monkeypatch):
    folder = tmp_path / "joblib"
    folder.mkdir()
    monkeypatch.setenv("JOBLIB_TEMP_FOLDER", str(folder))
    assert list(batch.run(square, [3])) == [(3, 9)]
    shutil.rmtree(folder)
    assert list(batch.run(square, [4])) == [(4, 16)]


def test_a_disk_without_room_for_workers_is_a_message(monkeypatch, two_workers):
    from joblib.externals import loky

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(loky, "get_reusable_executor", full)
    job = Job(square, [1])
    job.start()
    job.wait(HANG_S)
    assert "the computation was interrupted (OSError); start it again" in job.trouble


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full disk to offer")
def test_results_for_a_full_disk_are_a_message(capsys):
    assert cli.main(["validate", str(sample_folder()), "--json", "/dev/full"]) == 2
    assert "cannot write /dev/full: No space left on device" in capsys.readouterr().err


@pytest.mark.parametrize("jump", [-86_400.0, 86_400.0])
def test_the_clock_set_forward_or_back_stops_no_job_and_keeps_none_alive(monkeypatch, jump):
    go, clock = Event(), time.time

    def run(f, tasks):
        for task in tasks:
            assert go.wait(HANG_S)
            yield task, f(task)

    monkeypatch.setattr(batch, "run", run)
    job = Job(square, [1, 2, 3])
    job.start()
    monkeypatch.setattr(time, "time", lambda: clock() + jump)
    go.set()
    job.wait(HANG_S)
    assert job.finished


def test_nothing_that_waits_looks_at_the_clock_on_the_wall():
    for path in PACKAGE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert "time.time(" not in text and "from time import time" not in text, path


# A file that changes under the app


@pytest.mark.parametrize("how", ["older", "same second", "another file of the folder"])
def test_a_file_put_in_the_place_of_another_is_noticed_whatever_its_date(tmp_path, how):
    file, newer = tmp_path / "days.csv", tmp_path / "newer.csv"
    file.write_text("a")
    newer.write_text("b")
    os.utime(newer, (2e9, 2e9))
    before = state.stamps(tmp_path)
    other = tmp_path.parent / "other.csv"
    other.write_text("c")
    stat = file.stat()
    os.utime(other, (1, 1) if how == "older" else (stat.st_atime, stat.st_mtime))
    os.replace(other, newer if how == "another file of the folder" else file)
    assert state.stamps(tmp_path) != before
    shutil.rmtree(tmp_path)
    assert state.stamps(tmp_path) == []  # gone: what reading it says is the message


# Health and the log


@pytest.fixture
def client(monkeypatch):
    monkeypatch.setattr(health, "draining", Event())
    return TestClient(Starlette(routes=[health.ROUTE]))


def test_health_says_how_the_server_is_and_nothing_of_anybody(client):
    answer = client.get("/healthz")
    found = answer.json()
    assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"
    counts = {"connections", "connections_allowed", "open_files", "open_files_allowed"}
    assert set(found) == {"ok", "version", "uptime_s", "sessions", "memory_mb", "jobs_running", *counts}
    assert found["ok"] is True and found["version"] == ketadash.__version__ and found["uptime_s"] >= 0
    assert 50 < found["memory_mb"] < 10_000 and found["jobs_running"] == 0


def test_draining_it_says_503_and_the_log_says_it_once(client, monkeypatch, capsys):
    monkeypatch.setenv(logs.LOG, "json")
    health.drain()
    health.drain()
    answer = client.get("/healthz")
    assert answer.status_code == 503 and answer.json()["ok"] is False
    assert [json.loads(line)["event"] for line in capsys.readouterr().err.splitlines()] == ["draining"]


def test_a_job_under_way_is_counted_and_one_that_ended_is_not(monkeypatch):
    go = Event()

    def run(f, tasks):
        for task in tasks:
            assert go.wait(HANG_S)
            yield task, f(task)

    monkeypatch.setattr(batch, "run", run)
    job = Job(square, [1])
    job.start()
    assert health.state()["jobs_running"] == 1
    go.set()
    job.wait(HANG_S)
    assert health.state()["jobs_running"] == 0


def test_a_slow_page_is_a_line_with_its_address_and_a_quick_one_is_none(monkeypatch, capsys):
    monkeypatch.setenv(logs.LOG, "json")
    monkeypatch.setattr(logs, "clock", lambda: 10.0)
    logs.note_run("what-if", 9.1)
    assert capsys.readouterr().err == ""
    logs.note_run("what-if", 8.9)
    line = json.loads(capsys.readouterr().err)
    assert line["event"] == "slow run" and line["page"] == "what-if" and line["ms"] == 1100
    assert set(line) == {"time", "event", "page", "ms"}


def test_every_line_of_the_json_log_is_json_without_values():
    from ui.test_logs import EVERY_WAY, MARK

    env = os.environ | {logs.LOG: "json"}
    code = EVERY_WAY.replace('print("seen", file=sys.stderr)', "").replace(
        "from ketadash.ui.server import logs\n",
        "from ketadash.ui.server import logs\nfrom streamlit import config\n"
        "config.set_option('logger.messageFormat', '%(message)s')\n"
        "from streamlit import logger\nlogger.update_formatter()\n",
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, timeout=HANG_S, check=False
    )
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert MARK not in done.stdout + done.stderr
    assert sum(line.get("error") == "ValueError" for line in lines) == 3  # thread, __del__, the end
    traced = [line for line in lines if line["event"] == "log" and "where" in line]
    assert len(traced) == 2 and all("KeyError" in line["where"] and line["level"] == "ERROR" for line in traced)
    assert any(line.get("warning") == "UserWarning" for line in lines)


def test_a_way_to_log_that_there_is_not_ends_the_start_with_a_message(monkeypatch):
    monkeypatch.setenv(logs.LOG, "xml")
    with pytest.raises(KetadashError, match="KETADASH_LOG=xml"):
        server.serve(8618, open_browser=False)
