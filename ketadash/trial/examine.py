"""From files to parsed rows and every check's finding: the part of reading that `load` and `validate` share."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ketadash.core.errors import SpecError
from ketadash.core.findings import COLUMNS_SHOWN, Check, CheckFailedError, counted, listed, short
from ketadash.files import Table, decode, limits
from ketadash.trial import cells, check, declared, design_columns, suspicious
from ketadash.trial.model import Declared
from ketadash.trial.read.day_zero import from_one
from ketadash.trial.read.failed import NEEDED, failed_cells
from ketadash.trial.read.weeks import is_of_weeks
from ketadash.trial.recipe import Recipe, from_toml
from ketadash.trial.recognise import SYNONYMS, amount_column, baseline_column, near, snake
from ketadash.trial.sources import Given, fingerprint, gather, not_opened
from ketadash.trial.understand import understand
from ketadash.trial.understood import Notes, Understood

_REQUIRED = {
    "days": ("participant_id", "arm", "day"),
    "participants": ("participant_id",),
    "visits": ("participant_id", "day"),
    "adverse_events": ("participant_id",),
}
_CORE = ("participant_id", "arm", "day")
NO_OTHER_DATA = ("control",)  # answers that change what is compared, not the data


@dataclass(frozen=True, eq=False)
class Parsed:
    """What was read: parsed rows and the other columns of each file, and the arm of every participant."""

    name: str
    sha256: str
    declaration: dict[str, Any]
    declared: Declared
    understood: Understood
    tables: dict[str, Table]
    rows: dict[str, check.Rows]
    others: dict[str, dict[str, np.ndarray]]
    arm_of: dict[str, str]
    published: str | None = None
    recipe_given: Recipe | None = None


def examine(
    source: str | Path | bytes | Mapping[str, bytes] | Given, name: str | None, recipe: Recipe | None = None
) -> tuple[Parsed | None, list[Check]]:
    """Read `source` and check it; without the columns everything else needs, there is nothing but checks.

    Raises
    ------
    DataError
        (`CheckFailedError`) when a file cannot be read as a table at all.
    """
    given = source if isinstance(source, Given) else gather(source, name)
    declaration, declared_facts = declared.read(given.texts.get("trial"))
    given_tables = [t for _, t in given.tables]
    wanted_recipe = _with_declared_amount(wanted(given, recipe), declared_facts, given_tables)
    notes = Notes(wanted_recipe, declared_unit=declared_facts.unit)
    try:
        understood = understand(given_tables, notes)
    except CheckFailedError as error:
        return None, [error.check, *notes.checks]  # with the findings and questions that came before
    tables = understood.tables
    missing = [_missing_columns(role, tables, given_tables) for role in tables]
    if any(missing):
        return None, [*(c for c in missing if c is not None), *notes.checks]
    declared_facts = declared.completed(declared_facts, declaration, understood)
    # Days are numbered by whoever wrote the recipe if it gives the start day and leaves day 0 no question.
    numbered = wanted_recipe.start_day is not None and wanted_recipe.answer("day_zero") is None
    if declared_facts.days is None and not numbered and wanted_recipe.answer("start") is None:
        tables = from_one(tables, understood.amount, notes)
    tables, failures = failed_cells(tables, _needed(declared_facts, tables))
    rows = {role: _rows(t) for role, t in tables.items()}
    rows["days"], arm_of = _arms(rows, "arm" in tables["days"].frame)
    others = {role: _others(t) for role, t in tables.items()}
    printed = given.texts.get("published")
    apart = None if recipe == Recipe() else recipe
    parsed = Parsed(
        given.name,
        _fingerprint(given, understood, apart),
        declaration,
        declared_facts,
        understood,
        tables,
        rows,
        others,
        arm_of,
        decode(printed.plain, printed.file) if printed else None,
        apart,
    )
    checks = [*_row_checks(parsed), *_cell_checks(parsed), *_trial_checks(parsed), *_notes(parsed, given)]
    return parsed, [*failures, *(c for c in checks if c is not None), *notes.checks]


def _needed(declaration: Declared, tables: dict[str, Table]) -> set[str]:
    """The columns that every analysis rests on."""
    columns = [str(c) for t in tables.values() for c in t.frame.columns]
    amount = declaration.amount or amount_column(columns)
    baseline = declaration.baseline or baseline_column(columns, amount or "")
    return {*NEEDED, *(c for c in (amount, baseline) if c is not None)}


def wanted(given: Given, recipe: Recipe | None) -> Recipe:
    """The recipe to read with: the one given apart, else the one among the files; answers alone are added to that.

    Raises
    ------
    DataError
        If the one among the files cannot be read.
    """
    if recipe is not None and replace(recipe, answers=()) != Recipe():
        return recipe
    beside = recipe_in(given) or Recipe()
    return replace(beside, answers=tuple((dict(beside.answers) | dict(recipe.answers if recipe else ())).items()))


def recipe_in(given: Given) -> Recipe | None:
    """The `recipe.toml` among the files.

    Raises
    ------
    DataError
        If it cannot be read.
    """
    source = given.texts.get("recipe")
    if source is None:
        return None
    try:
        return from_toml(decode(source.plain, source.file), source.file)
    except SpecError as error:
        raise CheckFailedError("recipe", str(error)) from None


def _with_declared_amount(recipe: Recipe, declaration: Declared, tables: list[Table]) -> Recipe:
    """The recipe with what `trial.toml` says of the daily column, where the recipe says nothing."""
    headers = {snake(str(c)) for t in tables for c in t.frame.columns}
    if declaration.amount not in headers or recipe.column("amount") is not None:
        return recipe
    return replace(recipe, columns=(*recipe.columns, ("amount", declaration.amount)))


def _fingerprint(given: Given, understood: Understood, recipe: Recipe | None) -> str:
    """The SHA-256 of the files' bytes, and of a recipe given apart from them, since another recipe reads other days."""
    sha = fingerprint(given, understood.files)
    if recipe is None or _of_the_data(recipe) == Recipe():
        return sha
    # The recipe as completed, so that answers and the recipe.toml that they became give one reading.
    whole = _of_the_data(understood.recipe)
    whole = replace(whole, columns=tuple(sorted(whole.columns)), arms=tuple(sorted(whole.arms)))
    return hashlib.sha256(f"{sha}\n{whole.to_toml()}".encode()).hexdigest()


