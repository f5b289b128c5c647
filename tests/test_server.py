"""What `ketadash.ui.server.serve` changes in Streamlit before the first request."""

import asyncio
import socket
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from starlette.datastructures import Headers
from starlette.formparsers import MultiPartParser
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.testclient import TestClient
from streamlit.runtime.memory_session_storage import MemorySessionStorage
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.session_manager import SessionInfo
from streamlit.web.server.starlette import starlette_server
from waiting import HANG_S

from ketadash.core.errors import KetadashError
from ketadash.export import plotly_js
from ketadash.files.limits import limits
from ketadash.ui import PLOTLY
from ketadash.ui.server import hosts, security_headers
from ketadash.ui.server import serve as server
from ketadash.ui.server.streamlit_seams import sessions, starting

ROOT = Path(__file__).parent.parent


def upload(size: int) -> bool:
    """Whether an uploaded file of `size` bytes is on disk after Streamlit's parser has read it."""

    async def stream():
        yield b'--x\r\nContent-Disposition: form-data; name="f"; filename="days.csv"\r\n\r\n'
        yield b"1" * size
        yield b"\r\n--x--\r\n"

    async def parse() -> bool:
        headers = Headers({"content-type": "multipart/form-data; boundary=x"})
        form = await MultiPartParser(headers, stream()).parse()
        on_disk = form["f"].file._rolled  # the flag of tempfile.SpooledTemporaryFile
        await form.close()
        return on_disk

    return asyncio.run(parse())


def test_an_upload_stays_in_memory(monkeypatch):
    monkeypatch.setattr(MultiPartParser, "spool_max_size", MultiPartParser.spool_max_size)
    assert upload(3_000_000), "Starlette no longer writes big uploads to disk: this can go"
    server.keep_uploads_in_memory()
    assert not upload(3_000_000)


@pytest.mark.parametrize(("said", "megabytes"), [(None, 191), ("1", 1), ("5000", 4769)])
def test_what_may_be_sent_is_what_is_read(monkeypatch, said, megabytes):
    monkeypatch.delenv("KETADASH_MAX_MEGABYTES", raising=False)
    if said:
        monkeypatch.setenv("KETADASH_MAX_MEGABYTES", said)
    assert server.upload_megabytes() == megabytes
    assert limits().bytes <= megabytes * 2**20 < limits().bytes + 2**20  # Streamlit counts in MiB


def test_a_limit_that_is_no_number_ends_the_start_with_a_message(monkeypatch):
    monkeypatch.setenv("KETADASH_MAX_MEGABYTES", "lots")
    with pytest.raises(KetadashError, match="KETADASH_MAX_MEGABYTES=lots"):
        server.serve(8613, open_browser=False)


def test_the_settings_beside_the_app_name_no_second_limit():
    settings = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert "maxUploadSize" not in settings["server"]


def test_a_deep_link_as_the_first_request_runs_the_app(monkeypatch):
    # Streamlit runs a page's file alone as long as it believes in its pages directory; the browser tests ask
    # a running server.
    monkeypatch.setattr(PagesManager, "uses_pages_directory", None)
    starting.pages_are_ours()
    manager = PagesManager(str(ROOT / "app.py"))
    assert manager.uses_pages_directory is False


def answer(kind: str, host: str = "127.0.0.1:8501") -> list[dict]:
    sent = []

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(message):
        sent.append(message)

    scope = {"type": kind, "path": "/", "headers": [(b"host", host.encode())]}
    asyncio.run(security_headers.Answers(app)(scope, None, send))
    return sent


def test_every_answer_forbids_other_hosts_and_frames():
    headers = Headers(raw=answer("http")[0]["headers"])
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'self'"
    assert policy["frame-ancestors"] == "'self'"
    allowed = {source for sources in policy.values() for source in sources.split()}
    assert {source for source in allowed if "//" in source} == {"ws://127.0.0.1:8501", "wss://127.0.0.1:8501"}
    strange = Headers(raw=answer("http", "evil.example; script-src *")[0]["headers"])
    assert "evil" not in strange["content-security-policy"]
    assert "*" not in allowed
    assert answer("websocket")[0]["headers"] == []


async def _page(scope, receive, send):
    response = PlainTextResponse("js") if scope["path"].endswith(".js") else HTMLResponse("page")
    await response(scope, receive, send)


def test_a_page_tells_the_browser_to_fetch_plotly_which_is_there_for_good_and_compressed_once():
    client = TestClient(security_headers.Answers(security_headers.Library(_page)))
    asked = client.get("/prefix/abstinent-days").headers["link"]
    address = asked.split(">")[0][1:]
    assert address.split("?") == [PLOTLY, plotly_js.VERSION]  # relative: below a proxy's prefix too
    found = client.get(f"/prefix/{address}")
    assert found.headers["content-encoding"] == "gzip" and "immutable" in found.headers["cache-control"]
    assert found.text == plotly_js.SCRIPT.read_text()
    plain = client.get(f"/{address}", headers={"Accept-Encoding": "identity"})
    assert plain.text == "js" and "immutable" in plain.headers["cache-control"] and "link" not in plain.headers
    assert security_headers.plotly_script() is security_headers.plotly_script()


