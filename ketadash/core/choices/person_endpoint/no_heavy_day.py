"""No heavy drinking day: the percent of subjects with none (PSNHDD)."""

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
    key="no_heavy_day",
    label="No {heavy}",
    kind=Kind.COUNT,
    definition="No {heavy} on {days}.",
    formula="every day is known, or filled by the rule, and none is a {heavy}",
    unknown=ONE_DECIDES.replace("{bad}", "{heavy}"),
    value=lambda d: all_of(1 - d.heavy[..., d.grace :]),
    good=True,
    unit="percent",
    forgives=True,
    heavy=True,
    r=R_EVERY_DAY.replace("<<bad>>", "d$heavy"),
    sas=SAS_EVERY_DAY.replace("<<bad>>", "heavy_day"),
)
