"""The gate: which hosts and pages it answers, whose a session is, which messages it lets through."""

import pytest
from gate_client import BASE, SESSION, STREAM, again, cookie, message, opened, visited
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.forward_msg_cache import populate_hash_if_needed

from ketadash.ui.server import browser, gate

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
