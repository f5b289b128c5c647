"""Visits with a row for each measure (its name beside its value) as a column for each measure, as others have them."""

from __future__ import annotations

import pandas as pd

from ketadash.trial.recognise import snake

NAMES, VALUES = ("measure", "parameter", "paramcd", "param"), ("value", "aval", "result", "score")
WHO_AND_WHEN = ("participant_id", "day")
MOST = 40  # different names; with more it is no list of measures


def side_by_side(visits: pd.DataFrame) -> pd.DataFrame:
    """A row for each participant and day, a column for each measure: of several on a day the mean.

    Other visits as they are: without a column of names and one of values, or with a third one, which no measure would
    know as its own.
    """
    name = next((c for c in NAMES if c in visits and visits[c].dtype == object), None)
    value = next((c for c in VALUES if c in visits and visits[c].dtype.kind == "f"), None)
    if name is None or value is None or len(visits.columns) != len(WHO_AND_WHEN) + 2:
        return visits
    named = visits[visits[name].notna()]
    if not 1 <= named[name].nunique() <= MOST:
        return visits
    columns = named[name].map(lambda text: snake(str(text)))
    if set(columns.unique()) & set(WHO_AND_WHEN):
        return visits
    keys = [named[c] for c in WHO_AND_WHEN]
    wide = named[value].groupby([*keys, columns]).mean().unstack()
    lines = pd.Series(named.index, index=named.index).groupby(keys).min().reindex(wide.index)
    wide = wide.astype(float).reset_index()
    wide.columns.name = None
    wide.index = pd.Index(lines.to_numpy(), name="line")
    return wide.sort_index()
