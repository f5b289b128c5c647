"""The process that reads files: how it begins and ends, its bounds of time and memory, and who is read when."""

from __future__ import annotations

import gzip
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import dressed
import pytest
from bounded import CSV, different
from waiting import until

from ketadash import files
from ketadash.core.errors import DataError
from ketadash.core.findings import CheckFailedError
from ketadash.files import machine, memory_queue, readers
from ketadash.files.formats.registry import libraries

BOOK = dressed.as_bytes(dressed.long(n=2), "xlsx")
LINUX = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks into /proc")


@pytest.fixture
def own_readers(monkeypatch):
    """A host of this test's own, begun by its first reading."""
    fresh = readers.Forked()
    monkeypatch.setattr(readers, "FORKED", fresh)
    yield fresh
    fresh.end()


def processes() -> dict[int, tuple[int, str]]:
    """Every living process: its parent's number and its command line."""
    found = {}
    for pid in (p for p in os.listdir("/proc") if p.isdigit()):
        try:
            state, parent = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[:2]
            command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:  # ended meanwhile
            continue
        if state != "Z":
            found[int(pid)] = (int(parent), command)
    return found


def children(pid: int) -> list[int]:
    return [child for child, (parent, _) in processes().items() if parent == pid]


def test_an_interpreter_that_cannot_start_is_told_as_that(own_readers, monkeypatch, tmp_path):
    fake = tmp_path / "python"
    said = "error while loading shared libraries: libpython3.11.so.1.0: cannot open shared object file"
    fake.write_text(f"#!/bin/sh\necho '/opt/secret place/python: {said}' >&2\nexit 127\n")
    fake.chmod(0o755)
    monkeypatch.setattr(readers.sys, "executable", str(fake))
    for forks in (True, False):
        monkeypatch.setattr(readers, "can_fork", lambda forks=forks: forks)
        for raw in (CSV, BOOK):
            with pytest.raises(CheckFailedError, match="the file may be fine") as caught:
                files.tables(raw, "x.xlsx")
            assert said in str(caught.value) and "damaged" not in str(caught.value)
            assert "/opt" not in str(caught.value)
            assert caught.value.check.name == "reader"


def test_an_interpreter_that_is_not_there_is_told_as_that(own_readers, monkeypatch):
    monkeypatch.setattr(readers.sys, "executable", "/nowhere/python")
    with pytest.raises(CheckFailedError, match=r"could not start on this machine .*No such file"):
        files.tables(CSV, "x.csv")


def test_the_reading_process_gets_what_an_interpreter_needs_and_nothing_else(monkeypatch):
    monkeypatch.setenv("SECRET_TOKEN", "x")
    monkeypatch.setenv("LD_LIBRARY_PATH", "/opt/python/lib")
    assert "SECRET_TOKEN" not in readers.environment()
    assert readers.environment()["LD_LIBRARY_PATH"] == "/opt/python/lib"


@LINUX
def test_an_interpreter_that_needs_a_library_path_gets_it(own_readers, monkeypatch, tmp_path):
    """One that starts only where `LD_LIBRARY_PATH` says where its library is."""
    fake = tmp_path / "python"
    fake.write_text(f'#!/bin/sh\n[ "$LD_LIBRARY_PATH" = /opt/lib ] || exit 127\nexec {sys.executable} "$@"\n')
    fake.chmod(0o755)
    monkeypatch.setattr(readers.sys, "executable", str(fake))
    monkeypatch.setenv("LD_LIBRARY_PATH", "/opt/lib")
    assert len(files.tables(BOOK, "x.xlsx")[0].frame) > 0


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (-signal.SIGALRM, "took longer than 60 seconds"),
        (-signal.SIGXCPU, "took longer than 60 seconds"),
        (3, "needs more memory"),
        (-signal.SIGKILL, "needs more memory"),
        (-signal.SIGSEGV, "is damaged, and reading it broke off"),
        (1, "is damaged, and reading it broke off"),
        (None, "could not be read just now"),
    ],
)
def test_how_a_reading_ended_is_a_sentence(monkeypatch, status, said):
    monkeypatch.setattr(readers, "ask", lambda *_: readers.Ended(None, status))
    with pytest.raises(DataError, match=said):
        files.tables(BOOK, "x.xlsx")


