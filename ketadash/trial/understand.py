"""From the tables of a trial's files to participant-days under the names that everything else uses."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd

from ketadash.core.findings import COLUMNS_SHOWN, Check, CheckFailedError, counted, listed, short
from ketadash.files import Table
from ketadash.files.table import named_twice
from ketadash.trial import cells, daily, dates, reshape
from ketadash.trial.amounts.absent_rows import guessed_shape, without_a_day_of_none
from ketadash.trial.amounts.column import daily_column
from ketadash.trial.amounts.several import daily_header
from ketadash.trial.amounts.substance import of_one_substance
from ketadash.trial.people import arms, settled, start_column, started, starts
from ketadash.trial.read import calendar, date_order, day_words, redcap
from ketadash.trial.read import grid as grids
from ketadash.trial.read.prepare import prepared
from ketadash.trial.read.same_day import one_row_a_day
from ketadash.trial.read.weeks import counted_through, days_apart
from ketadash.trial.recipe import DateOrder, Mark, Outcome, Recipe, Shape
from ketadash.trial.recognise import (
    READING,
    SYNONYMS,
    near,
    snake,
)
from ketadash.trial.roles import Assigned, assign, find, table_name
from ketadash.trial.understood import Notes, Understood
from ketadash.trial.who import hidden_rows, summary_rows
from ketadash.trial.who.columns import rows_of_one_person, settle_arm, settle_person
from ketadash.trial.who.identifiers import aligned, one_person_one_identifier, respelt
from ketadash.trial.who.unassigned import without_unassigned
from ketadash.trial.wide_days import Across, melted, value_name


def understand(tables: list[Table], notes: Notes) -> Understood:
    """Read the tables as the recipe of `notes` says, recognise what it leaves open, and ask what is doubtful.

    Raises
    ------
    DataError
        When nothing can be the days, or when what is needed to lay them out is not there.
    """
    recipe = notes.recipe
    tables, described = prepared(tables, notes)
    given = [_decimal(t, recipe) for t in tables]
    _require_columns(given, recipe)
    given = hidden_rows.as_answered(given, notes)
    given = [t if t.trouble else summary_rows.without(t, notes) for t in given]
    assigned = assign(given, recipe)
    _note_tables(assigned, notes)
    assigned = _people_apart(assigned, notes)
    _settle(assigned, notes)
    assigned = aligned(assigned, notes)
    people = settled(assigned.others["participants"], notes) if "participants" in assigned.others else None
    parts = [_part(t, people, assigned.by_arm, notes) for t in assigned.days]
    first, several = assigned.days[0], len(parts) > 1
    if several:
        for (part, _), t in zip(parts, assigned.days, strict=True):
            part.index = pd.Index([f"{short(table_name(t))}, {t.row} {place}" for place in part.index], dtype=object)
        first = replace(first, file=listed(dict.fromkeys(t.file for t in assigned.days), most=2), sheet=None)
    frame, value = reshape.stacked([f for f, _ in parts]), parts[0][1]
    if value is not None:
        table_of_row = [  # each name once, not once a row: it is cut from the file's
            name for name, (part, _) in zip(map(table_name, assigned.days), parts, strict=True) for _ in part.index
        ]
        frame = counted_through(frame, first, notes, table_of_row if several else ())
        frame = one_row_a_day(frame, value, first, notes, alone=people is None, tables=table_of_row if several else ())
        if notes.recipe.shape is not Shape.USE_DAYS:
            days_apart(frame, value, first, notes)
            rows_of_one_person(frame, first)
    if value is not None and notes.recipe.shape is Shape.USE_DAYS:
        frame = daily.with_days_of_none(frame, value, first, people, notes)
    elif value is not None:
        frame = without_a_day_of_none(frame, value, first, _ids(people), notes)
    frame = arms(redcap.without_bookkeeping(frame), notes)
    spelt = one_person_one_identifier(frame, _ids(people), notes)
    frame = respelt(frame, spelt)
    listed_people = None
    if people is not None:
        listed_people = arms(redcap.without_bookkeeping(_without_dates(people, notes)), notes)
    frame, listed_people = without_unassigned(frame, listed_people, notes)
    by_role = {"days": replace(first, frame=frame)}
    if people is not None and listed_people is not None:
        by_role["participants"] = replace(people, frame=listed_people)
    for role in ("visits", "adverse_events"):
        if role in assigned.others:
            other = _other(assigned.others[role], notes)
            by_role[role] = replace(other, frame=respelt(other.frame, spelt))
    files = {"days": (*(t.file for t in assigned.days), *described)} | {
        r: (t.file,) for r, t in assigned.others.items()
    }
    return Understood(by_role, notes.recipe, tuple(notes.lines), tuple(notes.checks), value, files)


def _ids(people: Table | None) -> set[str]:
    """The identifiers in the file of participants."""
    known = people is not None and "participant_id" in people.frame
    return set(cells.texts(people.frame["participant_id"])) - {""} if people is not None and known else set()


def _settle(assigned: Assigned, notes: Notes) -> None:
    """Which column names a person and which the arm, where there are several."""
    for t in assigned.days:
        settle_person(t, notes)
    for t in [*assigned.days, *(t for role, t in assigned.others.items() if role == "participants")]:
        settle_arm(t, notes)


def _people_apart(assigned: Assigned, notes: Notes) -> Assigned:
    """The tables with what one table of days says once of each participant as participants."""
    if len(assigned.days) != 1:
        return assigned
    days, people = redcap.people_apart(assigned.days[0], notes)
    if people is None:
        return assigned
    known = assigned.others.get("participants")
    people = people if known is None else redcap.with_what_is_missing(known, people, notes)
    return replace(assigned, days=(days,), others={**assigned.others, "participants": people})


def _decimal(table: Table, recipe: Recipe) -> Table:
    return table if recipe.decimal is None else replace(table, decimal_comma=recipe.decimal is Mark.COMMA)


def _require_columns(tables: list[Table], recipe: Recipe) -> None:
    headers = dict.fromkeys(str(c) for t in tables for c in t.frame.columns)
    tidied = {snake(c) for c in headers}
    for name, header in recipe.columns:
        if header not in headers and snake(header) not in tidied:
            raise CheckFailedError(
                "recipe",
                f"there is no column '{short(header)}' for {name}{near(header, headers)}; "
                f"the files have {listed(map(short, headers), most=COLUMNS_SHOWN)}",
            )
    roles: dict[str, str] = {}
    for name, header in recipe.columns:
        _one_role(header, roles.setdefault(snake(header) or header, name), name)


def _one_role(header: str, one: str, other: str) -> None:
    """Raise DataError if the recipe gives one column two meanings."""
    if one != other:
        raise CheckFailedError(
            "recipe",
            f"the column '{short(header)}' would be both {one} and {other}; say in the recipe which column is which",
        )


def _note_tables(assigned: Assigned, notes: Notes) -> None:
    """Which tables are used for what, which are not used, and what was passed over within them."""
    named = [table_name(t) for t in assigned.days]
    several = len({*named, *(table_name(t) for t in assigned.others.values()), *map(table_name, assigned.unused)}) > 1
    if several:
        how = " (one sheet an arm)" if assigned.by_arm else ""
        notes.say("days", f"Participant-days from {listed(map(short, named), most=8)}{how}")
        notes.decide(days=tuple(named))
        for role, t in assigned.others.items():
            notes.decide(**{role: table_name(t)})
            if table_name(t) != role:
                notes.say(role, f"{role.replace('_', ' ').capitalize()} from {short(table_name(t))}")
    if assigned.unused:
        names = [short(table_name(t)) for t in assigned.unused]
        notes.left_out(len(names), f"{counted(len(names), 'table')} not used: {listed(names)}", tuple(names[:5]))
    for t in [*assigned.days, *assigned.others.values()]:
        for note in t.notes:
            notes.left_out(1, f"{t.name}: {note}")


def _part(table: Table, people: Table | None, by_arm: bool, notes: Notes) -> tuple[pd.DataFrame, str | None]:
    """One table of days as rows of participant-days, and its daily column."""
    table = daily.of_parameter(table, notes)
    recipe = notes.recipe
    table = of_one_substance(table, find(table, SYNONYMS["arm"], recipe.column("arm")), notes)
    recipe = notes.recipe
    value: str | None
    timed = find(table, SYNONYMS["day"], recipe.column("day")) or find(table, READING["date"], recipe.column("date"))
    grid = None
    if recipe.shape is Shape.WIDE or (recipe.shape is None and not (timed and daily.header(table, recipe))):
        grid = grids.grid_of(table, people, notes)
    if grid is not None:
        frame, value, table = _wide(*grid, people, notes)
    elif recipe.shape is Shape.WIDE:
        raise CheckFailedError(
            "columns",
            f"{table.name} has no row of day columns (day1, day2, … or dates); choose "
            "the shape 'long', or name the columns so",
        )
    else:
        frame, value = _long(table, people, notes)
    if by_arm and "arm" not in frame:
        frame = frame.assign(arm=pd.Categorical([table_name(table)] * len(frame)))
    if value is not None:
        frame = daily_column(frame, value, table, notes, grid[1].stem if grid is not None else "")
        value = "use" if notes.recipe.outcome in (Outcome.USE, Outcome.ABSTINENT) else value
    return frame, value


def _wide(table: Table, grid: Across, people: Table | None, notes: Notes) -> tuple[pd.DataFrame, str, Table]:
    """The grid laid out; its daily column; and the table with what the codes in the grid mean."""
    notes.decide(shape=Shape.WIDE)
    value = value_name(grid)
    first, last = grid.headers[0], grid.headers[-1]
    what = "dates" if grid.dated else "days"
    notes.say("shape", f"One row a participant, {len(grid.headers)} {what} across, {short(first)} to {short(last)}")
    if grid.ambiguous:
        notes.say(
            "date_order",
            f"The headers are dates such as {short(first, 20)}, which could be read either way "
            "round; they are read day first",
            doubt=True,
        )
    frame = melted(table, grid, value, "day")
    rest = [c for c in table.frame.columns if c not in grid.headers]
    wide = replace(table, frame=frame)
    who = find(wide, SYNONYMS["participant_id"], notes.recipe.column("participant_id"))
    if who is None and rest and len(set(table.frame[rest[0]].cat.codes)) == len(table.frame):
        who = rest[0]
        notes.say("participant_id", f"Participants from '{short(who)}', the first column", doubt=True)
    if who is None and grid.dated:
        raise CheckFailedError(
            "columns",
            f"{table.name} has no column of participants (looked for "
            f"{', '.join(SYNONYMS['participant_id'][:4])}, …); rename the one that names them "
            "participant_id",
        )
    day = np.array(frame["day"], dtype=float)
    if grid.dated:
        when = day.astype(np.int64).astype("datetime64[D]")
        names = {who: "participant_id"} if who else {}
        frame = reshape.renamed(frame.drop(columns="day"), names)
        order = _start_order(replace(wide, frame=frame), when, people, notes)
        frame, day = _since_start(frame, when, wide, people, notes, order)
    frame = frame.assign(day=reshape.as_text(day))
    codes = {**table.codes, value: {k: w for h in grid.headers for k, w in table.codes.get(h, {}).items()}}
    return _named(frame, table, who, None, value, notes), value, replace(table, codes=codes)


def _long(table: Table, people: Table | None, notes: Notes) -> tuple[pd.DataFrame, str | None]:
    recipe = notes.recipe
    who = find(table, SYNONYMS["participant_id"], recipe.column("participant_id"))
    day = find(table, SYNONYMS["day"], recipe.column("day"))
    value = daily_header(table, daily.header(table, recipe), notes)
    frame = table.frame
    if day is not None:
        frame = frame.assign(**{day: day_words.numbered(frame[day])})
    date = day if day is not None and dates.written(reshape.texts(frame[day])) else None
    date = date or (calendar.date_header(table, notes) if day is None else None)
    if date is not None and who is not None:
        _one_role(date, "date", "participant_id" if date == who else "date")
        frame = reshape.renamed(frame, {who: "participant_id"})
        order = _order(replace(table, frame=frame), date, people, notes)
        when, bad = reshape.dated(frame[date], order)
        reshape.unreadable_dates(table, date, bad)
        if date != day and date in table.frame:
            notes.column("date", date)
        frame, numbers = _since_start(frame.drop(columns=date), when, table, people, notes, order)
        frame = reshape.renamed(frame, {}).assign(day=reshape.as_text(numbers))
        day = "day"
    if notes.recipe.shape is None:
        notes.decide(shape=guessed_shape(table, value, people, notes))
    rows = "day of use" if notes.recipe.shape is Shape.USE_DAYS else "participant and day"
    notes.say("shape", f"One row a {rows}")
    return _named(frame, table, who, day, value, notes), daily.kept_name(value, notes.recipe)


def _start_order(table: Table, when: np.ndarray, people: Table | None, notes: Notes) -> DateOrder | None:
    """What comes first in the starts of participants whose days are dates across."""
    start = start_column(table, people, notes.recipe) if notes.recipe.start_date is None else None
    if start is None or "participant_id" not in table.frame:
        return None
    filled = (
        reshape.emptied(table.frame[daily.header(table, notes.recipe)]) if daily.header(table, notes.recipe) else ()
    )

    def day(order: DateOrder) -> np.ndarray:
        days = reshape.days_from(when, starts(table, *start, order), 0)
        return np.where(filled, np.nan, days) if len(filled) else days

    ids = cells.texts(table.frame["participant_id"]).astype(str)
    return date_order.settle({start[1]: start[0].frame[start[1]]}, day, ids, None, notes)


def _order(table: Table, date: str, people: Table | None, notes: Notes) -> DateOrder:
    """What comes first in a table's dates and in its participants' starts."""
    ids = cells.texts(table.frame["participant_id"]).astype(str)
    start = start_column(table, people, notes.recipe) if notes.recipe.start_date is None else None
    columns = {date: table.frame[date]} | ({start[1]: start[0].frame[start[1]]} if start is not None else {})

    def day(order: DateOrder) -> np.ndarray:
        when = reshape.dated(table.frame[date], date_order.fitting(table.frame[date], order))[0]
        if start is None:
            return np.zeros(len(when))
        return reshape.days_from(when, starts(table, *start, order), 0)

    return date_order.settle(columns, day, ids, table.frame[date], notes)


def _named(
    frame: pd.DataFrame, table: Table, who: str | None, day: str | None, value: str | None, notes: Notes
) -> pd.DataFrame:
    """The table with its columns renamed to ketadash's own names, and codes replaced by labels where all have one."""
    names, given = dict[str, str](), set(table.frame.columns)
    table = replace(table, frame=frame)
    for canonical, header in (("participant_id", who), ("day", day)):
        if header is not None and header in frame:
            names[header] = canonical
            if header in given:
                notes.column(canonical, header)
    for canonical in ("arm", "sex", "etg_positive", "baseline_heavy_days"):
        header = find(table, SYNONYMS[canonical], notes.recipe.column(canonical))
        if header is not None and header in frame and header not in names:
            names[header] = canonical
            if canonical != "baseline_heavy_days":
                notes.column(canonical, header)
    worded = {
        c: reshape.with_words(table, c, always=c in names)
        for c in table.codes
        if c in frame and c not in (who, day, value)
    }
    _note_renamed(names, table, notes)
    kept = daily.kept_name(value, notes.recipe)
    if value is not None:
        _one_role(value, "the daily column", names.get(value, "the daily column"))
    if value is not None and value in frame and value not in names:
        names[value] = kept or value
        if value in given:
            notes.column("amount", value)
    frame = reshape.renamed(frame.assign(**worded), names)
    return tidy(frame, table)


