"""Percent of heavy drinking days (PHDD)."""

from __future__ import annotations

from ketadash.core.choices.person_endpoint.definition import DAY_BY_DAY, Definition, Kind, mean_of_known

DEFINITION = Definition(
    key="percent_heavy_days",
    label="Percent of {heavy}s",
    kind=Kind.MEAN,
    definition="Each participant's share of {heavy}s on {days}.",
    formula="{heavy}s ÷ days known or filled",
    unknown=DAY_BY_DAY,
    value=lambda d: mean_of_known(d.heavy),
    good=False,
    unit="percent",
    heavy=True,
    r="mean(d$heavy, na.rm = TRUE)",
    sas="mean(heavy_day)",
)
