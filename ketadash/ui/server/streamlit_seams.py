"""The private parts of Streamlit that the server touches, each in one place with the reason and when it can go.

Each works when the private thing has vanished: what is a comfort is then absent, what is a lock stays locked. The
tests of `tests/server/test_seams.py` say which of them a new Streamlit has moved.
"""

from __future__ import annotations

import asyncio
import gc
import json
import socket
import sys
from collections.abc import Callable, Mapping
from functools import cache
from time import monotonic
from typing import Any

from streamlit import net_util
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import Runtime
from streamlit.runtime.memory_session_storage import MemorySessionStorage
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner import get_script_run_ctx, script_runner
from streamlit.runtime.session_manager import SessionInfo
from streamlit.web.server.starlette import starlette_server

USER_COOKIE = "_streamlit_user"
MEDIA = "/media/"
SHORT, KEPT = 500, 5000  # bytes: more than a name or a run's end has, and less than any message has that is kept
_NAMED = b"\n"  # the first byte of a message that begins with its name
SMALL = 2**15  # bytes: a message that offers a file is a few hundred; pictures and tables are not searched
_MAIN = sys.modules["__main__"]


def listen_with(settings: Mapping[str, Any]) -> None:
    """Let uvicorn, in which Streamlit runs, work with these settings of its own.

    Why: `st.App.run` hands none on, and uvicorn by itself waits for ever, takes any number, and 200 MB in a message.
    Can go: when `st.App.run` takes uvicorn's settings.
    Where the function has vanished, the server works and is not bounded by them; the gate's bounds stay.
    """
    given = getattr(starlette_server, "_get_uvicorn_config_kwargs", None)
    if given is None or hasattr(given, "listen_with"):
        return

    def more() -> dict[str, Any]:
        return {**given(), **settings}

    more.listen_with = True  # type: ignore[attr-defined]
    starlette_server._get_uvicorn_config_kwargs = more


def send_small_packets_at_once() -> None:
    """Send small answers when they are written, not when the browser has acknowledged the one before (Nagle, 40 ms).

    Why: asyncio asks for that itself of sockets that say they are TCP; those that Streamlit binds do not say.
    Can go: when Streamlit leaves binding to uvicorn, or asks for it.
    Where the function has vanished, answers are later, not lost.
    """
    bind = getattr(starlette_server, "_bind_socket", None)
    if bind is None or hasattr(bind, "at_once"):
        return

    def bound(address: str, port: int, backlog: int) -> socket.socket:
        listening = bind(address, port, backlog)
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # connections inherit it
        return listening

    bound.at_once = True  # type: ignore[attr-defined]
    starlette_server._bind_socket = bound


def ask_nobody() -> None:
    """Never ask a host outside for this server's address.

    Why: Streamlit does, when another site's page connects.
    Can go: the gate refuses such a page before Streamlit sees it; this is the second lock.
    """
    net_util.get_external_ip = lambda: None


def pages_are_ours() -> None:
    """Tell Streamlit that pages/ belongs to `st.navigation`.

    Why: it otherwise learns that from the first full run; a deep link as the first request would run a page alone.
    Can go: when Streamlit no longer reads a folder called pages beside an app with `st.navigation`.
    """
    PagesManager.uses_pages_directory = False


def time_runs(note: Callable[[Any, float], None]) -> None:
    """Call `note` with the context and the seconds of each run of a page.

    Why: Streamlit says when a run begins and ends to the browser alone.
    Can go: when `st.App` has a hook around a run.
    Where the function has vanished, no run is noted.
    """
    run = getattr(script_runner, "exec_func_with_error_handling", None)
    if run is None or getattr(run, "timed", False):
        return

    def timed(func: Callable[[], Any], ctx: Any) -> Any:
        begun = monotonic()
        try:
            return run(func, ctx)
        finally:
            note(ctx, monotonic() - begun)

    timed.timed = True  # type: ignore[attr-defined]
    script_runner.exec_func_with_error_handling = timed


def open_sessions() -> int | None:
    """Pages open now; None where this Streamlit does not say.

    Why: Streamlit tells it in its metrics alone.
    Can go: when `Runtime` says it.
    """
    try:
        return Runtime.instance()._session_mgr.num_active_sessions()
    except (AttributeError, RuntimeError):  # another Streamlit, or not started yet
        return None


def files_told(message: bytes) -> list[str]:
    """The files that a message to a browser offers it: what their addresses under `/media/` call them.

    Why: Streamlit serves a file to whoever names it, and keeps to itself whose it is. Only the fields that hold an
    address count: a reader's own text, an arm's name say, can look like one.
    Can go: when Streamlit checks the reader of `/media` itself.
    Where the message has changed, nothing is offered, and so nothing served.
    """
    if len(message) > SMALL or MEDIA.encode() not in message:
        return []
    forward = ForwardMsg()
    try:
        forward.ParseFromString(message)
        addresses = _addresses(forward)
    except Exception:  # another Streamlit's message
        return []
    return [address.partition(MEDIA)[2] for address in addresses if MEDIA in address]


