"""Which page a session is on, while a page was asked for and the browser does not show it yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from ketadash.ui.server.streamlit_seams import part, runs

AppSession = part("streamlit.runtime.app_session", "AppSession")


@dataclass(frozen=True, slots=True)
class _Turn:
    """From which page a session was last turned to which, by a click on a link."""

    left: str
    to: str
    shown: str  # the address's path, in which the browser says what it shows
    controls: int  # a mark of what the click said they are set to


turns: WeakKeyDictionary[Any, _Turn] = WeakKeyDictionary()  # by what each session keeps of its pages


def keep_the_page_asked_for() -> None:
    """Let what a page still says after its reader has left it turn nobody back to it.

    Why: a browser names the page it shows with all that it says, and shows the next one only when the server has begun
    to run it. So a box that was opened, a slider let go or a clock that ticked just before a link was clicked asked
    for the page before, last, and the click was lost; on a busy server one in thirty.
    Can go: when Streamlit's pages say what is a click on a link, and runs are told apart by it.
    Where the class has vanished, or what it knows, such a click has to be repeated.
    """
    ask = getattr(AppSession, "request_rerun", None)
    if ask is None or hasattr(ask, "keeps_page"):
        return

    def request_rerun(session: Any, client_state: Any) -> None:
        if client_state is None:  # a run that no browser asks for
            ask(session, None)
            return
        try:
            wanted = _in_time(session, client_state)
        except (AttributeError, TypeError):  # another Streamlit
            wanted = client_state
        if wanted is not None:
            ask(session, wanted)

    request_rerun.keeps_page = True  # type: ignore[attr-defined]
    AppSession.request_rerun = request_rerun


def opened_by_the_server() -> None:
    """The server opens a page in the session that runs: the click before is answered by that.

    Why: the browser may come to show the page that was left, and its controls and clocks would be taken for late.
    Can go: with `keep_the_page_asked_for`.
    Where the record has vanished, the next control of such a page opens the page that was clicked.
    """
    pages = getattr(runs.context(), "pages_manager", None)
    if pages is not None:
        turns.pop(pages, None)


def _in_time(session: Any, request: Any) -> Any:
    """What a browser asks for, of the page that its reader last asked for; None if it is for nobody any more."""
    turn = turns.get(session._pages_manager)
    if turn is None or not _is_late(request, turn):
        _follow(session, request, turn)
        return request
    if request.is_auto_rerun:
        return None
    kept = type(request)()
    kept.CopyFrom(request)
    kept.page_script_hash, kept.fragment_id = turn.to, ""
    return kept


def _follow(session: Any, request: Any, before: _Turn | None) -> None:
    """Note a click on a link, and drop the one before as soon as its page is seen, or turned away from."""
    page = session._pages_manager.current_page_script_hash  # the session's own says app.py as long as its first run is
    to, shown = request.page_script_hash, _shown(request)
    unseen = before is not None and before.shown == shown  # the click before is not yet answered
    left = before.left if before is not None and unseen else page
    pages = session.get_pages()
    elsewhere = page and to not in (page, left) and to in pages and not request.fragment_id
    # a browser that shows another page has not heard of the one that the server has turned to, and clicks nothing of it
    shows_left = pages.get(left, {}).get("url_pathname") == shown.rpartition("/")[2]
    if elsewhere and shows_left and not request.is_history_navigation:  # such a one has moved the address already
        turns[session._pages_manager] = _Turn(left, to, shown, _controls(request))
    elif before is not None and not (unseen and to == before.to):
        del turns[session._pages_manager]


def _is_late(request: Any, turn: _Turn) -> bool:
    """Whether a browser that still shows the page before says something of it, which is no click on that page's link.

    A click on a link says what the controls beside every page are set to, as the click before did. A control says what
    it and all others are set to, those of the page too, and so more; a clock says that it is one.
    """
    if request.page_script_hash != turn.left or _shown(request) != turn.shown or request.is_history_navigation:
        return False
    return bool(request.is_auto_rerun) or _controls(request) != turn.controls


def _shown(request: Any) -> str:
    return urlsplit(request.context_info.url).path


def _controls(request: Any) -> int:
    """A mark of what a browser says its controls are set to, by which nothing can be read or guessed."""
    return hash(request.widget_states.SerializeToString(deterministic=True))
