"""The first day of any use."""

from __future__ import annotations

from ketadash.core.choices.endpoint.relapse_rules.kind import Kind

KIND = Kind(
    word="first-use",
    form="first-use",
    pattern=r"first-use",
    what=lambda numbers: "the first {day}",
    of="use",
    least=lambda numbers: 1,
    falls_on=lambda days, numbers: days.use,
    r="d$use",
    sas="use",
)
