"""Abstinent on every day."""

from __future__ import annotations

from ketadash.core.choices.person_endpoint.definition import (
    ONE_DECIDES,
    R_EVERY_DAY,
    SAS_EVERY_DAY,
    Definition,
    Kind,
    all_of,
)

DEFINITION = Definition(
    key="abstinent_all_days",
    label="Abstinent on every day",
    kind=Kind.COUNT,
    definition="Abstinent every day of {days}.",
    formula="every day is known, or filled by the rule, and all are abstinent",
    unknown=ONE_DECIDES.replace("{bad}", "{day}"),
    value=lambda d: all_of(d.abstinent[..., d.grace :]),
    good=True,
    unit="percent",
    forgives=True,
    r=R_EVERY_DAY.replace("<<bad>>", "!d$abstinent"),
    sas=SAS_EVERY_DAY.replace("<<bad>>", "1 - abstinent"),
)
