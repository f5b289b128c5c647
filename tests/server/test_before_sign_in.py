"""With sign-in on: nothing is accepted from, or told to, whoever has not signed in; signing out is final."""

import pytest
from gate_client import BASE, SESSION, STREAM, Behind, again, cookie, message, offer, opened
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from ketadash.core.errors import KetadashError
from ketadash.ui.server import browser, gate, health, sign_in, sign_in_page, signed_in
from ketadash.ui.server.streamlit_seams import messages, sessions, signing_in

AUTH = {
    "redirect_uri": f"{BASE}{sign_in.CALLBACK}",
    "cookie_secret": "0123456789abcdef" * 2,
    "client_id": "ketadash",
    "client_secret": "not-a-secret",
    "server_metadata_url": "https://login.example.org/.well-known/openid-configuration",
}
PEOPLE = {
    "ann": {"is_logged_in": True, "name": "Ann", "email": "ann@clinic.example", "iat": 1},
    "ann-later": {"is_logged_in": True, "name": "Ann", "email": "ann@clinic.example", "iat": 2},
    "mallory": {"is_logged_in": True, "name": "<b>Mallory", "email": "mallory@evil.example", "iat": 1},
    "nobody": {"is_logged_in": False, "iat": 1},
}


class WithProvider(Behind):
    """Streamlit's sign-in besides: it believes the cookie that it gives to whoever comes back from the provider."""

    async def __call__(self, scope, receive, send):
        if scope["type"] == "http" and scope["path"] == sign_in.CALLBACK:
            answer = PlainTextResponse("", 302, {"location": "/"})
            answer.set_cookie(signing_in.USER_COOKIE, scope["query_string"].decode(), httponly=True)
            await answer(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


@pytest.fixture(autouse=True)
def sign_in_is_on(monkeypatch):
    monkeypatch.setattr(browser, "owned_sessions", {})
    monkeypatch.setattr(signed_in, "used", {})
    monkeypatch.setattr(sign_in, "auth_section", lambda: AUTH)
    monkeypatch.setattr(sign_in, "find_spec", lambda name: name)
    monkeypatch.setattr(signing_in, "signed_in_claims", lambda cookies: PEOPLE.get(cookies.get(signing_in.USER_COOKIE)))
    monkeypatch.setattr(signing_in, "provider_token", lambda provider: f"token-of-{provider}")
    monkeypatch.setattr(sessions, "end_session", lambda session_id: ended.append(session_id))
    monkeypatch.setenv(sign_in.ALLOW, "@clinic.example")
    ended = []
    return ended


@pytest.fixture
def behind():
    return WithProvider()


def visitor(behind, person=None) -> TestClient:
    client = TestClient(gate.Gate(behind), base_url=BASE)
    client.get("/")
    if person is not None:
        client.get(f"{sign_in.CALLBACK}?{person}", follow_redirects=False)
    behind.requests.clear()
    return client


ADDRESSES = [
    "/static/js/index.js",
    "/_stcore/host-config",
    "/_stcore/metrics",
    "/_stcore/bidi-components/x/y.js",
    "/component/x/y.js",
    "/media/x.csv",
    f"/_stcore/upload_file/{SESSION}/f",
    "/abstinent-days/_stcore/host-config",
]


@pytest.mark.parametrize("person", [None, "mallory", "nobody", "forged"])
@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("path", ADDRESSES)
def test_no_address_answers_before_sign_in(behind, person, method, path):
    answer = visitor(behind, person).request(method, path, content=b"1" * 100 if method == "PUT" else None)
    assert answer.status_code == 403 and answer.text == gate.SIGN_IN_FIRST
    assert answer.headers["connection"] == "close"  # the rest of a file that is being sent is not waited for
    assert behind.requests == []


@pytest.mark.parametrize("path", ["/", "/abstinent-days?missing=missing", "/no-such-page", "/healthz/../data"])
def test_a_page_is_the_sign_in_page_and_names_no_version_and_no_path(behind, path):
    answer = visitor(behind).get(path)
    assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"
    assert sign_in.ASK in answer.text and 'href="/auth/login?provider=token-of-default"' in answer.text
    assert "streamlit" not in answer.text.lower() and "app.py" not in answer.text
    assert behind.requests == []


@pytest.mark.parametrize("person", [None, "mallory", "ann"])
def test_health_tells_a_stranger_whether_the_server_takes_readers_and_nothing_else(person):
    client = visitor(WithProvider(), person)
    health_alone = TestClient(Starlette(routes=[health.ROUTE]), base_url=BASE, cookies=client.cookies)
    told = health_alone.get("/healthz")
    assert told.status_code == 200 and told.json()["ok"] is True
    assert (set(told.json()) == {"ok"}) == (person != "ann")


def test_a_socket_before_sign_in_is_told_to_load_the_page_and_nothing_else(behind):
    client = visitor(behind)
    with client.websocket_connect(
        STREAM, subprotocols=["streamlit", "x"], headers={"origin": BASE} | cookie(client)
    ) as s:
        assert s.receive_bytes() == messages.reload_message()
        assert s.receive()["type"] == "websocket.close"
    assert behind.asked_again == behind.messages == []


def test_whoever_is_not_on_the_list_reads_why_and_can_sign_out(behind):
    page = visitor(behind, "mallory").get("/").text
    assert "&lt;b&gt;Mallory" in page and "who is not on the list" in page and gate.LOGOUT in page
    assert sign_in.ASK not in page


def test_at_another_address_the_right_one_is_said(behind):
    page = visitor(behind).get("/", headers={"host": "127.0.0.1:8501"}).text
    assert f"<code>{BASE}/</code>" in page and "<a " not in page


def test_broken_settings_let_nobody_in_and_say_why(behind, monkeypatch):
    monkeypatch.setattr(sign_in, "auth_section", lambda: AUTH | {"cookie_secret": ""})
    client = visitor(behind, "ann")
    assert "Nobody is let in: secrets.toml lacks auth.cookie_secret" in client.get("/").text
    assert client.get("/static/x.js").status_code == 403


def test_who_signs_in_is_let_in(behind):
    ann = visitor(behind, "ann")
    assert ann.get("/").text == "page" and ann.get("/static/x.js").status_code == 200
    with opened(ann) as socket:
        socket.receive_bytes()
        socket.send_bytes(message("rerun_script"))
        socket.receive_bytes()
    assert behind.messages == ["rerun_script"]


def test_a_cookie_that_was_kept_opens_nothing_where_its_sign_in_did_not_begin(behind):
    # as after a new start of the server, or from a copy that was made before signing out
    stranger = visitor(behind)
    stranger.cookies.set(signing_in.USER_COOKIE, "ann")
    assert sign_in.ASK in stranger.get("/").text


def test_signing_out_ends_every_tab_every_copy_and_the_session_itself(behind, sign_in_is_on):
    ann, copy = visitor(behind, "ann"), visitor(behind)
    copy.cookies.set(signing_in.USER_COOKIE, "ann")
    assert copy.get("/").text == "page"  # until then a copy is as good as the cookie
    behind.also = [offer("button", "mine.csv")]
    with opened(ann) as tab:
        tab.receive_bytes()
        tab.receive_bytes()
        assert ann.get("/media/mine.csv").status_code == 200
        ann.get(gate.LOGOUT)
        assert tab.receive_bytes() == messages.reload_message()
        assert tab.receive()["type"] == "websocket.close"
        tab.send_bytes(message("rerun_script"))
    assert sign_in_is_on == [SESSION] and behind.messages == []
    for client in (ann, copy):
        assert sign_in.ASK in client.get("/").text
        assert client.get("/media/mine.csv").status_code == 403
        assert client.put(f"/_stcore/upload_file/{SESSION}/f", content=b"1").status_code == 403
    ann.get(f"{sign_in.CALLBACK}?ann-later", follow_redirects=False)
    assert ann.get("/").text == "page"
    assert sign_in.ASK in copy.get("/").text
    with again(ann):
        pass
    assert behind.asked_again[-1] == ["streamlit", "xsrf"]  # the session that ended does not come back


def test_the_tab_that_signs_out_is_let_go_where_it_goes(behind, sign_in_is_on):
    ann = visitor(behind, "ann")
    leaving = ForwardMsg()
    leaving.auth_redirect.url = gate.LOGOUT
    behind.also = [leaving.SerializeToString()]
    with opened(ann) as tab:
        tab.receive_bytes()
        tab.receive_bytes()
        ann.get(gate.LOGOUT)
        tab.send_bytes(message("rerun_script"))
    assert sign_in_is_on == [SESSION] and behind.messages == []


def test_a_session_whose_page_was_closed_ends_with_its_sign_in(behind, sign_in_is_on):
    ann = visitor(behind, "ann")
    with opened(ann) as tab:
        tab.receive_bytes()
    ann.get(gate.LOGOUT)
    assert sign_in_is_on == [SESSION]


def test_another_persons_session_stays(behind, sign_in_is_on):
    ann, later = visitor(behind, "ann"), visitor(behind, "ann-later")
    with opened(later) as tab:
        tab.receive_bytes()
        ann.get(gate.LOGOUT)
        tab.send_bytes(message("rerun_script"))
        tab.receive_bytes()
    assert sign_in_is_on == [] and behind.messages == ["rerun_script"]


def test_another_sites_link_does_not_sign_out(behind):
    ann = visitor(behind, "ann")
    assert ann.get(gate.LOGOUT, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert ann.get("/").text == "page"


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(signed_in, "monotonic", clock)
    return clock


def test_a_sign_in_that_nobody_uses_ends(behind, sign_in_is_on, clock):
    ann = visitor(behind, "ann")
    with opened(ann) as tab:
        tab.receive_bytes()
        clock.now += signed_in.idle_seconds() - 1
        tab.send_bytes(message("rerun_script"))  # a click
        tab.receive_bytes()
        clock.now += signed_in.idle_seconds() - 1
        tab.send_bytes(message("app_heartbeat"))  # the page by itself
        tab.receive_bytes()
        gate.end_unused_sign_ins()
        assert ann.get("/").text == "page"
        clock.now += 2
        tab.send_bytes(message("rerun_script"))  # too late
        assert tab.receive_bytes() == messages.reload_message()
    assert behind.messages == ["rerun_script", "app_heartbeat"]
    assert sign_in.ASK in ann.get("/").text
    gate.end_unused_sign_ins()
    assert sign_in_is_on == [SESSION] and signed_in.used == {}


@pytest.mark.parametrize(("setting", "seconds"), [("", 7200), ("30", 1800), ("1.5", 90)])
def test_the_idle_limit_is_a_setting(monkeypatch, setting, seconds):
    monkeypatch.setenv(signed_in.IDLE, setting)
    assert signed_in.idle_seconds() == seconds


@pytest.mark.parametrize("setting", ["0", "-1", "soon", "nan", "inf", "1e9"])
def test_an_idle_limit_that_is_none_is_said(monkeypatch, setting):
    monkeypatch.setenv(signed_in.IDLE, setting)
    with pytest.raises(KetadashError, match=signed_in.IDLE):
        signed_in.idle_seconds()


def test_sign_ins_are_not_remembered_without_end(monkeypatch):
    monkeypatch.setattr(signed_in, "MOST", 3)
    for number in range(10):
        signed_in.begin(str(number))
    assert list(signed_in.used) == ["7", "8", "9"]


def test_several_providers_are_told_apart_and_shown_as_text():
    entry = sign_in.Entry(open=False, providers=("a<b>", None), redirect_uri=AUTH["redirect_uri"])
    page = sign_in_page.page(entry, f"{BASE}/").body.decode()
    assert "Sign in with a&lt;b&gt;" in page and "Sign in with the default" in page
