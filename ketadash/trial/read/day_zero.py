"""Days numbered 0 to 13: whether day 0 is the day before treatment works, or the first of fourteen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ketadash.files import Table
from ketadash.trial import cells, reshape
from ketadash.trial.understood import Notes

_FEWEST = 14  # numbers of days from here on are whole weeks by design rather than by chance
_MOST = 0.8  # of participants have a value on day 0: it was asked like every other day


def from_one(tables: dict[str, Table], value: str | None, notes: Notes) -> dict[str, Table]:
    """The tables with days numbered from 1 where a person says that day 0 is the first.

    Asked only where whole weeks or months begin with day 0 and nobody has a day before: 0 to 13 are two weeks, 0 to 28
    are four weeks after day 0.
    """
    frame = tables["days"].frame
    if value is None or value not in frame or not {"participant_id", "day"} <= set(frame.columns):
        return tables
    day, bad = cells.numbers(frame["day"], False)
    known = ~reshape.emptied(frame[value]) & np.isfinite(day) & ~bad
    if not known.any() or day[known].min() != 0:
        return tables
    n = int(day[known].max()) + 1
    ids = cells.texts(frame["participant_id"])
    share_with_day_0 = len(set(ids[known & (day == 0)])) / max(1, len(set(ids[known])))
    if n < _FEWEST or (n % 7 and n % 30) or share_with_day_0 < _MOST:
        return tables
    meant = notes.ask(
        "day_zero",
        f"Days are numbered 0 to {n - 1}, {n} days from day 0 on. Is day 0 the first of them",
        {
            "first": f"day 0 is the first day after treatment started: days 1 to {n}",
            "before": f"day 0 is the day of treatment and is left out: days 1 to {n - 1}",
        },
    )
    return {role: _later(t) for role, t in tables.items()} if meant == "first" else tables


def _later(table: Table) -> Table:
    if "day" not in table.frame:
        return table
    day, bad = cells.numbers(table.frame["day"], False)
    if bad.any():
        return table
    return replace(table, frame=table.frame.assign(day=reshape.as_text(day + 1)))
