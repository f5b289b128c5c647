"""Work of many people done by a few threads: each person in turn, however much one of them has asked for."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable
from threading import Lock, Thread

Work = Callable[[], None]


class FairQueue:
    """At most `threads` pieces of work at a time; owners take turns, a piece each.

    Threads are begun when there is work and end when there is none, so that an idle server has none of them.
    Not asyncio's default pool: who fills that leaves every other answer of the server waiting.
    """

    def __init__(self, name: str, threads: int) -> None:
        self._name, self._most = name, threads
        self._waiting: OrderedDict[str, deque[Work]] = OrderedDict()
        self._lock = Lock()
        self._n_threads = 0

    def put(self, owner: str, work: Work) -> None:
        """Have `work` done when it is its owner's turn; it must raise nothing."""
        with self._lock:
            self._waiting.setdefault(owner, deque()).append(work)
            if self._n_threads < self._most:
                self._n_threads += 1
                Thread(target=self._serve, name=self._name, daemon=True).start()

    def _serve(self) -> None:
        while (work := self._next()) is not None:
            work()
            del work  # what it refers to is not kept while the next one is waited for

    def _next(self) -> Work | None:
        with self._lock:
            if not self._waiting:
                self._n_threads -= 1
                return None
            owner, own = self._waiting.popitem(last=False)
            work = own.popleft()
            if own:
                self._waiting[owner] = own  # at the end: everybody else comes first
            return work
