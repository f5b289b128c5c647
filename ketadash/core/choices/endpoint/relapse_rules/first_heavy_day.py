"""The first heavy day: relapse as published by the trial that the sample is modelled on."""

from __future__ import annotations

from ketadash.core.choices.endpoint.relapse_rules.kind import Kind

KIND = Kind(
    word="first-heavy-day",
    form="first-heavy-day",
    pattern=r"first-heavy-day",
    what=lambda numbers: "the first {heavy}",
    of="heavy",
    least=lambda numbers: 1,
    falls_on=lambda days, numbers: days.heavy,
    r="d$heavy",
    sas="heavy",
)
