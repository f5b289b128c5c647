"""What a day without a row means, where a file lists nothing but days of use."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ketadash.core.findings import counted
from ketadash.files import Table
from ketadash.trial import cells, reshape
from ketadash.trial.amounts.words import NOT_KNOWN
from ketadash.trial.recipe import Shape
from ketadash.trial.recognise import READING, SYNONYMS, snake
from ketadash.trial.roles import find
from ketadash.trial.understood import Notes

# Names that say until when somebody was asked; the others may say when somebody was last seen, or finished treatment.
_SEEN = {"end_date", "end_day", "last_contact", "last_contact_date", "eosdt"}
_FOLLOWED = frozenset(READING["end"]) - _SEEN
# where more days than this share have a row, a day without one may as well be unknown as a day without use
_MOSTLY = 0.6
_NONE, _UNKNOWN = "nothing was used on it", NOT_KNOWN


def guessed_shape(table: Table, value: str | None, people: Table | None, notes: Notes) -> Shape:
    """The shape "days of use only" if the file says when follow-up ends and no row is a day without use; else long."""
    end = find(table, READING["end"]) or (find(people, READING["end"]) if people is not None else None)
    if value is None or end is None:
        return Shape.LONG
    amounts = cells.numbers(table.frame[value], table.decimal_comma)[0]
    if (amounts == 0).any() or np.isnan(amounts).any() or not len(amounts):
        return Shape.LONG
    if snake(end) in _FOLLOWED and _coverage(table, notes) < _MOSTLY:
        return Shape.USE_DAYS
    meant = notes.ask(
        "no_row",
        f"{table.name} lists days of use only, and '{end}' says when each participant's days end. What does a day "
        "without a row, up to that end, mean?",
        {"none": _NONE, "unknown": _UNKNOWN},
    )
    return Shape.USE_DAYS if meant == "none" else Shape.LONG


def _coverage(table: Table, notes: Notes) -> float:
    """Rows per participant and day, of those that the file has."""
    who = find(table, SYNONYMS["participant_id"], notes.recipe.column("participant_id"))
    when = find(table, (*SYNONYMS["day"], *READING["date"]), notes.recipe.column("day"))
    if who is None or when is None:
        return 0.0
    people, days = (len(np.unique(table.frame[c].cat.codes)) for c in (who, when))
    return len(table.frame) / max(1, people * days)


def without_a_day_of_none(
    frame: pd.DataFrame, value: str, table: Table, known_people: set[str], notes: Notes
) -> pd.DataFrame:
    """Ask whether the days without a row were days without use, for a long file that reports no day without use.

    Where that is so, days without a row are filled to the last day that anybody has.
    """
    if notes.recipe.shape is not Shape.LONG or not {value, "day", "participant_id"} <= set(frame.columns):
        return frame
    amounts, day = cells.numbers(frame[value], table.decimal_comma)[0], cells.numbers(frame["day"], False)[0]
    known, dated = np.isfinite(amounts), np.isfinite(day)
    if not known.any() or not (amounts[known] > 0).all() or not dated.any():
        return frame
    ids = set(cells.texts(frame["participant_id"])) | known_people
    first, last = int(min(1, day[dated].min())), int(day[dated].max())
    if len(frame) >= 0.9 * len(ids) * len(np.unique(day[dated])):
        return frame
    meant = notes.ask(
        "no_row",
        f"{table.name} has no day of none, and many days have no row. What does a day without a row, from day {first} "
        f"to day {last}, the last day in the file, mean?",
        {"unknown": _UNKNOWN, "none": _NONE},
    )
    if meant == "unknown":
        return frame
    ends = dict.fromkeys(sorted(ids - {""}), float(last))
    frame, n, _ = reshape.filled(frame, value, first, ends, reshape.NO_ROW)
    notes.say("shape", f"A day without a row, to day {last}, is a day without use: {counted(n, 'such day')}")
    return frame
