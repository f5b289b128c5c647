"""Drinks per drinking day (DDD)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ketadash.core.choices.person_endpoint.definition import Definition, Kind, PersonDays, mean_of_known

if TYPE_CHECKING:
    from ketadash.core.choices.person_endpoint.definition import Array


def _on_days_of_use(days: PersonDays) -> Array:
    import numpy as np

    return mean_of_known(np.where(days.amount > 0, days.amount, np.nan))


DEFINITION = Definition(
    key="drinks_per_drinking_day",
    label="{many} per {day}",
    kind=Kind.MEAN,
    definition="Mean {many} on {day}s on {days}, among those who had one.",
    formula="sum of {many} ÷ {day}s with a known amount",
    unknown="A missing day that the rule makes one of use has no amount: it is left out. Without a {day} of known "
    "amount there is no value.",
    value=_on_days_of_use,
    good=False,
    unit="amount",
    amounts=True,
    r="mean(d$amount[is.finite(d$amount) & d$amount > 0])",
    sas="mean(case when amount > 0 and amount < 1e9 then amount else . end)",
)