def test_what_streamlit_binds_sends_small_packets_at_once(monkeypatch):
    monkeypatch.setattr(starlette_server, "_bind_socket", starlette_server._bind_socket)
    starting.send_small_packets_at_once()
    bound = starlette_server._bind_socket
    starting.send_small_packets_at_once()
    assert starlette_server._bind_socket is bound
    with bound("127.0.0.1", 0, 5) as listening, socket.create_connection(listening.getsockname()) as client:
        listening.setblocking(True)
        accepted, _ = listening.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            assert not client.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)  # which is not how they are born


@pytest.mark.slow
def test_the_warm_up_imports_what_pages_use_and_freezes_it():
    code = (
        "import gc, sys; from ketadash.ui.server import serve; before = gc.get_freeze_count(); serve.warm_up(); "
        "print(before, gc.get_freeze_count(), 'ketadash.analyse' in sys.modules, 'scipy.stats' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=HANG_S, check=True)
    before, frozen, analyse, late = done.stdout.split()[-4:]  # this process may itself have been frozen by another test
    assert int(frozen) > 100_000 > int(before)
    assert analyse == late == "True"


class Session:
    """As much of an AppSession as is ended."""

    def __init__(self):
        self.id, self.did = "a", []
        self._fragment_storage = self._browser_queue = self.session_state = self

    def shutdown(self):
        self.did.append("shutdown")

    def clear(self):
        self.did.append("clear")


@pytest.mark.parametrize("back", [False, True])
def test_a_session_ends_some_time_after_its_page_was_closed_unless_it_came_back(monkeypatch, back):
    monkeypatch.setattr(MemorySessionStorage, "save", MemorySessionStorage.save)
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    sessions.end_closed_sessions(0.05)
    sessions.end_closed_sessions(0.05)  # twice is once
    storage, session = MemorySessionStorage(), Session()

    async def closed() -> None:
        storage.save(SessionInfo(client=None, session=session))
        if back:
            storage.delete(session.id)  # as Streamlit does when a page reconnects
        assert (storage.get("a") is None) == back
        await asyncio.sleep(0.2)

    asyncio.run(closed())
    assert storage.get("a") is None
    assert session.did == ([] if back else ["shutdown", "clear", "clear", "clear"])


def test_streamlit_still_has_what_ending_a_session_needs():
    from streamlit.runtime.app_session import AppSession
    from streamlit.runtime.forward_msg_queue import ForwardMsgQueue
    from streamlit.runtime.fragment import MemoryFragmentStorage
    from streamlit.runtime.state import SessionState

    for kind, name in (
        (SessionState, "clear"),
        (ForwardMsgQueue, "clear"),
        (MemoryFragmentStorage, "clear"),
        (AppSession, "shutdown"),
        (AppSession, "session_state"),
    ):
        assert hasattr(kind, name)
    made = AppSession.__init__.__code__.co_names
    assert {"_fragment_storage", "_browser_queue"} <= set(made)


@pytest.mark.parametrize(
    ("address", "names", "found"),
    [
        (None, None, ("localhost", [*hosts.LOCAL])),
        ("", " ,", ("localhost", [*hosts.LOCAL])),
        ("0.0.0.0", "trial.example.org, b.example", ("0.0.0.0", [*hosts.LOCAL, "trial.example.org", "b.example"])),
    ],
)
def test_this_computer_alone_is_served_unless_somebody_says_otherwise(monkeypatch, address, names, found):
    for name, value in ((server.ADDRESS, address), (hosts.HOSTS, names)):
        monkeypatch.delenv(name, raising=False)
        if value is not None:
            monkeypatch.setenv(name, value)
    assert tuple(server.reached().values()) == found


def test_another_sites_page_does_not_make_the_server_ask_a_host_outside(monkeypatch):
    import socket

    from streamlit import net_util
    from streamlit.web.server.server_util import is_url_from_allowed_origins

    asked = []
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *_, **__: asked.append(host) or [])
    monkeypatch.setattr(net_util, "get_external_ip", net_util.get_external_ip)
    starting.ask_nobody()
    assert not is_url_from_allowed_origins("https://evil.example")
    assert asked == []


def test_garbage_is_collected_now_and_then_and_not_after_every_run(monkeypatch):
    from streamlit import config

    assert isinstance(config.get_option("runner.postScriptGC"), bool)  # still the name of what `serve` turns off
    collections = []
    monkeypatch.setattr(server, "TIDY_S", 0.01)
    monkeypatch.setattr(server.gc, "collect", lambda: collections.append(1))

    async def a_while():
        task = asyncio.create_task(server.tidy())
        await asyncio.sleep(0.2)
        task.cancel()

    asyncio.run(a_while())
    assert 1 < len(collections) < 25
