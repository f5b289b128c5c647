"""Runs of pages, one after the other in the order in which they were asked for.

Python lets one thread compute at a time.  Ten runs side by side each take ten times as long, and all end late; in a
row the first is there at once, and the middle one in half the time (benchmarks/app.md).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition
from time import monotonic

LEASE_S = 0.2  # four flips; a run that takes longer, since it fits or waits for a file, holds up nobody any more


class Queue:
    """Who may run a page now, and who waits.

    Parameters
    ----------
    clock
        Seconds, from any beginning.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._changed = Condition()
        self._waiting: deque[object] = deque()
        self._runs: object | None = None
        self._until = 0.0

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait until every run asked for before has ended, or had its `LEASE_S`."""
        ticket = object()
        with self._changed:
            self._waiting.append(ticket)
            try:
                while (rest := self._rest(ticket)) != 0:
                    self._changed.wait(rest)
                self._runs, self._until = ticket, self._clock() + LEASE_S
            finally:
                self._waiting.remove(ticket)
                self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                if self._runs is ticket:
                    self._runs = None
                    self._changed.notify_all()

    def _rest(self, ticket: object) -> float | None:
        """Seconds for which a ticket waits at most; None where it is not the first, and waits for others."""
        if self._waiting[0] is not ticket:
            return None
        return 0 if self._runs is None else max(0.0, self._until - self._clock())


_pages = Queue()
turn = _pages.turn
