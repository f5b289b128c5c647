"""Baseline covariates from the days before treatment, where the file has such days and no baseline column.

An outcome must not be its own covariate: of days that the window of the analysis takes, none counts as baseline.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from ketadash.core.spec import AnalysisSpec
from ketadash.trial.model import Trial
from ketadash.trial.recognise import amount_column, baseline_column
from ketadash.trial.understood import Line

HEAVY = "baseline_heavy_days"


class Computed(NamedTuple):
    """Participants with the baselines that were computed for them, those columns' names, and what was done."""

    people: pd.DataFrame
    columns: tuple[str, ...]
    lines: tuple[Line, ...]


def with_baseline(
    people: pd.DataFrame, days: pd.DataFrame, amount: str | None, declared_column: str | None, published: AnalysisSpec
) -> Computed:
    """Participants with a baseline where none was given, and the sentences that say how it was computed.

    The baseline is the mean of `amount` over each participant's reported days before day 0 (day 0 itself, where there
    is none before); baseline heavy days are the share of those days above the heavy-day threshold, times their number
    in the trial, so that a day not reported counts as the person's others do.

    Parameters
    ----------
    people
        One row a participant, with `sex` where it is known.
    days
        One row a participant-day.
    amount
        The daily column, None where none is recognised.
    declared_column
        The baseline column that `trial.toml` declares.
    published
        Where the heavy-day thresholds are taken from.
    """
    before = _before_treatment(days, amount)
    if amount is None or before.empty:
        return Computed(people, (), ())
    columns, lines = list[str](), list[Line]()
    if declared_column is None and baseline_column([*people.columns, *days.columns], amount) is None:
        name = f"baseline_{amount}"
        people = people.assign(**{name: _mean(people, before, amount)})
        columns.append(name)
        text = f"Baseline computed from {_when(before)}: mean {amount.replace('_', ' ')} a reported day"
        lines.append(Line("baseline", text))
    binary = np.isin(before[amount], (0.0, 1.0)).all()
    if HEAVY not in people and HEAVY not in days and not binary:
        people = people.assign(**{HEAVY: _heavy_days(people, before, amount, published)})
        columns.append(HEAVY)
        lines.append(Line("baseline", f"Baseline heavy days computed from {_when(before)}"))
    return Computed(people, tuple(columns), tuple(lines))


def for_window(trial: Trial, people: pd.DataFrame, column: str, first: int) -> tuple[pd.Series | None, str]:
    """Baseline values for a window that begins on day `first`, None where no day before it has one, and what to say.

    A column of the file is taken as it is; one that was computed from days is computed from those before the window.
    `people` are rows of the trial's participants.
    """
    amount = trial.declared.amount or amount_column(trial.days.columns)
    if column not in trial.computed or amount is None:
        return people[column], ""
    before = _before_treatment(trial.days, amount)
    if (before["day"] < first).all():
        return people[column], ""
    inside = f"'{column}' was computed from {_when(before)}, which the window takes"
    before = before[before["day"] < first]
    if before.empty:
        return None, f"{inside}: an outcome cannot be its own baseline, so it is left out"
    heavy = column == HEAVY
    values = _heavy_days(people, before, amount, trial.declared.published) if heavy else _mean(people, before, amount)
    return values, f"{inside}: it is now computed from {_when(before)} alone"


class Before(NamedTuple):
    """Mean amounts a day before treatment, NaN where none is known; first and last day that they are from, or none."""

    mean: np.ndarray  # (G,), one for each participant
    days: tuple[int, int] | None


def before_window(trial: Trial, ids: pd.Series, amount: str, first: int, n_days: int) -> Before:
    """Each participant's mean of the column `amount` over the days before treatment that no window from `first` takes.

    `n_days` at the end of them, or all for 0; the length of a day's report is not asked for: known days count.
    """
    before = _before_treatment(trial.days, amount)
    before = before[before["day"] < first]
    if n_days and len(before):
        before = before[before["day"] > before["day"].max() - n_days]
    if before.empty:
        return Before(np.full(len(ids), np.nan), None)
    mean = ids.map(before.groupby("participant_id")[amount].mean()).to_numpy(dtype=float)
    return Before(mean, (int(before["day"].min()), int(before["day"].max())))


def _before_treatment(days: pd.DataFrame, amount: str | None) -> pd.DataFrame:
    """The reported days before day 0, or those of day 0 where there are none; no rows without amounts."""
    if amount is None or amount not in days or days[amount].dtype.kind != "f":
        return days.iloc[:0]
    before = days[(days["day"] < 0) if (days["day"] < 0).any() else (days["day"] <= 0)]
    return before[before[amount].notna()]


def _when(before: pd.DataFrame) -> str:
    first, last = before["day"].min(), before["day"].max()
    return f"days {first} to {last}" if last > first else f"day {first}"


def _mean(people: pd.DataFrame, before: pd.DataFrame, amount: str) -> pd.Series:
    return people["participant_id"].map(before.groupby("participant_id")[amount].mean()).astype(float)


def _heavy_days(people: pd.DataFrame, before: pd.DataFrame, amount: str, published: AnalysisSpec) -> pd.Series:
    width = int(before["day"].max() - before["day"].min() + 1)
    sex = people["sex"] if "sex" in people else pd.Series([None] * len(people), index=people.index)
    limit = dict(
        zip(people["participant_id"], np.where(sex == "F", published.heavy_women, published.heavy_men), strict=True)
    )
    person = before["participant_id"]
    share = (before[amount] > person.map(limit).astype(float)).groupby(person).mean()
    return people["participant_id"].map(share * width).astype(float)
