"""Two states of the dashboard side by side, as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd


def choices(differences: Sequence[tuple[str, str]], names: tuple[str, str]) -> pd.DataFrame:
    """The choices in which two states differ."""
    return pd.DataFrame(differences, columns=list(_apart(names)))


def numbers(a: Mapping[str, str], b: Mapping[str, str], names: tuple[str, str]) -> pd.DataFrame:
    """The headline numbers of both; a dash where one state has no such number."""
    rows = [(what, a.get(what, "–"), b.get(what, "–")) for what in dict.fromkeys([*a, *b])]
    return pd.DataFrame(rows, columns=["", *_apart(names)])


def _apart(names: tuple[str, str]) -> tuple[str, str]:
    """Two headings that differ even where both states are called the same."""
    return names if names[0] != names[1] else (f"{names[0]} (first)", f"{names[1]} (second)")
