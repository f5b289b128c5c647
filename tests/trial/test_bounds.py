"""Every file is read in a process of its own, within limits, in turn, and gone when it has answered."""

from __future__ import annotations

import gzip
import io
import os
import signal
import struct
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import dressed
import pytest
from waiting import until

from ketadash import files
from ketadash.core.errors import DataError
from ketadash.core.findings import CheckFailedError
from ketadash.files import isolate, machine, memory_queue, readers, transfer
from ketadash.files.formats.registry import libraries
from ketadash.trial import load

CSV = dressed.as_bytes(dressed.long(n=2), "csv")
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


def different(n: int) -> bytes:
    """A column of nothing but different numbers."""
    return b"x\n" + "\n".join(map(str, range(10**7, 10**7 + n))).encode() + b"\n"


# What becomes of a reading, in a sentence


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


# Where a reading happens


@pytest.mark.parametrize("forks", [True, False])
def test_a_forked_and_a_fresh_process_read_alike(monkeypatch, forks):
    monkeypatch.setattr(readers, "can_fork", lambda: forks)
    for raw in (CSV, BOOK, gzip.compress(CSV)):
        inside = files.files_in(raw, "x")["x"]
        [table] = files.tables(inside, "x")
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
    monkeypatch.setenv("KETADASH_MAX_TEXTS", "19000000")
    pid, seen = own_readers.process.pid, []

    class GoneError(Exception):
        pass

    def gone(_):
        if children(pid):
            seen.append(children(pid))
            raise GoneError

    with pytest.raises(GoneError), files.watched(gone):
        files.tables(different(9_000_000), "x.csv")
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


# In turn


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


# What is refused early


@pytest.mark.parametrize("char", [b",", b'"', b"x", b" x"])
def test_a_line_of_millions_is_no_header(char):
    with pytest.raises(DataError, match="a line of more than 2,000,000 characters"):
        files.tables(char * 20_000_000, "x.csv")
    with pytest.raises(DataError, match="a line of more than 2,000,000 characters"):
        files.tables(b"a,b\n" + char * 20_000_000, "x.csv")


def test_a_column_of_nothing_but_different_texts(monkeypatch):
    monkeypatch.setenv("KETADASH_MAX_TEXTS", "500000")
    with pytest.raises(DataError, match="more than 500,000 different texts"):
        files.tables(different(1_000_000), "x.csv")
    book = dressed.as_bytes(dressed.long(n=2), "xlsx")
    monkeypatch.setenv("KETADASH_MAX_TEXTS", "5")
    with pytest.raises(DataError, match="different texts in its cells"):
        files.tables(book, "x.xlsx")


def test_long_tables_are_the_same_in_pieces(monkeypatch):
    from ketadash.files.formats import csv_text as text

    lines = ["a,b", *(f"{i % 700},{i % 13}" for i in range(5_000))]
    whole = text.table("\n".join(lines).encode(), "x").frame
    monkeypatch.setattr(text, "ROWS_AT_ONCE", 1_000)
    assert text.table("\n".join(lines).encode(), "x").frame.equals(whole)
    lines[4_401] += ",8,9"
    with pytest.raises(DataError, match="line 4402"):
        text.table("\n".join(lines).encode(), "x")


def test_padding_makes_no_bomb_smaller():
    packed = gzip.compress(b"," * 60_000_000, 9)
    with pytest.raises(DataError, match="unpacks to more than 200 times its size"):
        files.files_in(packed + bytes(1_000_000), "x.gz")
    assert files.files_in(gzip.compress(CSV) + bytes(1_000), "x.gz") == {"x.gz": CSV}
    assert files.files_in(gzip.compress(CSV) + gzip.compress(b"more"), "x.gz") == {"x.gz": CSV + b"more"}
    with pytest.raises(DataError, match="damaged gzip"):
        files.files_in(gzip.compress(CSV) + b"rubbish", "x.gz")


def claiming(raw: bytes, name: bytes, packed: int | None, size: int) -> bytes:
    """A zip whose directory lies about one file's sizes."""
    at = raw.rfind(name) - 46
    changed = bytearray(raw)
    if packed is not None:
        struct.pack_into("<L", changed, at + 20, packed)
    struct.pack_into("<L", changed, at + 24, size)
    return bytes(changed)


def zipped(content: dict[str, bytes], first: bytes = b"") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for name, raw in content.items():
            z.writestr(name, raw)
    return out.getvalue()


def test_the_ratio_is_that_of_what_is_really_unpacked():
    bomb = zipped({"days.csv": bytes(60_000_000)})
    padded = bomb[: bomb.rfind(b"PK\x01\x02")] + bytes(2_000_000)
    # The directory moves behind two megabytes of zeros, which the entry claims as its own.
    directory = bytearray(bomb[bomb.rfind(b"PK\x01\x02") :])
    struct.pack_into("<L", directory, directory.rfind(b"PK\x05\x06") + 16, len(padded))
    lying = claiming(padded + bytes(directory), b"days.csv", 2_000_000, 60_000_000)
    with pytest.raises(DataError, match="unpacks to more than 200 times its size"):
        files.files_in(lying, "x.zip")


def test_a_workbook_that_lies_about_its_size():
    content = {"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b" " * 90_000_000}
    with pytest.raises(DataError, match="unpacks to more than"):
        files.tables(claiming(zipped(content), b"xl/workbook.xml", None, 9), "x.xlsx")


def test_a_directory_of_millions_by_the_long_road():
    """The record of a zip64 says how long the directory is, whatever the short one says."""
    n = 100_000
    entry = struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"a"
    local = struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0, 0, 0, 0, 0, 0, 0, 1, 0) + b"a"
    long = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, n, n, n * len(entry), len(local))
    place = struct.pack("<4sLQL", b"PK\x06\x07", 0, len(local) + n * len(entry), 1)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, 100, 0xFFFFFFFF, 0)
    with pytest.raises(DataError, match="lists far more files than are read"):
        files.files_in(local + entry * n + long + place + end, "x.zip")


def test_several_files_are_bounded_together(monkeypatch):
    monkeypatch.setenv("KETADASH_MAX_FILES", "3")
    with pytest.raises(DataError, match="4 files are more than the 3"):
        load({f"{i}.csv": CSV for i in range(4)})
    monkeypatch.setenv("KETADASH_MAX_CELLS", str(CSV.count(b"\n") * 12))
    with pytest.raises(DataError, match="the files have together more than"):
        load({f"{i}.csv": CSV.replace(b"S01", b"S%d" % i) for i in range(3)})
    with pytest.raises(DataError, match=r"trial.toml has more than 1,000,000 bytes"):
        load({"days.csv": CSV, "trial.toml": b"#" * 1_100_000})


def test_what_is_asked_and_answered_survives_the_way():
    request = transfer.Request("tables", "ä\udc80\n", 3, 4, 5, {"KETADASH_MAX_CELLS": "7"})
    assert transfer.request_of(request.packed()[transfer.LENGTH :]) == request
    [table] = isolate.tables("id;wért\n1;2,5\n".encode(), "ä\n.csv")
    assert list(table.frame.columns) == ["id", "wért"] and table.file == "ä\n.csv"
