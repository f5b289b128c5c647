"""Relapse: the first heavy day, or leaving the study where that is counted as relapse."""

from __future__ import annotations

from ketadash.core.choices.endpoint.definition import Definition

DEFINITION = Definition(
    word="relapse",
    label="relapse",
    title="How long until relapse?",
    definition="days to relapse, the first {heavy} or dropout, whichever comes first",
    definition_without_dropout="days to the first {heavy} (relapse with dropout not counted as one)",
    happened="relapsed",
    still_free="Participants without relapse",
    methods="relapse",
    of="heavy",
    takes_dropout=True,
    r="d$heavy",
    sas="heavy",
)
