"""Strata and further covariates: which columns may be, and what they say of each participant as numbers.

A covariate is from before randomisation: one that is measured later is part of what the treatment did, and a comparison
that holds it fixed is none of the arms as randomised.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ketadash.core.errors import SpecError
from ketadash.core.findings import counted, listed, short
from ketadash.core.spec import AnalysisSpec
from ketadash.core.terms import term_of_level
from ketadash.trial.levels import measured
from ketadash.trial.model import Trial
from ketadash.trial.population import people_of
from ketadash.trial.recognise import natural_order, no_column, snake

STRATA, ADJUST_FOR = "strata", "adjust_for"
WHAT = {STRATA: "a stratum", ADJUST_FOR: "a covariate"}
MOST_LEVELS = 60
UNKNOWN = "not known"
OWN_LEVEL = f"counted as a level of its own, '{UNKNOWN}'"
_LATER = re.compile(
    r"(^|_)(dropout|dropped_out|drop_out|discontinu\w*|withdr[ae]wn?|withdrawal_(day|date|reason)|complet(ed|er|ion)|"
    r"follow_?up|end_of_(study|treatment|trial)|relapsed?|responder|remission|after|post|received|"
    r"doses_(taken|received)|n_doses|adherence|compliance|reason)(_|\d|$)|"
    r"(^|_)(first|last)_(\w+_)?(day|date|visit|dose)$"
)


@dataclass(frozen=True, slots=True, eq=False)
class Levels:
    """A column as classes: each participant's code (G,), and what the codes stand for."""

    codes: NDArray[np.int64]
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Adjustment:
    """What the models are adjusted for besides the baseline, and the strata of stratified tests.

    `covariates` (G, c) are called `names`, of which those `of_strata` are levels of a stratum; `strata` (G,) are codes
    of the `labels`, None without any.
    """

    covariates: NDArray[np.float64]
    names: tuple[str, ...]
    of_strata: frozenset[str]
    strata: NDArray[np.int64] | None
    labels: tuple[str, ...]
    notes: tuple[str, ...]


def is_later(column: str) -> bool:
    """Whether a column is measured after randomisation, by its name."""
    return bool(_LATER.search(column))


def offered(trial: Trial, kind: str) -> tuple[str, ...]:
    """The columns that a list offers as strata or as covariates."""
    people = trial.participants
    return tuple(str(c) for c in people.columns[2:] if not is_later(str(c)) and not _unfit(people, str(c), kind))


def resolved(trial: Trial, spec: AnalysisSpec, amount: str) -> AnalysisSpec:
    """A spec, whose arms and analysis set are resolved, with strata and covariates by their names in the trial.

    Raises
    ------
    SpecError
        For a column that is none, or that can be neither stratum nor covariate, with why.
    """
    if not spec.strata and not spec.adjust_for:
        return spec
    people = people_of(trial, spec)
    names = {}
    for kind in (STRATA, ADJUST_FOR):
        columns = dict.fromkeys(_fit_column(trial, people, name, kind, amount) for name in getattr(spec, kind))
        names[kind] = tuple(columns)
    return spec.replace(**names)


def adjustment(people: pd.DataFrame, spec: AnalysisSpec, active: NDArray[np.bool_]) -> Adjustment:
    """Strata and covariates of a resolved spec; `people` in the order of `active` (G,)."""
    columns: dict[str, NDArray[np.float64]] = {}
    notes: list[str] = []
    each = {name: levels(people[name]) for name in spec.strata}
    for name, classes in each.items():
        columns |= _indicators(name, classes)
        notes += _gaps(people, name, OWN_LEVEL)
    of_strata = frozenset(columns)
    for name in spec.adjust_for:
        if name in spec.strata:
            continue
        if measured(people[name]):
            values = people[name].to_numpy(dtype=float)
            known = np.isfinite(values)
            columns[name] = np.where(known, values, values[known].mean())
            notes += _gaps(people, name, "the mean of the others is used")
        else:
            columns |= _indicators(name, levels(people[name]))
            notes += _gaps(people, name, OWN_LEVEL)
    kept, repeated = _independent(columns, len(people))
    if repeated:
        notes.append(f"{listed(repeated)}: left out of the models, as the other covariates say it already")
    codes, labels = _crossed(each)
    if codes is not None:
        notes += _one_armed(codes, active)
    table = np.column_stack([np.zeros((len(people), 0)), *kept.values()])
    return Adjustment(table, tuple(kept), of_strata, codes, labels, tuple(notes))


def levels(values: pd.Series) -> Levels:
    """A column's levels in natural order, what is not known last."""
    texts = [UNKNOWN if pd.isna(v) else _text(v) for v in values]
    known = sorted({t for t in texts if t != UNKNOWN}, key=natural_order)
    labels = (*known, *([UNKNOWN] if UNKNOWN in texts else []))
    place = {label: k for k, label in enumerate(labels)}
    return Levels(np.array([place[t] for t in texts], dtype=np.int64), labels)


