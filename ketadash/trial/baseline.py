"""Baseline covariates from the days before treatment, where the file has such days and no baseline column."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ketadash.core.spec import AnalysisSpec
from ketadash.trial.recognise import baseline_column
from ketadash.trial.understood import Line


def with_baseline(
    people: pd.DataFrame, days: pd.DataFrame, amount: str | None, declared_column: str | None, published: AnalysisSpec
) -> tuple[pd.DataFrame, tuple[Line, ...]]:
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
    if amount is None or amount not in days or days[amount].dtype.kind != "f":
        return people, ()
    before = days[(days["day"] < 0) if (days["day"] < 0).any() else (days["day"] <= 0)]
    before = before[before[amount].notna()]
    if before.empty:
        return people, ()
    lines, width = list[Line](), int(before["day"].max() - before["day"].min() + 1)
    when = f"days {before['day'].min()} to {before['day'].max()}" if width > 1 else f"day {before['day'].min()}"
    person = before["participant_id"]
    if declared_column is None and baseline_column([*people.columns, *days.columns], amount) is None:
        name = f"baseline_{amount}"
        mean = before[amount].groupby(person).mean()
        people = people.assign(**{name: people["participant_id"].map(mean).astype(float)})
        lines.append(Line("baseline", f"Baseline computed from {when}: mean {amount.replace('_', ' ')} a reported day"))
    binary = np.isin(before[amount], (0.0, 1.0)).all()
    if "baseline_heavy_days" not in people and "baseline_heavy_days" not in days and not binary:
        sex = people["sex"] if "sex" in people else pd.Series([None] * len(people), index=people.index)
        limit = dict(
            zip(people["participant_id"], np.where(sex == "F", published.heavy_women, published.heavy_men), strict=True)
        )
        share = (before[amount] > person.map(limit).astype(float)).groupby(person).mean()
        people = people.assign(baseline_heavy_days=people["participant_id"].map(share * width).astype(float))
        lines.append(Line("baseline", f"Baseline heavy days computed from {when}"))
    return people, tuple(lines)
