"""The one gate in front of every address and every message: names and origins, whose a session is, who is signed in.

What a stranger can reach is decided here and nowhere else; what each promise is, and which test keeps it, says
docs/security.md.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ketadash.files.limits import limits
from ketadash.files.machine import memory
from ketadash.ui.server import browser, hosts, in_turn, logs, sign_in, sign_in_page, signed_in
from ketadash.ui.server.kept_messages import KeptMessages
from ketadash.ui.server.streamlit_seams import messages, sessions, signing_in

SOCKET = "/_stcore/stream"
HEALTH = "/_stcore/health"
INNER, UPLOAD, MEDIA = "/_stcore/", "/_stcore/upload_file/", messages.MEDIA
LOGIN, LOGOUT, CALLBACK = "/auth/login", "/auth/logout", sign_in.CALLBACK
BEFORE_SIGN_IN = (HEALTH, "/healthz", LOGIN, LOGOUT, CALLBACK)
# What a page needs of Streamlit's inner addresses; the others (metrics, agents, scripts' health) are for machines
OPEN = (HEALTH, "/_stcore/host-config", "/_stcore/bidi-components/", UPLOAD)
# What a page sends; the others empty everybody's caches, ask about the code's repository, or are for developers
PAGE_MESSAGES = frozenset({"rerun_script", "stop_script", "file_urls_request", "app_heartbeat"})
PAGE_OPERATIONS = frozenset({"deferred_file", "dataframe_chunk"})
SMALL_BODY = 2**16  # bytes of a request that sends no file
FRAMING = 2**20  # bytes that a form adds around a file
BODY_PAUSE_S = 30.0  # without a byte of a body that was announced
SLOWEST = 10_000  # bytes a second, over the whole of a body after the first pause
WHILE_PAGES_WAIT = 5_000_000  # bytes a second of a body: taking it in is work that pages then wait for
SEND_S = 120.0  # for a browser to take what it asked for
BURST, PER_SECOND = 200, 50  # messages of one page: more are read later, none is lost
HELD = 2  # times the largest file: what one session may have sent before a page has read it
EVERYBODYS = 0.25  # of the machine's memory: what all have sent and no page has read

FOREIGN_NAME = "This server is not reached by that name. Whoever runs it can allow it: KETADASH_HOSTS."
FOREIGN_PAGE = "A page of another site asked for this."
TOO_MANY = "Too many files are being sent to this server at once. Wait a little, then drop the file again."
SIGN_IN_FIRST = "Sign in first."
NOT_YOURS = "This belongs to another browser, or to a page that has ended. Open the app again."


class Gate:
    """ASGI middleware in front of Streamlit: everything that comes in passes it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is allowed; refuse the rest in a sentence."""
        if scope["type"] == "http":
            await self._request(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if (refusal := foreign(scope)) is not None:
            await refuse(refusal, 403)(scope, receive, send)
            return
        entry = sign_in.entry(browser.cookies_of(scope))
        if not entry.open and path not in BEFORE_SIGN_IN:
            await before_sign_in(scope, entry)(scope, receive, answering(scope, send))
            return
        if path.startswith(INNER) and not path.startswith(OPEN):
            await refuse("Not Found", 404)(scope, receive, send)
            return
        if not may_have(scope):
            await refuse(NOT_YOURS, 403)(scope, receive, send)
            return
        if path.startswith(UPLOAD) and scope["method"] == "PUT":
            await self._upload(scope, receive, send)
            return
        if path == LOGOUT and entry.key is not None:
            end_sign_in(entry.key)
        await self.app(scope, bounded_body(receive, SMALL_BODY), answering(scope, send))

    async def _upload(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not has_room(scope):
            await refuse(TOO_MANY, 413)(scope, receive, send)
            return
        with Arrival() as arrival:
            bounded = bounded_body(arrival.counting(receive), limits().bytes + FRAMING)
            await self.app(scope, bounded, answering(scope, send))

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        tokens = browser.cookie_of(scope)
        if foreign(scope) is not None or not tokens or scope["path"] != SOCKET:
            await receive()
            await send({"type": "websocket.close", "code": 1008})
            return
        entry = sign_in.entry(browser.cookies_of(scope))
        if not entry.open:
            await receive()
            await send_to_the_door(scope, send)
            return
        await Talk(tokens, entry.key).run(self.app, without_strange_session(scope), receive, send)


def refuse(reason: str, status: int) -> Response:
    """A refusal in a sentence; the rest of what was being sent is not waited for."""
    return PlainTextResponse(reason, status, {"Cache-Control": "no-store", "Connection": "close"})


def before_sign_in(scope: Scope, entry: sign_in.Entry) -> Response:
    """The sign-in page for whoever opens a page; for all else a refusal."""
    path: str = scope["path"]
    of_a_page = any(part in path for part in (INNER, MEDIA, "/static/", "/component/"))
    if scope["method"] not in ("GET", "HEAD") or of_a_page:
        return refuse(SIGN_IN_FIRST, 403)
    scheme, host = scope["scheme"], Headers(scope=scope).get("host", "")
    return sign_in_page.page(entry, f"{scheme}://{host}{path}")


async def send_to_the_door(scope: Scope, send: Send) -> None:
    """A tab whose sign-in has ended asks again and again: tell it to load its address anew, and nothing else."""
    chosen = scope["subprotocols"][0] if scope["subprotocols"] else None
    await send({"type": "websocket.accept", "subprotocol": chosen})
    await send({"type": "websocket.send", "bytes": messages.reload_message()})
    await send({"type": "websocket.close", "code": 1000})


def begin_sign_in(set_cookies: list[str]) -> None:
    """The answer to whoever comes back from the provider: remember the sign-in that it puts into the cookies."""
    cookies = cookie_parser("; ".join(header.split(";")[0] for header in set_cookies))
    claims = signing_in.signed_in_claims(cookies)
    if claims is not None:
        signed_in.begin(signed_in.key_of(claims))


def end_sign_in(key: str) -> None:
    """End a sign-in, its sessions with all that they hold, and send their tabs to the sign-in page."""
    signed_in.end(key)
    for session_id, owned in browser.signed_in_as(key).items():
        if owned.leave is not None:
            owned.leave()
        sessions.end_session(session_id)
        browser.forget(session_id)


def end_unused_sign_ins() -> None:
    """End the sign-ins that nobody uses."""
    for key in signed_in.unused():
        end_sign_in(key)


def foreign(scope: Scope) -> str | None:
    """Why a request or socket is not for this server, or not from a page of its own; None if it is."""
    headers = Headers(scope=scope)
    names = headers.getlist("host")
    if len(names) != 1 or not hosts.is_own_host(names[0]):
        return FOREIGN_NAME
    origins = headers.getlist("origin")
    if any(not hosts.is_own_origin(origin, names[0], scope["scheme"]) for origin in origins):
        return FOREIGN_PAGE
    if scope["path"] == LOGOUT and headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        return FOREIGN_PAGE  # a link elsewhere must not end somebody's session
    return None


def may_have(scope: Scope) -> bool:
    """Whether the browser that asks owns what the address names: a session's uploads, a file that a session offers."""
    path: str = scope["path"]
    if path.startswith(UPLOAD):
        return scope["method"] == "OPTIONS" or browser.is_owner(scope, session_of_upload(path))
    if path.startswith(MEDIA):
        sessions = browser.sessions_of(browser.cookie_of(scope))
        return any(path.removeprefix(MEDIA) in browser.files_of(session_id) for session_id in sessions)
    return True


