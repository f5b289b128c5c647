"""The longest run of abstinent days."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ketadash.core.choices.person_endpoint.definition import Definition, Kind, PersonDays

if TYPE_CHECKING:
    from ketadash.core.choices.person_endpoint.definition import Array


def _longest(days: PersonDays) -> Array:
    import numpy as np

    run = longest = np.zeros(days.abstinent.shape[:-1])
    for day in np.moveaxis(days.abstinent == 1, -1, 0):
        run = np.where(day, run + 1, 0.0)
        longest = np.maximum(longest, run)
    return np.where(np.isnan(days.abstinent).all(axis=-1), np.nan, longest)


DEFINITION = Definition(
    key="longest_abstinence",
    label="Longest abstinence",
    kind=Kind.MEAN,
    definition="The longest unbroken run of abstinent days within {days}.",
    formula="the largest number of abstinent days one after the other",
    unknown="A missing day counts as the rule says; where it is left out, it ends a run. Without a known day there is "
    "no value.",
    value=_longest,
    good=True,
    unit="days",
    r="if (all(is.na(d$abstinent))) NA else with(rle(d$abstinent %in% TRUE), max(0, lengths[values]))",
    sas="case when n(abstinent) > 0 then max(streak) else . end",
)
