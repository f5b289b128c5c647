"""Days that begin anew in each week: a column of weeks beside days 1 to 7, a row a week in a grid."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from ketadash.core.findings import CheckFailedError, listed, short
from ketadash.files import Table
from ketadash.files.table import category
from ketadash.trial import cells, reshape
from ketadash.trial.recognise import snake
from ketadash.trial.understood import Notes

_WEEK = re.compile(r"(study|trial|treatment|tlfb|calendar)?_?(week|wk|weekno)(_?(no|nr|num|number|id))?")
_TEXT = re.compile(r"(?:(?:study|trial)?\s*(?:week|wk|w)[\s_.-]*)?(-?\d{1,3})(?:\.0)?", re.IGNORECASE)


_SHEET = re.compile(r"(?:week|wk|woche|semaine|semana)[\s_.-]*(\d{1,3})", re.IGNORECASE)
_FEWEST = 3
_MONTH = 31  # days: two visits further apart than that are no series
_FEWEST_APART = 6  # days: nearer ones are days, whatever is missing between them


def is_of_weeks(header: str) -> bool:
    """Whether a column's name says that it counts weeks."""
    return bool(_WEEK.fullmatch(snake(header)))


def days_apart(frame: pd.DataFrame, value: str, table: Table, notes: Notes) -> None:
    """Ask whether days that all lie a week or more apart (7, 14, 21) are days: their amounts may be a week's.

    Rows for the days between, though they be blank, say that a row is a day.

    Raises
    ------
    DataError
        When they are sums of weeks or months.
    """
    if not {"day", value} <= set(frame.columns):
        return
    day = cells.numbers(frame["day"], False)[0]
    known = np.unique(day[np.isfinite(day) & (day > 0)])
    gaps = np.diff(known)
    if not len(gaps) or gaps.min() < _FEWEST_APART or (len(known) < _FEWEST and gaps[0] > _MONTH):
        return
    span = listed([f"{d:g}" for d in known], most=4)
    meant = notes.ask(
        "periods",
        f"The only days of {table.name} are {span}. Is a number that of one day, or of the time between?",
        {
            "periods": "of a week, a month or the time between visits: the file holds no days",
            "days": "of that one day; the days between are missing",
        },
        count=len(known),
        provisional="days",
    )
    if meant == "periods":
        raise CheckFailedError(
            "columns",
            f"{table.name} has a number for each week, month or visit (days {span}), and "
            "the analysis is of days; load the file that has the days themselves",
        )


def counted_through(frame: pd.DataFrame, table: Table, notes: Notes, tables: Sequence[str] = ()) -> pd.DataFrame:
    """The days of a trial numbered through, where they begin anew in each week.

    So it is where the days are 1 to 7, a participant has the same day several times, and never twice in one week.

    Parameters
    ----------
    frame
        Rows under the usual names.
    table
        Where they are from.
    tables
        The sheet or file that each row is from, where there are several: one a week, perhaps.
    """
    weeks = {name: _SHEET.fullmatch(name.strip()) for name in dict.fromkeys(tables)}
    if weeks and all(weeks.values()) and not any(_WEEK.fullmatch(str(c)) for c in frame.columns):
        week_of = [match[1] for name in tables if (match := weeks[name])]
        return counted_through(frame.assign(week=category(week_of)), table, notes).drop(columns="week")
    column = next((str(c) for c in frame.columns if _WEEK.fullmatch(str(c))), None)
    if column is None or not {"participant_id", "day"} <= set(frame.columns):
        return frame
    day, bad = cells.numbers(frame["day"], False)
    numbers = {t: float(match[1]) for t in reshape.texts(frame[column]) if (match := _TEXT.fullmatch(t.strip()))}
    week = frame[column].map(numbers).astype(float).to_numpy()
    if bad.any() or not len(day) or np.isnan(day).any() or np.isnan(week).any() or not np.isin(day, range(1, 8)).all():
        return frame
    keys = pd.DataFrame({"id": cells.texts(frame["participant_id"]), "day": day, "week": week})
    if not keys.duplicated(["id", "day"]).any() or keys.duplicated().any():
        return frame
    first = _first_week(week, table, column, notes)
    notes.say("day", f"Days 1 to 7 of each '{short(column)}' are numbered through, from day 1 of week {first}")
    return frame.assign(day=reshape.as_text(day + 7 * (week - first)))


def _first_week(week: np.ndarray, table: Table, column: str, notes: Notes) -> int:
    """The week that begins with day 1: week 1, unless there is a week 0, which may be the first or the one before."""
    if not (week == 0).any():
        return 1
    text = f"{table.name} counts weeks from 0 ('{short(column)}'). Is week 0 the first week of the trial"
    answers = {
        "first": "week 0 is the first week: its days are 1 to 7",
        "before": "week 0 is the week before treatment: its days are -6 to 0",
    }
    return 0 if notes.ask("week_zero", text, answers) == "first" else 1
