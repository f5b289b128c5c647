"""The gate in front of every address and message, before an app that says what reached it."""

import asyncio
from types import SimpleNamespace

import pytest
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.forward_msg_cache import populate_hash_if_needed

from ketadash.ui.server import browser, gate
from ketadash.ui.server.streamlit_seams import sessions

BASE = "http://localhost:8501"
STREAM = f"ws://localhost:8501{gate.SOCKET}"  # the test client would name another host for a bare path
SESSION = "11111111-2222-3333-4444-555555555555"


class Behind:
    """An app behind the gate: what reached it, and as Streamlit's socket it tells the session and repeats messages."""

    def __init__(self):
        self.requests, self.asked_again, self.messages, self.claimed = [], [], [], []
        self.other = SESSION.replace("1", "9")
        self.also = []  # messages after the first one
        self.numbers = (SESSION.replace("1", digit) for digit in "19abcdef")

    async def __call__(self, scope, receive, send):
        if scope["type"] == "websocket":
            await self.talk(scope, receive, send)
        elif scope["type"] == "http":
            body = await Request(scope, receive).body()
            self.requests.append((scope["method"], scope["path"], len(body)))
            page = HTMLResponse("page") if scope["path"] == "/" else PlainTextResponse("got")
            await page(scope, receive, send)

    async def talk(self, scope, receive, send):
        await receive()
        self.asked_again.append(scope["subprotocols"])
        await send({"type": "websocket.accept", "subprotocol": "streamlit"})
        first = ForwardMsg()
        known = [s for s in (SESSION, self.other) if s in scope["subprotocols"]]
        first.new_session.initialize.session_id = known[0] if known else next(self.numbers)
        for told in (first.SerializeToString(), *self.also):
            await send({"type": "websocket.send", "bytes": told})
        while (message := await receive())["type"] == "websocket.receive":
            said = BackMsg()
            said.ParseFromString(message["bytes"])
            self.messages.append(said.WhichOneof("type"))
            self.claimed.append(list(said.rerun_script.cached_message_hashes))
            await send({"type": "websocket.send", "bytes": b""})


@pytest.fixture
def behind(monkeypatch):
    monkeypatch.setattr(browser, "owned_sessions", {})
    monkeypatch.delenv("KETADASH_HOSTS", raising=False)
    return Behind()


@pytest.fixture
def client(behind):
    return TestClient(gate.Gate(behind), base_url=BASE)


def visited(behind) -> TestClient:
    """A browser that has opened the page."""
    client = TestClient(gate.Gate(behind), base_url=BASE)
    client.get("/")
    return client


def cookie(client) -> dict[str, str]:
    """The test client calls a socket's scheme ws, as uvicorn does, and forgets its cookies there."""
    return {"cookie": "; ".join(f"{name}={value}" for name, value in client.cookies.items())}


def message(kind: str) -> bytes:
    said = BackMsg()
    if kind == "rerun_script":
        said.rerun_script.SetInParent()
    else:
        setattr(said, kind, True)
    return said.SerializeToString()


EVERY_ADDRESS = [
    "/",
    "/abstinent-days",
    "/static/js/index.js",
    "/healthz",
    "/_stcore/health",
    "/_stcore/host-config",
    "/media/x.csv",
    f"/_stcore/upload_file/{SESSION}/f",
    "/no-such-page",
]


@pytest.mark.parametrize("path", EVERY_ADDRESS)
@pytest.mark.parametrize("method", ["GET", "PUT", "OPTIONS"])
@pytest.mark.parametrize(
    "strange",
    [
        {"host": "evil.example"},
        {"host": "localhost:8501.evil.example"},
        {"origin": "http://localhost:9999"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
    ],
)
def test_another_name_or_another_sites_page_reaches_nothing(client, behind, path, method, strange):
    assert client.request(method, path, headers=strange).status_code == 403
    assert behind.requests == []


@pytest.mark.parametrize(
    "strange",
    [
        {"host": "evil.example"},
        {"origin": "http://localhost:9999"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
    ],
)
def test_nor_does_a_socket(behind, strange):
    client = visited(behind)
    own = {"origin": BASE} | cookie(client)
    with pytest.raises(WebSocketDisconnect), client.websocket_connect(STREAM, headers=own | strange):
        pass
    assert behind.asked_again == []
    with client.websocket_connect(STREAM, headers=own) as socket:
        socket.receive_bytes()
    assert len(behind.asked_again) == 1


def test_a_name_of_the_settings_is_answered_and_its_page_is_not_a_stranger(client, monkeypatch):
    there = {"host": "trial.example.org", "origin": "https://trial.example.org"}
    assert client.get("/", headers=there).status_code == 403
    monkeypatch.setenv("KETADASH_HOSTS", "trial.example.org")
    assert client.get("/", headers=there).status_code == 200
    assert client.get("/", headers=there | {"origin": "https://trial.example.org:8443"}).status_code == 403


def test_two_hosts_in_one_request_are_none(client):
    assert client.get("/", headers=[("host", "localhost:8501"), ("host", "evil.example")]).status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "/_stcore/metrics",
        "/_stcore/agent/interact",
        "/_stcore/agent/mcp",
        "/_stcore/agent/openapi.json",
        "/_stcore/script-health-check",
        "/_stcore/whatever-comes-next",
    ],
)
def test_addresses_for_machines_are_not_there(client, behind, path):
    assert client.get(path).status_code == 404
    assert behind.requests == []


