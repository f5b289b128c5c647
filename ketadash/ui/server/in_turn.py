"""Runs of pages, one after the other in the order in which they were asked for.

Python lets one thread compute at a time.  Ten runs side by side each take ten times as long, and all end late; in a
row the first is there at once, and the middle one in half the time (benchmarks/app.md).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition, local
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
        self._own = local()  # the thread's ticket, and whether it runs a page

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait until every run asked for before has ended, or had its `LEASE_S`."""
        self._begin()
        self._own.runs = True
        try:
            yield
        finally:
            self._own.runs = False
            self._end()

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Let the others go on while this run waits for what is computed elsewhere; then wait for another turn."""
        if not self._end():  # it had no turn, or had had its time
            yield
            return
        try:
            yield
        except Exception:  # which the page may tell, and go on; what ends the run is no Exception
            self._begin()
            raise
        self._begin()

    def in_a_run(self) -> bool:
        """Whether this thread runs a page, in its turn or beyond it."""
        return getattr(self._own, "runs", False)

    def is_busy(self) -> bool:
        """Whether a run waits for its turn."""
        return bool(self._waiting)

    def _begin(self) -> None:
        ticket = self._own.ticket = object()
        with self._changed:
            self._waiting.append(ticket)
            try:
                while (rest := self._rest(ticket)) != 0:
                    self._changed.wait(rest)
                self._runs, self._until = ticket, self._clock() + LEASE_S
            finally:
                self._waiting.remove(ticket)
                self._changed.notify_all()

    def _end(self) -> bool:
        """Give the turn on; False where the thread has none (any more)."""
        ticket = getattr(self._own, "ticket", None)
        with self._changed:
            if ticket is None or self._runs is not ticket:
                return False
            self._runs = None
            self._changed.notify_all()
            return True

    def _rest(self, ticket: object) -> float | None:
        """Seconds for which a ticket waits at most; None where it is not the first, and waits for others."""
        if self._waiting[0] is not ticket:
            return None
        return 0 if self._runs is None else max(0.0, self._until - self._clock())


_pages = Queue()
turn, aside, is_busy, in_a_run = _pages.turn, _pages.aside, _pages.is_busy, _pages.in_a_run
