"""Tables as they stand in an export, made tables as everything else expects them, before any role is given."""

from __future__ import annotations

from ketadash.files import Table
from ketadash.trial.read import blocks, calendar, cdisc, redcap, sheets
from ketadash.trial.understood import Notes


def prepared(tables: list[Table], notes: Notes) -> tuple[list[Table], tuple[str, ...]]:
    """The tables, and the names of files that only describe them (a data dictionary)."""
    tables, described = redcap.with_dictionary(tables)
    tables = cdisc.as_meant(tables, notes)
    tables = sheets.by_participant(tables, notes)
    return [t if t.trouble is not None else _one(t, notes) for t in tables], described


def _one(table: Table, notes: Notes) -> Table:
    table = redcap.with_days_of_events(table, notes)
    table = blocks.filled_in(table, notes)
    return calendar.with_dates(table, notes)
