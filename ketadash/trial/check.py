"""Named checks: each looks at one thing and says what is wrong, where, and how to mend it.

A check takes the rows as parsed and returns a `Check`, or None if all is well.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ketadash.core.findings import COLUMNS_SHOWN, SHOWN, Check, counted, listed, short

FURTHEST_DAY = 3660  # ten years; further out a "day" is a date or a typing slip, and would cost memory
LONGEST_NAME = 200  # characters of an identifier or of an arm's name
MOST_DRINKS = 200  # beyond this a day's amount is a slip of the keyboard
MANY_DRINKS = 40  # possible, but worth a look


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of one file with their places.

    ids, arms (n,) str, "" where empty; day (n,) float, NaN where empty; day_bad (n,) bool: no whole number.
    """

    file: str
    lines: np.ndarray
    ids: np.ndarray
    arms: np.ndarray
    day: np.ndarray
    day_bad: np.ndarray
    row: str = "line"

    def places(self, mask: np.ndarray) -> tuple[str, ...]:
        """Where `mask` (n,) is true: ``line 12 (P014, day 22)``, the first few."""
        return tuple(self._place(i) for i in np.flatnonzero(mask)[:SHOWN])

    def _place(self, i: int) -> str:
        known = [short(str(self.ids[i]), 40)] if self.ids[i] else []
        if np.isfinite(self.day[i]) and not self.day_bad[i]:
            known.append(f"day {self.day[i]:g}")
        return self.line(i) + (f" ({', '.join(known)})" if known else "")

    def line(self, i: int) -> str:
        """``line 12``; rows that stand in no file say so themselves."""
        place = self.lines[i]
        return place if isinstance(place, str) else f"{self.row} {place}"


def _cells(name: str, rows: Rows, bad: np.ndarray, what: str, remedy: str, severity: str = "error") -> Check | None:
    """The finding about single cells: `what` continues a sentence that begins with their number ("2 cells …")."""
    n = int(bad.sum())
    if not n:
        return None
    where = rows.places(bad)
    return Check(name, severity, f"{rows.file}: {counted(n, 'row')} {what} ({listed(where, n)}); {remedy}", n, where)


def id_empty(rows: Rows) -> Check | None:
    """A row that belongs to nobody."""
    empty = rows.ids == ""
    return _cells("participant_id", rows, empty, "without a participant", "fill in participant_id or remove them")


def long_names(rows: Rows) -> Check | None:
    """An identifier or an arm's name that is a text rather than a name."""
    long = np.zeros(len(rows.ids), dtype=bool)
    for names in (rows.ids, rows.arms):
        codes, distinct = pd.factorize(names)
        long |= np.array([len(str(name)) > LONGEST_NAME for name in distinct], dtype=bool)[codes]
    what = f"with a participant or an arm of more than {LONGEST_NAME} characters"
    return _cells("long_names", rows, long, what, "give them short names, or say which columns hold them")


def day_whole(rows: Rows) -> Check | None:
    """A day that is empty, a word, or a fraction."""
    return _cells(
        "day_whole", rows, rows.day_bad, "whose day is not a whole number", "number the days …, -1, 0, 1, 2, …"
    )


def day_range(rows: Rows) -> Check | None:
    """A day further than ten years from day 0."""
    far = ~rows.day_bad & (np.abs(rows.day) > FURTHEST_DAY)
    return _cells(
        "day_range",
        rows,
        far,
        f"whose day is beyond {FURTHEST_DAY}",
        "count days from the start of treatment instead of giving dates",
    )


def duplicate_days(rows: Rows) -> Check | None:
    """More than one row for one participant and day."""
    usable = (rows.ids != "") & ~rows.day_bad
    keys = pd.DataFrame({"id": rows.ids, "day": rows.day})[usable]
    again = np.zeros(len(rows.ids), dtype=bool)
    again[usable] = keys.duplicated().to_numpy()
    n = len(keys[keys.duplicated()].drop_duplicates())
    if not n:
        return None
    pairs = keys[keys.duplicated()].drop_duplicates().head(SHOWN)
    where = tuple(f"{i} day {d:g}" for i, d in zip(pairs["id"], pairs["day"], strict=True))
    return Check(
        "duplicate_days",
        "error",
        f"{rows.file}: {counted(n, 'participant-day has', 'participant-days have')} more than one row "
        f"({listed(where, n)}; repeated on {listed(_lines(rows, again), int(again.sum()))}); "
        "keep one row per participant and day",
        n,
        where,
    )


def arm_empty(rows: Rows) -> Check | None:
    """A row, or a participant, without an arm."""
    return _cells(
        "arm_empty",
        rows,
        (rows.arms == "") & (rows.ids != ""),
        "without an arm",
        "give the arm on every row of a participant",
    )


