"""Open the dashboard: a free port, the data, the browser; the server itself is `ketadash.ui.server.serve`."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

from ketadash.core import threads
from ketadash.core.errors import DataError, KetadashError

RECIPE_VARIABLE = "KETADASH_RECIPE"  # the same of the recipe to read it by; unset: as recognised
DATA_VARIABLE = "KETADASH_DATA"  # the absolute path of the data the app opens with; unset: the sample trial
DEFAULT_PORT = 8501
PORTS_TRIED = 50


def run_app(
    data: str | None = None, port: int | None = None, open_browser: bool | None = None, recipe: str | None = None
) -> int:
    """Serve the dashboard on this computer until Ctrl-C; return the exit status.

    Parameters
    ----------
    data
        A participant-day file or a folder of a trial; None is the sample trial.
    port
        The first port to try, 8501 by default; a taken one is named and the next free one used.
    open_browser
        Whether to open a browser; None opens one where somebody can see it.
    recipe
        A file that says how to read `data`; None reads them as recognised.

    Raises
    ------
    DataError
        If there is nothing at `data` or `recipe`.
    KetadashError
        If no port is free.
    """
    for variable, path in ((DATA_VARIABLE, data), (RECIPE_VARIABLE, recipe)):
        os.environ.pop(variable, None)
        if path is not None:
            os.environ[variable] = str(existing(path))
    wanted = DEFAULT_PORT if port is None else port
    chosen_port = free_port(wanted)
    if chosen_port != wanted:
        print(f"port {wanted} is taken (perhaps another ketadash); using {chosen_port}", file=sys.stderr)
    print(f"ketadash is starting on http://localhost:{chosen_port} (Ctrl-C ends it)", flush=True)

    threads.one_of_each()
    from ketadash.ui.server import serve  # seconds of imports, which a wrong path or port need not wait for

    serve.serve(chosen_port, open_browser=has_user_at_screen() if open_browser is None else open_browser)
    print("ketadash has ended")
    return 0


def existing(data: str) -> Path:
    """The absolute path of `data`; DataError if nothing is there."""
    path = Path(data).expanduser().resolve()
    if not path.exists():
        raise DataError(
            f"there is no file or folder '{data}'; give the path of a participant-day file or a trial folder"
        )
    return path


def free_port(first: int) -> int:
    """The first free port from `first` on; KetadashError if there is none among the next 50."""
    if not 1 <= first <= 65535:
        raise KetadashError(f"{first} is not a port; choose one from 1024 to 65535, such as {DEFAULT_PORT}")
    last = min(first + PORTS_TRIED, 65536) - 1
    for port in range(first, last + 1):
        if _is_free(port):
            return port
    raise KetadashError(f"no port from {first} to {last} is free; choose another with --port")


def _is_free(port: int) -> bool:
    # Binding alone is not enough: beside a server on all addresses, or on ::1 alone, binding 127.0.0.1 can succeed,
    # and the browser would then reach whichever of the two it tries first.
    if any(_answers(family, host, port) for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))):
        return False
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        if os.name != "nt":  # a port that was closed a moment ago is free; on Windows the flag means something else
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _answers(family: socket.AddressFamily, host: str, port: int) -> bool:
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.settimeout(0.5)
            return probe.connect_ex((host, port)) == 0
    except OSError:  # no IPv6 on this computer
        return False


def has_user_at_screen() -> bool:
    """Whether a browser opened now would be seen: not under CI, nor on a computer without a display."""
    if os.environ.get("CI"):
        return False
    if sys.platform.startswith(("win", "darwin")):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