def _of_the_data(recipe: Recipe) -> Recipe:
    """The recipe without the answers that change neither the participants nor the days."""
    return replace(recipe, answers=tuple(sorted(a for a in recipe.answers if a[0] not in NO_OTHER_DATA)))


def _missing_columns(role: str, tables: dict[str, Table], given: list[Table]) -> Check | None:
    table_ = tables[role]
    present = list(table_.frame.columns)
    elsewhere = role == "days" and "participants" in tables and "arm" in tables["participants"].frame
    lost = [n for n in _REQUIRED[role] if n not in present and not (n == "arm" and elsewhere)]
    if not lost:
        return None
    looked = " and ".join(f"'{n}' (or {', '.join(SYNONYMS[n][1:4])}, …)" for n in lost)
    hint = next((h for h in (near(n, present) for n in lost) if h), "")
    own = next((list(t.frame.columns) for t in given if t.name == table_.name), present)  # in the file's own words
    listing = listed(map(short, own), most=COLUMNS_SHOWN)
    weeks = next((c for c in own if is_of_weeks(c)), None)
    held, which = ("the column that holds it", "it is") if len(lost) == 1 else ("those that hold them", "they are")
    mend = f"Rename {held} to {listed(lost)}, or say under [columns] in a recipe which {which}"
    if weeks is not None and lost == ["day"]:
        mend = f"'{short(weeks)}' counts weeks, and the analysis is of days: load the file that has the days themselves"
    return Check(
        "columns",
        "error",
        f"{table_.name} has no column {looked}; it has: {listing}{hint}. {mend}",
        len(lost),
        tuple(lost),
    )


