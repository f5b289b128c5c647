"""`load`, `validate`, `load_sample`: a trial from files, or every reason why not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from ketadash.core import paths
from ketadash.core.errors import DataError, KetadashError
from ketadash.core.families import PANEL
from ketadash.core.findings import SEVERITIES, Check, CheckFailedError, UnansweredError, counted, listed, short
from ketadash.core.spec import AnalysisSpec
from ketadash.trial.baseline import with_baseline
from ketadash.trial.examine import Parsed, examine, wanted
from ketadash.trial.model import Declared, Trial
from ketadash.trial.panel import panel
from ketadash.trial.questions import settled
from ketadash.trial.read.long_visits import side_by_side
from ketadash.trial.recipe import Recipe
from ketadash.trial.recognise import AMOUNTS, UNKNOWN_AMOUNT, amount_column, natural_order
from ketadash.trial.resolve import resolve
from ketadash.trial.sources import Given, gather
from ketadash.trial.understood import Line
from ketadash.trial.units import DEFAULT, UNITS

LONGEST_SOURCE = 100  # characters: it stands on every page
Source = str | Path | bytes | Mapping[str, bytes] | Given


def load(source: Source, *, name: str | None = None, recipe: Recipe | None = None) -> Trial:
    """Read a trial.

    Parameters
    ----------
    source
        A file of participant-days in any format that `ketadash.files` reads, a folder or archive with `days` and
        optionally `participants`, `visits`, `adverse_events`, `trial.toml`, or the bytes of either.
    name
        What to call it where neither `trial.toml` nor the path says.
    recipe
        How to read it, where that is not to be recognised; wins over a `recipe.toml` among the files.

    Raises
    ------
    DataError
        With the first failed check's message, and how many more there are; (`UnansweredError`) with every question
        that must be answered first.
    """
    reading = attempt(source, name=name, recipe=recipe)
    if reading.trial is None:
        errors = [c for c in reading.checks if c.severity == "error"]
        if not errors:
            raise UnansweredError(c for c in reading.checks if c.severity == "question")
        more = f" ({counted(len(errors) - 1, 'more problem')}: `ketadash validate` lists all)" if errors[1:] else ""
        raise DataError(errors[0].message + more)
    return reading.trial


@dataclass(frozen=True, eq=False)
class Reading:
    """An attempt to read a trial.

    Attributes
    ----------
    trial
        The trial; None if a check found an error, or while a question is open.
    checks
        Everything found, errors first.
    recipe
        How it was read: what was asked, and, as far as the reading went, what was recognised.
    provisional
        While nothing but questions stands against it, the trial with the first answer to each: to be shown as a
        preview, never analysed.
    """

    trial: Trial | None
    checks: tuple[Check, ...]
    recipe: Recipe
    provisional: Trial | None = None


def attempt(source: Source, *, name: str | None = None, recipe: Recipe | None = None) -> Reading:
    """Read a trial as `load` does, and keep every finding whether it can be read or not."""
    try:
        given = source if isinstance(source, Given) else gather(source, name)
        parsed, findings = examine(given, None, recipe)
        if any(c.severity == "question" for c in findings):
            findings = settled(parsed, findings, wanted(given, recipe), lambda other: examine(given, None, other))
    except CheckFailedError as failed:
        return Reading(None, (failed.check,), recipe or Recipe())
    checks = tuple(sorted(findings, key=lambda c: SEVERITIES.index(c.severity)))
    understood = parsed.understood.recipe if parsed is not None else recipe or Recipe()
    if parsed is None or any(c.severity == "error" for c in checks):
        return Reading(None, checks, understood)
    trial = _build(parsed, checks)
    if any(c.severity == "question" for c in checks):
        return Reading(None, checks, understood, trial)
    return Reading(trial, checks, understood)


def validate(
    source: Source,
    chosen: Callable[[AnalysisSpec], AnalysisSpec] | None = None,
    *,
    name: str | None = None,
    recipe: Recipe | None = None,
) -> tuple[Check, ...]:
    """Every finding about a file at once; empty if there is nothing to say.

    If the file itself is sound, the analysis it declares is tried on it too, as `chosen` changes it.
    """
    reading = attempt(source, name=name, recipe=recipe)
    trial = reading.trial
    if trial is None:
        return (*reading.checks, *_arm_question(reading, chosen))
    checks = trial.checks
    try:
        spec = trial.declared.published
        resolved, guessed = resolve(trial, chosen(spec) if chosen else spec)
        warnings = (*guessed, *panel(trial, PANEL.seen(resolved)).warnings)
    except UnansweredError as error:
        return (*error.questions, *checks)
    except KetadashError as error:
        return (*checks, Check("choices", "error", str(error), 1))
    return (*checks, *outside(trial, resolved), *(Check("choices", "warning", text, 1) for text in warnings))


def _arm_question(reading: Reading, chosen: Callable[[AnalysisSpec], AnalysisSpec] | None) -> tuple[Check, ...]:
    """The question which arm is the control, asked together with the file's other questions."""
    trial = reading.provisional
    if trial is None or any(c.key in ("arm_column", "none_arm") for c in reading.checks if c.severity == "question"):
        return ()  # which column is the arm is an open question too
    spec = trial.declared.published
    try:
        resolve(trial, chosen(spec) if chosen else spec)
    except UnansweredError as error:
        return error.questions
    except KetadashError:
        return ()  # told once the questions are answered, since it may depend on them
    return ()


