"""Steps from a file's shape to one row a participant and day; each takes a frame of texts and gives one."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ketadash.core.findings import CheckFailedError, counted, listed, short
from ketadash.files import Table, limits
from ketadash.files.table import category
from ketadash.trial import cells, dates
from ketadash.trial.amounts.words import Word, word_of
from ketadash.trial.recipe import DateOrder, Outcome
from ketadash.trial.recognise import EMPTY, TESTS

_USED = {**TESTS, "x": 1.0}
_PATIENCE = 3_660  # days that a participant can be followed, ten years


NO_ROW = "a day without a row"  # where a file lists days of use alone


def bound(rows: int, columns: int, what: str, times: int = 1) -> None:
    """DataError if a table laid out anew would have more cells than are read, or `times` as many."""
    if rows * columns > times * limits().cells:
        raise CheckFailedError(
            "size",
            f"{what} would make {rows:,} rows of {columns:,} columns, more than the {times * limits().cells:,} cells "
            "that are laid out; leave out columns that are not analysed",
        )


def texts(column: pd.Series) -> list[str]:
    """The different texts of a category column."""
    return [str(t) for t in column.cat.categories]


def renamed(frame: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Columns renamed; an ordinary column that already has the name makes room."""
    clash = {c: f"{c}_as_given" for c in frame.columns if c in names.values() and c not in names}
    return frame.rename(columns={**clash, **names})


def with_words(table: Table, column: str, always: bool) -> pd.Series:
    """A column with its codes (SPSS, Stata) replaced by their labels; unless `always`, only if every code has one."""
    words = table.codes.get(column, {})
    given = texts(table.frame[column])
    present = [t for t in given if t.strip()]
    if not words or not (always or all(t in words for t in present)):
        return table.frame[column]
    return table.frame[column].map({t: words.get(t, t) for t in given}).astype(str).astype("category")


def unknown(table: Table, column: str, missing_words: tuple[str, ...]) -> dict[str, str]:
    """Codes of a column that stand for a missing value, each with the reason: a label in the file, or the recipe."""
    words = table.codes.get(column, {}).items()
    unknown_words = {code: f"'{short(word)}'" for code, word in words if word_of(word) is Word.UNKNOWN}
    return unknown_words | dict.fromkeys(missing_words, "said so")


def blanked(column: pd.Series, codes: Mapping[str, str]) -> tuple[pd.Series, int]:
    """A column with `codes` emptied, and how many cells that were."""
    amounts = {number for code in codes if (number := _number(code)) is not None}
    kinds = {t for t in texts(column) if t.strip() in codes or (amounts and _number(t) in amounts)}
    if not kinds:
        return column, 0
    n = int(column.isin(kinds).sum())
    return column.map({t: "" if t in kinds else t for t in texts(column)}).astype(str).astype("category"), n