def _rows(table_: Table) -> check.Rows:
    frame, n = table_.frame, len(table_.frame)
    arms = cells.labels(frame["arm"], keep=("none",)) if "arm" in frame else np.full(n, "", dtype=object)
    if "day" in frame:
        day, bad = cells.numbers(frame["day"], table_.decimal_comma)
        bad = bad | ~np.isfinite(day) | (day != np.floor(day))
    else:
        day, bad = np.full(n, np.nan), np.zeros(n, dtype=bool)
    ids = cells.texts(frame["participant_id"])
    return check.Rows(table_.name, frame.index.to_numpy(), ids, arms, day, bad, table_.row)


def _arms(rows: dict[str, check.Rows], in_days: bool) -> tuple[check.Rows, dict[str, str]]:
    """The rows of days with arms filled in from the file of participants, and everybody's arm."""
    days = rows["days"]
    known: dict[str, str] = {}
    if "participants" in rows:
        known = dict(zip(rows["participants"].ids, rows["participants"].arms, strict=True))
    arms = days.arms
    if known:
        from_people = pd.Series(days.ids).map(known).fillna("").to_numpy(dtype=object)
        arms = np.where(arms == "", from_people, arms) if in_days else from_people
    pairs = pd.DataFrame({"id": days.ids, "arm": arms})
    pairs = pairs[(pairs["id"] != "") & (pairs["arm"] != "")].drop_duplicates("id")
    arm_of = dict(zip(pairs["id"], pairs["arm"], strict=True))
    arm_of |= {i: arm for i, arm in known.items() if i and (arm or i not in arm_of)}
    return replace(days, arms=arms), arm_of


def _others(table_: Table) -> dict[str, np.ndarray]:
    parsed: dict[str, np.ndarray] = {}
    for column in table_.frame.columns:
        if column == "sex":
            parsed[column] = cells.sexes(table_.frame[column])
        elif column == "etg_positive":
            parsed[column] = cells.tests(table_.frame[column])[0]
        elif column not in _CORE:
            parsed[column] = cells.any_column(table_.frame[column], table_.decimal_comma)
    return parsed


def _row_checks(parsed: Parsed) -> list[Check | None]:
    days = parsed.rows["days"]
    people = parsed.rows.get("participants")
    visits = parsed.rows.get("visits")
    with_arms = dict(zip(people.ids, people.arms, strict=True)) if people else {}
    long = [check.long_names(rows) for rows in parsed.rows.values()]
    checks = [
        *long,
        check.id_empty(days),
        check.day_whole(days),
        check.day_range(days),
        check.duplicate_days(days),
        check.arm_empty(days),
        check.arm_changes(days, with_arms, people.file if people else ""),
    ]
    if people:
        armed = np.array([parsed.arm_of.get(i, "") for i in people.ids], dtype=object)
        settled = replace(people, arms=armed)
        checks += [check.id_empty(people), check.repeated_participants(people), check.arm_empty(settled)]
    if visits:
        checks += [check.id_empty(visits), check.day_whole(visits), check.day_range(visits)]
    known = set(parsed.arm_of)
    return checks + [check.strangers(parsed.rows[r], known) for r in ("visits", "adverse_events") if r in parsed.rows]


def _cell_checks(parsed: Parsed) -> list[Check | None]:
    checks: list[Check | None] = []
    amount = parsed.declared.amount or amount_column(parsed.tables["days"].frame.columns)
    for role, table_ in parsed.tables.items():
        frame = table_.frame
        if role == "days" and amount is not None and amount in frame:
            values, bad = cells.numbers(frame[amount], table_.decimal_comma)
            checks += check.amount_checks(parsed.rows[role], amount, values, bad, frame[amount].to_numpy(dtype=object))
        if "etg_positive" in frame:
            checks.append(check.etg_unread(parsed.rows[role], cells.tests(frame["etg_positive"])[1]))
        baseline = parsed.declared.baseline or baseline_column(frame.columns, amount or "")
        personal = [c for c in (baseline, "baseline_heavy_days") if c is not None and c in frame]
        if role in ("days", "participants"):
            checks += [_words(parsed.rows[role], table_, c) for c in personal]
        if role == "days":
            personal += ["sex"] if "sex" in frame else []
            readable = {c: v for c, v in parsed.others[role].items() if c == "sex" or v.dtype.kind == "f"}
            checks += [_varies(parsed.rows[role], c, readable[c]) for c in personal if c in readable]
    return checks


