"""The first day of any use."""

from __future__ import annotations

from ketadash.core.choices.endpoint.definition import Definition

DEFINITION = Definition(
    word="first_use",
    label="first use",
    title="How long until the first use?",
    definition="days to the first {day}",
    definition_without_dropout="days to the first {day}",
    happened="used",
    free="{without}",
    methods="first use",
    of="use",
    r="d$use",
    sas="use",
)
