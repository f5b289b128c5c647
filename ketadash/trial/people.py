"""The table of participants, and the dates it holds: when treatment started, until when each was followed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from ketadash.core.findings import Check, CheckFailedError, counted, listed, short
from ketadash.files import Table
from ketadash.trial import cells, dates, reshape
from ketadash.trial.read.date_order import fitting, settle
from ketadash.trial.recipe import DateOrder, Recipe
from ketadash.trial.recognise import NOT_AN_ARM, READING, SYNONYMS, snake
from ketadash.trial.roles import find
from ketadash.trial.understood import Notes
from ketadash.trial.who.unassigned import none_as_meant


def settled(table: Table, notes: Notes) -> Table:
    """The participants under the usual names, without those who were never randomised."""
    recipe = notes.recipe
    names: dict[str, str] = {}
    for canonical in ("participant_id", "arm", "sex", "baseline_heavy_days"):
        header = find(table, SYNONYMS[canonical], recipe.column(canonical)) or find(table, SYNONYMS[canonical])
        if header is not None and header not in names:
            names[header] = canonical
    worded = {
        c: reshape.with_words(table, c, always=c in names)
        for c in table.codes
        if c in table.frame and names.get(c) != "participant_id"
    }
    frame = reshape.renamed(table.frame.assign(**worded), names)
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
    """The participants' table without screening failures, which CDISC's ADSL lists too."""
    failed = [t for t in reshape.texts(frame["arm"]) if NOT_AN_ARM.search(t)]
    gone = frame["arm"].isin(failed).to_numpy()
    if snake(str(table.frame.columns[0])) in ("studyid", "usubjid") or "USUBJID" in table.frame.columns:
        gone |= reshape.emptied(frame["arm"])
    if gone.any():
        notes.left_out(
            int(gone.sum()),
            f"{table.name}: {counted(int(gone.sum()), 'participant')} never randomised",
            reshape.lines_of(frame, gone, table.row),
        )
    return frame[~gone]


def started(
    frame: pd.DataFrame,
    table: Table,
    people: Table | None,
    notes: Notes,
    order: DateOrder | None = None,
    when: np.ndarray | None = None,
) -> tuple[np.ndarray, str | None]:
    """When treatment started, (n,) datetime64[D] for the rows of `frame`; and the column of it that holds it.

    Parameters
    ----------
    order
        What comes first in dates in numbers.
    when
        The rows' own dates (n,), from which the start may be counted where nothing says it and a person agrees.

    Raises
    ------
    DataError
        When no column and no recipe says it.
    """
    recipe = notes.recipe
    if recipe.start_date is not None:
        notes.say("start_date", f"Treatment started on {recipe.start_date} for everybody")
        return np.full(len(frame), np.datetime64(recipe.start_date, "D")), None
    table = replace(table, frame=frame)
    place = start_column(table, people, recipe)
    if place is None:
        looked = ", ".join(READING["start"][:4])
        text = (
            f"{table.name} has dates instead of days, but nothing says on which date treatment started (looked for "
            f"{looked}, …)"
        )
        if when is None or "participant_id" not in frame or np.isnat(when).all():
            raise CheckFailedError("dates", f"{text}; add that column, or give one date for all")
        return _counted_from(when, cells.texts(frame["participant_id"]), text, notes), None
    source, column = place
    where = "" if source is table else f" of {source.name}"
    notes.column("start", column)
    notes.say("start", f"Treatment started on the date in '{short(column)}'{where}")
    return starts(table, source, column, order or recipe.date_order), column if source is table else None


def start_column(table: Table, people: Table | None, recipe: Recipe) -> tuple[Table, str] | None:
    """The table and the column that say when treatment started: one date a participant (a survey's start is not)."""
    header = recipe.column("start")
    for source in (table, people):
        if source is None or (source is people and "participant_id" not in source.frame):
            continue
        if header is not None and (column := find(source, (), header)) is not None:
            return source, column
        for name in READING["start"]:
            column = find(source, (name,))
            if column is not None and (source is people or _one_each(source.frame, column)):
                return source, column
    return None


def _one_each(frame: pd.DataFrame, column: str) -> bool:
    if "participant_id" not in frame:
        return True
    pairs = frame.loc[~reshape.emptied(frame[column]), ["participant_id", column]].drop_duplicates()
    return not pairs["participant_id"].duplicated().any()


def starts(table: Table, source: Table, column: str, order: DateOrder | None) -> np.ndarray:
    """The start of the participant of every row of `table`, (n,) datetime64[D], from `column` of `source`.

    Raises
    ------
    DataError
        For cells that are no dates.
    """
    dates_of_rows = _dates(source.frame[column], source, column, order)
    if source is table:
        return dates_of_rows
    start_of = dict(zip(cells.texts(source.frame["participant_id"]), dates_of_rows, strict=True))
    ids = cells.texts(table.frame["participant_id"])
    return np.array([start_of.get(i, dates.NOT_A_DATE) for i in ids], dtype="datetime64[D]")


def _counted_from(when: np.ndarray, ids: np.ndarray, text: str, notes: Notes) -> np.ndarray:
    """Starts (n,) that make the first date day 1: each participant's own first date or everybody's, as answered."""
    meant = notes.ask(
        "start",
        f"{text}. Add that column, give one date for all (start_date), or say where day 1 is",
        {
            "first date": "each participant's first date in the file is day 1",
            "first date is day 0": "each participant's first date is the day of treatment, day 0",
            "earliest date": "the earliest date in the file is everybody's day 1",
        },
        name="dates",
    )
    known = ~np.isnat(when)
    if meant == "earliest date":
        first = np.full(len(when), when[known].min())
    else:
        first = pd.Series(when).groupby(ids).transform("min").to_numpy().astype("datetime64[D]")
    before = 0 if meant == "first date is day 0" else 1 - (notes.recipe.start_day or 0)
    return first - np.timedelta64(before, "D")


def _dates(column: pd.Series, table: Table, name: str, order: DateOrder | None) -> np.ndarray:
    parsed, bad = reshape.dated(column, fitting(column, order))
    reshape.unreadable_dates(table, name, bad)
    return parsed


def followed(
    frame: pd.DataFrame, table: Table, people: Table | None, notes: Notes
) -> tuple[Mapping[str, float], pd.DataFrame]:
    """Each participant's last day of follow-up, and the frame without the column that says it.

    Raises
    ------
    DataError
        When nothing says it.
    """
    header = notes.recipe.column("end")
    source, column = replace(table, frame=frame), find(replace(table, frame=frame), READING["end"], header)
    if column is None and people is not None:
        source, column = people, find(people, READING["end"], header)
    if column is None or "participant_id" not in source.frame:
        looked = ", ".join(READING["end"][:4])
        raise CheckFailedError(
            "columns",
            f"{table.name} lists days of use only, but nothing says until when each "
            f"participant was followed (looked for {looked}, …); add that column",
        )
    notes.column("end", column)
    notes.say("end", f"Each participant was followed until '{short(column)}' of {source.name}")
    ids = cells.texts(source.frame["participant_id"])
    last, bad = cells.numbers(source.frame[column], source.decimal_comma)
    if bad.any() or _serial(last):  # these are dates, not day numbers
        start = started(source.frame, source, people, notes)[0]

        def ended(order: DateOrder) -> np.ndarray:
            return reshape.days_from(
                _dates(source.frame[column], source, str(column), order), start, notes.recipe.start_day or 0
            )

        last = ended(settle({column: source.frame[column]}, ended, ids, None, notes))
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


def _renamed(meant: Mapping[str, str], given: Mapping[str, str], notes: Notes) -> None:
    """Say which arms a recipe calls otherwise than the file does; a doubt where a name of the file changes its arm."""
    pairs = [(name, m) for name, m in meant.items() if name != m and given.get(name) == m]
    if not pairs:
        return
    renames = listed([f"'{short(name)}' in the file is '{short(m)}' here" for name, m in sorted(pairs)])
    # an arm that has a name of its own, which the other's would replace
    crossed = [m for name, m in pairs if meant.get(m, m) != m]
    exchanged = ". Names of the file's own arms are exchanged" if crossed else ""
    notes.say("arms", f"Arms by other names, as the recipe says: {renames}{exchanged}", doubt=bool(crossed))


def arms(frame: pd.DataFrame, notes: Notes) -> pd.DataFrame:
    """Arms under the names meant: those the recipe says, and spellings that differ in case and spaces only."""
    if "arm" not in frame:
        return frame
    frame = none_as_meant(frame, notes)
    recipe_names = dict(notes.recipe.arms)
    given = [t for t in reshape.texts(frame["arm"]) if t.strip()]
    counts = frame["arm"].value_counts()
    meant = {t: recipe_names.get(t, recipe_names.get(t.strip(), t.strip())) for t in given}
    same: dict[str, str] = {}
    for t in sorted(given, key=lambda t: (-int(counts.get(t, 0)), t)):
        meant[t] = same.setdefault(" ".join(meant[t].casefold().split()), meant[t])
    apart = sorted({(t.strip(), m) for t, m in meant.items() if t.strip() != m and recipe_names.get(t.strip()) != m})
    if apart:
        pairs = listed([f"'{short(a)}' as '{short(b)}'" for a, b in apart])
        notes.say("arms", f"Spellings of one arm read as one: {pairs}", doubt=True)
    _renamed({t.strip(): m for t, m in meant.items()}, recipe_names, notes)
    return frame.assign(
        arm=frame["arm"].map({t: meant.get(t, "") for t in reshape.texts(frame["arm"])}).astype(str).astype("category")
    )
