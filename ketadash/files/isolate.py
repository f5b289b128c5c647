"""Every file is read in another process: a damaged or hostile one can take nothing else with it.

The process gets the bytes through a socket and gives tables back as Arrow, which is data and nothing else; no file is
written.  It may use so much memory and so many seconds as `limits` says, waits for its turn where the machine has not
the memory for all at once, and is gone when it has answered.
"""

from __future__ import annotations

import logging
import signal
from collections.abc import Mapping
from typing import Any

from ketadash.core.findings import CheckFailedError
from ketadash.files import memory_queue, readers, transfer
from ketadash.files.child import OUT_OF_MEMORY
from ketadash.files.formats.registry import looks_like_text
from ketadash.files.limits import limits, settings
from ketadash.files.table import Table

_SMALL_TEXT, _SMALL_OTHER = 8_000_000, 1_000_000  # bytes of what is first tried with little memory
_OUT_OF_TIME = tuple(-getattr(signal, name, 0) for name in ("SIGALRM", "SIGXCPU"))
_KILLED = -getattr(signal, "SIGKILL", 9)  # as the system does where memory runs out
_log = logging.getLogger(__name__)


def tables(raw: bytes, file: str) -> list[Table]:
    """The tables of an unpacked file.

    Raises
    ------
    DataError
        If the file cannot be read, or not within the limits.
    """
    return _understood(read_apart("tables", raw, file), file, transfer.tables_of)


def files(raw: bytes, file: str) -> Mapping[str, bytes] | None:
    """The file out of its packing, or every file of an archive; None if it is in none.

    Raises
    ------
    DataError
        For damage, and for more than the limits allow.
    """
    return _understood(read_apart("unpack", raw, file), file, transfer.files_of)


def _understood(answer: memoryview, file: str, convert: Any) -> Any:
    """An answer taken apart; a process that a file has broken may answer anything."""
    try:
        return convert(answer)
    except (ValueError, KeyError, TypeError, IndexError):  # pyarrow's errors are ValueErrors
        raise _broken(file) from None


def read_apart(what: str, raw: bytes, file: str) -> memoryview:
    """The answer of a reading process: first one with little memory for a small file, then one with all there is."""
    if len(raw) <= (_SMALL_TEXT if looks_like_text(raw) else _SMALL_OTHER):
        ended, _ = _read_in_turn(memory_queue.SMALL, what, raw, file)
        if ended.answer is not None and ended.status == 0:
            return ended.answer
    ended, megabytes = _read_in_turn(memory_queue.LARGE, what, raw, file)
    if ended.answer is not None and ended.status == 0:
        return ended.answer
    if ended.status in (OUT_OF_MEMORY, _KILLED):
        raise CheckFailedError(
            "size",
            f"{file} needs more memory to read than the {megabytes:,} MB allowed; keep only "
            "what you analyse, or save it as CSV",
        )
    if ended.status is None:
        raise CheckFailedError("readable", f"{file} could not be read just now; try again, or save it as CSV")
    raise _broken(file)


def _read_in_turn(queue: memory_queue.Queue, what: str, raw: bytes, file: str) -> tuple[readers.Ended, int]:
    """How a reading ended, once there was room for it, and how many MB it had; DataError when time ran out."""
    with queue.turn(file) as room:
        request = transfer.Request(what, file, len(raw), room.megabytes, limits().seconds, settings())
        try:
            ended = readers.ask(request, raw, limits().answer)
        except TimeoutError:
            raise _late(file) from None
        except readers.NotStartedError as error:
            _log.error("the process that reads files did not start: %s", str(error))
            raise CheckFailedError(
                "reader",
                f"{file} was not read, and the file may be fine: the process that reads files could not "
                f"start on this machine ({error}); tell whoever looks after ketadash here",
            ) from None
    if ended.status in _OUT_OF_TIME:
        raise _late(file)
    return ended, room.megabytes


def _late(file: str) -> CheckFailedError:
    return CheckFailedError(
        "size",
        f"{file} took longer than {limits().seconds} seconds to read; keep only what you analyse, or save it as CSV",
    )


def _broken(file: str) -> CheckFailedError:
    return CheckFailedError(
        "readable", f"{file} is damaged, and reading it broke off; save it again, or export it as CSV"
    )
