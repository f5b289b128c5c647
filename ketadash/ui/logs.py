"""What the server writes to its log: what went wrong and where in the code, never with which values.

The text of an exception often quotes a cell, an identifier or a file's name ("could not convert string to float:
'Smith'").  Streamlit logs tracebacks with that text; so do threads, and Python itself for warnings.
"""

from __future__ import annotations

import logging
import sys
import threading
import traceback
import warnings
from types import TracebackType
from typing import Any

import streamlit as st

SORRY = (
    "Something went wrong in ketadash, and this page cannot be shown as it is. Your trial is still here: go back, or "
    "change the last choice. Whoever runs this server finds in its log where it happened, without any of your data."
)
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
        record.msg = _named(record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(map(_named, record.args))
        return record

    factory.without_values = True  # type: ignore[attr-defined]
    logging.setLogRecordFactory(factory)
    sys.excepthook = _uncaught
    sys.unraisablehook = lambda found: _say(found.exc_value)
    threading.excepthook = lambda found: _say(found.exc_value)
    warnings.showwarning = _warned


def places(error: BaseException) -> str:
    """The type of an exception and of those that led to it, with file, line and function; nothing of its text."""
    lines: list[str] = []
    found: BaseException | None = error
    for _ in range(_DEEP):
        if found is None:
            break
        frames = traceback.extract_tb(found.__traceback__)[-_MOST:]
        lines += [f"  {f.filename}:{f.lineno} in {f.name}" for f in frames]
        lines.append(type(found).__name__)
        found = found.__cause__ or (None if found.__suppress_context__ else found.__context__)
        if found is not None:
            lines.append("after")
    return "\n".join(lines)


def told(error: Exception) -> bool:
    """Say on the page that something went wrong; True, since nothing else is to be shown of it."""
    st.error(SORRY, icon=":material/error:")
    return True


def _named(value: Any) -> Any:
    return type(value).__name__ if isinstance(value, BaseException) else value


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
    else:
        _say(error)


def _say(error: BaseException | None) -> None:
    if error is not None and sys.stderr is not None:
        print(places(error), file=sys.stderr, flush=True)


def _warned(
    message: Warning | str, category: type[Warning], filename: str, lineno: int, file: Any = None, line: Any = None
) -> None:
    if sys.stderr is not None:
        print(f"{category.__name__} at {filename}:{lineno}", file=sys.stderr, flush=True)
