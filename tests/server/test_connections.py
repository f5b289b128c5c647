"""A server that strangers keep waiting: it goes on answering, its log stays small, and it says how it is."""

import contextlib
import json
import os
import resource
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from types import SimpleNamespace

import pytest
from waiting import HANG_S, until

from ketadash.ui.server import connections, health

ROOT = Path(__file__).parents[2]
FEW = 400  # open files, so that they run out soon
# The same protocol and settings, around an answer of a few bytes: what is bounded is uvicorn's part.
SMALL = """
import sys, asyncio, uvicorn, json
from ketadash.ui.server import connections, health, logs
from starlette.applications import Starlette
logs.without_values()
connections.raise_file_limit()
connections.HEAD_S = float(sys.argv[2])
config = uvicorn.Config(Starlette(routes=[health.ROUTE]), port=int(sys.argv[1]), access_log=False,
                        **connections.settings())
uvicorn.Server(config).run()
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def serving(log: Path, head_s: float, files: int = FEW):
    """A small server with few open files, soft and hard, so that it cannot raise them."""
    port = free_port()

    def with_few_files():
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))

    with log.open("wb") as out:
        command = [sys.executable, "-c", SMALL, str(port), str(head_s)]
        process = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=out, preexec_fn=with_few_files)
        try:
            until(lambda: answered(port) is not None)
            yield port
        finally:
            process.terminate()
            process.wait(HANG_S)


def answered(port: int) -> tuple[int, dict] | None:
    """Status and content of `/healthz`, None while nobody answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=HANG_S) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, {}
    except (OSError, ValueError):
        return None


def half_sent(port: int, how_many: int) -> list[socket.socket]:
    """Connections that begin a request and never end it."""
    sent = []
    for _ in range(how_many):
        one = socket.create_connection(("127.0.0.1", port), timeout=HANG_S)
        with contextlib.suppress(OSError):
            one.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
        sent.append(one)
    return sent


def has_ended(one: socket.socket) -> bool:
    """Whether the server has let go of a connection."""
    one.setblocking(False)
    try:
        return one.recv(1) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


@pytest.mark.slow
def test_half_sent_requests_beyond_the_limit_of_open_files_neither_stop_it_nor_fill_its_log(tmp_path):
    log = tmp_path / "log"
    with serving(log, head_s=600) as port:
        kept = half_sent(port, 3 * FEW)
        room = FEW - connections.RESERVED
        until(lambda: sum(map(has_ended, kept)) >= len(kept) - room)
        held = [one for one in kept if not has_ended(one)]
        assert len(held) > room // 2
        for one in held[: room // 2]:
            one.close()
        until(lambda: (answered(port) or (0,))[0] in (200, 503))
        for one in kept:
            one.close()
        until(lambda: (answered(port) or (0,))[0] == 200)
    assert log.stat().st_size < 100_000
    assert b"Too many open files" not in log.read_bytes()


@pytest.mark.slow
def test_whoever_does_not_end_the_head_of_a_request_is_let_go(tmp_path):
    with serving(tmp_path / "log", head_s=0.5) as port:
        silent = socket.create_connection(("127.0.0.1", port))
        (begun,) = half_sent(port, 1)
        again = socket.create_connection(("127.0.0.1", port))
        again.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert again.recv(65536).startswith(b"HTTP/1.1 200")
        again.sendall(b"GET /healthz HTTP/1.1\r\nX-Slow: ")
        for one in (silent, begun, again):
            until(lambda one=one: has_ended(one))
            one.close()


def test_health_says_when_there_is_no_room(monkeypatch):
    monkeypatch.setattr(connections, "open_connections", set(range(connections.most())))
    assert health.state()["ok"] is False
    monkeypatch.setattr(connections, "open_connections", set())
    assert health.state()["ok"] is True
    monkeypatch.setattr(connections, "open_files", lambda: connections.raise_file_limit())
    assert health.state()["ok"] is False


def test_connections_are_counted(monkeypatch):
    protocol = connections.patient_protocol()
    state = SimpleNamespace(connections=set())
    monkeypatch.setattr(connections, "open_connections", state.connections)
    assert connections.now() == 0
    state.connections.add(protocol)
    assert connections.now() == 1


def test_the_limit_of_open_files_is_raised_as_far_as_the_system_allows():
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (256, min(5000, "
        "resource.getrlimit(resource.RLIMIT_NOFILE)[1]))); from ketadash.ui.server import connections as c; "
        "print(c.raise_file_limit(), *resource.getrlimit(resource.RLIMIT_NOFILE), c.most())"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    allowed, soft, hard, most = map(int, done.stdout.split())
    assert allowed == soft == hard and most == min(connections.MOST, hard - connections.RESERVED)
    assert connections.open_files() >= len(os.listdir("/dev/fd")) - 2
