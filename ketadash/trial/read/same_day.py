"""Several rows for one participant and day: drinking events, prompts, visits, made one row as a person says."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ketadash.core.findings import counted, short
from ketadash.files import Table
from ketadash.files.table import category
from ketadash.trial import cells, reshape
from ketadash.trial.design_columns import is_design
from ketadash.trial.recognise import natural_order
from ketadash.trial.understood import Notes

_FEW = 0.05  # of participant-days: so many, with nothing to tell the rows apart, are rather entered twice
_MOST_KINDS = 4  # kinds of rows of which one may be meant
_ONLY = "only "
_APART = "apart"
_TABLE = "sheet or file"  # the column that tells rows apart where several tables have the same days


def one_row_a_day(
    frame: pd.DataFrame, value: str, table: Table, notes: Notes, *, alone: bool = False, tables: Sequence[str] = ()
) -> pd.DataFrame:
    """The days with one row a participant and day.

    Rows that differ in nothing a person could have meant (a day entered twice) stay, to be found as an error.

    Parameters
    ----------
    frame
        Rows under the usual names.
    value
        The daily column, numbers as text.
    table
        Where the rows are from.
    alone
        Whether no other table names the participants, so that they may be numbered anew in each site.
    tables
        The sheet or file that each row is from, where there are several.
    """
    if not {"participant_id", "day", value} <= set(frame.columns):
        return frame
    keys = pd.DataFrame({"id": cells.texts(frame["participant_id"]), "day": cells.numbers(frame["day"], False)[0]})
    usable = (keys["id"] != "").to_numpy() & np.isfinite(keys["day"].to_numpy())
    again = keys.duplicated(keep=False).to_numpy() & usable
    if not again.any():
        return frame
    amounts, bad = cells.numbers(frame[value], table.decimal_comma)
    if bad[again].any():
        return frame  # amounts in words, which are reported as such
    group = keys.groupby(["id", "day"], sort=False).ngroup().to_numpy()
    # a row without a participant or a day is a group of its own
    group = np.where(usable, group, len(keys) + np.arange(len(keys)))
    group = np.unique(group, return_inverse=True)[1]
    known = again & np.isfinite(amounts)
    by = _apart(frame, group, known, value)
    share = _share(group, known, usable)
    if share == 0:  # each day has at most one amount; its other rows are about something else
        return _made_one(frame, value, amounts, group, again, None, "last")
    if by is None and (share < _FEW or _copies(frame, group, known)):
        return frame
    of_tables = by is None and len(tables) > 0
    if of_tables:
        by = _TABLE
        frame = frame.assign(**{by: category(list(tables))})
    several = known & (np.bincount(group[known], minlength=int(group.max()) + 1)[group] > 1)
    sites = alone and by is not None and (of_tables or is_design(by))
    meant = _ask_which_counts(frame, by, value, amounts, np.where(several, group, -1), table, notes, sites=sites)
    if sites and meant == _APART:
        ids = cells.texts(frame["participant_id"]).astype(str)
        whole = [f"{where}/{who}" for where, who in zip(frame[by].astype(str).str.strip(), ids, strict=True)]
        frame = frame.assign(participant_id=category(whole))
        return frame.drop(columns=_TABLE) if of_tables else frame
    if of_tables and meant.startswith(_ONLY):
        return frame[(frame[_TABLE].astype(str) == meant.removeprefix(_ONLY)).to_numpy()].drop(columns=_TABLE)
    return _made_one(frame, value, amounts, group, again, by, meant)


def _share(group: np.ndarray, known: np.ndarray, usable: np.ndarray) -> float:
    """The share of participant-days with more than one row that says something."""
    counts = np.bincount(group[known])
    return float((counts > 1).sum() / max(1, len(np.unique(group[usable]))))


def _copies(frame: pd.DataFrame, group: np.ndarray, known: np.ndarray) -> bool:
    """Whether the rows of every day are the same in all that they say: a file given twice."""
    codes = pd.DataFrame({str(c): frame[c].cat.codes.to_numpy() for c in frame.columns})[known]
    return len(codes.assign(group=group[known]).drop_duplicates()) == len(np.unique(group[known]))


def _apart(frame: pd.DataFrame, group: np.ndarray, known: np.ndarray, value: str) -> str | None:
    """The column that tells the rows of a day apart; one that merely numbers all rows only if there is no other."""
    numbering: str | None = None
    for column in map(str, frame.columns):
        if column in ("participant_id", "arm", "day", value) or reshape.emptied(frame[column])[known].any():
            continue
        codes = frame[column].cat.codes.to_numpy()[known]
        if pd.DataFrame({"group": group[known], "code": codes}).duplicated().any():
            continue
        if len(np.unique(codes)) < len(codes):
            return column
        numbering = numbering or column
    return numbering


def _ask_which_counts(
    frame: pd.DataFrame,
    by: str | None,
    value: str,
    amounts: np.ndarray,
    group: np.ndarray,
    table: Table,
    notes: Notes,
    *,
    sites: bool,
) -> str:
    """What counts for a day; `amounts` and `group` are those of the rows of days with several, the rest -1."""
    rows = np.flatnonzero(group >= 0)
    parts = _an_example(amounts[rows], group[rows])
    answers = {}
    if sites:
        answers[_APART] = f"participants are numbered anew in each {by}: they are different people"
    if value != "use":
        answers["sum"] = f"the sum of its rows ({' + '.join(parts)})"
    answers["maximum"] = f"the largest of its rows ({max(parts, key=float)} of {', '.join(parts)})"
    answers["last"] = f"the last of its rows ({parts[-1]} of {', '.join(parts)})"
    answers |= {f"{_ONLY}{k}": f"only the rows whose {by} is '{short(k)}'" for k in _kinds(frame, by, rows)}
    apart = f"told apart by '{short(by)}'" if by is not None else "with no column that tells them apart"
    return notes.ask(
        "same_day",
        f"{table.name} has several rows for one participant and day ({counted(len(rows), 'row')}, {apart}). What "
        f"counts for the day",
        answers,
        name="duplicate_days",
        count=len(rows),
    )


def _an_example(amounts: np.ndarray, group: np.ndarray) -> list[str]:
    """The amounts of the rows of one day, one on which several are above 0 if there is one."""
    above = pd.Series(amounts > 0).groupby(group).sum()
    one = amounts[(group == above.idxmax()) & np.isfinite(amounts)]
    return [f"{a:g}" for a in one[:4]]


def _kinds(frame: pd.DataFrame, by: str | None, rows: np.ndarray) -> list[str]:
    """The few words (a substance, a reporter) of which one may be meant."""
    if by is None:
        return []
    words = sorted({str(w) for w in frame[by].to_numpy()[rows]})
    return words if 1 < len(words) <= _MOST_KINDS and all(w[:1].isalnum() and len(w) <= 40 for w in words) else []


def _made_one(
    frame: pd.DataFrame, value: str, amounts: np.ndarray, group: np.ndarray, again: np.ndarray, by: str | None, how: str
) -> pd.DataFrame:
    order = np.arange(len(frame))
    if by is not None:
        kinds = reshape.texts(frame[by])
        rank = {k: i for i, k in enumerate(sorted(kinds, key=natural_order))}
        order = np.lexsort((order, frame[by].map(rank).astype(float).to_numpy()))
    if how.startswith(_ONLY) and by is not None:
        return frame[~again | (frame[by].astype(str) == how.removeprefix(_ONLY)).to_numpy()]
    values = pd.Series(amounts[order], index=group[order])
    each = values.groupby(level=0, sort=True)
    made: pd.Series = {"sum": lambda: each.sum(min_count=1), "maximum": each.max, "last": each.last}[how]()
    first = ~pd.Series(group).duplicated().to_numpy()
    kept = frame[first].drop(columns=[c for c in (by,) if c is not None])
    for column in map(str, kept.columns):
        if column not in ("participant_id", "day", value):
            kept[column] = _first_filled(frame[column], group, first)
    texts = np.array([("" if np.isnan(v) else f"{v:.12g}") for v in made.to_numpy()[group[first]]], dtype=object)
    kept[value] = pd.Categorical(np.where(again[first], texts, frame[value].astype(object).to_numpy()[first]))
    return kept


def _first_filled(column: pd.Series, group: np.ndarray, first: np.ndarray) -> pd.Categorical:
    """Of each group the first cell that is not empty; a test or an arm may stand on any row of a day."""
    filled = np.flatnonzero(~reshape.emptied(column))
    groups, where = np.unique(group[filled], return_index=True)
    row = np.flatnonzero(first)
    place = np.full(int(group.max()) + 1, -1)
    place[group[row]] = row
    place[groups] = filled[where]
    return pd.Categorical(column.astype(object).to_numpy()[place[group[row]]])