def test_an_answer_that_lies_is_a_sentence(monkeypatch):
    for answer in (b"", b"\0" * 7, (5).to_bytes(8) + b"{}   ", (99).to_bytes(8) + b"{", bytes(100)):
        monkeypatch.setattr(readers, "ask", lambda *_, a=answer: readers.Ended(memoryview(a), 0))
        with pytest.raises(DataError, match="is damaged"):
            files.tables(BOOK, "x.xlsx")


def test_time_and_memory_are_bounded_for_text_too(monkeypatch):
    monkeypatch.setenv("KETADASH_MAX_TEXTS", "9000000")
    raw = different(4_000_000)
    monkeypatch.setenv("KETADASH_MAX_MEMORY", "100")
    with pytest.raises(DataError, match="needs more memory to read than the 100 MB"):
        files.tables(raw, "x.csv")
    monkeypatch.delenv("KETADASH_MAX_MEMORY")
    monkeypatch.setenv("KETADASH_MAX_SECONDS", "1")
    with pytest.raises(DataError, match="took longer than 1 seconds"):
        files.tables(raw, "x.csv")


def test_a_small_file_that_needs_more_memory_gets_it(monkeypatch):
    """A megabyte of packed text needs more than a small file is first given."""
    monkeypatch.setattr(memory_queue, "SMALL_MB", 20)
    packed = gzip.compress(CSV + b"\n" * 60_000_000, 9)
    monkeypatch.setenv("KETADASH_MAX_RATIO", "9000")
    assert len(files.files_in(packed, "x.csv.gz")["x.csv.gz"]) > 60_000_000


@pytest.mark.parametrize("forks", [True, False])
def test_a_forked_and_a_fresh_process_read_alike(monkeypatch, forks):
    monkeypatch.setattr(readers, "can_fork", lambda: forks)
    for raw in (BOOK, files.files_in(gzip.compress(CSV), "x")["x"]):
        [table] = files.tables(raw, "x")
        assert list(table.frame.columns)[:3] == ["participant_id", "arm", "day"]
    with pytest.raises(DataError, match="a PDF, not a table"):
        files.tables(b"%PDF-1.7", "x")


@pytest.mark.parametrize("forks", [True, False])
def test_a_files_name_stands_in_no_command_line(own_readers, monkeypatch, forks):
    commands = []
    real = subprocess.Popen

    def spied(command, **more):
        commands.append(command)
        return real(command, **more)

    monkeypatch.setattr(readers.subprocess, "Popen", spied)
    monkeypatch.setattr(readers, "can_fork", lambda: forks)
    files.tables(BOOK, "Anna Muster 1970-01-01.xlsx")
    assert len(commands) == 1 and not any("Muster" in part for command in commands for part in command)


@LINUX
def test_the_host_holds_its_own_sockets_and_is_calm(own_readers):
    files.tables(CSV, "x.csv")
    pid = own_readers.process.pid
    until(lambda: not children(pid))
    kinds = [os.readlink(f"/proc/{pid}/fd/{fd}").partition(":")[0] for fd in os.listdir(f"/proc/{pid}/fd")]
    assert kinds.count("socket") == 3  # to us, and the pair by which a signal wakes it
    assert set(kinds) == {"socket", "/dev/null"}
    environment = Path(f"/proc/{pid}/environ").read_text()
    assert "KETADASH_" not in environment and "PYTEST" not in environment


