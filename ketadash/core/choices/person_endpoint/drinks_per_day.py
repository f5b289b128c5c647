"""Drinks per day (DPD)."""

from __future__ import annotations

from ketadash.core.choices.person_endpoint.definition import NO_AMOUNT, Definition, Kind, mean_of_known

DEFINITION = Definition(
    key="drinks_per_day",
    label="{many} a day",
    kind=Kind.MEAN,
    definition="Each participant's mean {many} a day on {days}.",
    formula="sum of {many} ÷ days with a known amount",
    unknown=NO_AMOUNT,
    value=lambda d: mean_of_known(d.amount),
    good=False,
    unit="amount",
    amounts=True,
    r="mean(d$amount[is.finite(d$amount)])",
    sas="mean(case when amount < 1e9 then amount else . end)",
)
