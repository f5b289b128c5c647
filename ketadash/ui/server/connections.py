"""How many connections the server holds, how long one may keep it waiting, and how many files it may have open.

Each connection is an open file. Where they run out the server can accept nobody, and asyncio writes a traceback for
each that it could not accept, hundreds of megabytes a minute. So the limit of open files is raised at the start, fewer
connections are taken than files can be opened, and whoever begins a request has to end it.
"""

from __future__ import annotations

import asyncio
import os
from functools import cache
from typing import Any

from ketadash.ui.server.event_loop import GatheringTransport, gathering_loop

FILES = 65_536  # open files asked for; the system may allow fewer
RESERVED = 256  # of them for what is no connection: pipes to workers and readers, libraries, the log
MOST = 4096  # connections, however many files may be open: each costs memory
HEAD_S = 20.0  # for the head of a request, from its first byte or from the connection's start
KEEP_ALIVE_S = 15  # without a request on a connection that has had one
MESSAGE = 2**20  # bytes of a message of a page, which is some kilobytes; files do not come this way
CROWDED = 0.9  # of what is allowed: no new readers then

open_connections: set[Any] | None = None  # uvicorn's own set of its connections


def raise_file_limit() -> int | None:
    """Allow this process as many open files as the system lets it; how many that is, None where nobody counts."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        except (OSError, ValueError):  # macOS says more than it allows
            return soft
    return max(soft, wanted)


@cache
def most() -> int:
    """How many connections are held at once: this process's limit of open files is known once it was raised."""
    files = raise_file_limit()
    return MOST if files is None else max(min(MOST, files - RESERVED), 16)


def now() -> int:
    """How many connections there are."""
    return len(open_connections) if open_connections is not None else 0


def open_files() -> int | None:
    """How many files this process has open, connections too; None where the system does not say."""
    try:
        return len(os.listdir("/dev/fd"))
    except OSError:
        return None


def is_crowded() -> bool:
    """Whether there is hardly room for another reader."""
    files, allowed = open_files(), raise_file_limit()
    return now() >= CROWDED * most() or (files is not None and allowed is not None and files >= CROWDED * allowed)


def settings() -> dict[str, Any]:
    """Uvicorn's settings that bound what a connection may do."""
    return {
        "http": patient_protocol(),
        "loop": gathering_loop,
        "limit_concurrency": most(),
        "timeout_keep_alive": KEEP_ALIVE_S,
        "ws_max_size": MESSAGE,
    }


@cache
def patient_protocol() -> type[asyncio.Protocol]:
    """Uvicorn's HTTP protocol, that waits for the end of a request's head for so long and no longer."""
    from uvicorn.protocols.http.auto import AutoHTTPProtocol

    class PatientProtocol(AutoHTTPProtocol):  # type: ignore[misc, valid-type]  # whichever uvicorn chose
        transport: Any
        _late: asyncio.TimerHandle | None = None

        def connection_made(self, transport: asyncio.Transport) -> None:
            global open_connections
            open_connections = self.server_state.connections
            super().connection_made(transport)
            if len(open_connections) > most():
                transport.abort()  # answering costs what there is none of
            else:
                self._expect_head()

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            if self._is_waiting():
                self._expect_head()
            else:
                self._forget()

        def connection_lost(self, exc: Exception | None) -> None:
            self._forget()
            super().connection_lost(exc)

        def handle_websocket_upgrade(self, *args: Any) -> None:
            self._forget()
            self.upgraded = True
            self.transport = GatheringTransport(self.transport, self.loop)
            super().handle_websocket_upgrade(*args)

        def _is_waiting(self) -> bool:
            """Whether what has come so far is no whole head."""
            answered = self.cycle is None or self.cycle.response_complete
            return answered and not getattr(self, "upgraded", False)

        def _expect_head(self) -> None:
            if self._late is None:
                self._late = self.loop.call_later(HEAD_S, self._give_up)

        def _forget(self) -> None:
            if self._late is not None:
                self._late.cancel()
                self._late = None

        def _give_up(self) -> None:
            self._late = None
            if self._is_waiting():
                self.transport.abort()

    return PatientProtocol
