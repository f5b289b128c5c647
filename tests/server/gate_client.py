"""A browser at the gate, and the server behind it."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.testclient import TestClient
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from ketadash.ui.server import gate

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


def opened(client):
    return client.websocket_connect(STREAM, headers={"origin": BASE} | cookie(client))


def again(client, session_id=SESSION):
    asked = ["streamlit", "xsrf", session_id]
    return client.websocket_connect(STREAM, subprotocols=asked, headers={"origin": BASE} | cookie(client))


def part(body, more=True):
    return {"type": "http.request", "body": body, "more_body": more}


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
