"""Between two pieces of long work it is asked whether the reader of the page, or of the file, still waits for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol

from ketadash.core.errors import ask_at_stop_points
from ketadash.ui.server.streamlit_seams import runs


class Stoppable(Protocol):
    """Work that knows whether it is wanted."""

    def check(self) -> None:
        """Raise StoppedError if it is not."""


_working_for: ContextVar[Stoppable | None] = ContextVar("ketadash_working_for", default=None)


@contextmanager
def working_for(progress: Stoppable) -> Iterator[None]:
    """What this thread computes meanwhile is for `progress`, and ends with it."""
    before = _working_for.set(progress)
    try:
        yield
    finally:
        _working_for.reset(before)


def check() -> None:
    """End what this thread computes, if nobody waits for it: a file that was stopped, a page that was closed."""
    progress = _working_for.get()
    if progress is not None:
        progress.check()
    else:
        runs.end_run_if_left()


ask_at_stop_points(check)
