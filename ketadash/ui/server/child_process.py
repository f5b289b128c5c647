"""A file that takes long is made in a process of its own, so that it can be stopped at once and holds up nobody.

In a thread of the server it would hold Python's lock half of the time: six of them left everybody else unanswered for a
minute.  The process gets the trial and what is computed of it already through its standard input, says how far it is
and gives the file back through its standard output, and ends when it has, when it is told, or when the server does.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.reduction import ForkingPickler
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, BinaryIO

import ketadash
from ketadash.analyse import memo
from ketadash.core.errors import KetadashError
from ketadash.trial import Trial
from ketadash.ui.server.downloads import Progress

TICK_S = 0.2  # between two looks whether it is still wanted
NICE = 10  # pages go first
_FILE, _FAR, _SORRY = b"F", b"P", b"E"
_LENGTH = 8
Step = Callable[[int, int, str], None]
_CODE = "from ketadash.ui.server import child_process; child_process.main()"


def made(f: Callable[..., bytes], trial: Trial, *rest: Any, progress: Progress) -> bytes:
    """``f(trial, *rest, step)`` in a process of its own; `f` is a function of a module, `step` tells how far it is.

    Raises
    ------
    StoppedError
        If it is not wanted any more; the process is ended with it.
    KetadashError
        What `f` raises, and if the process came to an end without an answer.
    """
    task = bytes(ForkingPickler.dumps((f, trial, memo.results_of(trial), rest)))
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", _CODE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=_environment()
    )
    heard: SimpleQueue[tuple[bytes, bytes] | None] = SimpleQueue()
    Thread(target=_hear, args=(process, task, heard), name="ketadash child of a download", daemon=True).start()
    try:
        return _answer(heard, progress)
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            with suppress(OSError, AttributeError):
                pipe.close()  # type: ignore[union-attr]


def _answer(heard: SimpleQueue[tuple[bytes, bytes] | None], progress: Progress) -> bytes:
    while True:
        progress.check()
        try:
            message = heard.get(timeout=TICK_S)
        except Empty:
            continue
        if message is None:
            raise KetadashError(
                "the process that makes it came to an end; the machine may lack memory, so try again later"
            )
        kind, body = message
        if kind == _FILE:
            return body
        if kind == _SORRY:
            raise KetadashError(body.decode())
        done, steps, now = json.loads(body)
        progress.tell(done, steps, now)


def _hear(process: subprocess.Popen[bytes], task: bytes, heard: SimpleQueue[tuple[bytes, bytes] | None]) -> None:
    """Hand the task over and pass on what the process says; its end is None."""
    assert process.stdin is not None and process.stdout is not None
    with suppress(OSError, ValueError):  # it has ended, or was ended
        process.stdin.write(len(task).to_bytes(_LENGTH, "big") + task)
        process.stdin.flush()
        while (message := _received(process.stdout)) is not None:
            heard.put(message)
    heard.put(None)


def _received(pipe: BinaryIO | Any) -> tuple[bytes, bytes] | None:
    head = pipe.read(1 + _LENGTH)
    if len(head) < 1 + _LENGTH:
        return None
    size = int.from_bytes(head[1:], "big")
    body = pipe.read(size)
    return (head[:1], body) if len(body) == size else None


def _environment() -> dict[str, str]:
    ours = str(Path(ketadash.__file__).resolve().parents[1])
    paths = os.pathsep.join(dict.fromkeys([*(p for p in sys.path if p), ours]))
    # one thread: it shares the machine with everybody's pages
    return os.environ | {"PYTHONPATH": paths, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


def main() -> None:
    """The process: a task on standard input, what it has to say on standard output."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a library that prints must not print into the answer
    if hasattr(os, "nice"):
        os.nice(NICE)

    def say(kind: bytes, body: bytes) -> None:
        out.write(kind + len(body).to_bytes(_LENGTH, "big") + body)
        out.flush()

    size = int.from_bytes(sys.stdin.buffer.read(_LENGTH), "big")
    f, trial, results, rest = ForkingPickler.loads(sys.stdin.buffer.read(size))
    Thread(target=_end_with_server, daemon=True).start()
    memo.bring(trial, results)
    try:
        say(_FILE, f(trial, *rest, lambda *far: say(_FAR, json.dumps(far).encode())))
    except KetadashError as error:
        say(_SORRY, str(error).encode("utf-8", "replace"))


def _end_with_server() -> None:
    """The server holds the other end open as long as it lives and wants the file."""
    sys.stdin.buffer.read(1)
    os._exit(1)
