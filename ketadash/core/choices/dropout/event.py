"""Leaving counts as relapse on the first missing day: the reading of the published analysis."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ketadash.core.choices.dropout.reading import Reading

if TYPE_CHECKING:
    from ketadash.core.choices.dropout.reading import Array


def _leave(left: Array, last: Array, active: Array) -> tuple[Array, Array]:
    import numpy as np

    return left, np.ones(left.shape, bool)


READING = Reading(
    word="event",
    help="leaving counts as relapse on the first missing day.",
    definition="dropout is the first of the missing days that end the window",
    rests_on="Dropout counts as an event here",
    methods="{first} or to dropout, whichever came first; dropout was the first of the missing days that end the "
    "window.",
    way="counted as relapse",
    means="Whoever left is taken to have relapsed the day after the last report.",
    head="Dropout = relapse",
    legend="counted as relapse",
    leave=_leave,
    counts_as_event=True,
    r="""left <- known < last & (is.na(hit) | hit > known + 1)  # dropout is the event, on the first day of silence
day <- ifelse(left, known + 1, ifelse(!is.na(hit), hit, known))
status <- as.numeric(!is.na(hit) | left)""",
    sas="""  else if known < <<last>> then do; day = known + 1; status = 1; end;   /* dropout is the event */
  if known < <<last>> and hit > known + 1 then day = known + 1;          /* and comes first if it does */""",
)
