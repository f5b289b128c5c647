"""Which column names a person and which the arm, where a file has several that could."""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np
import pandas as pd

from ketadash.core.findings import CheckFailedError, counted, short
from ketadash.files import Table
from ketadash.trial import reshape
from ketadash.trial.recognise import EMPTY, NOT_AN_ARM, READING, SYNONYMS, control_arm, snake
from ketadash.trial.roles import find
from ketadash.trial.understood import Notes

_MANY, _MANY_DAYS = 12, 3  # rows, and different days among them, of which somebody must have two
_MOST_ARMS = 12  # more levels than that are no arms
# Names that can only mean the arm; a "group" or "condition" may be a diagnosis.
_SURE = frozenset(SYNONYMS["arm"]) - {"group", "condition", "intervention", "drug", "study_drug"}
_CONTROLS = re.compile(r"placebo|midazolam|saline|\bsham\b", re.IGNORECASE)  # words that are no other column's
_CDISC = {"trt01p", "trt01a", "trtp", "trta"}  # which of them is taken is a convention


def settle_person(table: Table, notes: Notes) -> None:
    """Write into the recipe which column names a person, as asked where that is doubtful.

    A column with a new value on every row of a table of days numbers the entries.  A column that gives a person two
    rows on one day is too coarse.
    """
    if notes.recipe.column("participant_id") is not None:
        return
    first = find(table, SYNONYMS["participant_id"])
    timed = find(table, SYNONYMS["day"], notes.recipe.column("day")) or find(
        table, READING["date"], notes.recipe.column("date")
    )
    if first is None or timed is None or first == timed:
        return
    named = _present(table, SYNONYMS["participant_id"], but={timed})
    persons = [c for c in named if _is_person(table, c, timed)]
    entries = _n_values(table, first) == len(table.frame) and len(table.frame) > _n_values(table, timed)
    if first in persons:
        _ask("person", table, first, persons, notes)
        return
    if not persons and entries:
        arm = find(table, SYNONYMS["arm"], notes.recipe.column("arm"))
        others = [str(c) for c in table.frame.columns if c not in (*named, timed, arm)]
        persons = [c for c in others if _is_person(table, c, timed) and _is_text(table, c)]
        if persons:
            _ask("person", table, persons[0], [first, *persons], notes)
        return
    if not persons:
        return
    why = "has a new value on every row: it numbers the entries" if entries else "gives one person several rows a day"
    notes.column("participant_id", persons[0])
    notes.say("participant_id", f"Participants from '{short(persons[0])}' of {table.name}: '{short(first)}' {why}")
    _ask("person", table, persons[0], persons, notes)


def rows_of_one_person(frame: pd.DataFrame, table: Table) -> None:
    """DataError where every row of many days is another participant's: the identifiers number the entries.

    Parameters
    ----------
    frame
        Participant-days under the usual names.
    table
        Where they are from.
    """
    if not {"participant_id", "day"} <= set(frame.columns) or len(frame) < _MANY:
        return
    ids, days = frame["participant_id"].astype(str), frame["day"].astype(str)
    if ids.nunique() == len(frame) and days.nunique() >= _MANY_DAYS:
        raise CheckFailedError(
            "participant_id",
            f"{table.name} has another participant on each of its {len(frame):,} "
            f"rows ({short(ids.iloc[0])}, {short(ids.iloc[1])}, …), so nobody has two days; give "
            "all rows of a participant the same identifier, or name another column in the recipe "
            "(participant_id)",
        )


def settle_arm(table: Table, notes: Notes) -> None:
    """Write into the recipe which column holds the arm, as asked where that is doubtful.

    The column in which one value is the name of a control treatment is the arm's.
    """
    if notes.recipe.column("arm") is not None:
        return
    first, who = (
        find(table, SYNONYMS["arm"]),
        find(table, SYNONYMS["participant_id"], notes.recipe.column("participant_id")),
    )
    if first is None or who is None:
        return
    named = [c for c in _present(table, SYNONYMS["arm"], but={who}) if _is_arm(table, c, who)]
    if snake(first) in _CDISC:
        named = [c for c in named if snake(c) not in _CDISC or c == first]
    with_control = [c for c in named if control_arm(_levels(table, c)) is not None]
    if not with_control:
        with_control = _under_another_name(table, who, named)
    if first in with_control or (first in named and not with_control):
        chosen = first
    elif with_control:
        chosen = with_control[0]
    else:
        return
    if chosen != first:
        notes.column("arm", chosen)
        notes.say(
            "arm",
            f"Arms from '{short(chosen)}' of {table.name}, which names a control; '{short(first)}' has "
            f"{counted(len(_levels(table, first)), 'other value')}",
        )
    if snake(chosen) in _SURE and (chosen in with_control or not with_control):
        return
    _ask("arm_column", table, chosen, with_control or named, notes)


