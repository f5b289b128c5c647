"""REDCap's exports: rows of several forms in one table, days in the names of events, and the dictionary beside them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from ketadash.core.findings import counted
from ketadash.files import Table
from ketadash.trial import cells, reshape
from ketadash.trial.daily import header
from ketadash.trial.read.groups import Kind, groups
from ketadash.trial.recognise import READING, SYNONYMS, snake
from ketadash.trial.roles import find
from ketadash.trial.understood import Notes
from ketadash.trial.wide_days import dated_columns

_EVENT = ("redcap_event_name", "event_name")
_OWN = re.compile(r"redcap_|event_name$|repeat_in|complete(_\d+)?$|_complete$|survey_identifier$|_timestamp$")
_DAY = re.compile(r"(?:^|[_\W])(?:study[_\W]*)?(?:day|d)[_\W]*(\d{1,4})(?=$|[_\W])", re.IGNORECASE)
_WEEK = re.compile(r"(?:^|[_\W])(?:week|wk|w)[_\W]*(\d{1,3})(?=$|[_\W])", re.IGNORECASE)
_ARM = re.compile(r"_arm_(\d+)$|\(arm (\d+)(?:: ?(.+))?\)$", re.IGNORECASE)
_FIELD = ("variable_field_name", "field_name")
_CHOICES = ("choices_calculations_or_slider_labels", "select_choices_or_calculations")


def with_dictionary(tables: list[Table]) -> tuple[list[Table], tuple[str, ...]]:
    """The tables with a data dictionary's labels and choices, without the dictionary; and its file's name."""
    labels: dict[str, str] = {}
    codes: dict[str, dict[str, str]] = {}
    kept, files = list[Table](), list[str]()
    for table in tables:
        field, label = find(table, _FIELD), find(table, ("field_label",))
        if field is None or label is None:
            kept.append(table)
            continue
        files.append(table.file)
        wanted = (field, label, find(table, _CHOICES), find(table, ("field_type",)))
        columns = [[""] * len(table.frame) if c is None else cells.texts(table.frame[c]) for c in wanted]
        for name, text, choices, kind in zip(*columns, strict=True):
            labels[snake(name)] = re.sub(r"<[^<>]*>", "", text).strip()
            codes[snake(name)] = _choices(choices, kind)
    return [_labelled(t, labels, codes) for t in kept] if files else tables, tuple(files)


def _choices(text: str, kind: str) -> dict[str, str]:
    """``1, Placebo | 2, Ketamine`` as a mapping; a field of another type has none."""
    if kind in ("yesno", "truefalse"):
        return {"1": "Yes", "0": "No"}
    if kind not in ("radio", "dropdown", "checkbox"):
        return {}
    pairs = [choice.partition(",") for choice in text.split("|")]
    return {code.strip(): word.strip() for code, comma, word in pairs if comma and code.strip()}


def _labelled(table: Table, labels: Mapping[str, str], codes: Mapping[str, dict[str, str]]) -> Table:
    """A table with the words for its columns and codes; a table that has its own keeps them."""
    headers = {str(c): snake(str(c)) for c in table.frame.columns}
    known = {c: labels[n] for c, n in headers.items() if labels.get(n)}
    coded = {c: codes[n] for c, n in headers.items() if codes.get(n)}
    return replace(table, labels=known | dict(table.labels), codes=coded | dict(table.codes))


def with_days_of_events(table: Table, notes: Notes) -> Table:
    """A longitudinal export: the day from the event's name where no column has it, and the arm likewise."""
    event, recipe = find(table, _EVENT), notes.recipe
    who = find(table, SYNONYMS["participant_id"], recipe.column("participant_id"))
    if event is None or who is None:
        return table
    frame, names = table.frame, reshape.texts(table.frame[event])
    arms = {n: match for n in names if (match := _ARM.search(n))}
    if find(table, SYNONYMS["arm"], recipe.column("arm")) is None and len({_arm(a) for a in arms.values()}) > 1:
        arm = frame[event].map({n: _arm(arms[n]) if n in arms else "" for n in names}).astype(str)
        if pd.DataFrame({"id": cells.texts(frame[who]), "arm": arm.to_numpy()}).drop_duplicates()["id"].is_unique:
            frame = frame.assign(arm=arm.astype("category"))
            notes.say("arm", f"Arms from '{event}', as REDCap numbers them")
    value = header(table, recipe)
    timed = find(table, SYNONYMS["day"], recipe.column("day")) or find(table, READING["date"], recipe.column("date"))
    if value is not None and timed is None:
        days = {n: _day(_ARM.sub("", n)) for n in names}
        used = set(frame.loc[~reshape.emptied(frame[value]), event].astype(str))
        apart = {_ARM.sub("", n) for n in used}
        if len(apart) > 1 and all(days[n] is not None for n in used) and len({days[n] for n in used}) == len(apart):
            texts = frame[event].map({n: "" if d is None else str(d) for n, d in days.items()}).astype(str)
            frame = frame.assign(study_day=texts.astype("category"))
            notes.say("day", f"Days from '{event}'")
    return replace(table, frame=frame)


def _arm(match: re.Match[str]) -> str:
    return match[3].strip() if match[3] else f"arm {match[1] or match[2]}"