def test_a_page_gives_the_browser_a_cookie_that_no_script_and_no_other_site_sees(client):
    given = client.get("/").headers["set-cookie"]
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= {part.strip() for part in given.split(";")}
    assert "Max-Age" not in given and "Expires" not in given  # gone with the browser
    assert "set-cookie" not in client.get("/").headers  # one is enough
    assert "set-cookie" not in client.get("/static/x.js").headers


def test_behind_tls_the_cookie_is_one_that_no_other_host_can_have_set(behind):
    client = TestClient(gate.Gate(behind), base_url="https://localhost:8501")
    given = client.get("/").headers["set-cookie"]
    assert given.startswith("__Host-ketadash-") and given.endswith("; Secure")
    scope = {"scheme": "https", "headers": [(b"cookie", b"ketadash-00000000=" + b"0" * 32)]}
    assert browser.cookie_of(scope) == frozenset()


@pytest.mark.parametrize("value", ["", "0", "g" * 32, "0" * 33, "a" * 31])
def test_a_cookie_that_is_not_as_the_servers_is_none(value):
    scope = {"scheme": "http", "headers": [(b"cookie", f"ketadash-00000000={value}".encode())]}
    assert browser.cookie_of(scope) == frozenset()


def test_a_socket_without_the_cookie_is_refused(client, behind):
    with pytest.raises(WebSocketDisconnect), client.websocket_connect(STREAM, headers={"origin": BASE}):
        pass
    assert behind.asked_again == []


def opened(client):
    return client.websocket_connect(STREAM, headers={"origin": BASE} | cookie(client))


def again(client, session_id=SESSION):
    asked = ["streamlit", "xsrf", session_id]
    return client.websocket_connect(STREAM, subprotocols=asked, headers={"origin": BASE} | cookie(client))


def test_a_session_comes_back_to_its_own_browser_and_to_no_other(behind):
    ann, mallory = visited(behind), visited(behind)
    with opened(ann) as socket:
        socket.receive_bytes()
        with again(mallory) as taken:  # while its page is open
            taken.receive_bytes()
    assert behind.asked_again[-1] == ["streamlit", "xsrf"]
    with again(mallory, behind.other) as own:
        own.receive_bytes()
    with again(mallory):  # and when it has lost its connection
        pass
    assert [len(asked) for asked in behind.asked_again] == [0, 2, 3, 2]


def test_a_page_that_lost_its_connection_comes_back(behind):
    ann = visited(behind)
    with opened(ann) as socket:
        socket.receive_bytes()
    with again(ann) as socket:
        socket.receive_bytes()
    assert behind.asked_again[-1] == ["streamlit", "xsrf", SESSION]


def test_an_upload_is_taken_from_the_sessions_own_browser_alone(behind):
    ann, mallory = visited(behind), visited(behind)
    address = f"/_stcore/upload_file/{SESSION}/f"
    assert ann.put(address, content=b"1").status_code == 403  # of no session yet
    with opened(ann) as socket:
        socket.receive_bytes()
        for method in ("PUT", "DELETE", "GET", "POST"):
            assert mallory.request(method, address).status_code == 403
        assert [path for _, path, _ in behind.requests if path == address] == []
        assert ann.put(address, content=b"1").status_code == 200
        assert ann.delete(address).status_code == 200


def offer(kind: str, file_id: str) -> bytes:
    """A message that offers a file, or only looks as if it did."""
    told, address = ForwardMsg(), f"/media/{file_id}"
    if kind == "made on demand":
        told.backend_operation_response.deferred_file.url = address
    elif kind == "button":
        told.delta.new_element.download_button.url = address
    elif kind == "image":
        told.delta.new_element.imgs.imgs.add().url = address
    elif kind == "icon":
        told.page_config_changed.favicon = address
    else:
        told.delta.new_element.markdown.body = address
    return told.SerializeToString()


