"""Percent of days abstinent (PDA)."""

from __future__ import annotations

from ketadash.core.choices.person_endpoint.definition import DAY_BY_DAY, Definition, Kind, mean_of_known

DEFINITION = Definition(
    key="percent_days_abstinent",
    label="Percent of days abstinent",
    kind=Kind.MEAN,
    definition="Each participant's share of abstinent days on {days}.",
    formula="abstinent days ÷ days known or filled",
    unknown=DAY_BY_DAY,
    value=lambda d: mean_of_known(d.abstinent),
    good=True,
    unit="percent",
    r="mean(d$abstinent, na.rm = TRUE)",
    sas="mean(abstinent)",
)
