"""The first heavy day, whatever dropout is taken to be."""

from __future__ import annotations

from ketadash.core.choices.endpoint.definition import Definition

DEFINITION = Definition(
    word="first_heavy_day",
    label="first heavy day",
    title="How long until the first heavy drinking day?",
    definition="days to the first {heavy}",
    definition_without_dropout="days to the first {heavy}",
    happened="had a {heavy}",
    free="without a {heavy}",
    methods="first {heavy}",
    of="heavy",
    r="d$heavy",
    sas="heavy",
)