OFFERS = ("made on demand", "button", "image", "icon")


@pytest.mark.parametrize("kind", OFFERS)
def test_a_file_is_given_to_the_browser_that_was_offered_it_and_never_kept(behind, kind):
    ann, mallory = visited(behind), visited(behind)
    behind.also = [offer(kind, "mine.csv")]
    with opened(ann) as socket:
        socket.receive_bytes()
        socket.receive_bytes()
        answer = ann.get("/media/mine.csv")
        behind.also = []
        with opened(mallory) as hers:
            hers.receive_bytes()
            assert mallory.get("/media/mine.csv").status_code == 403
    assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"


def test_a_text_that_looks_like_a_files_address_opens_nothing(behind):
    ann = visited(behind)
    behind.also = [offer("arm", "others.csv")]
    with opened(ann) as socket:
        socket.receive_bytes()
        socket.receive_bytes()
        assert ann.get("/media/others.csv").status_code == 403


def test_what_was_offered_is_still_there_when_the_connection_comes_back(behind):
    ann = visited(behind)
    behind.also = [offer("button", "mine.csv")]
    with opened(ann) as socket:
        socket.receive_bytes()
        socket.receive_bytes()
    behind.also = []
    with again(ann) as socket:
        socket.receive_bytes()
        assert ann.get("/media/mine.csv").status_code == 200


def test_a_session_is_not_offered_files_without_end():
    owned = browser.Owned(frozenset())
    for number in range(3 * browser.MOST_FILES):
        owned.offer(str(number))
    assert len(owned.files) == browser.MOST_FILES and str(number) in owned.files


@pytest.fixture
def deferred(monkeypatch):
    manager = SimpleNamespace(_deferred_callables={"mine": {"session_id": SESSION}, "others": {"session_id": "x"}})
    monkeypatch.setattr(sessions.Runtime, "instance", staticmethod(lambda: SimpleNamespace(media_file_mgr=manager)))
    return manager


def test_two_tabs_that_were_opened_at_once_both_keep_their_session(behind):
    # both asked before either had a cookie: the browser then has two
    ann, twin = visited(behind), visited(behind)
    with opened(ann) as socket:
        socket.receive_bytes()
        ann.cookies.update(twin.cookies)
        assert len(ann.cookies) == 2
        assert ann.put(f"/_stcore/upload_file/{SESSION}/f", content=b"1").status_code == 200


@pytest.mark.parametrize(
    "kind", ["clear_cache", "load_git_info", "set_run_on_save", "debug_shutdown_runtime", "debug_disconnect_websocket"]
)
def test_a_message_that_no_page_of_ours_sends_is_dropped(behind, kind):
    ann = visited(behind)
    with opened(ann) as socket:
        socket.receive_bytes()
        socket.send_bytes(message(kind))
        socket.send_bytes(message("rerun_script"))
        socket.receive_bytes()
    assert behind.messages == ["rerun_script"]


def test_a_page_is_believed_to_have_what_it_was_sent_lately_and_nothing_else(behind):
    sent = ForwardMsg()
    sent.delta.new_element.markdown.body = "x" * 20_000
    populate_hash_if_needed(sent)
    behind.also = [sent.SerializeToString()]
    said = BackMsg()
    said.rerun_script.query_string = "missing=missing"
    said.rerun_script.cached_message_hashes[:] = ["0" * 32, sent.hash]
    client = visited(behind)
    with client.websocket_connect(STREAM, headers={"origin": BASE} | cookie(client)) as socket:
        for _ in range(2):
            socket.receive_bytes()
        socket.send_bytes(said.SerializeToString())
        socket.receive_bytes()
    assert behind.claimed == [[sent.hash]]


def test_a_deferred_download_of_another_session_is_not_made(behind, deferred):
    ann = visited(behind)
    said = BackMsg()
    with opened(ann) as socket:
        socket.receive_bytes()
        for file_id in ("others", "unknown", "mine"):
            said.backend_operation_request.deferred_file.file_id = file_id
            socket.send_bytes(said.SerializeToString())
        socket.receive_bytes()
        socket.send_bytes(message("app_heartbeat"))
        socket.receive_bytes()
    assert behind.messages == ["backend_operation_request", "app_heartbeat"]


