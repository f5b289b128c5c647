"""A missing day repeats the last day known: last observation carried forward."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ketadash.core.choices.entry import Entry
from ketadash.core.choices.missing.rule import Rule

if TYPE_CHECKING:
    from ketadash.core.choices.missing.rule import Array


def carried_forward(known: Array, active: Array, bad: float) -> Array:
    """Each participant's last known value up to each day, (G, T); `bad` before any is known."""
    import numpy as np

    reported = ~np.isnan(known)
    last = np.maximum.accumulate(np.where(reported, np.arange(known.shape[1]), -1), axis=1)
    return np.where(last >= 0, np.take_along_axis(known, np.maximum(last, 0), axis=1), bad)


RULE = Rule(
    word="locf",
    link="LOCF",
    label="last carried forward",
    stop="last carried forward",
    own_button=False,
    help="what the last day known was.",
    missing_day="a missing day repeats the last one known, and is {use} where none is",
    assumes="A day without a report repeats the last reported one ({bad} where there is none before): right only if "
    "people never changed after they stopped reporting",
    strategy="Hypothetical: as if everybody had stayed as on the last reported day. Single imputation.",
    methods="Missing days took the value of the participant's last known day (last observation carried forward), or "
    "were counted as {day}s{too} where none was known before.",
    fill=carried_forward,
    r="""for (i in unique(d$id)) {  # the last known value carried forward
  now <- <<bad>>  # where none is known before
  for (j in which(d$id == i)) { if (d$missing[j]) y[j] <- now else now <- y[j] }
}""",
    sas="""  retain now;                                                   /* the last known value carried forward */
  if first.participant_id then now = <<bad>>;                   /* where none is known before */
  if missing then y = now; else now = y;""",
    glossary=Entry(
        "Last carried forward (LOCF)",
        "An assumption: a missing day is what the last known day was.",
        ("LOCF", "last carried forward"),
        "imputation",
    ),
)
