"""Buttons that bring a file: made on the click, in the background, with how far it is and a way to stop it.

Not `st.download_button`: that has the browser fetch a ready file before anybody clicks and keep it in its cache, and a
file made on demand belongs to no session (`ketadash.ui.server.downloads`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from ketadash.ui.server.downloads import PATH, File, Progress, SessionDownloads
from ketadash.ui.server.streamlit_seams import runs

__all__ = ["File", "Progress", "at_once", "begin", "buttons", "close", "end", "ends_with_session", "ready"]

OFFERED = "ketadash_downloads"  # gone with the session, and when its trial is forgotten
_WORDS = {
    "making": "Making {}…",
    "waiting": "{} waits for other files to be made…",
    "steps": "Making {}: {} ({} of {} steps done)",
    "stop": "Stop",
    "stopLabel": "Stop making {}",
    "arrived": "{} is in your browser's downloads.",
    "stopped": "{} was stopped.",
    "lost": "{} did not arrive: the server did not answer. Press the button again.",
}
_component = st.components.v2.component(
    "ketadash_download",
    html='<div class="ketadash-files"></div><div class="ketadash-made" role="status"></div>',
    css=Path(__file__).with_name("download.css").read_text(encoding="utf-8"),
    js=Path(__file__).with_name("download.js").read_text(encoding="utf-8"),
)


def begin() -> None:
    """Called by app.py before anything is drawn."""
    _session().begin()


def end() -> None:
    """Called by app.py once the page is drawn: what it did not offer is not kept."""
    _session().end()


def buttons(key: str, files: Sequence[File]) -> None:
    """A row of buttons, one for each file; `key` is the row's own on its page."""
    mine = _session()
    data = [
        {"token": mine.offer(f"{key} {file.label}", file), "label": file.label, "name": file.name, "help": file.help}
        for file in files
    ]
    if data:
        _component(key=f"download_{key}", data={"row": key, "path": PATH, "files": data, "words": _WORDS})


def ready(content: bytes) -> Callable[[Progress], bytes]:
    """How a file is made that is there already."""
    return lambda _: content


def at_once(make: Callable[[], bytes]) -> Callable[[Progress], bytes]:
    """How a file is made that takes no time worth telling."""
    return lambda _: make()


def ends_with_session(progress: Progress) -> None:
    """Have other work of this session stopped when the session ends or its trial is forgotten."""
    _session().stop_with(progress)


def close() -> None:
    """Stop whatever this session has under way, and offer nothing any more."""
    mine: SessionDownloads | None = st.session_state.pop(OFFERED, None)
    if mine is not None:
        mine.close()


def _session() -> SessionDownloads:
    downloads: Any = st.session_state.get(OFFERED)
    if downloads is None:
        downloads = st.session_state[OFFERED] = SessionDownloads(runs.session_id())
    assert isinstance(downloads, SessionDownloads)
    return downloads
