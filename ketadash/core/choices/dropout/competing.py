"""Leaving is something else that can happen, which puts relapse out of reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ketadash.core.choices.dropout.reading import Reading

if TYPE_CHECKING:
    from ketadash.core.choices.dropout.reading import Array


def _leave(left: Array, last: Array, active: Array) -> tuple[Array, Array]:
    import numpy as np

    return left, np.zeros(left.shape, bool)


READING = Reading(
    word="competing",
    help="whoever left is out of reach, and counts as not relapsed.",
    definition="dropout, on the first of the missing days that end the window, is a competing event",
    rests_on="Dropout is a competing event here: whoever left is out of reach and counts as not relapsed",
    methods="{first}, with dropout (the first of the missing days that end the window) as a competing event.",
    way="a competing event",
    means="Whoever left can no longer be seen to relapse, and counts as not relapsed.",
    head="Dropout competes",
    legend="as a competing event (one minus the Aalen–Johansen cumulative incidence)",
    leave=_leave,
    competes=True,
    r="""left <- is.na(hit) & known < last  # dropout competes, on the first day of silence: status 2
day <- ifelse(!is.na(hit), hit, ifelse(left, known + 1, known))
status <- ifelse(!is.na(hit), 1, ifelse(left, 2, 0))""",
    sas="  else if known < <<last>> then do; day = known + 1; status = 2; end;   /* dropout competes */",
)
