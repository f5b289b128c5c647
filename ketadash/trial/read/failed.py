"""Cells that hold an error of the spreadsheet program: counted and said, never taken for an empty cell."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace

import pandas as pd

from ketadash.core.findings import Check, counted, listed, short
from ketadash.files import Table
from ketadash.trial import reshape

_ERROR = re.compile(r"#(DIV/0!|VALUE!|REF!|NAME\?|NUM!|N/A|NULL!|SPILL!|CALC[!?]|GETTING_DATA|FIELD!|BLOCKED!)", re.I)
# Without these there is no participant-day; an error in one stops the reading.
NEEDED = ("participant_id", "arm", "day", "sex", "etg_positive", "baseline_heavy_days")


def failed_cells(tables: dict[str, Table], needed: Collection[str]) -> tuple[dict[str, Table], list[Check]]:
    """The tables with errors of a spreadsheet emptied where nothing depends on them, and what was found.

    Parameters
    ----------
    tables
        By role, under the usual names.
    needed
        The columns in which an error stops the reading.
    """
    checks = list[Check]()
    emptied: dict[str, Table] = {}
    for role, table in tables.items():
        frame, changed = table.frame, dict[str, pd.Series]()
        for column in map(str, frame.columns):
            errors = [t for t in reshape.texts(frame[column]) if _ERROR.fullmatch(t.strip())]
            if errors:
                checks.append(_check(table, frame[column], column, errors, stops=column in needed))
                if column not in ("participant_id", "arm", "day"):
                    changed[column] = reshape.blanked(frame[column], dict.fromkeys(map(str.strip, errors), ""))[0]
        emptied[role] = replace(table, frame=frame.assign(**changed) if changed else frame)
    return emptied, checks


def _check(table: Table, cells: pd.Series, column: str, errors: list[str], stops: bool) -> Check:
    where = cells.isin(errors).to_numpy()
    n, places = int(where.sum()), reshape.lines_of(table.frame, where, table.row)
    remedy = (
        "correct the formula and save the file again"
        + (
            f", or say in the recipe that nothing is known there: unknown = [{', '.join(map(_quoted, errors))}]"
            if column not in NEEDED
            else ""
        )
        if stops
        else "they count as empty"
    )
    return Check(
        "failed_cells",
        "error" if stops else "warning",
        f"{table.name}: {counted(n, 'cell')} of '{short(column)}' {'holds' if n == 1 else 'hold'} an error of "
        f"the spreadsheet program ({listed(errors)}; {listed(places, n)}): {remedy}",
        n,
        places,
    )


def _quoted(text: str) -> str:
    return f'"{short(text, 20)}"'
