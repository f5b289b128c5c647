"""Sessions seen from outside: how many there are, what each holds, and their end."""

from __future__ import annotations

import asyncio
import gc
import sys
from typing import Any

from ketadash.ui.server.streamlit_seams import part

Runtime = part("streamlit.runtime", "Runtime")
MemorySessionStorage = part("streamlit.runtime.memory_session_storage", "MemorySessionStorage")
_MAIN = sys.modules["__main__"]


def open_sessions() -> int | None:
    """Pages open now; None where this Streamlit does not say.

    Why: Streamlit tells it in its metrics alone.
    Can go: when `Runtime` says it.
    """
    try:
        return Runtime.instance()._session_mgr.num_active_sessions()
    except (AttributeError, RuntimeError):  # another Streamlit, or not started yet
        return None


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
        storage = Runtime.instance().uploaded_file_mgr.file_storage
        held = tuple(storage.values()) if session_id is None else (storage.get(session_id, {}),)
        return sum(len(file.data) for files in held for file in tuple(files.values()))
    except (AttributeError, RuntimeError):
        return 0


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

    def save(storage: Any, info: Any) -> None:
        keep(storage, info)
        asyncio.get_running_loop().call_later(after_s, _end_stored, storage, info)

    save.ends = True  # type: ignore[attr-defined]
    MemorySessionStorage.save = save


def _end_stored(storage: Any, info: Any) -> None:
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
    widgets_of(getattr(session, "session_state", None)).clear()
    for name in ("session_state", "_fragment_storage", "_browser_queue"):
        clear = getattr(getattr(session, name, None), "clear", None)
        if clear is not None:
            clear()


def widgets_of(session_state: Any) -> dict[str, Any]:
    """What a session's state knows of its widgets, by their ids; nothing where the record has vanished."""
    try:
        record = getattr(session_state, "_state", session_state)._new_widget_state.widget_metadata
    except AttributeError:  # another Streamlit
        return {}
    return record if isinstance(record, dict) else {}
