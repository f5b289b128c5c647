"""Files wait for each other where the machine has no memory to read them all at once.

Two queues, so that a workbook of gigabytes keeps nobody waiting whose file is small: small files share an eighth of
the memory, large ones half of it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from threading import Condition

from ketadash.core.findings import CheckFailedError
from ketadash.files import machine
from ketadash.files.limits import limits

SMALL_MB = 256  # that a small file's reading may use
MOST_SMALL = 8
TICK_S = 0.3  # between two looks at whether whoever asked is still there
Watcher = Callable[[int], None]
_watcher: ContextVar[Watcher | None] = ContextVar("watcher", default=None)


@contextmanager
def watched(watcher: Watcher) -> Iterator[None]:
    """Readings of this thread tell `watcher` a few times a second how many files are before theirs in the queue.

    It is told 0 once the file is being read. What it raises ends the waiting and the reading.
    """
    token = _watcher.set(watcher)
    try:
        yield
    finally:
        _watcher.reset(token)


def tell(ahead: int) -> None:
    """Tell this thread's watcher, if there is one, how many files are before its own."""
    watcher = _watcher.get()
    if watcher is not None:
        watcher(ahead)


@dataclass(frozen=True, slots=True)
class Room:
    """How many may be read at once, and the MB that each may use."""

    places: int
    megabytes: int


def room(small: bool) -> Room:
    """What the machine has room for, as the limits allow."""
    megabytes = machine.memory() // 1_000_000
    if small:
        each = min(SMALL_MB, limits().memory)
        return Room(max(1, min(MOST_SMALL, megabytes // 8 // each)), each)
    each = max(1, min(limits().memory, megabytes // 2))
    return Room(limits().readers or max(1, megabytes // 2 // each), each)


@dataclass
class Queue:
    """Whoever came first is first."""

    small: bool
    _changed: Condition = field(default_factory=Condition)
    waiting: deque[object] = field(default_factory=deque)
    busy: int = 0

    @contextmanager
    def turn(self, file: str) -> Iterator[Room]:
        """Wait for room, and hold it.

        Raises
        ------
        DataError
            When too many are waiting already.
        """
        mine = object()
        with self._changed:
            if len(self.waiting) >= limits().waiting:
                raise CheckFailedError(
                    "busy",
                    f"{file} was not read: {len(self.waiting)} other files are waiting to "
                    "be read; try again in a minute",
                )
            self.waiting.append(mine)
        try:
            yield self._wait(mine)
        finally:
            with self._changed:
                if mine in self.waiting:  # the caller went away while it waited
                    self.waiting.remove(mine)
                else:
                    self.busy -= 1
                self._changed.notify_all()

    def _wait(self, mine: object) -> Room:
        while True:
            with self._changed:
                free = room(self.small)
                if self.waiting[0] is mine and self.busy < free.places:
                    self.waiting.popleft()
                    self.busy += 1
                    return free
                self._changed.wait(TICK_S)
                ahead = self.waiting.index(mine) + self.busy
            tell(ahead)


SMALL, LARGE = Queue(small=True), Queue(small=False)
