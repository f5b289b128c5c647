"""One sheet, or one file, a participant: the name of each is the participant's."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from ketadash.core.findings import counted
from ketadash.files import Table
from ketadash.trial import cells
from ketadash.trial.recipe import Recipe
from ketadash.trial.recognise import ABSTINENT, AMOUNTS, READING, SYNONYMS, USES, snake
from ketadash.trial.roles import by_name, find, table_name
from ketadash.trial.understood import Notes

_FEWEST = 3
# What a sheet may say of its participant above the header.
_PERSONAL = ("participant_id", "arm", "sex", "start")


def by_participant(tables: list[Table], notes: Notes) -> list[Table]:
    """The tables, with a column of participants in those that are one participant's each."""
    own = [t for t in tables if _of_one(t, notes.recipe)]
    if len(own) < _FEWEST:
        return tables
    notes.say(
        "participant_id", f"One sheet or file a participant: {counted(len(own), 'participant')}, named as these are"
    )
    return [_named(t) if any(t is o for o in own) else t for t in tables]


def _of_one(table: Table, recipe: Recipe) -> bool:
    """Whether a table has days and a daily column, no participant, and no day twice."""
    if table.trouble is not None or table.frame.empty or by_name(table_name(table)) is not None:
        return False
    if find(table, SYNONYMS["participant_id"], recipe.column("participant_id")) is not None:
        return False
    day = find(table, SYNONYMS["day"], recipe.column("day")) or find(table, READING["date"], recipe.column("date"))
    value = find(table, (*AMOUNTS, *USES, *ABSTINENT), recipe.column("amount"))
    if day is None or value is None:
        return False
    days = pd.Series(cells.labels(table.frame[day]))
    return not days[days != ""].duplicated().any()


def _named(table: Table) -> Table:
    """The table with its participant, and with what stands above its header of them, on every row."""
    frame, above = table.frame, {snake(name): value for name, value in table.above}
    columns = {"participant_id": table_name(table)}
    for role in _PERSONAL:
        names = SYNONYMS.get(role) or READING[role]
        given = next((above[n] for n in names if n in above), None)
        if given is not None and find(table, names) is None:
            columns[role if role != "start" else "treatment_start"] = given
    return replace(table, frame=frame.assign(**{c: pd.Categorical([v] * len(frame)) for c, v in columns.items()}))
