"""An interval around a mark, as a picture draws it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Ends = tuple[float | None, float | None, float | None]  # lower end, estimate, upper end


def error_bars(each: Iterable[Ends], colour: str, *, thickness: float = 2, width: float = 0) -> dict[str, Any]:
    """Plotly's ``error_x`` or ``error_y`` for one interval a mark; no bar on a side that has no end."""
    ends = list(each)
    return {
        "type": "data",
        "symmetric": False,
        "thickness": thickness,
        "width": width,
        "color": colour,
        "array": [length(at, high) for _, at, high in ends],
        "arrayminus": [length(low, at) for low, at, _ in ends],
    }


def length(low: float | None, high: float | None) -> float:
    """From one end to the other; 0 where there is no end."""
    return 0.0 if low is None or high is None else high - low
