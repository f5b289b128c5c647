"""The app as `ketadash app` serves it, and visitors with a real browser, for the tests of this folder."""

import os
import socket
import subprocess
import sys
import threading
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from reading import WAIT
from waiting import HANG_S

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


_shared: dict[str, object] = {}  # what the modules of this folder use together, by name
_ends = ExitStack()  # and how it ends


def shared(name, begin):
    """What `begin` gives: made by whoever asks first, ended after the last browser test in a row of this process."""
    if name not in _shared:
        _shared[name] = _ends.enter_context(begin())
    return _shared[name]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item, nextitem):
    """Playwright's event loop would be in the way of tests that run one of their own."""
    try:
        return (yield)
    finally:
        if nextitem is None or HERE not in nextitem.path.parents:
            _shared.clear()
            _ends.close()


@contextmanager
def _chromium():
    from lent import Patient
    from playwright import sync_api

    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS, timeout=WAIT)
        yield Patient(chromium)
        chromium.close()


@pytest.fixture(scope="module")
def browser():
    """One Chromium for all modules; what a module leaves open is closed after it."""
    if not CHROMIUM.exists():
        pytest.skip("no Chromium; set CHROMIUM to its path")
    pytest.importorskip("playwright.sync_api")
    chromium = shared("browser", _chromium)
    yield chromium
    chromium.close_what_is_open()


@dataclass
class Server:
    """A server under test: its address, its process, and every line it has said."""

    address: str
    process: subprocess.Popen
    log: list[str]


def served(port=None, *, program=("-m", "ketadash"), **settings):
    """A server of its own on `port` or a free one, nothing asked of it; `settings` are variables of its environment."""
    if port is None:
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
    command = [sys.executable, *program, "app", "--headless", "--port", str(port)]
    env = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"} | settings
    process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    kill = threading.Timer(HANG_S, process.kill)
    kill.start()
    ready = next((line for line in process.stdout if "is ready" in line), None)
    kill.cancel()
    log: list[str] = []
    threading.Thread(target=_read, args=(process, log), daemon=True).start()
    try:
        assert ready, "the server ended before it was ready"
        yield Server(ready.split()[-1].replace("localhost", "127.0.0.1"), process, log)
    finally:
        process.terminate()
        process.wait(HANG_S)


def _read(process, log):
    """Never let its pipe fill; closed here, since who reads it outlives the test where a process of the server does."""
    with process.stdout:
        log.extend(process.stdout)


@pytest.fixture(scope="module")
def serve():
    """`served` for tests that want settings, a port, or a server's end of their own: ``with serve() as server``."""
    return contextmanager(served)


@pytest.fixture(scope="module")
def site():
    """The address of a server with the settings that it has by itself, the same one for every module."""
    return shared("site", contextmanager(served)).address


@pytest.fixture
def untouched(serve):
    """The address of a server that nobody has asked for anything."""
    with serve() as server:
        yield server.address


@pytest.fixture
def reader(browser, site):
    """A new visitor; the test fails for any console error and any request to another host."""
    context, troubles = browser.new_context(viewport={"width": 1280, "height": 900}), []
    page = context.new_page()

    def heard(message):
        # a deep link makes Streamlit ask for these two below the page's own path first, and it says so
        expected = message.location["url"].endswith(("/_stcore/health", "/_stcore/host-config"))
        if message.type == "error" and not expected:
            troubles.append(message.text)

    page.on("console", heard)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("request", lambda r: None if r.url.startswith((site, "blob:", "data:")) else troubles.append(r.url))
    yield page
    context.close()
    assert troubles == []