def _day(name: str) -> int | None:
    """The day that an event's name says: ``day_3``, ``week_2_day_1`` (8); None for baseline, visits, months."""
    match, week = _DAY.search(name), _WEEK.search(name)
    if match is None:
        return None
    day = int(match[1])
    if week is None:
        return day
    return 7 * (int(week[1]) - 1) + day if 1 <= day <= 7 and int(week[1]) > 0 else None


def people_apart(table: Table, notes: Notes) -> tuple[Table, Table | None]:
    """A table whose rows are of several forms as two: its days, and what other rows say once of each participant.

    Rows without a day and without a daily value are other forms' rows. A column that is filled on such rows alone, at
    most one value a participant, is the participant's: an arm or a sex given at enrolment. None where there is no such
    column.
    """
    recipe, frame = notes.recipe, table.frame
    who, value = find(table, SYNONYMS["participant_id"], recipe.column("participant_id")), header(table, recipe)
    timed = find(table, SYNONYMS["day"], recipe.column("day")) or find(table, READING["date"], recipe.column("date"))
    grid = _grid(table, notes) if timed is None or value is None else []
    daily = grid or [c for c in (timed, value) if c is not None]
    if who is None or (not grid and (timed is None or value is None)):
        return table, None
    empty = np.logical_and.reduce([reshape.emptied(frame[c]) for c in daily])
    other = empty & ~reshape.emptied(frame[who])
    if not other.any() or other.all() or (grid and not _several_rows(frame[who])):
        return table, None
    ids = cells.texts(frame[who])
    personal = {
        c: values
        for c in map(str, frame.columns)
        if c not in (who, *daily) and (values := _one_each(frame[c], ids, other)) is not None
    }
    if not any(not _OWN.search(snake(c)) for c in personal):
        return table, None
    everyone = list(dict.fromkeys(ids[ids != ""]))
    moved = {
        c: pd.Categorical([values.get(i, "") for i in everyone])
        for c, values in personal.items()
        if not _OWN.search(snake(c))
    }
    people = pd.DataFrame({who: pd.Categorical(everyone), **moved})
    places = pd.Series(frame.index, index=ids).groupby(level=0).first()
    people.index = pd.Index(places.reindex(everyone).to_numpy())
    n = int(other.sum())
    notes.left_out(
        n,
        f"{table.name}: {counted(n, 'row')} without a day, of other forms; what they say of a person "
        f"once is kept: {', '.join(moved)}",
        reshape.lines_of(frame, other, table.row),
    )
    days = replace(table, frame=frame[~other].drop(columns=list(moved)))
    return days, replace(table, frame=people, notes=())


def without_bookkeeping(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame without the columns in which REDCap keeps its own state."""
    names = [str(c) for c in frame.columns]
    if not any(n.startswith("redcap_") for n in names) and not any(n.endswith("_complete") for n in names):
        return frame
    own = [n for n in names if n.startswith("redcap_") or _is_state(n, frame[n])]
    return frame.drop(columns=own)


def _is_state(name: str, column: pd.Series) -> bool:
    """Whether a form says in a column how far it is filled in: 0, 1 or 2."""
    return name.endswith("_complete") and all(
        t.strip().removesuffix(".0") in ("", "0", "1", "2") for t in reshape.texts(column)
    )


def _grid(table: Table, notes: Notes) -> list[str]:
    """The columns that may be days."""
    dated = dated_columns(table, notes.recipe.date_order)
    if dated is not None:
        return list(dated.headers)
    return [h for g in groups(table) if g.kind in (Kind.DAYS, Kind.BEFORE) for h in g.headers]


def with_what_is_missing(known: Table, more: Table, notes: Notes) -> Table:
    """A table of participants with the people and the columns that only `more` has."""
    header = notes.recipe.column("participant_id")
    who, other = (find(t, SYNONYMS["participant_id"], header) for t in (known, more))
    if who is None or other is None:
        return known
    known_ids, frame = set(cells.texts(known.frame[who])), known.frame
    new = more.frame[[i not in known_ids for i in cells.texts(more.frame[other])]].rename(columns={other: who})
    columns = [c for c in more.frame.columns if c not in (other, *frame.columns)]
    values = more.frame.set_index(pd.Index(cells.texts(more.frame[other])))[columns].astype(object)
    added = values.reindex(cells.texts(frame[who])).set_axis(frame.index)
    both = pd.concat([pd.concat([frame.astype(object), added], axis=1), new.astype(object)])
    return replace(known, frame=both.fillna("").astype(str).astype("category"))


def _several_rows(column: pd.Series) -> bool:
    """Whether most participants have more than one row."""
    counts = column[~reshape.emptied(column)].value_counts()
    return bool((counts[counts > 0] > 1).mean() > 0.5)


def _one_each(column: pd.Series, ids: np.ndarray, other: np.ndarray) -> dict[str, str] | None:
    """Each participant's value of a column that stands on `other` rows alone; None for any other column."""
    filled = ~reshape.emptied(column)
    if not filled.any() or filled[~other].any():
        return None
    pairs = pd.DataFrame({"id": ids[filled], "value": cells.texts(column)[filled]}).drop_duplicates()
    return None if pairs["id"].duplicated().any() else dict(zip(pairs["id"], pairs["value"], strict=True))
