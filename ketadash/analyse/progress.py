"""Reports how far a long computation is, to whoever has asked to be told; otherwise the reports go nowhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Listener = Callable[[str, int, int], None]  # what is computed, how much is done, of how much
_listener: ContextVar[Listener | None] = ContextVar("ketadash_progress", default=None)


@contextmanager
def told_to(listener: Listener) -> Iterator[None]:
    """Tell `listener` of what is computed meanwhile in this thread."""
    before = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(before)


def tell(what: str, done: int, of: int) -> None:
    """Say how far a computation is."""
    listener = _listener.get()
    if listener is not None:
        listener(what, done, of)