@LINUX
def test_the_host_ends_with_whoever_started_it():
    code = (
        "import signal; from ketadash import files; from ketadash.files import readers\n"
        "files.tables(b'a,b\\n1,2\\n', 'x'); print(readers.FORKED.process.pid, flush=True); signal.pause()"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        pid = int(parent.stdout.readline())
        assert pid in processes()
        parent.kill()
    until(lambda: pid not in processes())


@LINUX
def test_a_reading_that_nobody_waits_for_is_ended(own_readers, monkeypatch):
    files.tables(CSV, "x.csv")
    pid, seen = own_readers.process.pid, []

    class GoneError(Exception):
        pass

    def gone(_):
        if children(pid):
            seen.append(children(pid))
            raise GoneError

    with pytest.raises(GoneError), files.watched(gone):
        files.tables(different(4_000_000), "x.csv")
    assert seen
    until(lambda: not children(pid))
    assert len(files.tables(CSV, "x.csv")[0].frame) > 0


@LINUX
def test_a_host_that_was_killed_is_started_again(own_readers):
    files.tables(CSV, "x.csv")
    os.kill(own_readers.process.pid, signal.SIGKILL)
    own_readers.process.wait()
    assert len(files.tables(CSV, "x.csv")[0].frame) > 0


def test_twenty_at_once(own_readers):
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(len(files.tables(CSV, "x.csv")[0].frame))) for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 20 and len(set(found)) == 1


def test_what_the_host_imports_ahead_is_there():
    for name in libraries():
        __import__(name)


def test_files_are_read_in_turn(monkeypatch):
    monkeypatch.setattr(memory_queue, "room", lambda small: memory_queue.Room(1, 100))
    queue, order, told = memory_queue.Queue(small=False), [], []
    threads = []

    def read(i: int) -> None:
        with memory_queue.watched(lambda ahead: told.append((i, ahead))), queue.turn(f"{i}.csv"):
            order.append(i)

    with queue.turn("first.csv"):
        for i in range(3):
            threads.append(threading.Thread(target=read, args=(i,)))
            threads[-1].start()
            until(lambda i=i: len(queue.waiting) == i + 1)
        until(lambda: {(0, 1), (1, 2), (2, 3)} <= set(told))
        assert order == []
    for thread in threads:
        thread.join()
    assert order == [0, 1, 2] and queue.busy == 0 and not queue.waiting


def test_too_many_waiting_are_told(monkeypatch):
    monkeypatch.setenv("KETADASH_MAX_WAITING", "1")
    monkeypatch.setattr(memory_queue, "room", lambda small: memory_queue.Room(1, 100))
    queue = memory_queue.Queue(small=False)

    class GoneError(Exception):
        pass

    def second(_):
        with pytest.raises(DataError, match="1 other files are waiting"), queue.turn("third.csv"):
            pass
        raise GoneError

    with queue.turn("first.csv"):
        with pytest.raises(GoneError), memory_queue.watched(second), queue.turn("second.csv"):
            pass
        assert not queue.waiting
    with queue.turn("fourth.csv") as room:
        assert room.places == 1


@pytest.mark.parametrize(
    ("gigabytes", "large", "small"), [(1, (1, 500), (1, 256)), (8, (1, 4_000), (3, 256)), (64, (8, 4_000), (8, 256))]
)
def test_there_is_room_for_what_the_machine_has(monkeypatch, gigabytes, large, small):
    monkeypatch.setattr(machine, "memory", lambda: gigabytes * 10**9)
    assert memory_queue.room(small=False) == memory_queue.Room(*large)
    assert memory_queue.room(small=True) == memory_queue.Room(*small)
    monkeypatch.setenv("KETADASH_MAX_READERS", "5")
    assert memory_queue.room(small=False).places == 5


def test_a_containers_memory_is_what_there_is(tmp_path):
    own, root = tmp_path / "cgroup", tmp_path / "fs"
    deep = root / "user.slice" / "app.scope"
    deep.mkdir(parents=True)
    own.write_text("0::/user.slice/app.scope\n")
    (root / "user.slice" / "memory.max").write_text("3000000000\n")
    (deep / "memory.max").write_text("max\n")
    assert machine.of_container(own, root) == [3_000_000_000]
    old = root / "memory" / "docker" / "abc"
    old.mkdir(parents=True)
    own.write_text("12:memory:/docker/abc\n3:cpu,cpuacct:/docker/abc\n")
    (old / "memory.limit_in_bytes").write_text("2000000000\n")
    assert machine.of_container(own, root) == [2_000_000_000]
    assert machine.of_container(tmp_path / "none", tmp_path / "none") == []
    assert machine.memory() > 10**8
