"""The security headers of every answer; with them, what a page will need next, and plotly from memory."""

from __future__ import annotations

import asyncio
import gzip
from functools import cache, lru_cache

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ketadash.export import plotly_js
from ketadash.ui import PLOTLY, PLOTLY_AS
from ketadash.ui.server import hosts

FIXED_HEADERS = {
    "X-Frame-Options": "SAMEORIGIN",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
# Else plotly is asked for when the first picture is there, and the browser waits for it with nothing else to do.
AHEAD = f"<{PLOTLY_AS}>; rel=preload; as=script"
KEPT = "public, immutable, max-age=31536000"  # its address has its version


class Answers:
    """ASGI middleware: the headers of every response, refusals too."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and put the headers on its answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        host = Headers(scope=scope).get("host", "")

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(FIXED_HEADERS)
                headers["Content-Security-Policy"] = policy(host if hosts.is_own_host(host) else "")
                if scope["path"].endswith(f"/{PLOTLY}") and message["status"] == 200:
                    headers["Cache-Control"] = KEPT
            await send(message)

        await self.app(scope, receive, send_with_headers)


@lru_cache(maxsize=64)
def policy(host: str) -> str:
    """What a page that was asked for at `host` may load, and with whom it may speak: this server alone.

    Scripts and styles are Streamlit's own and need 'unsafe-inline' and 'unsafe-eval'; what the policy is for is
    connect-src and frame-ancestors: nothing leaves this server, and no other site can frame it. Older browsers do not
    count the socket as 'self', so that it is named, with this host and port and no other.
    """
    sockets = f" ws://{host} wss://{host}" if host else ""
    return "; ".join(
        (
            "default-src 'self'",
            "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            f"connect-src 'self' data: blob:{sockets}",
            "worker-src 'self' blob:",
            "frame-src 'self' data: blob:",
            "frame-ancestors 'self'",
            "base-uri 'self'",
            "form-action 'self'",
            "object-src 'none'",
        )
    )


class Library:
    """ASGI middleware: plotly, which each new browser needs, from memory, and asked for with the page.

    Streamlit would compress its five megabytes for every browser anew, while everybody waits (80 ms).
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer for plotly; pass everything else on."""

        async def send_with_link(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("content-type", "").startswith("text/html"):
                    headers["Link"] = AHEAD
            await send(message)

        is_plotly = scope["type"] == "http" and scope["path"].endswith(f"/{PLOTLY}")
        if is_plotly and "gzip" in Headers(scope=scope).get("accept-encoding", ""):
            body = await asyncio.to_thread(plotly_script)
            headers = {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
            await Response(body, media_type="text/javascript", headers=headers)(scope, receive, send)
        else:
            await self.app(scope, receive, send_with_link if scope["type"] == "http" else send)


@cache
def plotly_script() -> bytes:
    """The plotting library as browsers are given it, compressed once."""
    return gzip.compress(plotly_js.SCRIPT.read_bytes(), 6)
