"""CDISC's data sets: flags of the analysis population and record, and substance use as collected (SU)."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd

from ketadash.core.findings import counted, listed, short
from ketadash.files import Table
from ketadash.trial import cells, reshape
from ketadash.trial.read.episodes import each_day
from ketadash.trial.recipe import Recipe
from ketadash.trial.recognise import EMPTY, TESTS
from ketadash.trial.roles import find
from ketadash.trial.understood import Notes

_ALCOHOL = re.compile(r"alcohol|ethanol|beer|wine|spirit|liquor|cider|vodka|whisk", re.IGNORECASE)


def as_meant(tables: list[Table], notes: Notes) -> list[Table]:
    """CDISC tables reduced to the records and participants that their flags select; all other tables unchanged."""
    subjects = [find(t, ("usubjid",)) for t in tables]
    if not any(subjects):
        return tables
    gone = _not_in_the_population(tables, subjects, notes)
    kept = list[Table]()
    for table, who in zip(tables, subjects, strict=True):
        if who is not None:
            table = _without(table, who, gone)
            table = _analysed(table, notes)
            table = _used(table, notes)
        kept.append(table)
    return kept


def _not_in_the_population(tables: list[Table], subjects: list[str | None], notes: Notes) -> set[str]:
    """Participants whose flag says that they were not randomised, or are not in the intention-to-treat set."""
    gone: dict[str, str] = {}
    for table, who in zip(tables, subjects, strict=True):
        flag = find(table, ("ittfl",)) or find(table, ("randfl",))
        if who is None or flag is None:
            continue
        words = np.char.upper(cells.texts(table.frame[flag]).astype(str))
        if (words == "Y").any():
            gone |= dict.fromkeys(cells.texts(table.frame[who])[np.isin(words, ("N", ""))], flag)
    if gone:
        flags = listed(sorted(set(gone.values())))
        notes.left_out(
            len(gone),
            f"{counted(len(gone), 'participant')} left out: {flags} says that they are not in "
            f"the intention-to-treat population ({listed(map(short, sorted(gone)))})",
        )
    return set(gone)


def _without(table: Table, who: str, gone: set[str]) -> Table:
    if not gone:
        return table
    return replace(table, frame=table.frame[~np.isin(cells.texts(table.frame[who]), list(gone))])


def _analysed(table: Table, notes: Notes) -> Table:
    """The records that an analysis flag marks, where it marks some and leaves others."""
    flag, value = find(table, ("anl01fl",)), find(table, ("aval", "avalc"))
    if flag is None or value is None:
        return table
    marked = np.char.upper(cells.texts(table.frame[flag]).astype(str)) == "Y"
    if not marked.any() or marked.all():
        return table
    n = int((~marked).sum())
    notes.left_out(
        n,
        f"{table.name}: {counted(n, 'row')} that {flag} does not mark for the analysis",
        reshape.lines_of(table.frame, ~marked, table.row),
    )
    return replace(table, frame=table.frame[marked])


def _used(table: Table, notes: Notes) -> Table:
    """Substance use (SU): the substance of the trial, none where it did not occur, unknown where it was not asked."""
    what, dose = find(table, ("sutrt",)), find(table, ("sudose",))
    if what is None or dose is None:
        return table
    table = _of_substance(table, what, notes)
    frame = table.frame
    amount = cells.texts(frame[dose]).astype(object)
    occurred, status = find(table, ("suoccur",)), find(table, ("sustat",))
    blank = reshape.emptied(frame[dose])
    if occurred is not None:
        words = np.array([TESTS.get(w.lower(), np.nan) for w in cells.texts(frame[occurred])], dtype=float)
        amount[(words == 0) & blank] = "0"
        none = int(((words == 0) & blank).sum())
        if none:
            notes.say("amount", f"{table.name}: {counted(none, 'row')} with {occurred} N are days of none")
    if status is not None:
        amount[np.char.upper(cells.texts(frame[status]).astype(str)) == "NOT DONE"] = ""
    return each_day(replace(table, frame=frame.assign(**{dose: pd.Categorical(amount)})), notes)


def _of_substance(table: Table, what: str, notes: Notes) -> Table:
    names = [t for t in reshape.texts(table.frame[what]) if t.strip().lower() not in EMPTY]
    meant = [n for n in names if _is_meant(n, notes.recipe)]
    if not meant or len(meant) == len(names):
        return table
    keep = table.frame[what].isin(meant).to_numpy()
    n = int((~keep).sum())
    notes.say("substance", f"{table.name}: rows of {listed(map(short, meant))}")
    notes.left_out(
        n,
        f"{table.name}: {counted(n, 'row')} of other substances ({listed(short(t) for t in names if t not in meant)})",
    )
    return replace(table, frame=table.frame[keep])


def _is_meant(name: str, recipe: Recipe) -> bool:
    if recipe.substance is not None and not _ALCOHOL.search(recipe.substance):
        return recipe.substance.lower().rstrip("s") in name.lower()
    return bool(_ALCOHOL.search(name))
