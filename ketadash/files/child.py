"""The process that `isolate` starts: bytes in, tables out, within its limits."""

from __future__ import annotations

import contextlib
import os
import sys

from ketadash.files import datasets, isolate, workbook
from ketadash.files.kinds import Kind
from ketadash.files.limits import limits
from ketadash.files.table import Table
from ketadash.findings import CheckFailedError

WORKBOOKS = (Kind.WORKBOOK, Kind.OLD_WORKBOOK, Kind.OPEN_DOCUMENT)


def read(raw: bytes, file: str, kind: Kind) -> list[Table]:
    """The tables, read in this very process."""
    return (workbook if kind in WORKBOOKS else datasets).tables(raw, file, kind)


def main() -> None:
    """``KIND NAME`` as arguments, bytes on standard input, tables or a refusal on standard output."""
    kind, file = Kind[sys.argv[1]], sys.argv[2]
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a library that prints must not print into the answer
    _bound()
    raw = sys.stdin.buffer.read()
    try:
        answer = isolate.framed(read(raw, file, kind))
    except CheckFailedError as error:
        answer = isolate.refused(error)
    except MemoryError:
        sys.exit(3)
    out.write(answer)
    out.flush()


def _bound() -> None:
    """As much memory and processor time as allowed; where the system knows no such limits, the parent's clock."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        memory = limits().memory * 1_000_000
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CPU, (limits().seconds, limits().seconds + 1))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # no image of the data on disk if it crashes
