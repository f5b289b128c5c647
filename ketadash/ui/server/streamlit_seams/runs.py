"""The script run of the current session."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ketadash.ui.server.streamlit_seams import part, sessions

get_context = part("streamlit.runtime.scriptrunner", "get_script_run_ctx")


def context() -> Any:
    """Streamlit's record of the run in this thread; None in a thread that runs no page.

    Why: the number of the session, its uploads and its widgets are nowhere else.
    Can go: when each of those below has.
    Where the record has vanished, there is none.
    """
    return None if get_context is None else get_context(suppress_warning=True)


def session_id() -> str:
    """The number of the current session; empty outside one.

    Why: what a file is made for must be the session's whose page shows its button.
    Can go: when `st.context` says it.
    """
    return str(getattr(context(), "session_id", ""))


def went_back() -> bool:
    """Whether this run answers the browser's Back or Forward: then the address is right, whatever the session says.

    Why: Streamlit tells a page nothing of why it runs.
    Can go: when parameters that no widget is bound to follow the address too.
    Where the record has vanished, the session is believed.
    """
    return bool(getattr(context(), "is_history_navigation", False))


def forget_uploads() -> None:
    """Drop the files that the current session sent.

    Why: Streamlit keeps them until the session ends, shown or not.
    Can go: when Streamlit drops the files of an uploader that is not drawn any more.
    Where the record has vanished, they stay until then.
    """
    run = context()
    forget = getattr(getattr(run, "uploaded_file_mgr", None), "remove_session_files", None)
    if forget is not None:
        forget(run.session_id)


def widgets_known() -> dict[str, Any]:
    """What Streamlit knows of the widgets of the session that runs, by their ids: their callbacks and their options.

    Why: it forgets none before the session itself is freed, and a callback or an option can hold a whole trial.
    Can go: when Streamlit drops what it knows of widgets that are not drawn any more.
    Where the record has vanished, there is nothing to drop.
    """
    return dict(sessions.widgets_of(getattr(context(), "session_state", None)))


def drop_widgets_not_drawn(before: Mapping[str, Any]) -> None:
    """Drop what was known of widgets `before` a run (`widgets_known`) and was not told again in it."""
    known = sessions.widgets_of(getattr(context(), "session_state", None))
    for widget, record in before.items():
        if known.get(widget) is record:
            del known[widget]


def end_run_if_left() -> None:
    """End the script run of this thread if its reader has left; nothing happens in a thread that runs no script.

    Why: Streamlit asks only when something is drawn, and a computation draws nothing for minutes.
    Can go: when a run can be ended from outside.
    Where the record has vanished, a run ends when it next draws something.
    """
    run = context()
    request = getattr(getattr(run, "script_requests", None), "_state", None)
    if run is not None and getattr(request, "name", "") == "STOP":
        run.yield_check()
