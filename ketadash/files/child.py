"""The process that reads one file, within its limits, and is gone when it has answered."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Mapping
from typing import Any, BinaryIO

from ketadash.core.findings import CheckFailedError
from ketadash.files import transfer, unpack
from ketadash.files.formats.registry import format_of
from ketadash.files.limits import limits
from ketadash.files.memory_queue import SMALL_MB
from ketadash.files.table import Table

OUT_OF_MEMORY = 3  # exit status
CALM = 10  # niceness of the process that reads a large file, as of all long work: pages go first


def tables(raw: bytes, file: str) -> list[Table]:
    """Every table of one unpacked file, read in this very process.

    Raises
    ------
    DataError
        For a file that is no table, damaged, or beyond the limits.
    """
    return format_of(raw, file).tables(raw, file)


def files(raw: bytes, file: str) -> Mapping[str, bytes] | None:
    """The file out of its packing, or every file of an archive, by their names; None if it is in none.

    Raises
    ------
    DataError
        For damage, and for more than the limits allow.
    """
    plain = unpack.unpacked(raw, file)
    inside = unpack.opened(plain, file)
    if inside is None:
        return None if plain is raw else {file: plain}
    return {name: unpack.unpacked(one, name) for name, one in inside.items()}


def answer(request: transfer.Request, raw: bytes) -> list[Any]:
    """The answer to a request, a refusal among them, in pieces.

    Raises
    ------
    MemoryError
        When there was too little memory, whatever a library made of that.
    """
    try:
        if request.what == "unpack":
            pieces = transfer.packed_files(files(raw, request.file))
        else:
            pieces = transfer.packed_tables(tables(raw, request.file))
    except CheckFailedError as error:
        if _lacked_memory(error):
            raise MemoryError from error
        return transfer.packed_refusal(error)
    if sum(len(piece) for piece in pieces) > limits().answer:
        return transfer.packed_refusal(
            CheckFailedError("size", f"{request.file} holds more than is read; keep only what you analyse")
        )
    return pieces


def _lacked_memory(error: BaseException) -> bool:
    """Whether a refusal was caused by a lack of memory, which each library reports in its own words."""
    behind = error.__cause__ or error.__context__
    if behind is None:
        return False
    message = str(behind).lower()
    return isinstance(behind, MemoryError) or "memory" in message or "allocat" in message or _lacked_memory(behind)


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """Read one request, take its limits, answer it."""
    request = transfer.request_of(source.read(int.from_bytes(source.read(transfer.LENGTH))))
    os.environ.update(request.settings)
    bind(request)
    try:
        for piece in answer(request, source.read(request.size)):
            sink.write(piece)
        sink.flush()
    except MemoryError:
        os._exit(OUT_OF_MEMORY)


def bind(request: transfer.Request) -> None:
    """Set this process's limits of memory and time; where the system has none, the parent keeps the time."""
    with contextlib.suppress(ImportError, ValueError, OSError, AttributeError):
        import resource
        import signal

        if request.memory > SMALL_MB:
            os.nice(CALM)  # a reader who waits for a toggle goes before one who waits for a large file
        memory = _held() + request.memory * 1_000_000
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CPU, (request.seconds, request.seconds + 1))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # no file may be written
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # no image of the data on disk if it crashes
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, request.seconds)


def _held() -> int:
    """Bytes of address space that this process takes up by now, libraries and all."""
    try:
        with open("/proc/self/statm", encoding="ascii") as stream:
            return int(stream.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:  # no /proc: count from nothing, with room for the libraries
        return 2_000_000_000


def main() -> None:
    """A process of its own for one reading, where there is no host to fork one: standard input to standard output."""
    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a library that prints must not print into the answer
    sink.write(transfer.READY)
    sink.flush()
    serve(sys.stdin.buffer, sink)
