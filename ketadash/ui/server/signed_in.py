"""The sign-ins that hold: begun at this server, used within the idle limit, and not ended.

Streamlit's cookie says who signed in and is good for thirty days, wherever it was copied to. Here a sign-in has to be
in the list besides, which lives in this process: signing out ends it for every tab and every copy of the cookie, and
so do an hour or two without a click, and a new start of the server, whose sessions have ended too.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from time import monotonic
from typing import Any

from ketadash.core.errors import KetadashError

IDLE = "KETADASH_IDLE_MINUTES"
IDLE_MINUTES = 120.0
MOST = 10_000  # sign-ins kept in mind; the one that was used longest ago goes first

used: dict[str, float] = {}  # when each was last used, the latest last


def idle_seconds() -> float:
    """How long a sign-in lasts without a click.

    Raises
    ------
    KetadashError
        For a setting that is no number of minutes.
    """
    setting = os.environ.get(IDLE, "").strip()
    if not setting:
        return 60 * IDLE_MINUTES
    try:
        minutes = float(setting)
    except ValueError:
        minutes = 0.0
    if not 1 <= minutes <= 60 * 24 * 30:
        raise KetadashError(f"{IDLE}={setting}: give minutes, 1 or more, at most 43200 (30 days)")
    return 60 * minutes


def key_of(claims: Mapping[str, Any]) -> str:
    """What a sign-in is called here: the same for each copy of its cookie, another for the same person's next one."""
    return hashlib.sha256(json.dumps(claims, sort_keys=True).encode()).hexdigest()


def begin(key: str) -> None:
    """The provider has just sent somebody back."""
    while len(used) >= MOST:
        del used[next(iter(used))]
    used[key] = monotonic()


def holds(key: str) -> bool:
    """Whether a sign-in was begun here, is used, and was not ended."""
    return key in used and monotonic() - used[key] <= idle_seconds()


def use(key: str) -> None:
    """Somebody clicked."""
    if holds(key):
        del used[key]
        used[key] = monotonic()


def end(key: str) -> None:
    """From now on its cookie opens nothing."""
    used.pop(key, None)


def unused() -> list[str]:
    """The sign-ins that nobody has used for longer than they last."""
    return [key for key in used if not holds(key)]
