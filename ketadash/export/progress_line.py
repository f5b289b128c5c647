"""How far a long computation is: a line that moves on a terminal, a line now and then in a log."""

from __future__ import annotations

import sys
from collections.abc import Callable
from time import monotonic
from typing import TextIO

TENTHS = 10
BEGIN_S = 2.0  # a computation that takes less is not told of
EVERY_S = 30.0  # at least as often in a log, where a tenth takes longer
WORTH_TELLING_S = 60.0  # the time that is left is told only where it is minutes
SURE_AFTER_S = 3.0  # of work, before the time that is left is estimated
_CLEAR = "\r\x1b[K"


class ProgressLine:
    """Tells standard error how far a computation is, and how long the rest will take where that is minutes.

    Parameters
    ----------
    stream
        Where to; standard error if None.
    clock
        Seconds, from any beginning.
    """

    def __init__(self, stream: TextIO | None = None, clock: Callable[[], float] = monotonic) -> None:
        self._out = stream if stream is not None else sys.stderr
        self._clock = clock
        self._moves = self._out.isatty()
        self._begun: dict[str, tuple[float, int]] = {}
        self._last: dict[str, tuple[int, float]] = {}

    def __call__(self, what: str, done: int, of: int) -> None:
        """`done` of `of` steps of the computation `what` are done."""
        now = self._clock()
        begun, first = self._begun.setdefault(what, (now, done))
        tenth = TENTHS * done // max(of, 1)
        if now - begun < BEGIN_S:
            return
        if not self._moves and not self._is_due(what, tenth, now):
            return
        self._last[what] = tenth, now
        text = f"ketadash: {what} {done:,} of {of:,}{_left(now - begun, done - first, of - done)}"
        if self._moves:
            self._out.write(f"{_CLEAR}{text}" + ("\n" if done >= of else ""))
        else:
            self._out.write(f"{text}\n")
        self._out.flush()

    def _is_due(self, what: str, tenth: int, now: float) -> bool:
        last_tenth, last = self._last.get(what, (-1, now))
        return tenth > last_tenth or now - last >= EVERY_S


def _left(seconds: float, done: int, to_do: int) -> str:
    """``, about 4 minutes left``; nothing while nobody knows, and where it is less than a minute."""
    if seconds < SURE_AFTER_S or done < 1:
        return ""
    left = seconds / done * to_do
    if left < WORTH_TELLING_S:
        return ""
    minutes = round(left / 60)
    return f", about {minutes:,} minute{'s' if minutes != 1 else ''} left"


def progress(quiet: bool) -> Callable[[str, int, int], None]:
    """What is told of how far a computation is: nothing if that is asked for."""
    return (lambda what, done, of: None) if quiet else ProgressLine()


def announced(quiet: bool) -> Callable[[str], None]:
    """What is told before a long computation, likewise."""
    return (lambda text: None) if quiet else (lambda text: print(f"ketadash: {text}", file=sys.stderr))