def session_of_upload(path: str) -> str:
    """The session that an upload's address names."""
    return path.removeprefix(UPLOAD).split("/")[0]


def has_room(scope: Scope) -> bool:
    """Whether a session may send one more file before a page has read those that it, and everybody else, have sent."""
    largest = limits().bytes
    own = sessions.held_uploads(session_of_upload(scope["path"]))
    everybodys = sessions.held_uploads() + Arrival.bytes
    return own <= (HELD - 1) * largest and everybodys <= max(EVERYBODYS * memory(), HELD * largest)


class Arrival:
    """A file that is on its way to the server: while it is, its bytes count as held."""

    bytes = 0  # of all that are on their way

    def __init__(self) -> None:
        self._got = 0

    def __enter__(self) -> Arrival:
        return self

    def __exit__(self, *_: object) -> None:
        Arrival.bytes -= self._got

    def counting(self, receive: Receive) -> Receive:
        """`receive`, that counts what comes, and takes it slowly while pages wait for their turn."""

        async def receive_on() -> Message:
            message = await receive()
            got = len(message.get("body", b""))
            self._got += got
            Arrival.bytes += got
            if in_turn.is_busy():
                await asyncio.sleep(got / WHILE_PAGES_WAIT)
            return message

        return receive_on


def answering(scope: Scope, send: Send) -> Send:
    """`send`, with the browser's cookie for one that has none, no copies kept of files, and no waiting for ever."""
    path = scope["path"]

    async def send_on(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            if path.startswith(MEDIA):
                headers["Cache-Control"] = "no-store"
            page = headers.get("content-type", "").startswith("text/html")
            if (page or path == HEALTH) and not browser.cookie_of(scope):
                headers.append("set-cookie", browser.new_cookie(scope))
            if path == CALLBACK:
                begin_sign_in(headers.getlist("set-cookie"))
        async with asyncio.timeout(SEND_S):
            await send(message)

    return send_on


def bounded_body(receive: Receive, largest: int) -> Receive:
    """`receive`, that ends a body which grows beyond `largest` bytes, or comes too slowly to be a reader's."""
    loop = asyncio.get_running_loop()
    begun, got, ended = loop.time(), 0, False

    async def receive_on() -> Message:
        nonlocal got, ended
        if ended:  # what is left to hear is that the browser went away, whenever that is
            return await receive()
        try:
            async with asyncio.timeout(BODY_PAUSE_S):
                message = await receive()
        except TimeoutError:
            raise _ended(408, "Nothing came for a while.") from None
        if message["type"] == "http.request":
            got += len(message.get("body", b""))
            ended = not message.get("more_body", False)
            late = loop.time() - begun - BODY_PAUSE_S
            if got > largest:
                raise _ended(413, "That is larger than anything this app takes.")
            if late > 0 and got < SLOWEST * late:
                raise _ended(408, "That came too slowly.")
        return message

    return receive_on


def _ended(status: int, reason: str) -> HTTPException:
    return HTTPException(status, reason, {"Connection": "close"})


def without_strange_session(scope: Scope) -> Scope:
    """A socket's scope without the session that it asks for again, unless it comes from the browser that had it."""
    headers = Headers(scope=scope)
    protocols = [entry.strip() for entry in headers.get("sec-websocket-protocol", "").split(",")]
    if len(protocols) < 3 or browser.is_owner(scope, protocols[2]):
        return scope
    kept = ", ".join(protocols[:2]).encode("latin-1")
    name = b"sec-websocket-protocol"
    changed = [(key, value) for key, value in scope["headers"] if key.lower() != name]
    return {**scope, "headers": [*changed, (name, kept)], "subprotocols": protocols[:2]}


def is_of_page(request: messages.FromPage, session_id: str | None) -> bool:
    """Whether a message is one that this app's pages send, about their own session."""
    if request.kind != "backend_operation_request":
        return request.kind in PAGE_MESSAGES
    if request.operation == "deferred_file":
        return session_id is not None and request.file_id is not None and sessions.makes(session_id, request.file_id)
    return request.operation in PAGE_OPERATIONS


class Talk:
    """One socket: it learns which session it serves, and lets through what a page says."""

    def __init__(self, tokens: frozenset[str], key: str | None) -> None:
        self.owned = browser.Owned(tokens, key, self.leave)
        self._send: Send | None = None
        self._leaving: asyncio.Task[None] | None = None
        self._goes_itself = False  # to sign out; were it called back, it would not get there
        self.session_id: str | None = None
        self._kept = KeptMessages()
        self._allowance = float(BURST)
        self._at = asyncio.get_running_loop().time()

    async def run(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the socket until one side leaves."""
        self._send = send

        async def send_on(message: Message) -> None:
            if self._leaving is not None:
                return
            if sent := message.get("bytes"):
                self._kept.note_sent(sent)
                self._learn(sent)
            await send(message)

        async def receive_on() -> Message:
            while True:
                message = await receive()
                if message["type"] != "websocket.receive" or await self._passes(message):
                    return message

        try:
            await app(scope, receive_on, send_on)
        finally:
            if self.session_id is not None:
                browser.left(self.session_id, self.owned)
                logs.event("session left", sessions=sessions.open_sessions())

    def leave(self) -> None:
        """Send the tab to the sign-in page and close the socket; nothing of the session is sent any more."""
        if self._leaving is None:
            self._leaving = asyncio.get_running_loop().create_task(self._send_away())

    async def _send_away(self) -> None:
        if self._send is None or self._goes_itself:
            return
        with suppress(Exception):  # the browser may be gone
            await self._send({"type": "websocket.send", "bytes": messages.reload_message()})
            await self._send({"type": "websocket.close", "code": 1000})

    def _learn(self, message: bytes) -> None:
        if self.session_id is None and (session_id := messages.session_opened(message)):
            self.session_id = session_id
            browser.bind(session_id, self.owned)
            logs.event("session opened", sessions=sessions.open_sessions())
        for file_id in messages.files_offered(message):
            self.owned.offer(file_id)
        if self.owned.signed_in is not None and messages.sends_to(message, LOGOUT):
            self._goes_itself = True

    async def _passes(self, message: Message) -> bool:
        await self._in_turn()
        key = self.owned.signed_in
        if key is not None and not signed_in.holds(key):
            self.leave()
        if self._leaving is not None:
            return False
        request = messages.from_page(message.get("bytes") or b"")
        if request is None:  # no message of Streamlit's: it closes the socket
            return True
        if key is not None and request.pressed:
            signed_in.use(key)
        kept = self._kept.believed(request.has_kept)
        if len(kept) < len(request.has_kept):
            message["bytes"] = messages.with_kept(message["bytes"], kept)
        return is_of_page(request, self.session_id)

    async def _in_turn(self) -> None:
        """Read no faster than a hand can press; asyncio holds the rest back, in the end at the sender."""
        now = asyncio.get_running_loop().time()
        self._allowance = min(BURST, self._allowance + PER_SECOND * (now - self._at)) - 1
        self._at = now
        if self._allowance < 0:
            await asyncio.sleep(-self._allowance / PER_SECOND)
