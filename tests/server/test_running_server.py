"""What only a running server shows: its process's limits, sizes of messages, strangers at Streamlit's own routes."""

import contextlib
import sys
from pathlib import Path

import httpx
import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))
from serving import Reader, server
from waiting import HANG_S

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def running():
    with server(KETADASH_WORKERS="1") as one:
        yield one


def limit(pid: int, name: str) -> list[str]:
    lines = Path(f"/proc/{pid}/limits").read_text().splitlines()
    (line,) = (line for line in lines if line.startswith(name))
    return line.removeprefix(name).split()[:2]


@pytest.mark.skipif(not Path("/proc/self/limits").exists(), reason="looks into /proc, as Linux has it")
def test_a_crash_writes_no_image_of_the_memory_and_many_files_may_be_open(running):
    assert limit(running.process.pid, "Max core file size") == ["0", "0"]
    soft, hard = limit(running.process.pid, "Max open files")
    assert soft == hard or int(soft) >= 65_536


def stream(running, headers=None, **more):
    return connect(
        running.address.replace("http", "ws") + "/_stcore/stream",
        compression=None,
        additional_headers=headers or {},
        **more,
    )


@pytest.mark.parametrize("headers", [{}, {"Cookie": "ketadash-00000000=short"}])
def test_a_socket_without_the_cookie_is_refused(running, headers):
    with pytest.raises(InvalidStatus):
        stream(running, headers, origin=running.address)


def test_another_local_pages_socket_is_refused(running):
    reader = Reader(running.address)
    cookie = {"Cookie": "; ".join(f"{name}={value}" for name, value in reader.browser.cookies.items())}
    with pytest.raises(InvalidStatus):
        stream(running, cookie, origin="http://localhost:9999")
    reader.close()


def test_a_message_is_not_gathered_beyond_what_a_page_says(running):
    reader = Reader(running.address)
    reader.open()
    with pytest.raises(ConnectionClosed) as closed:
        for _ in range(200):  # an unfinished message of 200 MB, sent in pieces
            reader.socket.send(iter([bytes(2**20)] * 2))
        while True:
            reader.socket.recv(timeout=HANG_S)
    assert closed.value.rcvd is None or closed.value.rcvd.code == 1009
    reader.close()


def test_a_reader_cannot_empty_everybodys_caches_and_goes_on(running):
    reader = Reader(running.address)
    reader.open()
    said = BackMsg()
    said.clear_cache = True
    reader.socket.send(said.SerializeToString())
    assert reader.turn("abstinent-days").trouble == []
    reader.close()


def test_bodies_are_bounded_at_streamlits_own_routes(running):
    with httpx.Client(base_url=running.address) as client:
        client.get("/")
        with contextlib.suppress(httpx.WriteError, httpx.RemoteProtocolError):  # or it is cut short
            assert client.post("/auth/login", content=bytes(10**7)).status_code in (405, 413)
        assert client.get("/_stcore/metrics").status_code == 404
        assert client.get("/", headers={"Host": "evil.example"}).status_code == 403
        assert client.get("/healthz").json()["ok"] is True


def test_no_page_of_another_site_may_steer_the_app(running):
    """Streamlit's page obeys messages of the windows of these sites, its cloud's by default."""
    with httpx.Client(base_url=running.address) as client:
        client.get("/")
        assert client.get("/_stcore/host-config").json()["allowedOrigins"] == []
