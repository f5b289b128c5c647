"""What the server writes to its log: what went wrong and where in the code, never with which values.

The text of an exception often quotes a cell, an identifier or a file's name ("could not convert string to float:
'Smith'").  Streamlit logs tracebacks with that text; so do threads, and Python itself for warnings.

With `KETADASH_LOG=json` every line on stderr is one JSON object: what happened, when, and numbers, never data.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import threading
import traceback
import warnings
from collections import Counter
from datetime import UTC, datetime
from time import monotonic
from types import TracebackType
from typing import Any

import streamlit as st

from ketadash.core.errors import KetadashError

LOG = "KETADASH_LOG"
SLOW_MS = 1000  # a page that took longer is logged

SORRY = (
    "Something went wrong in ketadash, and this page cannot be shown as it is. Your trial is still here: go back, or "
    "change the last choice. Whoever runs this server finds in its log where it happened, without any of your data."
)
_SESSION = re.compile(
    r"\b([0-9a-f]{4})[0-9a-f]{4}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"
)  # its number, which Streamlit logs
EACH, ALL = 30, 300  # lines a minute: of one kind (a place in the code, an event), and of all
_MOST = 12  # places of a traceback, the innermost ones
_DEEP = 4  # exceptions that led to one another


def without_values() -> None:
    """Make every log record, thread and warning of this process name code places instead of values."""
    made = logging.getLogRecordFactory()
    if getattr(made, "without_values", False):
        return

    def factory(*args: Any, **more: Any) -> logging.LogRecord:
        record = made(*args, **more)
        if record.exc_info and record.exc_info[1] is not None:
            record.exc_text = places(record.exc_info[1])
            record.exc_info = None
        record.msg = named(record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(map(named, record.args))
        return _lined(record) if as_json() else record

    bound_the_log()
    factory.without_values = True  # type: ignore[attr-defined]
    logging.setLogRecordFactory(factory)
    sys.excepthook = _uncaught
    sys.unraisablehook = lambda uncaught: _say(uncaught.exc_value)
    threading.excepthook = lambda uncaught: _say(uncaught.exc_value)
    warnings.showwarning = _warned


class Allowance:
    """So many lines a minute, of each kind and of all; what was left out is counted."""

    def __init__(self, each: int = EACH, everything: int = ALL) -> None:
        self._each, self._everything = each, everything
        self._minute, self._lines, self._lock = -1, Counter[str](), threading.Lock()

    def take(self, kind: str) -> tuple[bool, int]:
        """Whether a line of this kind may be written now, and how many were left out in the minute before."""
        with self._lock:
            minute, left_out = int(monotonic() // 60), 0
            if minute != self._minute:
                left_out = self._lines[_LEFT_OUT]
                self._minute, self._lines = minute, Counter()
            if self._lines[kind] < self._each and self._lines[_WRITTEN] < self._everything:
                self._lines.update((kind, _WRITTEN))
                return True, left_out
            self._lines[_LEFT_OUT] += 1
            return False, left_out


_LEFT_OUT, _WRITTEN = "\0left out", "\0written"  # no kind is called so
_allowance = Allowance()


def may_write(kind: str) -> bool:
    """Whether a line may be written; says how many were left out in the minute before, if any were."""
    allowed, left_out = _allowance.take(kind)
    if left_out and sys.stderr is not None:
        text = f"{left_out} lines of the log were left out: more than {EACH} of a kind, or {ALL}, in a minute"
        if os.environ.get(LOG) == "json":
            text = _line("left out", lines=left_out)
        print(text, file=sys.stderr, flush=True)
    return allowed


def bound_the_log() -> None:
    """Leave out log records beyond so many a minute: a stranger must not fill the disk with complaints about them."""
    handle = logging.Logger.handle
    if getattr(handle, "bounded", False):
        return

    def handle_some(logger: logging.Logger, record: logging.LogRecord) -> None:
        if may_write(f"{record.name} {record.pathname}:{record.lineno}"):
            handle(logger, record)

    handle_some.bounded = True  # type: ignore[attr-defined]
    logging.Logger.handle = handle_some  # type: ignore[method-assign, assignment]


def as_json() -> bool:
    """Whether the log is one of JSON lines.

    Raises
    ------
    KetadashError
        For a setting that is none.
    """
    setting = os.environ.get(LOG, "")
    if setting not in ("", "json"):
        raise KetadashError(f"{LOG}={setting}: the only other way to log is json; correct it or unset it")
    return setting == "json"


def event(what: str, **numbers: Any) -> None:
    """One line of the JSON log; nothing where the log is plain text."""
    if as_json() and sys.stderr is not None and may_write(what):
        print(_line(what, **numbers), file=sys.stderr, flush=True)


def _line(what: str, **more: Any) -> str:
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    return json.dumps({"time": now, "event": what, **more}, ensure_ascii=False)


def _lined(record: logging.LogRecord) -> logging.LogRecord:
    """A log record as one line of JSON, its traceback included."""
    more = {"where": record.exc_text.split("\n")} if record.exc_text else {}
    record.msg = _line("log", level=record.levelname, of=record.name, said=record.getMessage(), **more)
    record.args, record.exc_text = (), None
    return record


def clock() -> float:
    """When a run of a page begins, for `note_run`."""
    return monotonic()


def note_run(page: str, begun: float) -> None:
    """Log a run of a page that took more than a second.

    Parameters
    ----------
    page
        The page's address as the navigation has it, which no file or trial can name.
    begun
        When it began, by `clock`.
    """
    ms = round(1000 * (clock() - begun))
    if ms > SLOW_MS:
        event("slow run", page=page or "overview", ms=ms)


def places(error: BaseException) -> str:
    """The type of an exception and of those that led to it, with file, line and function; nothing of its text."""
    lines: list[str] = []
    cause: BaseException | None = error
    for _ in range(_DEEP):
        if cause is None:
            break
        frames = traceback.extract_tb(cause.__traceback__)[-_MOST:]
        lines += [f"  {f.filename}:{f.lineno} in {f.name}" for f in frames]
        lines.append(type(cause).__name__)
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
        if cause is not None:
            lines.append("after")
    return "\n".join(lines)


def say_sorry(error: Exception) -> bool:
    """Say on the page that something went wrong; True, since nothing else is to be shown of it."""
    st.error(SORRY, icon=":material/error:")
    return True


def named(value: Any) -> Any:
    """A value as the log may name it: an error by its type, a session by the start of its number."""
    if isinstance(value, BaseException):
        return type(value).__name__
    if isinstance(value, int | float | bool) or value is None:
        return value
    text = str(value)
    return _SESSION.sub(r"\1…", text) if _SESSION.search(text) else value


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
    else:
        _say(error)


def _say(error: BaseException | None) -> None:
    if error is None or sys.stderr is None:
        return
    text = places(error)
    if may_write(text):
        if os.environ.get(LOG) == "json":
            text = _line("error", error=type(error).__name__, where=text.split("\n"))
        print(text, file=sys.stderr, flush=True)


def _warned(
    message: Warning | str, category: type[Warning], filename: str, lineno: int, file: Any = None, line: Any = None
) -> None:
    if sys.stderr is not None and may_write(f"warning {filename}:{lineno}"):
        text = f"{category.__name__} at {filename}:{lineno}"
        if os.environ.get(LOG) == "json":
            text = _line("warning", warning=category.__name__, where=[f"{filename}:{lineno}"])
        print(text, file=sys.stderr, flush=True)
