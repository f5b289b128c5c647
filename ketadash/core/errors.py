"""Every error that ketadash raises on purpose.

A message says what is wrong, where, and what to do about it; it names participants and days, never their values.

Long computations can be given up half way: they pass `stop_point` between pieces of work, and whoever runs them says
there, by an error, that nobody waits for them any more.
"""

import re
from collections.abc import Callable


class KetadashError(Exception):
    """Base of all errors that a reader of the page or the command line is meant to see."""


class DataError(KetadashError):
    """The file, or what it holds, cannot be analysed as it is."""


class SpecError(KetadashError):
    """The chosen options contradict each other or the data."""


class FitError(KetadashError):
    """A model could not be estimated at all (never raised for a fit that merely has doubts)."""


class StoppedError(KetadashError):
    """Work was given up on purpose: its reader pressed Stop, or left."""


_HINT = re.compile(r" \(--[a-z][^()]*\)")  # how something is said on the command line


def without_options(text: str) -> str:
    """A message for somebody who has no command line before them: without its hints, as ``(--days)``."""
    return _HINT.sub("", text)


stop_checks: list[Callable[[], None]] = []


def stop_point() -> None:
    """A place where a computation can be given up without harm; called between pieces of work, and cheap."""
    for check in stop_checks:
        check()


def ask_at_stop_points(check: Callable[[], None]) -> None:
    """Have `check` called at every stop point, in the thread that computes; it raises to end what is computed there."""
    if check not in stop_checks:
        stop_checks.append(check)
