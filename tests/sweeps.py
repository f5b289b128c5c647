"""Which values of a sweep `make test` tries, `make test-all` tries every one; and where each process begins."""

from collections.abc import Iterable
from typing import Any

import pytest


def others_slow(values: Iterable[Any], *quick: Any) -> list[Any]:
    """Parameters for ``pytest.mark.parametrize``, of which all but `quick` are marked slow."""
    values = list(values)
    assert all(value in values for value in quick), "a value that is not in the sweep"
    return [value if value in quick else pytest.param(value, marks=pytest.mark.slow) for value in values]


def evenly(n: int, of: int) -> set[int]:
    """The places of `n` things, or of all, evenly spread over `of`, from the first to the last."""
    n = min(n, of)
    return {round(i * (of - 1) / max(n - 1, 1)) for i in range(n)}


def others_of_a_sweep_are_slow(items: Iterable[pytest.Item]) -> None:
    """All but `n` of the cases of a test marked ``sweep(n)``, of those that are collected: a single one is quick."""
    cases: dict[str, list[pytest.Item]] = {}
    for item in items:
        if item.get_closest_marker("sweep"):
            cases.setdefault(item.nodeid.partition("[")[0], []).append(item)
    for its in cases.values():
        quick = evenly(its[0].get_closest_marker("sweep").args[0], len(its))
        for place, item in enumerate(its):
            if place not in quick:
                item.add_marker(pytest.mark.slow)


def begun_elsewhere(things: list[Any], worker: int, of: int) -> list[Any]:
    """The same things in a row, begun by each of so many workers at its own share of them.

    Where all begin with the same test file, each compiles every one of them, and waits for none.
    """
    first = worker * len(things) // of
    return things[first:] + things[:first]
