"""The page Endpoints at work in the background: the shuffles behind each endpoint's p."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ketadash.analyse import long_work
from ketadash.analyse.endpoint_shuffles import endpoint_shuffles, shuffled_endpoints
from ketadash.ui.components import background_results
from ketadash.ui.state import Current


def compute_shuffles(now: Current, show_result: Callable[[object], None]) -> None:
    """The shuffles, as far as they are; they begin when they are asked for."""
    problem = endpoint_shuffles(now.trial, now.spec)

    def draw(done: list[tuple[Any, Any]]) -> None:
        show_result(shuffled_endpoints(problem, done))

    work = long_work.endpoint_shuffles(now.trial, now.spec, problem)
    background_results.going_on(work, "Shuffles of the endpoints", draw, at_once=False)
