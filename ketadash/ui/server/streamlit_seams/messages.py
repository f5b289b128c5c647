"""Streamlit's messages between server and page, read as far as the gate must know them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from ketadash.ui.server.streamlit_seams import part

ForwardMsg = part("streamlit.proto.ForwardMsg_pb2", "ForwardMsg")  # to a page
BackMsg = part("streamlit.proto.BackMsg_pb2", "BackMsg")  # from a page

MEDIA = "/media/"
SHORT, KEPT = 500, 5000  # bytes: more than a name or a run's end has, and less than any message has that is kept
SMALL = 2**15  # bytes: a message that offers a file is a few hundred; pictures and tables are not searched
_NAMED = b"\n"  # the first byte of a message that begins with its name


@dataclass(frozen=True, slots=True)
class FromPage:
    """What a page asks, as far as the gate judges it."""

    kind: str | None = None
    operation: str | None = None  # of a request for part of what was drawn
    file_id: str | None = None  # of the file that is to be made
    pressed: bool = False  # somebody pressed something; no clock did
    has_kept: tuple[str, ...] = ()  # names of messages


def from_page(message: bytes) -> FromPage | None:
    """What a page asks; None for what is no message of Streamlit's.

    Why: Streamlit answers whatever a page asks, be it to empty everybody's caches.
    Can go: when Streamlit can be told which messages it takes.
    Where messages have changed, none is of a kind, and so none passes.
    """
    if BackMsg is None:
        return FromPage()
    request = BackMsg()
    try:
        request.ParseFromString(message)
    except Exception:  # it closes the socket
        return None
    try:
        operation = request.backend_operation_request
        rerun = request.rerun_script
        return FromPage(
            kind=request.WhichOneof("type"),
            operation=operation.WhichOneof("payload"),
            file_id=operation.deferred_file.file_id or None,
            pressed=request.HasField("rerun_script") and not rerun.is_auto_rerun,
            has_kept=tuple(rerun.cached_message_hashes),
        )
    except (AttributeError, ValueError):  # another Streamlit
        return FromPage()


def with_kept(message: bytes, names: Sequence[str]) -> bytes:
    """A page's request to run, in which it says that it has kept the messages of these names.

    Why: what a page said it has kept can be dropped before the answer comes (`ketadash.ui.server.kept_messages`).
    Can go: with `name_of_message`.
    """
    request = BackMsg()
    request.ParseFromString(message)
    request.rerun_script.cached_message_hashes[:] = names
    content: bytes = request.SerializeToString()
    return content


def files_offered(message: bytes) -> list[str]:
    """The files that a message to a browser offers it: what their addresses under `/media/` call them.

    Why: Streamlit serves a file to whoever names it, and keeps to itself whose it is. Only the fields that hold an
    address count: a reader's own text, an arm's name say, can look like one.
    Can go: when Streamlit checks the reader of `/media` itself.
    Where the message has changed, nothing is offered, and so nothing served.
    """
    if len(message) > SMALL or MEDIA.encode() not in message:
        return []
    shown = _to_page(message)
    try:
        addresses = _addresses(shown)
    except (AttributeError, ValueError):  # another Streamlit's message
        return []
    return [address.partition(MEDIA)[2] for address in addresses if MEDIA in address]


def _addresses(message: Any) -> list[str]:
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


def session_opened(message: bytes) -> str | None:
    """The session's number, if this is the message that first tells it to a browser; None for every other message.

    Why: it is the one moment at which a browser and its session are seen together.
    Can go: when Streamlit ties a session to a cookie itself.
    Where the message has changed, no session is anybody's, and nothing that names one is served.
    """
    opened = _to_page(message)
    try:
        return opened.new_session.initialize.session_id or None if opened.HasField("new_session") else None
    except (AttributeError, ValueError):  # another Streamlit's message
        return None


def name_of_message(message: bytes) -> str | None:
    """The name of a message that a page may keep, be it the message itself or the name sent in its stead.

    Why: `ketadash.ui.server.kept_messages`. A name is the first field of a message that has one, so that none has to
    be read for it.
    Can go: when Streamlit names only what a page will still have.
    Where the message has changed, no page is believed to have kept anything, and all is sent.
    """
    if message[:1] == _NAMED:
        return message[2 : 2 + message[1]].decode("ascii", "replace") if len(message) > KEPT else None
    return getattr(_short(message), "ref_hash", None) or None


def ends_run(message: bytes) -> bool:
    """Whether a message says that a run has ended: then a page drops what it has not used for some runs.

    Why: `ketadash.ui.server.kept_messages`.
    Can go: with `name_of_message`.
    """
    try:
        return bool(_short(message).HasField("script_finished"))
    except (AttributeError, ValueError):  # no such message, or another Streamlit's
        return False


def _short(message: bytes) -> Any:
    return None if len(message) > SHORT or message[:1] == _NAMED else _to_page(message)


def _to_page(message: bytes) -> Any:
    """A message to a page; None for what is none."""
    if ForwardMsg is None:
        return None
    shown = ForwardMsg()
    try:
        shown.ParseFromString(message)
    except Exception:  # another Streamlit's message
        return None
    return shown


@cache
def reload_message() -> bytes:
    """The message that makes Streamlit's page load its own address again, which then is the sign-in page.

    Why: a tab whose sign-in has ended must not go on showing what it shows.
    Can go: when Streamlit ends the other tabs at sign-out.
    Where the message has changed, an empty one is sent; the socket is closed all the same.
    """
    try:
        reload = ForwardMsg()
        reload.auth_redirect.url = ""  # the same address: the link stays in the address bar
        reload.auth_redirect.SetInParent()
        return bytes(reload.SerializeToString())
    except (AttributeError, TypeError):
        return b""


def sends_to(message: bytes, path: str) -> bool:
    """Whether a message sends its page to `path`, as `st.logout` does.

    Why: that page is on its way out by itself, and must not be called back.
    Can go: with `reload_message`.
    """
    if len(message) > SMALL or path.encode() not in message:
        return False
    sent = _to_page(message)
    try:
        return bool(sent.HasField("auth_redirect") and sent.auth_redirect.url.endswith(path))
    except (AttributeError, ValueError):  # another Streamlit's message
        return False
