"""The days after leaving are drawn by the missing-day rule, so that nobody is censored before the last day."""

from __future__ import annotations

from ketadash.core.choices.dropout.reading import Reading

READING = Reading(
    word="imputed",
    help="the days after are drawn, with the missing-day rules that draw (dial, jump or copy to reference).",
    definition="whatever day is missing is imputed, so nobody is censored before the last day",
    rests_on="Days after dropout are imputed here",
    methods="{first}, missing days being imputed as above, so that nobody was censored before the last day.",
    way="",
    means="",
    head="Dropout imputed",
    legend="",
    imputed=True,
    r="",
    sas="",
)