def test_a_flood_of_messages_waits_and_none_is_lost(behind, monkeypatch):
    monkeypatch.setattr(gate, "BURST", 3)
    monkeypatch.setattr(gate, "PER_SECOND", 1000)
    slept = []
    sleep = asyncio.sleep

    async def counted(seconds):
        slept.append(seconds)
        await sleep(seconds)

    monkeypatch.setattr(gate.asyncio, "sleep", counted)
    ann = visited(behind)
    with opened(ann) as socket:
        socket.receive_bytes()
        for _ in range(20):
            socket.send_bytes(message("rerun_script"))
        for _ in range(20):
            socket.receive_bytes()
    assert len(behind.messages) == 20 and slept and max(slept) < 0.1


def receiving(*messages):
    """A `receive` that gives these and then waits."""
    waiting = list(messages)

    async def receive():
        return waiting.pop(0) if waiting else await asyncio.Event().wait()

    return receive


async def whole(receive):
    got = b""
    while True:
        part = await receive()
        got += part["body"]
        if not part.get("more_body"):
            return got


def part(body, more=True):
    return {"type": "http.request", "body": body, "more_body": more}


def test_a_body_is_bounded_as_it_comes():
    async def run(largest):
        return await whole(gate.bounded_body(receiving(part(b"12345"), part(b"67890", False)), largest))

    assert asyncio.run(run(10)) == b"1234567890"
    with pytest.raises(gate.HTTPException) as refused:
        asyncio.run(run(9))
    assert refused.value.status_code == 413 and refused.value.headers == {"Connection": "close"}


def test_a_body_that_stops_coming_is_let_go(monkeypatch):
    monkeypatch.setattr(gate, "BODY_PAUSE_S", 0.01)

    async def run():
        return await whole(gate.bounded_body(receiving(part(b"1")), 10))

    with pytest.raises(gate.HTTPException) as refused:
        asyncio.run(run())
    assert refused.value.status_code == 408


def test_a_body_that_trickles_is_let_go_and_a_slow_line_is_not(monkeypatch):
    async def run(size, seconds):
        loop = asyncio.get_running_loop()
        now = loop.time()
        receive = gate.bounded_body(receiving(part(b"x" * size), part(b"", False)), 10**9)
        monkeypatch.setattr(loop, "time", lambda: now + seconds)
        return await whole(receive)

    hour = 3600
    assert asyncio.run(run(12_500 * hour, 0)) is not None
    with pytest.raises(gate.HTTPException):
        asyncio.run(run(60_000, 60))
    assert len(asyncio.run(run(60_000 * 10, 60))) == 600_000


def test_a_request_that_sends_no_file_has_a_small_body(behind):
    client = visited(behind)
    assert client.post("/", content=b"1" * gate.SMALL_BODY).status_code == 200
    with pytest.raises(gate.HTTPException):  # which Streamlit's own app, behind the gate, makes an answer
        client.post("/", content=b"1" * (gate.SMALL_BODY + 1))


def test_a_session_that_sends_and_sends_and_reads_nothing_is_refused(behind, monkeypatch):
    ann = visited(behind)
    largest, held = gate.limits().bytes, {SESSION: 0, None: 0}
    monkeypatch.setattr(sessions, "held_uploads", lambda session_id=None: held[session_id])
    with opened(ann) as socket:
        socket.receive_bytes()
        address = f"/_stcore/upload_file/{SESSION}/f"
        held[SESSION] = largest + 1
        assert ann.put(address, content=b"1").status_code == 413
        held[SESSION] = largest
        assert ann.put(address, content=b"1").status_code == 200


def test_all_together_hold_a_part_of_the_memory(behind, monkeypatch):
    ann = visited(behind)
    monkeypatch.setattr(gate, "memory", lambda: 8 * 10**9)
    monkeypatch.setattr(sessions, "held_uploads", lambda session_id=None: 10**9 if session_id is None else 0)
    with opened(ann) as socket:
        socket.receive_bytes()
        address = f"/_stcore/upload_file/{SESSION}/f"
        assert ann.put(address, content=b"1").status_code == 200
        monkeypatch.setattr(gate.Arrival, "bytes", 10**9 + 1)  # what others are sending at this moment
        answer = ann.put(address, content=b"1")
        assert answer.status_code == 413 and answer.text == gate.TOO_MANY


def test_what_arrives_is_counted_until_it_is_there(monkeypatch):
    monkeypatch.setattr(gate.Arrival, "bytes", 0)
    seen = []

    async def run():
        with gate.Arrival() as arrival:
            await whole(arrival.counting(receiving(part(b"12345"), part(b"67", False))))
            seen.append(gate.Arrival.bytes)
            raise ConnectionError

    with pytest.raises(ConnectionError):
        asyncio.run(run())
    assert seen == [7] and gate.Arrival.bytes == 0
