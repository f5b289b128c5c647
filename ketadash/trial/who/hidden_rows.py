"""Rows that a workbook hides: whether they count is for a person to say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ketadash.core.findings import counted
from ketadash.files import Table
from ketadash.trial.understood import Notes


def as_answered(tables: list[Table], notes: Notes) -> list[Table]:
    """The tables with or without their hidden rows, as asked."""
    hidden = {id(t): _hidden(t) for t in tables if t.hidden and t.trouble is None}
    n = int(sum(rows.sum() for rows in hidden.values()))
    if not n:
        return tables
    names = ", ".join(t.name for t in tables if id(t) in hidden and hidden[id(t)].any())
    meant = notes.ask(
        "hidden",
        f"{counted(n, 'row')} of {names} cannot be seen in the workbook: a filter or somebody has hidden them. Do they "
        "count?",
        {"all": "yes, all rows count", "shown": "no, only the rows that are shown"},
        count=n,
    )
    if meant == "all":
        return tables
    notes.left_out(n, f"{names}: {counted(n, 'hidden row')}")
    return [replace(t, frame=t.frame[~hidden[id(t)]]) if id(t) in hidden else t for t in tables]


def _hidden(table: Table) -> np.ndarray:
    """(n,) bool: rows of the table that are hidden."""
    rows = np.array([int(place) for place in table.frame.index], dtype=np.int64)
    firsts = np.array([first for first, _ in table.hidden], dtype=np.int64)
    lasts = np.array([last for _, last in table.hidden], dtype=np.int64)
    run = np.searchsorted(firsts, rows, side="right") - 1
    return (run >= 0) & (rows <= lasts[np.maximum(run, 0)])
