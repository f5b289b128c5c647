"""How a test waits: for a condition, with a guard that only something that hangs can meet.

No test passes or fails because of a clock.  `HANG_S` is what a call gets that must have some limit (a subprocess, a
thread's end, a request); `until` waits for anything else.  `tests/test_clocks.py` keeps it so.
"""

import time
from collections.abc import Callable

HANG_S = 300.0  # s; nothing here takes a tenth of it on a machine with much else to do


def until(condition: Callable[[], object], what: str = "it never came to that", pause: float = 0.02) -> None:
    """Return as soon as `condition` holds."""
    end = time.monotonic() + HANG_S
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(pause)
