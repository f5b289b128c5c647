"""A WHO risk level lower by 1 or more."""

from __future__ import annotations

from ketadash.core.choices.person_endpoint.definition import Definition, Kind
from ketadash.core.choices.person_endpoint.who_levels import FORMULA, SAS, UNKNOWN, R, came_down

DEFINITION = Definition(
    key="who_reduction_1",
    label="WHO risk down 1 or more",
    kind=Kind.COUNT,
    definition="The WHO risk level of {days} is lower by 1 level or more than that of {before}.",
    formula=FORMULA,
    unknown=UNKNOWN,
    value=lambda d: came_down(d, 1),
    least_before=1,
    good=True,
    unit="percent",
    assesses=True,
    amounts=True,
    baseline=True,
    r=f"{R} >= 1",
    sas=SAS.format(by=1),
)