def outside(trial: Trial, spec: AnalysisSpec) -> tuple[Check, ...]:
    """Rows that a resolved analysis does not use: other arms, other days."""
    checks = list[Check]()
    arms = trial.days["arm"].isin([spec.control, spec.active])
    if not arms.all():
        n, names = int((~arms).sum()), sorted(set(trial.days["arm"][~arms]))
        text = f"{counted(n, 'row')} of other arms not analysed: {listed(map(short, names))}"
        checks.append(Check("left_out", "note", text, n, tuple(names[:5])))
    day = trial.days["day"][arms]
    beyond = (day < spec.days.first) | (day > spec.days.last) if spec.days else day != day
    if beyond.any():
        n = int(beyond.sum())
        text = f"{counted(n, 'row')} of days outside the window {spec.days}: the days before treatment, or after it"
        checks.append(Check("left_out", "note", text, n))
    return tuple(checks)


def load_sample() -> Trial:
    """The synthetic trial that comes with the program."""
    return load(paths.sample_folder())


def _build(parsed: Parsed, checks: tuple[Check, ...]) -> Trial:
    days = _frame(parsed, "days")
    days.insert(1, "arm", parsed.rows["days"].arms)
    visits = side_by_side(_frame(parsed, "visits")) if "visits" in parsed.tables else None
    events = _frame(parsed, "adverse_events") if "adverse_events" in parsed.tables else None
    declared, understood = parsed.declared, parsed.understood
    amount = declared.amount or amount_column(days.columns)
    participants, computed, baseline_lines = with_baseline(
        _participants(parsed, days), days, amount, declared.baseline, declared.published
    )
    unit_given = understood.recipe.unit is not None or "unit" in parsed.declaration
    unit = _unit(declared, amount, unit_given)
    checks += tuple(Check("reading", "warning", line.text, 1) for line in unit if line.doubt)
    return Trial(
        title=parsed.declaration.get("title", parsed.name),
        sha256=parsed.sha256,
        synthetic=parsed.declaration.get("synthetic", False),
        source=_source(parsed.declaration.get("source")),
        days=days,
        participants=participants,
        visits=visits,
        adverse_events=events,
        declared=declared,
        warnings=tuple(c.message for c in checks if c.severity == "warning"),
        day_file=parsed.tables["days"].name,
        decimal_comma=parsed.tables["days"].decimal_comma,
        published=parsed.published,
        recipe=understood.recipe,
        recipe_given=parsed.recipe_given,
        lines=(*understood.lines, *unit, *baseline_lines),
        checks=checks,
        computed=computed,
    )


def _source(text: str | None) -> str | None:
    """What `trial.toml` says of whose data these are, no longer than a line."""
    return short(text, LONGEST_SOURCE) if text else None


def _unit(declared: Declared, amount: str | None, unit_given: bool) -> tuple[Line, ...]:
    """What the amounts count, and what makes a day a heavy one."""
    if amount not in AMOUNTS:
        return ()
    unit, spec = UNITS[declared.unit or DEFAULT], declared.published
    heavy = f"a heavy day is more than {spec.heavy_men:g} for men, {spec.heavy_women:g} for women"
    return (Line("unit", f"Amounts are in {unit.name}; {heavy}", declared.unit is not None and not unit_given),)


def _frame(parsed: Parsed, role: str) -> pd.DataFrame:
    rows, columns = parsed.rows[role], dict(parsed.others[role])
    if role in ("days", "visits"):
        columns = {"day": rows.day.astype(np.int64), **columns}
    elif "day" in parsed.tables[role].frame:
        columns = {"day": rows.day, **columns}  # an adverse event's day may be unknown
    return pd.DataFrame({"participant_id": rows.ids, **columns}, index=pd.Index(rows.lines, name="line"))


def _participants(parsed: Parsed, days: pd.DataFrame) -> pd.DataFrame:
    ids = sorted(parsed.arm_of, key=natural_order)
    columns: dict[str, np.ndarray] = {"arm": np.array([parsed.arm_of[i] for i in ids], dtype=object)}
    if "participants" in parsed.tables:
        people = pd.Index(parsed.rows["participants"].ids)
        for name, values in parsed.others["participants"].items():
            columns[name] = pd.Series(values, index=people).reindex(ids).to_numpy()
    codes, present = pd.factorize(days["participant_id"])
    for name in days.columns[3:]:
        if name not in columns and name not in ("etg_positive", UNKNOWN_AMOUNT):
            personal = name == "sex" or name.startswith("baseline")  # often given on the first row only
            constant = _one_each(codes, len(present), days[name], ignore_empty=personal)
            if constant is not None:
                columns[name] = pd.Series(constant, index=present).reindex(ids).to_numpy()
    return pd.DataFrame({"participant_id": np.array(ids, dtype=object), **columns})


def _one_each(codes: np.ndarray, n: int, column: pd.Series, ignore_empty: bool) -> np.ndarray | None:
    """One value for each of n participants, empty for those without any; None if somebody has several."""
    value_codes, values = pd.factorize(column)
    if ignore_empty:
        filled = value_codes >= 0
        codes, value_codes = codes[filled], value_codes[filled]
    if len(pd.unique(codes * (len(values) + 1) + value_codes)) > len(pd.unique(codes)):
        return None
    first = np.full(n, -1)
    first[codes] = value_codes
    known = np.asarray(values)
    empty = np.array([np.nan if known.dtype.kind == "f" else None], dtype=known.dtype)
    return np.append(known, empty)[first]
