"""The server's event loop, that is woken seldom.

Python lets one thread compute at a time.  A run of a page hands some sixty parts to the loop, one by one, and each of
them would wake it: then the run waits until the loop has looked for news of all connections, and the loop waits up to
5 ms until the run lets it go on.  With thirty readers half of the time went there (benchmarks/app.md).  So what a
run hands over is gathered for some milliseconds, and connections are not asked anew before each of a row of small
steps.
"""

from __future__ import annotations

import asyncio
import contextvars
import selectors
import sys
from collections import deque
from collections.abc import Callable
from time import monotonic
from typing import Any

from ketadash.ui.server import in_turn

GATHER_S = 0.004  # for which what runs hand over, and what goes out to a page, is gathered
POLL_S = 0.004  # between two looks at the connections, while there is something else to do
LARGE = 2**16  # bytes that wait for no others
Handed = tuple[asyncio.Handle, Callable[..., object], tuple[Any, ...], contextvars.Context]


class SeldomPolled(selectors.DefaultSelector):
    """The connections: while the loop has other work, they are looked at every `POLL_S`, not before each step."""

    _looked = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """What has come; nothing where the loop does not want to wait and has looked a moment ago."""
        if timeout is not None and timeout <= 0 and monotonic() - self._looked < POLL_S:
            return []
        ready: list[tuple[selectors.SelectorKey, int]] = super().select(timeout)
        self._looked = monotonic()
        return ready


class GatheringLoop(asyncio.SelectorEventLoop):
    """asyncio's loop, which the threads that gather wake at most once in `GATHER_S`.

    All that is handed over keeps its order: whoever wakes the loop at once has it do what was gathered before.

    Parameters
    ----------
    gathers
        Whether what this thread hands over can wait to be gathered; asked in every thread.
    """

    def __init__(self, gathers: Callable[[], bool]) -> None:
        super().__init__(SeldomPolled())
        self._gathers = gathers
        self._handed: deque[Handed] = deque()
        self._will_look = self._woken = False

    def call_soon_threadsafe(  # type: ignore[override]
        self, callback: Callable[..., object], *args: Any, context: contextvars.Context | None = None
    ) -> asyncio.Handle:
        """Have `callback` called in this loop; from any thread."""
        if self.is_closed():
            raise RuntimeError("Event loop is closed")
        context = context or contextvars.copy_context()
        handle = asyncio.Handle(callback, args, self, context)
        self._handed.append((handle, callback, args, context))
        if not self._gathers():
            if not self._woken:
                self._woken = True
                super().call_soon_threadsafe(self._wake)
        elif not self._will_look:
            self._will_look = True
            super().call_soon_threadsafe(self._look)
        return handle

    def _wake(self) -> None:
        self._woken = False
        self._take()

    def _look(self) -> None:
        if not self._handed:
            self._will_look = False
            if not self._handed:  # else it was handed over before that was said
                return
            self._will_look = True
        self._take()
        self.call_later(GATHER_S, self._look)

    def _take(self) -> None:
        for _ in range(len(self._handed)):  # what comes meanwhile has its own turn
            handle, callback, args, context = self._handed.popleft()
            self.call_soon(_unless_cancelled, handle, callback, args, context=context)


def _unless_cancelled(handle: asyncio.Handle, callback: Callable[..., object], args: tuple[Any, ...]) -> None:
    if not handle.cancelled():
        callback(*args)


class GatheringTransport:
    """A connection that sends what is written to it within `GATHER_S` in one go: each sending lets the run go on."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport, self._loop = transport, loop
        self._waiting: list[bytes] = []
        self._size = 0
        self._later: asyncio.TimerHandle | None = None

    def __getattr__(self, name: str) -> Any:  # all but writing and ending is the connection's own
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send now if nothing was sent a moment ago, else with what follows."""
        self._waiting.append(data)
        self._size += len(data)
        if self._later is None:
            self._send()
            self._later = self._loop.call_later(GATHER_S, self._end_gathering)
        elif self._size > LARGE:
            self._send()

    def write_eof(self) -> None:
        """Send what waits, and say that nothing follows."""
        self._send()
        self._transport.write_eof()

    def close(self) -> None:
        """Send what waits, and close."""
        self._send()
        self._transport.close()

    def _end_gathering(self) -> None:
        self._later = self._loop.call_later(GATHER_S, self._end_gathering) if self._waiting else None
        self._send()

    def _send(self) -> None:
        if self._waiting:
            together, self._waiting, self._size = b"".join(self._waiting), [], 0
            self._transport.write(together)


def gathering_loop() -> asyncio.AbstractEventLoop:
    """The loop that uvicorn runs: Windows has one of its own kind, which stays."""
    return asyncio.new_event_loop() if sys.platform == "win32" else GatheringLoop(in_turn.in_a_run)
