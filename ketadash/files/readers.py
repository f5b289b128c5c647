"""Processes that read: how they are started, asked, and what became of them."""

from __future__ import annotations

import atexit
import os
import re
import select
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

import ketadash
from ketadash.core.findings import short
from ketadash.files import memory_queue, transfer
from ketadash.files.transfer import READY, STATUS

# What an interpreter needs to start at all, and the language; nothing else of our environment.
_KEPT = (
    "PATH",
    "SYSTEMROOT",
    "SYSTEMDRIVE",
    "WINDIR",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TMPDIR",
    "TEMP",
    "TMP",
    "HOME",
    "USERPROFILE",
    "LD_LIBRARY_PATH",
    "LD_PRELOAD",
    "DYLD_LIBRARY_PATH",
    "DYLD_FALLBACK_LIBRARY_PATH",
    "PYTHONHOME",
    "__PYVENV_LAUNCHER__",
)
_FRESH = "from ketadash.files import child; child.main()"
_HOST = "from ketadash.files import host; host.main()"
_GRACE_S = 20  # beyond a reading's own time limit, which it keeps by itself unless it hangs
_START_S = 120  # for a process to start on the slowest of machines
_PIECE = 1 << 20


class NotStartedError(Exception):
    """A process that reads could not start; the message is what the system or the interpreter says."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a reading ended: its answer, None where there is no whole one, and the exit status (negative: a signal)."""

    answer: memoryview | None
    status: int | None


def environment() -> dict[str, str]:
    """The environment variables that are passed on to a reading process."""
    kept = {k: v for k, v in os.environ.items() if k in _KEPT}
    ours = str(Path(ketadash.__file__).resolve().parents[1])
    paths = os.pathsep.join(dict.fromkeys([*(p for p in sys.path if p), ours]))
    # One thread each: pools of threads reserve memory that the limit would count, and a fork would lose them.
    return kept | {
        "PYTHONPATH": paths,
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "ARROW_DEFAULT_MEMORY_POOL": "system",
        "PYTHONUTF8": "1",
    }


def _command(code: str, *arguments: str) -> list[str]:
    return [sys.executable, "-P", "-c", code, *arguments]  # -P: modules of the working folder are not ours


@dataclass
class Forked:
    """A host, and the readings that it forks; started at the first, or before (`start`)."""

    _lock: Lock = field(default_factory=Lock)
    _control: socket.socket | None = None
    process: subprocess.Popen[bytes] | None = None
    _owner: int = 0
    _ready: bool = False

    def start(self) -> None:
        """Start the host, if there is none, without waiting until it is ready."""
        with self._lock:
            self._begin()

    def _begin(self) -> None:
        if self._control is not None and self._owner == os.getpid():
            return
        # this process is a fork of the one that started the host, which is not ours to end
        if self._control is not None:
            self._control.close()
        atexit.unregister(self.end)
        atexit.register(self.end)
        ours, its = socket.socketpair()
        try:
            with its:
                self.process = subprocess.Popen(
                    _command(_HOST, str(its.fileno())),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.PIPE,
                    env=environment(),
                    pass_fds=(its.fileno(),),
                )
        except (OSError, ValueError) as error:
            ours.close()
            raise NotStartedError(str(error)) from None
        self._control, self._owner, self._ready = ours, os.getpid(), False

    def ask(self, request: transfer.Request, raw: bytes, most: int) -> Ended:
        """Have a file read.

        Raises
        ------
        NotStartedError
            When the host cannot start.
        """
        ours, its = socket.socketpair()
        with ours:
            with its, self._lock:
                self._hand_over(its)
            return _talk(ours, request, raw, most)

    def _hand_over(self, pipe: socket.socket) -> None:
        for again in (True, False):
            self._begin()
            assert self._control is not None
            try:
                self._wait_until_ready()
                socket.send_fds(self._control, [b"f"], [pipe.fileno()])
                return
            except OSError as error:  # the host has died since it was started: have another
                self.end()
                if not again:
                    raise NotStartedError(str(error)) from None

    def _wait_until_ready(self) -> None:
        """NotStartedError, with the reason, if the host ends before it is ready."""
        if self._ready:
            return
        assert self._control is not None and self.process is not None and self.process.stderr is not None
        self._control.settimeout(_START_S)
        try:
            answer = self._control.recv(1)
        except TimeoutError:
            answer, late = b"", f"it did not start within {_START_S} s"
        else:
            late = ""
        if not answer:
            if late:
                self.process.kill()
            complaint = self.process.stderr.read(100_000)
            self.end()
            raise NotStartedError(late or _last_line(complaint) or "it ended at once")
        self._control.settimeout(None)
        self.process.stderr.close()
        self._ready = True

    def end(self) -> None:
        """End the host process, and with it every reading under way."""
        control, process = self._control, self.process
        self._control = self.process = None
        if control is not None:
            control.close()
        if process is not None and self._owner == os.getpid():
            with suppress(subprocess.TimeoutExpired):
                process.wait(_GRACE_S)
            if process.stderr is not None:
                process.stderr.close()


