"""Records that last from one day to a later one, as substance use (SU) may be collected."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from ketadash.core.findings import CheckFailedError, counted
from ketadash.files import Table, limits
from ketadash.trial import cells, reshape
from ketadash.trial.recipe import DateOrder
from ketadash.trial.roles import find
from ketadash.trial.understood import Notes

MOST_DAYS = 3_660  # that one record may last


def each_day(table: Table, notes: Notes) -> Table:
    """A row for each day of a record that lasts from one day to a later one, where its amount is each day's."""
    span = _span(table, ("sustdy",), ("suendy",), _numbers) or _span(table, ("sustdtc",), ("suendtc",), _dates)
    if span is None:
        return table
    column, first, last, text = span
    more = np.where(np.isfinite(first) & np.isfinite(last), np.clip(last - first, 0, MOST_DAYS), 0).astype(int)
    n = int((more > 0).sum())
    if not n:
        return table
    meant = notes.ask(
        "episode",
        f"{table.name}: {counted(n, 'record lasts', 'records last')} several days. What is the amount",
        {
            "each day": "the amount of each day from start to end",
            "first day": "the amount of the first day; of the others nothing is known",
        },
        count=n,
    )
    if meant == "first day":
        return table
    if (len(more) + int(more.sum())) * table.frame.shape[1] > limits().cells:
        raise CheckFailedError(
            "size",
            f"a row for each day of the records of {table.name} would make more than the "
            f"{limits().cells:,} cells that are read; check their ends",
        )
    rows = np.repeat(np.arange(len(more)), more + 1)
    later = np.arange(len(rows)) - np.repeat(np.cumsum(more + 1) - (more + 1), more + 1)
    frame = table.frame.iloc[rows].copy()
    begun = first[rows]
    frame[column] = pd.Categorical(np.where(np.isfinite(begun), text(begun + later), cells.texts(frame[column])))
    return replace(table, frame=frame)


def _span(
    table: Table, start: tuple[str, ...], end: tuple[str, ...], read: Callable[[Table, str], np.ndarray]
) -> tuple[str, np.ndarray, np.ndarray, Callable[[np.ndarray], np.ndarray]] | None:
    """The column of starts, starts and ends as numbers of days, and how such numbers are written; None without both."""
    a, b = find(table, start), find(table, end)
    if a is None or b is None:
        return None
    return a, read(table, a), read(table, b), _day_texts if read is _numbers else _date_texts


def _numbers(table: Table, column: str) -> np.ndarray:
    return cells.numbers(table.frame[column], False)[0]


def _dates(table: Table, column: str) -> np.ndarray:
    when = reshape.dated(table.frame[column], DateOrder.DAY_FIRST)[0]
    return np.where(np.isnat(when), np.nan, when.astype(np.int64).astype(float))


def _day_texts(days: np.ndarray) -> np.ndarray:
    return np.array(["" if np.isnan(d) else f"{d:.0f}" for d in days], dtype=object)


def _date_texts(days: np.ndarray) -> np.ndarray:
    whole = np.nan_to_num(days).astype(np.int64).astype("datetime64[D]")
    return np.where(np.isnan(days), "", whole.astype(str)).astype(object)