def _text(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _indicators(name: str, classes: Levels) -> dict[str, NDArray[np.float64]]:
    """A column of 0 and 1 for each level but the first."""
    return {
        term_of_level(name, short(label)): (classes.codes == k).astype(float)
        for k, label in enumerate(classes.labels)
        if k > 0
    }


def _gaps(people: pd.DataFrame, name: str, then: str) -> Iterable[str]:
    missing = list(people.loc[people[name].isna(), "participant_id"])
    if missing:
        yield f"'{name}' is missing for {counted(len(missing), 'participant')} ({listed(missing)}): {then}"


def _independent(columns: dict[str, NDArray[np.float64]], n: int) -> tuple[dict[str, NDArray[np.float64]], list[str]]:
    """The columns that say more than those before them and a constant do, and the names of the others."""
    basis, kept, repeated = np.full((n, 1), n**-0.5), dict[str, NDArray[np.float64]](), list[str]()
    for name, column in columns.items():
        centred = column - column.mean()
        size = float(np.linalg.norm(centred))
        rest = centred - basis @ (basis.T @ centred)
        rest -= basis @ (basis.T @ rest)  # a second pass removes what rounding left (Kahan: twice is enough)
        if np.linalg.norm(rest) <= 1e-9 * max(size, 1e-300):
            repeated.append(name)
            continue
        basis = np.column_stack([basis, rest / np.linalg.norm(rest)])
        kept[name] = column
    return kept, repeated


def _crossed(each: dict[str, Levels]) -> tuple[NDArray[np.int64] | None, tuple[str, ...]]:
    """Codes (G,) of the combinations of all levels that there are, and what they are called."""
    if not each:
        return None, ()
    together = np.column_stack([classes.codes for classes in each.values()])
    distinct, codes = np.unique(together, axis=0, return_inverse=True)
    labels = [
        ", ".join(f"{name} {classes.labels[k]}" for (name, classes), k in zip(each.items(), row, strict=True))
        for row in distinct
    ]
    return codes.reshape(-1).astype(np.int64), tuple(labels)


def _one_armed(codes: NDArray[np.int64], active: NDArray[np.bool_]) -> Iterable[str]:
    """How many strata have one arm; which, is not said: who is in them would be known by their arm."""
    n, n_active = np.bincount(codes), np.bincount(codes[active], minlength=codes.max() + 1)
    lone = (n_active == 0) | (n_active == n)
    if lone.all():
        yield "every stratum has one arm only, so stratified tests have nothing to compare: choose other strata"
    elif lone.any():
        yield (
            f"{lone.sum()} of {len(n)} strata, with {n[lone].sum():,} of {len(codes):,} participants, have one arm "
            "only and tell stratified tests nothing: choose fewer or coarser strata"
        )


def column_named(name: str, present: list[str], what: str, offered: list[str] | None = None) -> str:
    """A column by its name in the file or its tidy one.

    Raises
    ------
    SpecError
        For a name that is none of those `present`, with those `offered` (default: all of them).
    """
    for known in (name, snake(name)):  # read under its tidy name, but may be asked for as it stands in the file
        if known in present:
            return known
    raise SpecError(no_column(name, what, present if offered is None else offered))


def _fit_column(trial: Trial, people: pd.DataFrame, name: str, kind: str, amount: str) -> str:
    """The column's name as the trial has it, if it may be what it is to be."""
    what, own = WHAT[kind], [str(c) for c in people.columns[2:]]
    every = dict.fromkeys([*map(str, people.columns), *map(str, trial.days.columns)])
    column = column_named(name, list(every), what, offered=own)
    if column in ("participant_id", "day"):
        raise SpecError(f"'{column}' cannot be {what}: it tells rows apart; choose another column")
    if column == "arm":
        raise SpecError(f"'arm' is what is compared, so it cannot be {what}; leave it out")
    if column == amount:
        raise SpecError(f"'{column}' is what the outcomes are made of, so it cannot be {what}; leave it out")
    if column not in people.columns:
        changing = int((trial.days.groupby("participant_id")[column].nunique(dropna=False) > 1).sum())
        raise SpecError(
            f"'{column}' changes from day to day within {counted(changing, 'participant')}, so it was measured after "
            f"randomisation too; {what} has one value a participant, from before: choose another column"
        )
    if why := _refusal(people, column, kind):
        raise SpecError(why)
    return column


def refusal(trial: Trial, kind: str, name: str) -> str:
    """Why a column of the participants is offered neither as stratum nor as covariate; empty for any other name."""
    columns = trial.participants.columns[2:]
    present = [column for column in (name, snake(name)) if column in columns]
    return _refusal(trial.participants, present[0], kind) if present else ""


def _refusal(people: pd.DataFrame, column: str, kind: str) -> str:
    """Why a column of participants cannot be a stratum or a covariate, as a sentence; empty if it can."""
    if is_later(column):
        return (
            f"'{column}' is measured after randomisation, by its name, so it may be what the treatment did; "
            f"{WHAT[kind]} is from before: choose another column, or rename this one if it is from before"
        )
    why = _unfit(people, column, kind)
    return f"'{column}' {why}" if why else ""


def _unfit(people: pd.DataFrame, column: str, kind: str) -> str:
    """Why a column of participants can be neither stratum nor covariate; empty if it can."""
    n, numbers = people[column].nunique(dropna=False), measured(people[column])
    if people[column].nunique() < 2 and (n < 2 or numbers):
        return (
            "is empty: choose another column"
            if people[column].isna().all()
            else ("is the same for everybody, so there is nothing to adjust for: leave it out")
        )
    if n > MOST_LEVELS and (kind == STRATA or not numbers):
        return (
            f"has {n} levels, and {WHAT[kind]} {'' if kind == STRATA else 'of words '}may have {MOST_LEVELS}: put "
            "levels together in the file"
        )
    return ""
