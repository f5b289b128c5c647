"""`/healthz`: whether this server can be given readers, in numbers without any of their data."""

from __future__ import annotations

import os
import signal
import sys
from threading import Event
from time import monotonic
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from ketadash import __version__
from ketadash.analyse import jobs
from ketadash.ui.server import browser, connections, logs, sign_in
from ketadash.ui.server.streamlit_seams import sessions

PATH = "/healthz"
_begun = monotonic()  # not the clock on the wall, which can be set
draining = Event()


async def answer(request: Request) -> JSONResponse:
    """How the server is: status 200, or 503 while it can or will take no new readers; strangers learn no more."""
    health = state()
    if not sign_in.entry(browser.cookies_of(request.scope)).open:
        health = {"ok": health["ok"]}
    return JSONResponse(health, 200 if health["ok"] else 503, {"Cache-Control": "no-store"})


ROUTE = Route(PATH, answer)


def state() -> dict[str, Any]:
    """What `/healthz` says."""
    return {
        "ok": not (draining.is_set() or connections.is_crowded()),
        "version": __version__,
        "uptime_s": round(monotonic() - _begun, 1),
        "sessions": sessions.open_sessions(),
        "connections": connections.now(),
        "connections_allowed": connections.most(),
        "open_files": connections.open_files(),
        "open_files_allowed": connections.raise_file_limit(),
        "memory_mb": memory_mb(),
        "jobs_running": jobs.running(),
    }


def memory_mb() -> float | None:
    """Resident megabytes of this process now; the most it ever had where the system tells no more."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return round(int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6, 1)
    except (OSError, AttributeError):
        pass
    try:
        import resource
    except ImportError:  # Windows
        return None
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(most / (1e6 if sys.platform == "darwin" else 1e3), 1)


def drain(*_: Any) -> None:
    """From now on say 503, so that a proxy sends new readers elsewhere; whoever is here stays."""
    if not draining.is_set():
        draining.set()
        logs.event("draining", sessions=sessions.open_sessions())


def drain_on_signal() -> None:
    """Drain at SIGUSR1, where the system has it."""
    if hasattr(signal, "SIGUSR1"):
        signal.signal(signal.SIGUSR1, drain)
