"""What is written once for several rows: an id at the head of a participant's block, an arm on the first row."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from ketadash.core.findings import counted, listed, short
from ketadash.files import Table
from ketadash.trial import cells, reshape
from ketadash.trial.recognise import READING, SYNONYMS
from ketadash.trial.roles import find
from ketadash.trial.understood import Notes


def filled_in(table: Table, notes: Notes) -> Table:
    """A long table whose participants, arms and starts stand on every row."""
    recipe = notes.recipe
    who = find(table, SYNONYMS["participant_id"], recipe.column("participant_id"))
    day = find(table, SYNONYMS["day"], recipe.column("day")) or find(table, READING["date"], recipe.column("date"))
    if who is None or day is None or table.frame.empty:
        return table
    table = _blocks(table, who, day, notes)
    return _once_each(table, who, day, notes)


def _blocks(table: Table, who: str, day: str, notes: Notes) -> Table:
    """Ids that stand on the first row of each participant's block only, as merged cells leave them in a CSV file."""
    frame = table.frame
    head = ~reshape.emptied(frame[who])
    ids = cells.texts(frame[who])
    if head.all() or not head[0] or len(set(ids[head])) < head.sum() or (~head).sum() < head.sum():
        return table
    block = np.cumsum(head) - 1
    within = pd.DataFrame({"block": block, "day": cells.texts(frame[day])})
    if (within["day"] == "").any() or within.duplicated().any():
        return table
    others = [
        str(c)
        for c in frame.columns
        if c not in (who, day) and bool((filled := ~reshape.emptied(frame[c])).any()) and not filled[~head].any()
    ]
    first = np.flatnonzero(head)
    for column in (who, *others):
        frame = frame.assign(**{column: pd.Categorical(frame[column].to_numpy()[first][block])})
    names = listed(short(c) for c in (who, *others))
    notes.say(
        "participant_id",
        f"{table.name}: {names} on a participant's first row hold for the rows below it, "
        f"{counted(int((~head).sum()), 'row')}",
    )
    return replace(table, frame=frame)


def _once_each(table: Table, who: str, day: str, notes: Notes) -> Table:
    """An arm or a start that stands on one row of each participant only."""
    frame, recipe = table.frame, notes.recipe
    ids, spread = cells.texts(frame[who]), list[str]()
    for role, names in (("arm", SYNONYMS["arm"]), ("start", READING["start"])):
        column = find(table, names, recipe.column(role))
        if column is None:
            continue
        filled = ~reshape.emptied(frame[column])
        if filled.all() or not filled.any() or pd.Series(ids[filled]).duplicated().any():
            continue
        if reshape.emptied(frame[day])[filled].any():  # a row of another form may be the only one of its participant
            continue
        if 2 * filled.sum() > len(frame):  # only a few cells are empty, so this is not how the file is written
            continue
        value_of = dict(zip(ids[filled], cells.texts(frame[column])[filled], strict=True))
        frame = frame.assign(**{column: pd.Categorical([value_of.get(i, "") for i in ids])})
        spread.append(column)
    if spread:
        notes.say(
            "arm",
            f"{table.name}: {listed(map(short, spread))} on one row of each participant "
            f"{'hold' if len(spread) > 1 else 'holds'} for all of them",
        )
    return replace(table, frame=frame)
