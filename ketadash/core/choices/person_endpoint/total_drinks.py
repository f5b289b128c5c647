"""Total drinks, as a count for each day known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ketadash.core.choices.person_endpoint.definition import NO_AMOUNT, Definition, Kind, PersonDays

if TYPE_CHECKING:
    from ketadash.core.choices.person_endpoint.definition import Array


def _sum(days: PersonDays) -> Array:
    import numpy as np

    known = np.isfinite(days.amount)
    return np.where(known.any(axis=-1), np.where(known, days.amount, 0.0).sum(axis=-1), np.nan)


DEFINITION = Definition(
    key="total_drinks",
    label="Total {many}",
    kind=Kind.RATE,
    definition="All {many} on {days}; the arms are compared as a ratio of {many} a known day.",
    formula="sum of {many}; negative binomial with offset log(days with a known amount), robust errors",
    unknown=NO_AMOUNT,
    value=_sum,
    good=False,
    unit="amount",
    amounts=True,
    r="if (any(is.finite(d$amount))) sum(d$amount[is.finite(d$amount)]) else NA",
    sas="sum(case when amount < 1e9 then amount else . end)",
)
