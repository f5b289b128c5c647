"""`load`, `validate`, `load_sample`: a trial from files, or every reason why not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from ketadash import paths
from ketadash.errors import DataError, KetadashError
from ketadash.spec import PANEL, AnalysisSpec
from ketadash.trial.examine import Parsed, examine
from ketadash.trial.model import Check, CheckFailedError, Trial, counted
from ketadash.trial.panel import panel
from ketadash.trial.recognise import natural_order
from ketadash.trial.resolve import resolve

Source = str | Path | bytes | Mapping[str, bytes]


def load(source: Source, *, name: str | None = None) -> Trial:
    """Read a trial.

    Parameters
    ----------
    source
        A CSV file of participant-days (plain or gzip), a folder with `days.csv` and optionally
        `participants.csv`, `visits.csv`, `adverse_events.csv`, `trial.toml`, or the bytes of either.
    name
        What to call it where neither `trial.toml` nor the path says.

    Raises
    ------
    DataError
        With the first failed check's message, and how many more there are.
    """
    parsed, checks = examine(source, name)
    errors = [c for c in checks if c.severity == "error"]
    if parsed is None or errors:
        more = f" ({counted(len(errors) - 1, 'more problem')}: `ketadash validate` lists all)" if errors[1:] else ""
        raise DataError(errors[0].message + more)
    return _build(parsed, tuple(c.message for c in checks if c.severity == "warning"))


def validate(
    source: Source, chosen: Callable[[AnalysisSpec], AnalysisSpec] | None = None, *, name: str | None = None
) -> tuple[Check, ...]:
    """Every finding about a file at once; empty if there is nothing to say.

    If the file itself is sound, the analysis it declares is tried on it too, as `chosen` changes it.
    """
    try:
        parsed, checks = examine(source, name)
    except CheckFailedError as failed:
        return (failed.check,)
    if parsed is None or any(c.severity == "error" for c in checks):
        return tuple(checks)
    trial = _build(parsed, ())
    try:
        spec = trial.declared.published
        resolved, guessed = resolve(trial, chosen(spec) if chosen else spec)
        said = (*guessed, *panel(trial, resolved.only(*PANEL)).warnings)
    except KetadashError as error:
        return (*checks, Check("choices", "error", str(error), 1))
    return (*checks, *(Check("choices", "warning", text, 1) for text in said))


def load_sample() -> Trial:
    """The synthetic trial that comes with the program."""
    return load(paths.sample_folder())


def _build(parsed: Parsed, warnings: tuple[str, ...]) -> Trial:
    days = _frame(parsed, "days")
    days.insert(1, "arm", parsed.rows["days"].arms)
    visits = _frame(parsed, "visits") if "visits" in parsed.tables else None
    events = _frame(parsed, "adverse_events") if "adverse_events" in parsed.tables else None
    return Trial(
        title=parsed.said.get("title", parsed.name),
        sha256=parsed.sha256,
        synthetic=parsed.said.get("synthetic", False),
        days=days,
        participants=_participants(parsed, days),
        visits=visits,
        adverse_events=events,
        declared=parsed.declared,
        warnings=warnings,
        day_file=parsed.tables["days"].file,
        decimal_comma=parsed.tables["days"].decimal_comma,
        published=parsed.published,
    )


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
        if name not in columns and name != "etg_positive":
            personal = name == "sex" or name.startswith("baseline")  # often given on the first row only
            constant = _one_each(codes, len(present), days[name], ignore_empty=personal)
            if constant is not None:
                columns[name] = pd.Series(constant, index=present).reindex(ids).to_numpy()
    return pd.DataFrame({"participant_id": np.array(ids, dtype=object), **columns})


def _one_each(codes: np.ndarray, n: int, column: pd.Series, ignore_empty: bool) -> np.ndarray | None:
    """The value of each of n participants if a column has one value each, else None."""
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