def _addresses(message: ForwardMsg) -> list[str]:
    kind = message.WhichOneof("type")
    if kind == "backend_operation_response":
        return [message.backend_operation_response.deferred_file.url]
    if kind == "page_config_changed":
        return [message.page_config_changed.favicon]
    if kind != "delta" or message.delta.WhichOneof("type") != "new_element":
        return []
    element = message.delta.new_element
    name = element.WhichOneof("type")
    if name not in ("download_button", "imgs", "audio", "video"):
        return []
    shown = getattr(element, name)
    return [shown.url] if name != "imgs" else [image.url for image in shown.imgs]


def makes(session_id: str, file_id: str) -> bool:
    """Whether a file that is made when it is asked for (a deferred download) is one of this session's.

    Why: Streamlit makes it for whoever names it.
    Can go: when Streamlit checks the session itself.
    Where the record has vanished, none is made.
    """
    try:
        entry = Runtime.instance().media_file_mgr._deferred_callables.get(file_id)
        return entry is not None and entry["session_id"] == session_id
    except (AttributeError, KeyError, RuntimeError):  # another Streamlit, or not started yet
        return False


def held_uploads(session_id: str | None = None) -> int:
    """Bytes of the files that a session, or all of them, have sent and that Streamlit keeps.

    Why: Streamlit bounds each file and not how many there are until a page runs.
    Can go: when Streamlit bounds what a session holds.
    Where the store has vanished, none are counted: each is still bounded.
    """
    try:
        storage = Runtime.instance().uploaded_file_mgr.file_storage  # type: ignore[attr-defined]
        held = tuple(storage.values()) if session_id is None else (storage.get(session_id, {}),)
        return sum(len(file.data) for files in held for file in tuple(files.values()))
    except (AttributeError, RuntimeError):
        return 0


def signed_in_claims(cookies: Mapping[str, str]) -> dict[str, Any] | None:
    """What Streamlit's sign-in cookie says, if this server signed it; None for none, a forged and a broken one.

    Why: Streamlit reads it when a socket is opened, and nowhere else; everything else answers the anonymous.
    Can go: when Streamlit has one gate for all its addresses.
    Where the reader has vanished, nobody is signed in.
    """
    try:
        from streamlit.web.server.starlette import starlette_websocket  # absent from another Streamlit

        payload = starlette_websocket._get_signed_cookie_with_chunks(dict(cookies), USER_COOKIE)
        claims = json.loads(payload) if payload else None
    except Exception:  # whatever a stranger's cookie sets off in there
        return None
    return claims if isinstance(claims, dict) else None


def provider_token(provider: str) -> str | None:
    """The signed name of a sign-in provider, as `/auth/login` wants it; None where Streamlit no longer makes one.

    Why: `st.login` makes it inside a session, and before sign-in there is to be none.
    Can go: when `/auth/login` takes a plain name.
    """
    try:
        from streamlit.auth_util import encode_provider_token

        return encode_provider_token(provider)
    except Exception:  # Authlib is absent, or another Streamlit
        return None


def session_told(message: bytes) -> str | None:
    """The session's number, if this is the message that first tells it to a browser; None for every other message.

    Why: it is the one moment at which a browser and its session are seen together.
    Can go: when Streamlit ties a session to a cookie itself.
    Where the message has changed, no session is anybody's, and nothing that names one is served.
    """
    forward = ForwardMsg()
    try:
        forward.ParseFromString(message)
        return forward.new_session.initialize.session_id or None if forward.HasField("new_session") else None
    except Exception:  # another Streamlit's message
        return None


def name_of_message(message: bytes) -> str | None:
    """The name of a message that a page may keep, be it the message itself or the name sent in its stead.

    Why: `kept_messages`. A name is the first field of a message that has one, so that none has to be read for it.
    Can go: when Streamlit names only what a page will still have.
    Where the message has changed, no page is believed to have kept anything, and all is sent.
    """
    if message[:1] == _NAMED:
        return message[2 : 2 + message[1]].decode("ascii", "replace") if len(message) > KEPT else None
    forward = _short(message)
    return forward.ref_hash or None if forward is not None else None


def ends_run(message: bytes) -> bool:
    """Whether a message says that a run has ended: then a page drops what it has not used for some runs.

    Why: `kept_messages`.
    Can go: with `name_of_message`.
    """
    forward = _short(message)
    return forward is not None and forward.HasField("script_finished")


def _short(message: bytes) -> ForwardMsg | None:
    if len(message) > SHORT or message[:1] == _NAMED:
        return None
    forward = ForwardMsg()
    try:
        forward.ParseFromString(message)
    except Exception:  # another Streamlit's message
        return None
    return forward


