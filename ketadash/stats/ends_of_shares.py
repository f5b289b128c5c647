"""No difference of two shares lies beyond 100 points, whatever an interval that takes it for a normal one says."""

from __future__ import annotations

from ketadash.core.numbers import interval

CUT = (
    "the interval, {} points, takes the difference for a normal one and reaches beyond 100 points, where no difference "
    "of shares can be: it is cut there"
)


def cut(low: float | None, high: float | None) -> tuple[float | None, float | None, tuple[str, ...]]:
    """The interval of a difference of shares (fractions) within ±1, and that it had to be cut, if so."""
    if low is None or high is None or (low >= -1 and high <= 1):
        return low, high, ()
    return max(low, -1.0), min(high, 1.0), (CUT.format(interval(100 * low, 100 * high, 0)),)
