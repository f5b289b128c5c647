"""Which browser a session belongs to: a cookie that only the browser holds, and what was opened with it.

A session's number stands in addresses (uploads), and so in a proxy's log. Alone it opens nothing: every address that
names a session, and every socket that asks for one again, has to come with a cookie with which the session was opened.

The cookie's *name* is drawn at random too. Two tabs that are opened at the same moment are both given one; were the
name the same, the second would take the first one's place, and the first tab could no longer send its file.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.types import Scope

KEPT_S = 180.0  # how long a session that was left can be asked for; Streamlit forgets it sooner
MOST_TOKENS = 8  # cookies of ours that a browser can have; two tabs opened at once make two
MOST_FILES = 1000  # of a session: Streamlit keeps those of its last two runs
_COOKIE = re.compile(r"(?:__Host-)?ketadash-[0-9a-f]{8}")
_TOKEN = re.compile(r"[0-9a-f]{32}")


@dataclass(eq=False)
class Owned:
    """A session: with which cookies it was opened, under which sign-in, and how to end what speaks to it now."""

    tokens: frozenset[str]
    signed_in: str | None = None
    leave: Callable[[], None] | None = None
    left_at: float | None = None
    files: dict[str, None] = field(default_factory=dict)  # that it was offered, the newest last

    def offer(self, file_id: str) -> None:
        """A file's address was sent to this session's browser."""
        self.files.pop(file_id, None)
        self.files[file_id] = None
        if len(self.files) > MOST_FILES:
            del self.files[next(iter(self.files))]


owned_sessions: dict[str, Owned] = {}


def cookies_of(scope: Scope) -> dict[str, str]:
    """Every cookie that came with a request or a socket."""
    return cookie_parser("; ".join(Headers(scope=scope).getlist("cookie")))


def cookie_of(scope: Scope) -> frozenset[str]:
    """The secrets by which this server knows the browser that asks; empty for one that has none of them yet."""
    secure = is_secure(scope)
    tokens = [
        value
        for name, value in cookies_of(scope).items()
        # over TLS only what no other host, and no plain connection, can have put there
        if _COOKIE.fullmatch(name) and name.startswith("__Host-") == secure and _TOKEN.fullmatch(value)
    ]
    return frozenset(tokens[:MOST_TOKENS])


def new_cookie(scope: Scope) -> str:
    """A Set-Cookie header with a new secret: not for scripts, not for other sites, gone when the browser is closed."""
    name, secure = f"ketadash-{secrets.token_hex(4)}", ""
    if is_secure(scope):
        name, secure = f"__Host-{name}", "; Secure"
    return f"{name}={secrets.token_hex(16)}; Path=/; HttpOnly; SameSite=Lax{secure}"


def is_secure(scope: Scope) -> bool:
    """Whether the browser speaks TLS, as far as the server or a proxy that it trusts knows."""
    return scope.get("scheme") in ("https", "wss")


def owner_of_session(session_id: str) -> frozenset[str]:
    """The secrets that `cookie_of` must give one of for somebody to be this session's reader; empty if unknown."""
    owned = owned_sessions.get(session_id)
    return owned.tokens if owned else frozenset()


def is_owner(scope: Scope, session_id: str) -> bool:
    """Whether a request or a socket comes from the browser that opened this session."""
    return not owner_of_session(session_id).isdisjoint(cookie_of(scope))


def sessions_of(tokens: frozenset[str]) -> list[str]:
    """The sessions that a browser with these secrets opened."""
    return [session_id for session_id, owned in owned_sessions.items() if not owned.tokens.isdisjoint(tokens)]


def files_of(session_id: str) -> dict[str, None]:
    """The files whose addresses a session was sent."""
    owned = owned_sessions.get(session_id)
    return owned.files if owned else {}


def bind(session_id: str, owned: Owned) -> None:
    """Say whose a session is: at the moment when its number is first told, and when its page comes back."""
    now = monotonic()
    for old in [s for s, o in owned_sessions.items() if o.left_at is not None and now - o.left_at > KEPT_S]:
        del owned_sessions[old]
    known = owned_sessions.get(session_id)
    if known is not None:
        if known.tokens.isdisjoint(owned.tokens):  # Streamlit gave one reader another's: it stays the other's
            return
        owned.files = known.files | owned.files
    owned_sessions[session_id] = owned


def left(session_id: str, owned: Owned) -> None:
    """A session's socket is closed; its page may come back for a while."""
    if owned_sessions.get(session_id) is owned:
        owned.left_at, owned.leave = monotonic(), None


def signed_in_as(sign_in: str) -> dict[str, Owned]:
    """The sessions that were opened under a sign-in."""
    return {session_id: owned for session_id, owned in owned_sessions.items() if owned.signed_in == sign_in}


def forget(session_id: str) -> None:
    """The session has ended for good."""
    owned_sessions.pop(session_id, None)
