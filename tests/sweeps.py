"""Which values of a sweep `make test` tries; `make test-all` tries every one."""

from collections.abc import Iterable
from typing import Any

import pytest


def others_slow(values: Iterable[Any], *quick: Any) -> list[Any]:
    """Parameters for ``pytest.mark.parametrize``, of which all but `quick` are marked slow."""
    values = list(values)
    assert all(value in values for value in quick), "a value that is not in the sweep"
    return [value if value in quick else pytest.param(value, marks=pytest.mark.slow) for value in values]