def arm_changes(rows: Rows, other: dict[str, str], other_file: str) -> Check | None:
    """A participant in two arms, within the file or between it and the file of participants."""
    pairs = pd.DataFrame({"id": rows.ids, "arm": rows.arms})
    pairs = pairs[(pairs["id"] != "") & (pairs["arm"] != "")].drop_duplicates()
    within = set(pairs.loc[pairs["id"].duplicated(), "id"])
    between = {i for i, arm in zip(pairs["id"], pairs["arm"], strict=True) if i in other and other[i] not in ("", arm)}
    wrong = sorted(within | between)
    if not wrong:
        return None
    files = f"{rows.file} and {other_file}" if between - within else rows.file
    return Check(
        "arm_changes",
        "error",
        f"{files}: {counted(len(wrong), 'participant has', 'participants have')} more than one arm "
        f"({listed(wrong)}); give each participant one arm",
        len(wrong),
        tuple(wrong[:SHOWN]),
    )


def amount_checks(rows: Rows, column: str, values: np.ndarray, bad: np.ndarray, text: np.ndarray) -> list[Check]:
    """Amounts that are words, negative, impossible, or merely large.

    values (n,) float, NaN where empty; bad (n,) bool, cells that are no number; text (n,) the cells as written.
    """
    checks = [not_numbers("amount_numeric", rows, column, bad, text)]
    with np.errstate(invalid="ignore"):
        checks.append(
            _cells(
                "amount_negative",
                rows,
                values < 0,
                f"with a negative number in '{column}'",
                "write 0 or more, or leave the cell empty where nothing is known",
            )
        )
        checks.append(
            _cells(
                "amount_absurd",
                rows,
                values > MOST_DRINKS,
                f"with more than {MOST_DRINKS} in '{column}'",
                "that is no amount for one day: correct it, or leave the cell empty",
            )
        )
        large = (values > MANY_DRINKS) & (values <= MOST_DRINKS)
        checks.append(
            _cells(
                "amount_large",
                rows,
                large,
                f"with more than {MANY_DRINKS} in '{column}'",
                "check that they are drinks a day",
                "warning",
            )
        )
    return [check for check in checks if check is not None]


def not_numbers(name: str, rows: Rows, column: str, bad: np.ndarray, text: np.ndarray) -> Check | None:
    """Cells that should be numbers and are not; bad (n,) bool, text (n,) the cells as written."""
    n = int(bad.sum())
    if not n:
        return None
    # The cell itself is shown, cut short: it is what has to be mended, and it is no measurement.
    cells = [f"{rows.line(i)}: '{_short(str(text[i]))}'" for i in np.flatnonzero(bad)[:SHOWN]]
    return Check(
        name,
        "error",
        f"{rows.file}: {counted(n, 'cell')} of '{column}' {'is' if n == 1 else 'are'} not a number "
        f"({listed(cells, n)}); write a number, or leave the cell empty where nothing is known",
        n,
        rows.places(bad),
    )


def etg_unread(rows: Rows, unread: np.ndarray) -> Check | None:
    """A test result that is neither positive nor negative."""
    return _cells(
        "etg_unread",
        rows,
        unread,
        "whose etg_positive is neither positive nor negative",
        "write 1 or 0, or leave it empty; they count as no test",
        "warning",
    )


def two_arms(arms: dict[str, int]) -> Check | None:
    """At least two arms, of which two have at least two participants; `arms` counts participants by arm."""
    if len(arms) < 2:
        only = f"only the arm '{short(next(iter(arms)))}'" if arms else "no arm"
        return Check("arms", "error", f"the data have {only}; a comparison needs two arms: add the other arm's rows", 1)
    if sum(n >= 2 for n in arms.values()) < 2:
        sizes = listed((f"{short(arm)}: {n}" for arm, n in arms.items()), most=COLUMNS_SHOWN)
        return Check(
            "arm_sizes",
            "error",
            f"fewer than two participants in an arm ({sizes}); models cannot be fitted: "
            "give each arm at least two participants",
            1,
        )
    return None


def repeated_participants(rows: Rows) -> Check | None:
    """More than one row for a participant in the file of participants."""
    again = pd.Series(rows.ids).duplicated().to_numpy() & (rows.ids != "")
    return _cells("repeated_participants", rows, again, "for a participant who already has one", "keep one row each")


def strangers(rows: Rows, known: set[str]) -> Check | None:
    """Rows of visits or adverse events of somebody who is not in the trial."""
    unknown = ~pd.Series(rows.ids).isin(known).to_numpy() & (rows.ids != "")
    return _cells(
        "strangers",
        rows,
        unknown,
        "of participants who are in no file of days or participants",
        "check their ids; they are left out of the daily outcomes",
        "warning",
    )


def _lines(rows: Rows, mask: np.ndarray) -> list[str]:
    return [rows.line(int(i)) for i in np.flatnonzero(mask)[:SHOWN]]


def _short(text: str) -> str:
    return short(text, 12)