def _words(rows: check.Rows, table_: Table, column: str) -> Check | None:
    bad = cells.numbers(table_.frame[column], table_.decimal_comma)[1]
    return check.not_numbers("baseline_numeric", rows, column, bad, table_.frame[column].to_numpy(dtype=object))


def _varies(rows: check.Rows, column: str, values: np.ndarray) -> Check | None:
    pairs = pd.DataFrame({"id": rows.ids, "value": values}).dropna().drop_duplicates()
    wrong = sorted(set(pairs.loc[pairs["id"].duplicated(), "id"]) - {""})
    if not wrong:
        return None
    return Check(
        "baseline_varies",
        "error",
        f"{rows.file}: '{column}' changes within "
        f"{counted(len(wrong), 'participant')} ({listed(wrong)}); give each participant one value",
        len(wrong),
        tuple(wrong[:5]),
    )


def _trial_checks(parsed: Parsed) -> list[Check | None]:
    sizes: dict[str, int] = {}
    for arm in parsed.arm_of.values():
        if arm:
            sizes[arm] = sizes.get(arm, 0) + 1
    if len(parsed.arm_of) > limits().participants:
        raise CheckFailedError(
            "size",
            f"{len(parsed.arm_of):,} participants are more than the "
            f"{limits().participants:,} that are read; keep one trial's",
        )
    columns = [*parsed.tables["days"].frame.columns]
    if "participants" in parsed.tables:
        columns += [c for c in parsed.tables["participants"].frame.columns if c not in columns]
    return [check.two_arms(dict(sorted(sizes.items()))), declared.not_in_data(parsed.declared, sorted(sizes), columns)]


def _notes(parsed: Parsed, given: Given) -> list[Check | None]:
    design = [
        str(c) for role in ("days", "participants") if role in parsed.tables for c in parsed.tables[role].frame.columns
    ]
    notes: list[Check | None] = [declared.unknown_keys(parsed.declaration), design_columns.ignored(design)]
    notes += [_cut(t) for t in parsed.tables.values()]
    if (control := parsed.understood.recipe.answer("control")) is not None:
        notes.append(Check("answered", "note", f"'{short(control)}' is the control arm, as answered", 1, key="control"))
    closed = not_opened(given)
    if closed:
        text = f"{counted(len(closed), 'file')} not used: {listed(closed)}"
        notes.append(Check("left_out", "note", text, len(closed), tuple(closed[:5])))
    absent = sorted(set(parsed.arm_of) - set(parsed.rows["days"].ids))
    if absent:
        notes.append(
            Check(
                "no_days",
                "note",
                f"{counted(len(absent), 'participant')} without any day "
                f"({listed(absent)}); counted as randomised, all days missing",
                len(absent),
                tuple(absent[:5]),
            )
        )
    return notes + suspicious.checks(parsed.rows["days"], daily_amounts(parsed))


def _cut(table_: Table) -> Check | None:
    """A note on texts in other columns that were cut because they were too long."""
    others = [str(c) for c in table_.frame.columns if c not in _CORE]
    long = {c: n for c in others if (n := cells.n_cut(table_.frame[c]))}
    if not long:
        return None
    text = f"{table_.name}: {counted(sum(long.values()), 'text')} longer than {cells.LONGEST_TEXT} characters cut, in"
    return Check("left_out", "note", f"{text} {listed(map(short, long))}", sum(long.values()), tuple(long)[:5])


def daily_amounts(parsed: Parsed) -> np.ndarray | None:
    """The daily amounts (n rows,) as far as they are numbers."""
    days = parsed.tables["days"]
    name = parsed.declared.amount or amount_column(days.frame.columns)
    return cells.numbers(days.frame[name], days.decimal_comma)[0] if name in days.frame else None
