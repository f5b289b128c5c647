"""Table 1: every baseline characteristic by arm, with what is missing and how far apart the arms are."""

from __future__ import annotations

import math
import re

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ketadash.core.spec import AnalysisSpec
from ketadash.results.people import Characteristic, Level, Share, Summary, TableOne
from ketadash.stats import balance
from ketadash.stats.wald import normal_quantile
from ketadash.trial import Described, Trial
from ketadash.trial.covariates import is_later
from ketadash.trial.levels import measured
from ketadash.trial.population import people_of
from ketadash.trial.recognise import natural_order

Mask = NDArray[np.bool_]

MOST_ROWS = 200  # more columns than that are a questionnaire's items, not who the participants were
MOST_LEVELS = 12  # more different words than that are names or remarks, not a characteristic
# Columns of participants.csv that come after randomisation, unless trial.toml lists them.
AFTER = re.compile(r"^(dropout|reason|follow_?up|six_month|cadss|received|infused|completed|last_)|_follow_?up")
SEXES = {"F": "Female", "M": "Male"}


def table_one(trial: Trial, spec: AnalysisSpec) -> TableOne:
    """Table 1 of the two arms of a resolved spec.

    The rows are those that ``[table1]`` of `trial.toml` lists, else every column of one value a participant
    that can be summarised.
    """
    control, active = str(spec.control), str(spec.active)
    people = people_of(trial, spec)
    in_active = (people["arm"] == active).to_numpy()
    described, left_out = _rows(trial, people)
    rows = [_characteristic(people[d.column], d, in_active, (control, active)) for d in described]
    n = int((~in_active).sum()), int(in_active.sum())
    # SE of a standardised difference of two arms alike: √(1/n + 1/m), Austin (2009), section 3, at d = 0
    by_chance = normal_quantile(0.95) * math.sqrt(1 / n[0] + 1 / n[1])
    return TableOne((control, active), n, tuple(rows), by_chance, left_out)


def level_of(trial: Trial, column: str, level: str) -> str:
    """What a level of a column is called: as `trial.toml` says, a sex in full, else as it stands in the file."""
    given = next((dict(d.levels) for d in trial.declared.table1 if d.column == column), {})
    return given.get(level) or (SEXES.get(level, level) if column == "sex" else level)


def label_of(trial: Trial, column: str) -> str:
    """What a column is called: as `trial.toml` says, else its name with spaces."""
    given = next((d.label for d in trial.declared.table1 if d.column == column), None)
    return given or column.replace("_", " ").capitalize()


def _rows(trial: Trial, people: pd.DataFrame) -> tuple[list[Described], tuple[str, ...]]:
    columns = dict.fromkeys(people.columns[2:])
    declared = trial.declared.table1
    if declared:
        gone = tuple(
            f"'{d.column}' is listed in trial.toml but not in the data" for d in declared if d.column not in columns
        )
        return [d for d in declared if d.column in columns][:MOST_ROWS], gone
    rows, left_out = [], []
    for column in columns:
        reason = _why_not(column, people[column])
        if reason:
            left_out.append(f"'{column}' {reason}")
        else:
            rows.append(Described(column, None))
    if len(rows) > MOST_ROWS:
        more = f"{len(rows) - MOST_ROWS:,} columns beyond the first {MOST_ROWS}"
        left_out.insert(0, f"{more}: list under [table1] in trial.toml which to show")
    return rows[:MOST_ROWS], tuple(left_out)


def _why_not(column: str, cells: pd.Series) -> str:
    """Why a column is no row of Table 1, or nothing if it is one."""
    if AFTER.search(column) or is_later(column):
        return "is from after randomisation"
    if cells.notna().sum() == 0:
        return "is empty"
    if not measured(cells) and cells.nunique() > MOST_LEVELS:
        kind = "numbers" if pd.api.types.is_numeric_dtype(cells) else "words"
        return f"has {cells.nunique()} different {kind}"
    return ""


def _characteristic(cells: pd.Series, d: Described, active: Mask, arms: tuple[str, str]) -> Characteristic:
    label = d.label or d.column.replace("_", " ").capitalize()
    numeric = measured(cells)
    if numeric and not d.levels and not cells.dropna().isin([0, 1]).all():
        return _numeric(cells.to_numpy(dtype=float), d.column, label, active, arms)
    words = cells.map(lambda v: f"{v:g}" if isinstance(v, float | int) else v, na_action="ignore")
    given = d.levels or ((("1", "Yes"), ("0", "No")) if numeric else ())
    return _choice(words, d.column, label, given, active, arms)


def _numeric(x: NDArray[np.float64], name: str, label: str, active: Mask, arms: tuple[str, str]) -> Characteristic:
    whole, control, treated = (_moments(x[m], a) for a, m in _groups(active, arms))
    return Characteristic(name, label, "continuous", (whole, control, treated), (), balance.of_means(x, active))


def _moments(x: NDArray[np.float64], arm: str | None) -> Summary:
    known = x[~np.isnan(x)]
    n, gone = len(known), len(x) - len(known)
    if n == 0:
        return Summary(arm, 0, gone)
    q1, median, q3 = (float(q) for q in np.quantile(known, (0.25, 0.5, 0.75)))  # type 7, R's default
    sd = float(known.std(ddof=1)) if n > 1 else None
    return Summary(arm, n, gone, float(known.mean()), sd, median, q1, q3)


def _choice(
    words: pd.Series, name: str, label: str, given: tuple[tuple[str, str], ...], active: Mask, arms: tuple[str, str]
) -> Characteristic:
    values = _levels([str(v) for v in words.dropna().unique()], given)
    known = words.notna().to_numpy()
    at = {value: (words == value).to_numpy() for value, _ in values}
    groups = _groups(active, arms)
    summaries = [Summary(arm, int((known & m).sum()), int((~known & m).sum())) for arm, m in groups]
    levels = []
    for value, level_label in values:
        counts = [int((at[value] & m).sum()) for _, m in groups]
        whole, control, treated = (
            Share(s.arm, count, count / s.n if s.n else None) for s, count in zip(summaries, counts, strict=True)
        )
        levels.append(Level(value, level_label, (whole, control, treated)))
    counted = np.array([[s.count for s in level.shares[1:]] for level in levels], dtype=np.int64).reshape(-1, 2)
    difference = balance.of_shares(counted[:, 0], counted[:, 1])
    return Characteristic(
        name, label, "categorical", (summaries[0], summaries[1], summaries[2]), tuple(levels), difference
    )


def _levels(present: list[str], given: tuple[tuple[str, str], ...]) -> list[tuple[str, str]]:
    """Levels with their names: those given first, then the others, yes before no."""
    named = dict(given)
    rest = sorted((v for v in present if v not in named), key=lambda v: (v.lower() != "yes", natural_order(v.lower())))
    labels = SEXES if set(rest) <= set(SEXES) else {}
    return [*given, *((v, labels.get(v, v[:1].upper() + v[1:])) for v in rest)]


def _groups(active: Mask, arms: tuple[str, str]) -> tuple[tuple[str | None, Mask], ...]:
    """The three columns of Table 1 (everybody, control, active), each with a mask (G,) of its participants."""
    return (None, np.ones(len(active), dtype=bool)), (arms[0], ~active), (arms[1], active)
