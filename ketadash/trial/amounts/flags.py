"""Days that a column beside the amounts marks as missing, not reported or imputed: whether their amounts count."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from ketadash.core.findings import counted, short
from ketadash.trial import cells
from ketadash.trial.recognise import snake
from ketadash.trial.understood import Notes

_DAY = r"(is_|day_|data_|tlfb_|diary_|value_|drinks_)?"
_FLAG = r"(_?(day|data|value|flag|fl|yn))?"
_LOST = re.compile(_DAY + r"(missing|not_reported|unreported|not_done|no_data|imputed|imputation|unknown)" + _FLAG)
_KNOWN = re.compile(_DAY + r"(reported|observed|completed?|answered|available|known|valid)" + _FLAG)


def without_flagged(column: pd.Series, frame: pd.DataFrame, value: str, notes: Notes) -> pd.Series:
    """The daily column without the days that a flag calls unknown, as asked where they have an amount.

    Only a flag that changes within a participant is one of days: "completed" may be about the whole trial.
    """
    if "participant_id" not in frame:
        return column
    known = np.isfinite(cells.tests(column)[0]) | np.isfinite(cells.numbers(column, None)[0])
    for header in (str(c) for c in frame.columns if str(c) not in (value, "participant_id", "day", "arm")):
        lost = _lost(header, frame)
        if lost is None or not (lost & known).any() or not (~lost & known).any():
            continue
        n = int((lost & known).sum())
        meant = notes.ask(
            "flagged",
            f"'{short(header)}' marks {counted(n, 'day')} as missing, not reported or imputed, and yet "
            f"'{short(value)}' is filled there. What is known of these days?",
            {"unknown": "nothing: the day is missing", "amounts": f"what '{short(value)}' says"},
            count=n,
        )
        if meant == "unknown":
            return column.astype(object).mask(lost, "").astype("category")
        return column
    return column


def _lost(header: str, frame: pd.DataFrame) -> np.ndarray | None:
    """(n,) bool: the days that a column calls unknown; None for a column that is no such flag."""
    name = snake(header)
    positive = bool(_LOST.fullmatch(name))
    if not positive and not _KNOWN.fullmatch(name):
        return None
    given, unread = cells.tests(frame[header])
    if unread.any() or not np.isfinite(given).any():
        return None
    ids = cells.texts(frame["participant_id"])
    pairs = pd.DataFrame({"who": ids, "flag": given == 1}).drop_duplicates()
    if not pairs["who"].duplicated().any():
        return None
    # An empty cell of a flag that marks what is lost marks nothing; of one that marks what is known, it says nothing.
    return given == 1 if positive else given == 0
