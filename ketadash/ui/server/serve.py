"""The server behind the pages: what Streamlit leaves to do before the first request.

Measured reasons: without `starting.pages_are_ours` a deep link as the very first request runs a page file alone;
without `freeze` a garbage collection takes 80 to 180 ms, and without `tidy` every script run pays one; without
`keep_uploads_in_memory` an upload of more than 1 MB is written to the temporary folder; without
`sessions.end_closed_sessions` the trial of a page that was closed stays in memory until
somebody else closes one; without `logs.without_values` the log quotes cells of the data.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import math
import os
import pkgutil
import sys
import time
import webbrowser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import streamlit as st
from starlette.formparsers import MultiPartParser
from starlette.middleware import Middleware

import ketadash
from ketadash.analyse import jobs
from ketadash.core.paths import home
from ketadash.files import readers
from ketadash.files.limits import limits
from ketadash.ui.server import (
    connections,
    downloads,
    gate,
    health,
    hosts,
    kept_messages,
    logs,
    processes,
    security_headers,
    signed_in,
)
from ketadash.ui.server.streamlit_seams import page_turns, sessions, starting

ADDRESS = "KETADASH_ADDRESS"
RECONNECT_S = 60  # how long a page that lost its connection can come back to its trial
TIDY_S = 10  # between two collections of garbage
LATE_IMPORTS = ("scipy.interpolate", "scipy.stats")  # imported inside functions, for the command line's sake


def serve(port: int, *, open_browser: bool) -> None:
    """Serve app.py on `port` of this computer until interrupted.

    Raises
    ------
    KetadashError
        For a limit in the environment that is no number, and a way to log that there is not.
    """
    signed_in.idle_seconds()
    upload, plainly = upload_megabytes(), {"logger.messageFormat": "%(message)s"} if logs.as_json() else {}
    logs.without_values()
    processes.no_core_files()
    starting.ask_nobody()
    starting.send_small_packets_at_once()
    connections.raise_file_limit()
    starting.listen_with(connections.settings())
    app_file = str(home() / "app.py")
    sys.argv = [app_file]  # Streamlit looks for .streamlit/config.toml beside what it takes for the script
    starting.pages_are_ours()
    starting.look_up_one_word()
    page_turns.keep_the_page_asked_for()
    front = [Middleware(security_headers.Answers), Middleware(gate.Gate), Middleware(security_headers.Library)]
    lifespan = _lifespan(port, open_browser)
    routes = [health.ROUTE, downloads.ROUTE]
    app = st.App(app_file, lifespan=lifespan, middleware=front, routes=routes, on_script_error=logs.say_sorry)
    with suppress(KeyboardInterrupt):  # Ctrl-C is how it ends
        # headless: the browser is opened below, once the imports are done
        app.run(
            config={
                "server.port": port,
                "server.headless": True,
                "server.maxUploadSize": upload,
                "runner.postScriptGC": False,  # `tidy` does it
                "global.maxCachedMessageAge": kept_messages.KEPT_RUNS,
                "client.allowedOrigins": [],  # else pages of Streamlit's cloud could steer this one
                **plainly,
                **reached(),
            }
        )


def reached() -> dict[str, Any]:
    """Streamlit's settings of where to listen and by which names to answer.

    This computer only, unless `ADDRESS` and `hosts.HOSTS` say otherwise: docs/deploy.md.
    """
    return {"server.address": os.environ.get(ADDRESS) or "localhost", "server.allowedHosts": [*hosts.own_names()]}


def upload_megabytes() -> int:
    """The largest file that may be sent, in Streamlit's megabytes (MiB): as large as is read, and no setting apart."""
    return math.ceil(limits().bytes / 2**20)


def keep_uploads_in_memory() -> None:
    """Never write an upload to disk: participants' data would outlive the session there."""
    MultiPartParser.spool_max_size = sys.maxsize  # Streamlit itself ends an upload that is too large


def warm_up() -> None:
    """Import all of ketadash now rather than in the first session, then take it out of garbage collection's way."""
    readers.prepare()
    ours = [module.name for module in pkgutil.walk_packages(ketadash.__path__, "ketadash.")]
    for name in (*ours, *LATE_IMPORTS):
        if not name.endswith("__main__"):
            importlib.import_module(name)
    gc.collect()
    gc.freeze()


async def tidy() -> None:
    """Collect garbage now and then, instead of after every run of every session as Streamlit does.

    With thirty sessions that was more than a quarter of the server's work, and held up what was being sent.
    """
    while True:
        await asyncio.sleep(TIDY_S)
        downloads.drop_expired()
        gate.end_unused_sign_ins()
        gc.collect()


def _lifespan(port: int, open_browser: bool):  # type: ignore[no-untyped-def]  # Streamlit does not export the type
    @asynccontextmanager
    async def lifespan(app: st.App) -> AsyncIterator[None]:
        keep_uploads_in_memory()
        sessions.end_closed_sessions(RECONNECT_S)
        health.drain_on_signal()
        begun = time.monotonic()
        warm_up()
        importlib.import_module("ketadash.ui.plot").serve_plotly()  # asked for by the first page
        imported = round(1000 * (time.monotonic() - begun))
        url = f"http://localhost:{port}"
        print(f"ketadash is ready: {url}", flush=True)
        logs.event("ready", version=ketadash.__version__, port=port, imports_ms=imported)
        if open_browser:
            webbrowser.open(url)
        tidying = asyncio.create_task(tidy())
        yield
        tidying.cancel()
        health.drain()
        await asyncio.to_thread(jobs.end)

    return lifespan