def _note_renamed(names: dict[str, str], table: Table, notes: Notes) -> None:
    for old, new in names.items():
        if snake(old) != new:
            text = f"{table.name}: read '{short(old)}' as {new}"
            notes.checks.append(Check("renamed", "note", text, 1, (short(old),)))


def tidy(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Every header in one form; DataError where two become the same."""
    names = [snake(str(c)) or f"unnamed_{i}" for i, c in enumerate(frame.columns, start=1)]
    twice = sorted(name for name, n in Counter(names).items() if n > 1)
    if twice:
        raise CheckFailedError("columns", named_twice(table.name, [*map(short, twice)]))
    frame = frame.copy(deep=False)
    frame.columns = pd.Index(names)
    return frame


def _since_start(
    frame: pd.DataFrame,
    when: np.ndarray,
    table: Table,
    people: Table | None,
    notes: Notes,
    order: DateOrder | None = None,
) -> tuple[pd.DataFrame, np.ndarray]:
    """Days since treatment started, (n,) float, for dates (n,); the frame without its column of starts."""
    start, column = started(frame, table, people, notes, order, when)
    number = notes.recipe.start_day or 0
    notes.decide(start_day=number)
    notes.say("start_day", f"The day treatment started is day {number}")
    days = reshape.days_from(when, start, number)
    lost = np.isnan(days) & ~np.isnat(when)
    if lost.any():
        who = sorted(set(cells.texts(frame["participant_id"])[lost]))
        raise CheckFailedError(
            "dates",
            f"{table.name}: {counted(len(who), 'participant')} without the date on which "
            f"treatment started ({listed(who)}); fill it in, or leave them out",
        )
    return (frame.drop(columns=column) if column else frame), days


def _without_dates(people: Table, notes: Notes) -> pd.DataFrame:
    """The frame without its columns of dates, which identify people and are not needed once days are numbered."""
    gone = [c for c in (notes.recipe.column("start"), notes.recipe.column("end")) if c in people.frame]
    return tidy(people.frame.drop(columns=gone), people)


def _other(table: Table, notes: Notes) -> Table:
    """Visits or adverse events under the usual names."""
    names = {}
    for canonical in ("participant_id", "day", "etg_positive"):
        header = find(table, SYNONYMS[canonical])
        if canonical == "day" and header is not None:
            numbered = day_words.numbered(table.frame[header])
            table = replace(table, frame=table.frame.assign(**{header: numbered}))
        if header is not None and header not in names:
            names[header] = canonical
    _note_renamed(names, table, notes)
    worded = {c: reshape.with_words(table, c, always=False) for c in table.codes if c in table.frame and c not in names}
    return replace(table, frame=tidy(reshape.renamed(table.frame.assign(**worded), names), table))
