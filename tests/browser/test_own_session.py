"""What one browser opened is no other's: neither by the session's number nor by a file's address."""

from pathlib import Path

import pytest
from reading import PATHS, WAIT, app_is_whole
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

# The server refuses the same without a browser in tests/server/test_gate.py and test_made_files.py.
pytestmark = [pytest.mark.browser, pytest.mark.slow]

# As Streamlit's page asks for its session again; the frames' bytes until one is large enough to be a first message.
TAKE = """session => new Promise(resolve => {
  const got = [];
  const xsrf = (document.cookie.match(/_streamlit_xsrf=([^;]*)/) || [])[1] || "none";
  const socket = new WebSocket(`ws://${location.host}/_stcore/stream`, ["streamlit", xsrf, session]);
  socket.binaryType = "arraybuffer";
  socket.onmessage = event => { got.push([...new Uint8Array(event.data)]); if (got.length > 1) socket.close(); };
  socket.onclose = () => resolve(got);
  socket.onopen = () => socket.send(new Uint8Array([90, 0]));  // rerun_script, empty
})"""


class Visitor:
    """A browser of somebody's own, and which sessions it was given."""

    def __init__(self, browser, site):
        self.context, self.site, self.sessions = browser.new_context(accept_downloads=True), site, set()
        self.page = self.context.new_page()
        self.page.on("websocket", lambda socket: socket.on("framereceived", self.learn))
        self.page.goto(f"{site}/{PATHS['abstinence']}")
        app_is_whole(self.page)

    def learn(self, frame):
        self.sessions |= {named} if (named := session_named(frame)) else set()

    def fetch(self, path, method="GET"):
        return self.page.evaluate(
            "([path, method]) => fetch(path, {method}).then(r => [r.status, r.headers.get('cache-control')])",
            [path, method],
        )


def session_named(frame) -> str:
    said = ForwardMsg()
    said.ParseFromString(bytes(frame))
    return said.new_session.initialize.session_id


@pytest.fixture
def two(browser, site):
    ann, mallory = Visitor(browser, site), Visitor(browser, site)
    yield ann, mallory
    ann.context.close()
    mallory.context.close()


def test_a_sessions_number_opens_nothing_in_another_browser(two):
    ann, mallory = two
    (session,) = ann.sessions
    address = f"/_stcore/upload_file/{session}/some-file"
    assert mallory.fetch(address, "PUT")[0] == mallory.fetch(address, "DELETE")[0] == 403
    given = {session_named(frame) for frame in mallory.page.evaluate(TAKE, session)} - {""}
    assert given and session not in given
    # her own page is still connected, and what would have been taken is there when her browser asks
    ann.page.get_by_test_id("stSidebar").wait_for(timeout=WAIT)
    again = {session_named(frame) for frame in ann.page.evaluate(TAKE, session)} - {""}
    assert again == {session}


def test_a_files_address_opens_nothing_in_another_browser(two):
    ann, mallory = two
    asked = []
    ann.page.on("request", lambda request: asked.append(request.url) if "/made/" in request.url else None)
    ann.page.get_by_role("tab", name="Download").click()
    with ann.page.expect_download() as download:
        ann.page.get_by_role("button", name="CSV").first.click()
    assert b"," in Path(download.value.path()).read_bytes()
    token = asked[0].removeprefix(ann.site).split("/")[2]
    path = f"/made/{token}/another-press"
    assert mallory.fetch(path, "POST")[0] == 410
    assert ann.fetch(path, "POST") == [200, "no-store"]
