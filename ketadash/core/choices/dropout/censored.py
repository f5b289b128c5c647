"""Leaving ends follow-up without a relapse, on the last day known."""

from __future__ import annotations

from ketadash.core.choices.dropout.reading import Reading

READING = Reading(
    word="censored",
    help="follow-up ends there without a relapse.",
    definition="dropout is censored at the last known day",
    rests_on="Dropout is censored here: right if whoever left was as likely to relapse as whoever stayed",
    methods="{first}; participants who dropped out were censored at their last reported day.",
    way="censored",
    means="Whoever left is taken to have been as likely to relapse as whoever stayed.",
    head="Dropout censored",
    legend="censored",
    r="""day <- ifelse(is.na(hit), known, hit)  # dropout is censored at the last known day
status <- as.numeric(!is.na(hit))""",
    sas="  /* dropout is censored at the last known day */",
)
