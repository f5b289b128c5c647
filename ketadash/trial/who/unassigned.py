"""Participants without an arm: screening failures, or people whose arm nobody has entered yet."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from ketadash.core.findings import counted, listed, short
from ketadash.trial import cells, reshape
from ketadash.trial.recognise import NOT_AN_ARM, snake
from ketadash.trial.understood import Notes

_RANDOMISED = re.compile(r"(was_|is_)?(randomi[sz]ed|enrolled|eligible|allocated)(_yn|_flag|fl)?|randfl|enrlfl")
_NO = frozenset(("no", "n", "0", "false", "0.0"))


def none_as_meant(frame: pd.DataFrame, notes: Notes) -> pd.DataFrame:
    """The frame with "None" in its column of arms as it is meant: an arm's name, or no arm.

    Where there is only one other arm it can be nothing but an arm.
    """
    if "arm" not in frame:
        return frame
    given = [t for t in reshape.texts(frame["arm"]) if t.strip()]
    nones = [t for t in given if t.strip().lower() == "none"]
    others = {t.strip().casefold() for t in given if not reshape.is_empty(t) and not NOT_AN_ARM.search(t)}
    if not nones:
        return frame
    if len(others) == 1:
        notes.say("arm", f"'{nones[0].strip()}' is the name of an arm: there is only one other")
        return frame
    n = int(frame["arm"].isin(nones).sum())
    meant = "no arm"
    if len(others) > 1:
        meant = notes.ask(
            "none_arm",
            f"{counted(n, 'row has', 'rows have')} the arm '{nones[0].strip()}', beside {listed(sorted(others))}. Is "
            "that an arm?",
            {"arm": "yes, the arm without treatment", "no arm": "no, these participants have no arm"},
            count=n,
        )
    return frame if meant == "arm" else frame.assign(arm=_emptied(frame["arm"], nones))


def _emptied(column: pd.Series, these: list[str]) -> pd.Series:
    return column.map({t: "" if t in these else t for t in reshape.texts(column)}).astype(str).astype("category")


def without_unassigned(
    days: pd.DataFrame, people: pd.DataFrame | None, notes: Notes
) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """The days and the participants without people who have no arm anywhere.

    Who is said to have failed screening, or not to have been randomised, was never in the trial; about others it is
    asked.  Somebody who has an arm on some rows is left as he is, to be told as an error.
    """
    tables = [t for t in (days, people) if t is not None and "participant_id" in t]
    with_arm = [t for t in tables if "arm" in t]
    if not with_arm:
        return days, people
    listed_, armed = set[str](), set[str]()
    for table in with_arm:
        ids, arms = cells.texts(table["participant_id"]), cells.labels(table["arm"], keep=("none",))
        is_one = {arm: bool(arm) and not NOT_AN_ARM.search(arm) for arm in set(arms)}  # each word once, not each row
        assigned = np.array([is_one[arm] for arm in arms], dtype=bool)
        listed_ |= set(ids) - {""}
        armed |= set(ids[assigned])
    unassigned = listed_ - armed
    if not unassigned or not armed:
        return days, people
    failed = set[str]().union(*(_failed(t, unassigned) for t in tables))
    doubtful = sorted(unassigned - failed)
    gone = set(failed)
    if doubtful:
        meant = notes.ask(
            "no_arm",
            f"{counted(len(doubtful), 'participant has', 'participants have')} no arm "
            f"({listed(map(short, doubtful))}). Were they randomised?",
            {"leave out": "no: they are left out", "stop": "yes: their arm must be filled in first"},
            count=len(doubtful),
        )
        gone |= set(doubtful) if meant == "leave out" else set()
    if not gone:
        return days, people
    notes.left_out(len(gone), f"{counted(len(gone), 'participant')} never randomised", tuple(sorted(gone)[:5]))
    return _without(days, gone), None if people is None else _without(people, gone)


def _failed(table: pd.DataFrame, unassigned: set[str]) -> set[str]:
    """Ids of those not randomised: "screen failure" in any cell, or no in a column about randomisation."""
    ids = cells.texts(table["participant_id"])
    theirs = np.isin(ids, list(unassigned))
    failed = np.zeros(len(table), dtype=bool)
    for column in table.columns:
        if column == "participant_id":
            continue
        asks = bool(_RANDOMISED.fullmatch(snake(str(column))))
        words = [t for t in reshape.texts(table[column]) if NOT_AN_ARM.search(t) or (asks and t.strip().lower() in _NO)]
        if words:
            failed |= table[column].isin(words).to_numpy()
    return set(ids[theirs & failed])


def _without(table: pd.DataFrame, gone: set[str]) -> pd.DataFrame:
    return table[~np.isin(cells.texts(table["participant_id"]), list(gone))] if "participant_id" in table else table
