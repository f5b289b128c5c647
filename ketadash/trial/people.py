"""The table of participants, and the dates it holds: when treatment started, until when each was followed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from ketadash.files import Table
from ketadash.findings import Check, CheckFailedError, counted, listed, short
from ketadash.trial import cells, dates, laying
from ketadash.trial.recipe import DateOrder, Recipe
from ketadash.trial.recognise import NOT_AN_ARM, READING, SYNONYMS, snake
from ketadash.trial.roles import find
from ketadash.trial.understood import Notes


def settled(table: Table, notes: Notes) -> Table:
    """The participants under the usual names, without those who were never randomised."""
    recipe = notes.recipe
    names: dict[str, str] = {}
    for canonical in ("participant_id", "arm", "sex", "baseline_heavy_days"):
        header = find(table, SYNONYMS[canonical], recipe.column(canonical)) or find(table, SYNONYMS[canonical])
        if header is not None and header not in names:
            names[header] = canonical
    worded = {c: laying.with_words(table, c, always=c in names) for c in table.codes
              if c in table.frame and names.get(c) != "participant_id"}  # fmt: skip
    frame = laying.renamed(table.frame.assign(**worded), names)
    arm = next((h for h, c in names.items() if c == "arm"), None)
    if arm is not None and snake(arm) != "arm":
        notes.say("arm", f"Arms from '{short(arm)}' of {table.name}{_kind_of_arm(arm)}")
    if "arm" in frame:
        frame = _randomised(frame, table, notes)
    for old, new in names.items():
        if snake(old) != new:
            text = f"{table.name}: read '{short(old)}' as {new}"
            notes.checks.append(Check("renamed", "note", text, 1, (short(old),)))
    return replace(table, frame=frame)


def _kind_of_arm(header: str) -> str:
    planned = {
        "trt01p": " (planned treatment, as randomised; TRT01A is the actual one)",
        "trt01a": " (actual treatment)",
    }
    return planned.get(snake(header), "")


def _randomised(frame: pd.DataFrame, table: Table, notes: Notes) -> pd.DataFrame:
    """Without screening failures, whom only an ADSL lists."""
    failed = [t for t in laying.texts(frame["arm"]) if NOT_AN_ARM.search(t)]
    gone = frame["arm"].isin(failed).to_numpy()
    if snake(str(table.frame.columns[0])) in ("studyid", "usubjid") or "USUBJID" in table.frame.columns:
        gone |= laying.emptied(frame["arm"])
    if gone.any():
        notes.left_out(int(gone.sum()), f"{table.name}: {counted(int(gone.sum()), 'participant')} never randomised",
                       laying.lines_of(frame, gone, table.row))  # fmt: skip
    return frame[~gone]


def started(frame: pd.DataFrame, table: Table, people: Table | None, notes: Notes) -> tuple[np.ndarray, str | None]:
    """When treatment started, (n,) datetime64[D] for the rows of `frame`; and the column of it that holds it.

    Raises
    ------
    DataError
        When no column and no recipe says it.
    """
    recipe = notes.recipe
    if recipe.start_date is not None:
        notes.say("start_date", f"Treatment started on {recipe.start_date} for everybody")
        return np.full(len(frame), np.datetime64(recipe.start_date, "D")), None
    said = recipe.column("start")
    column = find(replace(table, frame=frame), READING["start"], said)
    if column is not None:
        notes.column("start", column)
        notes.say("start", f"Treatment started on the date in '{short(column)}'")
        return _dates(frame[column], replace(table, frame=frame), column, recipe), column
    column = find(people, READING["start"], said) if people is not None else None
    if people is None or column is None or "participant_id" not in people.frame:
        looked = ", ".join(READING["start"][:4])
        raise CheckFailedError("dates", f"{table.name} has dates instead of days, but nothing says on which date "
                               f"treatment started (looked for {looked}, …); add that column, or give one date for "
                               "all")  # fmt: skip
    notes.column("start", column)
    notes.say("start", f"Treatment started on the date in '{short(column)}' of {people.name}")
    of = dict(zip(cells.texts(people.frame["participant_id"]), _dates(people.frame[column], people, column, recipe),
                  strict=True))  # fmt: skip
    ids = cells.texts(frame["participant_id"])
    return np.array([of.get(i, dates.NOT_A_DATE) for i in ids], dtype="datetime64[D]"), None


def _dates(column: pd.Series, table: Table, name: str, recipe: Recipe) -> np.ndarray:
    order = recipe.date_order
    if order is None:
        possible = dates.orders(laying.texts(column)) or set(DateOrder)
        order = DateOrder.DAY_FIRST if DateOrder.DAY_FIRST in possible else DateOrder.MONTH_FIRST
    found, bad = laying.dated(column, order)
    laying.unreadable_dates(table, name, bad)
    return found


def followed(
    frame: pd.DataFrame, table: Table, people: Table | None, notes: Notes
) -> tuple[Mapping[str, float], pd.DataFrame]:
    """Each participant's last day of follow-up, and the frame without the column that says it.

    Raises
    ------
    DataError
        When nothing says it.
    """
    said = notes.recipe.column("end")
    source, column = replace(table, frame=frame), find(replace(table, frame=frame), READING["end"], said)
    if column is None and people is not None:
        source, column = people, find(people, READING["end"], said)
    if column is None or "participant_id" not in source.frame:
        looked = ", ".join(READING["end"][:4])
        raise CheckFailedError("columns", f"{table.name} lists days of use only, but nothing says until when each "
                               f"participant was followed (looked for {looked}, …); add that column")  # fmt: skip
    notes.column("end", column)
    notes.say("end", f"Each participant was followed until '{short(column)}' of {source.name}")
    ids = cells.texts(source.frame["participant_id"])
    last, bad = cells.numbers(source.frame[column], source.decimal_comma)
    if bad.any() or _serial(last):  # not day numbers: dates
        start = started(source.frame, source, people, notes)[0]
        last = laying.days_from(_dates(source.frame[column], source, column, notes.recipe), start,
                                notes.recipe.start_day or 0)  # fmt: skip
    ends: dict[str, float] = {}
    for person, day in zip(ids, last, strict=True):
        if person and np.isfinite(day):
            ends[str(person)] = max(float(day), ends.get(str(person), -np.inf))
        elif person:
            ends.setdefault(str(person), np.nan)
    return ends, (frame.drop(columns=column) if source is not people and column in frame else frame)


def _serial(last: np.ndarray) -> bool:
    """Whether numbers are dates as a spreadsheet counts them rather than days."""
    known = last[np.isfinite(last)]
    return bool(len(known) and (known > 20_000).all())


def arms(frame: pd.DataFrame, notes: Notes) -> pd.DataFrame:
    """Arms under the names meant: those the recipe says, and spellings that differ in case and spaces only."""
    if "arm" not in frame:
        return frame
    said = dict(notes.recipe.arms)
    given = [t for t in laying.texts(frame["arm"]) if t.strip()]
    counts = frame["arm"].value_counts()
    meant = {t: said.get(t, said.get(t.strip(), t.strip())) for t in given}
    same: dict[str, str] = {}
    for t in sorted(given, key=lambda t: (-int(counts.get(t, 0)), t)):
        meant[t] = same.setdefault(" ".join(meant[t].casefold().split()), meant[t])
    apart = sorted({(t.strip(), m) for t, m in meant.items() if t.strip() != m and said.get(t.strip()) != m})
    if apart:
        pairs = listed([f"'{short(a)}' as '{short(b)}'" for a, b in apart])
        notes.say("arms", f"Spellings of one arm read as one: {pairs}", doubt=True)
    return frame.assign(arm=frame["arm"].map({t: meant.get(t, "") for t in laying.texts(frame["arm"])})
                        .astype(str).astype("category"))  # fmt: skip