def _talk(pipe: socket.socket, request: transfer.Request, raw: bytes, most: int) -> Ended:
    """Send the request and the file, take the answer; whoever asked is told a few times a second that it is read."""
    last = time.monotonic() + request.seconds + _GRACE_S
    pipe.settimeout(memory_queue.TICK_S)
    for piece in (request.packed(), raw):
        at, view = 0, memoryview(piece)
        while at < len(view):
            try:
                at += pipe.send(view[at : at + _PIECE])
            except TimeoutError:
                _look(last)
            except OSError:  # it has ended; its status follows its answer
                break
    head = _received(pipe, transfer.LENGTH, last)
    if len(head) < transfer.LENGTH:
        return Ended(None, STATUS.unpack(head)[0] if len(head) == STATUS.size else None)
    length = int.from_bytes(head)
    if length > most:
        return Ended(None, None)
    answer = _received(pipe, length + STATUS.size, last)
    if len(answer) < length + STATUS.size:
        return Ended(None, STATUS.unpack(answer[-STATUS.size :])[0] if len(answer) >= STATUS.size else None)
    return Ended(memoryview(answer)[:length], STATUS.unpack(answer[length:])[0])


def _received(pipe: socket.socket, size: int, last: float) -> bytearray:
    """`size` bytes, or fewer if the other end is closed before."""
    taken, at = bytearray(size), 0
    view = memoryview(taken)
    while at < size:
        try:
            n = pipe.recv_into(view[at:])
        except TimeoutError:
            _look(last)
            continue
        except OSError:
            n = 0
        if n == 0:
            break
        at += n
    view.release()
    del taken[at:]
    return taken


def _look(last: float) -> None:
    """Tell whoever asked that the file is being read; TimeoutError when it takes longer than it can."""
    memory_queue.tell(0)
    if time.monotonic() > last:
        raise TimeoutError


def fresh(request: transfer.Request, raw: bytes, most: int) -> Ended:
    """Have a file read by a process started for it, where the system cannot fork (Windows).

    Raises
    ------
    NotStartedError
        When it cannot start.
    """
    try:
        process = subprocess.Popen(
            _command(_FRESH), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()
        )
    except (OSError, ValueError) as error:
        raise NotStartedError(str(error)) from None
    last, given = time.monotonic() + request.seconds + _GRACE_S, request.packed() + raw
    with process:
        try:
            out, complaint = _communicated(process, given, last)
        finally:
            process.kill()
    if not out.startswith(READY):
        raise NotStartedError(_last_line(complaint) or "it ended at once")
    start = len(READY) + transfer.LENGTH
    length = int.from_bytes(out[len(READY) : start])
    whole = len(out) >= start and len(out) == start + length <= start + most
    return Ended(memoryview(out)[start:] if whole else None, process.returncode)


def _communicated(process: subprocess.Popen[bytes], given: bytes, last: float) -> tuple[bytes, bytes]:
    """Standard output and standard error of a process to its end."""
    more: bytes | None = given
    while True:
        try:
            return process.communicate(more, timeout=memory_queue.TICK_S)
        except subprocess.TimeoutExpired:
            more = None  # its input was all given the first time
            _look(last)


def _last_line(complaint: bytes) -> str:
    """What a process said last, without the folders of this machine."""
    lines = [line for line in complaint.decode("utf-8", "replace").splitlines() if line.strip()]
    return short(re.sub(r"(?:[A-Za-z]:)?[/\\][^\s:'\"]*[/\\]", "", lines[-1].strip()), 200) if lines else ""


FORKED = Forked()


def ask(request: transfer.Request, raw: bytes, most: int) -> Ended:
    """Have a file read, in a process forked by the host where the system can fork, else in a fresh one.

    Parameters
    ----------
    request, raw
        What is asked for, and the bytes of the file.
    most
        Bytes that an answer may have.

    Raises
    ------
    NotStartedError
        When no process can start.
    TimeoutError
        When the reading neither ended nor was ended in its time.
    """
    return FORKED.ask(request, raw, most) if can_fork() else fresh(request, raw, most)


def prepare() -> None:
    """Start what reads files before there is one; if it cannot start, the first file says so."""
    if can_fork():
        with suppress(NotStartedError):
            FORKED.start()


def can_fork() -> bool:
    """Whether this system can fork a process that has its imports done, and hand it a socket."""
    return hasattr(os, "fork") and hasattr(socket, "send_fds") and hasattr(select, "poll")