def _number(text: str) -> float | None:
    """The number that a cell or a code is, so that -9 and -9.0 are one; None if it is none."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if np.isfinite(number) else None


def as_use(column: pd.Series, outcome: Outcome) -> pd.Series:
    """A column of yes and no as 1 (used) and 0; other cells stay, to be reported as unreadable."""
    uses = {}
    for t in texts(column):
        value = _USED.get(t.strip().lower())
        if value is not None:
            uses[t] = str(int(value if outcome is Outcome.USE else 1 - value))
    return column.map({t: uses.get(t, t) for t in texts(column)}).astype(str).astype("category")


def dated(column: pd.Series, order: DateOrder) -> tuple[np.ndarray, np.ndarray]:
    """Dates of a category column (n,) datetime64[D] and which cells are unreadable (n,) bool."""
    kinds, bad = dates.parse(texts(column), order)
    codes = column.cat.codes.to_numpy()
    return np.append(kinds, dates.NOT_A_DATE)[codes], np.append(bad, False)[codes]


def days_from(when: np.ndarray, start: np.ndarray, number: int) -> np.ndarray:
    """Day numbers (n,) float of dates, the start being day `number`; NaN where either is unknown."""
    gap = (when - start).astype("timedelta64[D]").astype(float)
    return np.where(np.isnat(when) | np.isnat(start), np.nan, gap + number)


def as_text(days: np.ndarray) -> pd.Categorical:
    """Day numbers as a column of texts, empty where unknown."""
    return category([None if np.isnan(d) else int(d) for d in days])


def filled(
    frame: pd.DataFrame, value: str, first: int, end: Mapping[str, float], place: str
) -> tuple[pd.DataFrame, int, list[str]]:
    """Days without a row made days of none, from `first` to each participant's end of follow-up.

    Returns
    -------
    The frame with the added rows; how many were added; participants without an end, to whom none were.
    """
    ids, day = cells.texts(frame["participant_id"]), cells.numbers(frame["day"], False)[0]
    have: dict[str, set[float]] = {}
    for person, number in zip(ids, day, strict=True):
        have.setdefault(person, set()).add(number)
    rest = [c for c in frame.columns if c not in ("participant_id", "day", value)]
    own = frame.assign(participant_id=ids).drop_duplicates("participant_id").set_index("participant_id")
    who, when = list[str](), list[int]()
    lost = sorted({str(i) for i in ids if i and not np.isfinite(end.get(str(i), np.nan))})
    for person, last in end.items():
        if np.isfinite(last):
            taken = have.get(person, set())
            days = [d for d in range(first, min(int(last), first + _PATIENCE) + 1) if d not in taken]
            who += [person] * len(days)
            when += days
            if (len(who) + len(frame)) * frame.shape[1] > limits().cells:
                raise CheckFailedError(
                    "size",
                    "a row for every day until the end of each follow-up would make "
                    f"more than the {limits().cells:,} cells that are read; check these "
                    "ends",
                )
    if not who:
        return frame, 0, lost
    persons = pd.factorize(ids)[0]
    constant = {c for c in rest if _one_each(persons, frame[c])}
    known = [w if w in own.index else None for w in who]
    columns = {c: own[c].astype(object).reindex(known).to_numpy() if c in constant else [""] * len(who) for c in rest}
    added = pd.DataFrame({"participant_id": who, **columns, "day": [str(d) for d in when], value: ["0"] * len(who)})
    added.index = pd.Index([place] * len(added), dtype=object)
    both = pd.concat([part for part in (frame.astype(object), added[list(frame.columns)]) if len(part)])
    return both.fillna("").astype(str).astype("category"), len(added), lost


def _one_each(persons: np.ndarray, column: pd.Series) -> bool:
    """Whether a column has at most one value for each person; persons (n,) int."""
    codes = column.cat.codes.to_numpy().astype(np.int64)
    filled = codes >= 0
    pairs = np.unique(persons[filled] * (len(column.cat.categories) + 1) + codes[filled])
    return len(pairs) == len(np.unique(persons[filled]))


def stacked(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Frames of texts one below the other; DataError for more cells than are read."""
    if len(parts) == 1:
        return parts[0]
    bound(sum(map(len, parts)), len({c for p in parts for c in p.columns}), "the tables one below the other")
    return pd.concat([p.astype(object) for p in parts]).fillna("").astype(str).astype("category")


def is_empty(text: str) -> bool:
    """Whether a cell's text says nothing, NA and a lone point among such."""
    return text.strip().lower() in EMPTY


def emptied(column: pd.Series) -> np.ndarray:
    """(n,) bool: cells that say nothing, NA and a lone point among them."""
    nothing = [t for t in texts(column) if t.strip().lower() in EMPTY]
    return (column.isin(nothing) | column.isna()).to_numpy()


def lines_of(frame: pd.DataFrame, where: np.ndarray, row: str) -> tuple[str, ...]:
    """The first places at which `where` is true."""
    return tuple(f"{row} {i}" for i in frame.index[where][:5])


def unreadable_dates(table: Table, column: str, bad: np.ndarray) -> None:
    """Raises DataError when dates cannot be read."""
    if bad.any():
        n, where = int(bad.sum()), lines_of(table.frame, bad, table.row)
        raise CheckFailedError(
            "dates",
            f"{table.name}: {counted(n, 'cell')} of '{short(column)}' cannot be read as a "
            f"date ({listed(where, n)}); write 2024-03-01, or say which comes first, day or "
            "month",
        )
