"""What Streamlit's server does not ask when it starts: uvicorn's settings, its sockets, whose pages/ and plotly are,
and how its boxes look up their words.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ketadash.ui.server.streamlit_seams import part

starlette_server = part("streamlit.web.server.starlette.starlette_server")
net_util = part("streamlit.net_util")
PagesManager = part("streamlit.runtime.pages_manager", "PagesManager")
SafeSessionState = part("streamlit.runtime.state.safe_session_state", "SafeSessionState")
_COMPONENTS = "streamlit.components.v2"


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
        listening: socket.socket = bind(address, port, backlog)
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # connections inherit it
        return listening

    bound.at_once = True  # type: ignore[attr-defined]
    starlette_server._bind_socket = bound


def ask_nobody() -> None:
    """Never ask a host outside for this server's address.

    Why: Streamlit does, when another site's page connects.
    Can go: the gate refuses such a page before Streamlit sees it; this is the second lock.
    Where the module has vanished, the gate alone keeps it.
    """
    if net_util is not None:
        net_util.get_external_ip = lambda: None


def pages_are_ours() -> None:
    """Tell Streamlit that pages/ belongs to `st.navigation`.

    Why: it otherwise learns that from the first full run; a deep link as the first request would run a page alone.
    Can go: when Streamlit no longer reads a folder called pages beside an app with `st.navigation`.
    Where the class has vanished, it is told nothing.
    """
    if PagesManager is not None:
        PagesManager.uses_pages_directory = False


def look_up_one_word() -> None:
    """Let a box look up its own word in the session's state, not all words of all boxes.

    Why: each list and each box to write in makes a dictionary of the whole state to see whether its own word is None;
    with the dashboard's 24 of them that was a fifth of each run.
    Can go: when Streamlit's boxes ask for their own word alone.
    Where the class, its property or what it keeps has vanished, boxes are as slow as they were.
    """
    if SafeSessionState is None or not isinstance(getattr(SafeSessionState, "filtered_state", None), property):
        return
    whole = SafeSessionState.filtered_state.fget

    def words(state: Any) -> Mapping[str, Any]:
        known = hasattr(state, "_lock") and hasattr(state, "_state")
        return _OneByOne(state, whole) if known else whole(state)

    SafeSessionState.filtered_state = property(words)


class _OneByOne(Mapping[str, Any]):
    """The words of a session's state, each looked up when it is asked for, and all only where all are gone through."""

    def __init__(self, state: Any, whole: Callable[[Any], dict[str, Any]]) -> None:
        self._state, self._whole = state, whole

    def __getitem__(self, key: str) -> Any:
        with self._state._lock:  # a run is not broken off here, as it may be where a page asks
            return self._state._state[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._whole(self._state))

    def __len__(self) -> int:
        return len(self._whole(self._state))


def serve_folder(component: str, package: Path, folder: str) -> bool:
    """Let Streamlit serve a folder of an installed package as the assets of a component; False where it cannot.

    Why: a packaged component's assets must lie in its own package and be listed in its pyproject.toml; those of
    plotly do not and are not, so that the manifest is registered by hand.
    Can go: when a component's assets may lie in any folder.
    Where the manager has vanished, figures are shown by `st.plotly_chart`, which forgets the reader's zoom.

    Parameters
    ----------
    component
        The package's name in addresses and the component's, with a dot between them.
    package
        Where the package lies.
    folder
        The folder in it.
    """
    running = part(f"{_COMPONENTS}.get_bidi_component_manager", "get_bidi_component_manager")
    manifests = part(f"{_COMPONENTS}.manifest_scanner")
    try:
        manager = running()  # the running server's, which may not be the one at import
        if manager.get_component_asset_root(component) is None:
            name, own = component.split(".")
            manifest = manifests.ComponentManifest(name, "1", [manifests.ComponentConfig(own, asset_dir=folder)])
            manager.register_from_manifest(manifest, package)
    except (AttributeError, TypeError):
        return False
    return True
