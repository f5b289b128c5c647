"""Reports how far a long computation is, to whoever has asked to be told; otherwise the reports go nowhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

Step = TypeVar("Step")
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


def counted(what: str, steps: Iterable[Step], of: int) -> Iterator[Step]:
    """The steps of a computation as they come, telling after each how far it is."""
    tell(what, 0, of)
    for done, step in enumerate(steps, 1):
        yield step
        tell(what, done, of)


def tell(what: str, done: int, of: int) -> None:
    """Say how far a computation is."""
    listener = _listener.get()
    if listener is not None:
        listener(what, done, of)