@cache
def reload_message() -> bytes:
    """The message that makes Streamlit's page load its own address again, which then is the sign-in page.

    Why: a tab whose sign-in has ended must not go on showing what it shows.
    Can go: when Streamlit ends the other tabs at sign-out.
    """
    forward = ForwardMsg()
    forward.auth_redirect.url = ""  # the same address: the link stays in the address bar
    forward.auth_redirect.SetInParent()
    return forward.SerializeToString()


def sends_to(message: bytes, path: str) -> bool:
    """Whether a message sends its page to `path`, as `st.logout` does.

    Why: that page is on its way out by itself, and must not be called back.
    Can go: with `reload_message`.
    """
    if len(message) > SMALL or path.encode() not in message:
        return False
    forward = ForwardMsg()
    try:
        forward.ParseFromString(message)
        return forward.HasField("auth_redirect") and forward.auth_redirect.url.endswith(path)
    except Exception:  # another Streamlit's message
        return False


def end_session(session_id: str) -> None:
    """End a session now, with all that it was given; nothing happens to one that has ended.

    Why: `close_session` leaves the values of its widgets to whoever still refers to them.
    Can go: when closing a session empties it.
    """
    try:
        runtime = Runtime.instance()
        info = runtime._session_mgr.get_session_info(session_id)
        runtime.close_session(session_id)
    except (AttributeError, RuntimeError):
        return
    if info is not None:
        let_go(info.session)


def end_closed_sessions(after_s: float) -> None:
    """End a session some time after its page was closed, with all that it was given.

    Why: Streamlit keeps it for two minutes, so that a page can reconnect, but drops it only when it stores the next
    one: on a quiet server, never.
    Can go: when Streamlit drops it by a clock.
    Where the storage has vanished, a session stays until Streamlit drops it.
    """
    keep = getattr(MemorySessionStorage, "save", None)
    if keep is None or getattr(keep, "ends", False):
        return

    def save(storage: MemorySessionStorage, info: SessionInfo) -> None:
        keep(storage, info)
        asyncio.get_running_loop().call_later(after_s, _end_stored, storage, info)

    save.ends = True  # type: ignore[attr-defined]
    MemorySessionStorage.save = save  # type: ignore[method-assign, assignment]


def _end_stored(storage: MemorySessionStorage, info: SessionInfo) -> None:
    if storage.get(info.session.id) is info:  # else it has come back, or is gone
        storage.delete(info.session.id)
        info.session.shutdown()
        let_go(info.session)


def let_go(session: Any) -> None:
    """Drop what a session that was shut down held, and what the interpreter holds of it."""
    empty_session(session)
    sys.modules["__main__"] = _MAIN  # else the variables of the last page that ran, whosever it was
    asyncio.get_running_loop().call_later(1, gc.collect)  # for what refers to each other in circles


def empty_session(session: Any) -> None:
    """Let go of what a session that was shut down held: Streamlit's loop may hold the session itself for long."""
    _widgets(getattr(session, "session_state", None)).clear()
    for part in ("session_state", "_fragment_storage", "_browser_queue"):
        clear = getattr(getattr(session, part, None), "clear", None)
        if clear is not None:
            clear()


def widgets_known() -> dict[str, Any]:
    """What Streamlit knows of the widgets of the session that runs, by their ids: their callbacks and their options.

    Why: it forgets none before the session itself is freed, and a callback or an option can hold a whole trial.
    Can go: when Streamlit drops what it knows of widgets that are not drawn any more.
    Where the record has vanished, there is nothing to drop.
    """
    context = get_script_run_ctx()
    return dict(_widgets(getattr(context, "session_state", None)))


def drop_widgets_not_drawn(before: Mapping[str, Any]) -> None:
    """Drop what was known of widgets `before` a run (`widgets_known`) and was not told again in it."""
    context = get_script_run_ctx()
    known = _widgets(getattr(context, "session_state", None))
    for widget, record in before.items():
        if known.get(widget) is record:
            del known[widget]


def _widgets(session_state: Any) -> dict[str, Any]:
    try:
        widgets = getattr(session_state, "_state", session_state)._new_widget_state.widget_metadata
    except AttributeError:  # another Streamlit
        return {}
    return widgets if isinstance(widgets, dict) else {}


def end_run_if_left() -> None:
    """End the script run of this thread if its reader has left; nothing happens in a thread that runs no script.

    Why: Streamlit asks only when something is drawn, and a computation draws nothing for minutes.
    Can go: when a run can be ended from outside.
    Where the record has vanished, a run ends when it next draws something.
    """
    context = get_script_run_ctx(suppress_warning=True)
    request = getattr(getattr(context, "script_requests", None), "_state", None)
    if context is not None and getattr(request, "name", "") == "STOP":
        context.yield_check()