def _under_another_name(table: Table, who: str, named: list[str]) -> list[str]:
    """Columns of any name that hold the arms in words, one of them a placebo, where none of the `named` does."""
    others = [str(c) for c in table.frame.columns if str(c) not in (who, *named)]
    return [c for c in others if _is_arm(table, c, who) and any(_CONTROLS.search(w) for w in _levels(table, c))]


def _present(table: Table, names: Iterable[str], but: set[str]) -> list[str]:
    """The headers of `table` that are among `names`, in the order of `names`."""
    headers = {snake(str(c)): str(c) for c in reversed(table.frame.columns)}
    return [headers[n] for n in names if n in headers and headers[n] not in but]


_MEANS = {"person": ("participant_id", "names a participant"), "arm_column": ("arm", "is the arm")}


def _ask(key: str, table: Table, chosen: str, headers: list[str], notes: Notes) -> None:
    """Ask between the chosen column and those that group the rows otherwise; nothing where there are none."""
    every = [chosen, *(c for c in headers if c != chosen and not _same_groups(table, chosen, c))]
    if len(every) < 2:
        return
    name, means = _MEANS[key]
    groups = {c: f"'{short(c)}', {counted(len(_filled(table, c)), 'value')}" for c in every}
    text = f"{table.name} has several columns that group its rows differently. Which one {means}?"
    notes.column(name, notes.ask(key, text, groups))


def _same_groups(table: Table, one: str, other: str) -> bool:
    pairs = pd.DataFrame({"one": table.frame[one].cat.codes, "other": table.frame[other].cat.codes}).drop_duplicates()
    return bool(len(pairs) == pairs["one"].nunique() == pairs["other"].nunique())


def _is_person(table: Table, column: str, timed: str) -> bool:
    """Whether a column repeats from day to day, and never twice on one."""
    codes, filled = table.frame[column].cat.codes, ~reshape.emptied(table.frame[column])
    pairs = pd.DataFrame({"who": codes, "when": table.frame[timed].cat.codes})[filled]
    n = pairs["who"].nunique()
    return bool(filled.mean() > 0.9 and 2 <= n < len(pairs) and not pairs.duplicated().any())


def _is_text(table: Table, column: str) -> bool:
    """Whether hardly any cell is a bare number, as the amounts of a day are."""
    words = [t.strip() for t in reshape.texts(table.frame[column]) if t.strip()]
    return not words or sum(not w.replace(".", "", 1).isdigit() for w in words) >= 0.9 * len(words)


def _is_arm(table: Table, column: str, who: str) -> bool:
    """Whether a column has a few values, one a participant."""
    filled = ~reshape.emptied(table.frame[column])
    pairs = pd.DataFrame({"who": table.frame[who].cat.codes, "arm": table.frame[column].cat.codes})[filled]
    pairs = pairs.drop_duplicates()
    return bool(2 <= len(_levels(table, column)) <= _MOST_ARMS and not pairs["who"].duplicated().any())


def _levels(table: Table, column: str) -> list[str]:
    """The different arms of a column, in words where the file has them."""
    words = table.codes.get(column, {})
    given = [t.strip() for t in reshape.texts(table.frame[column]) if t.strip().lower() not in EMPTY - {"none"}]
    return [w for w in (words.get(t, t) for t in given) if not NOT_AN_ARM.search(w)]


def _filled(table: Table, column: str) -> set[str]:
    """The different values of a column."""
    used = np.unique(table.frame[column].cat.codes)
    words = reshape.texts(table.frame[column])
    return {words[k] for k in used if k >= 0 and words[k].strip().lower() not in EMPTY}


def _n_values(table: Table, column: str) -> int:
    return int(np.unique(table.frame[column].cat.codes).size)
