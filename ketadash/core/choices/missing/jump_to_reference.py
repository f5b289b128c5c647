"""Whoever leaves the active arm does as the control arm from that day on (Carpenter, Roger & Kenward 2013)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ketadash.core.choices.entry import Entry
from ketadash.core.choices.missing.rule import Rule, leave_unknown

if TYPE_CHECKING:
    from ketadash.core.choices.missing.rule import Array


def _draw_in(own: Array, after: Array) -> tuple[Array, Array]:
    import numpy as np

    return own, np.where(after, 0.0, own)


RULE = Rule(
    word="jump_to_reference",
    link="jump to reference",
    label="jump to reference",
    stop="jump to reference",
    own_button=False,
    help="after dropout, as in the control arm from then on.",
    missing_day="days after dropout are imputed as in the control arm from then on",
    assumes="Whoever left the active arm is taken to do as the control arm does from that day on; other unreported "
    "days are like reported ones",
    strategy="Treatment policy by reference: whoever leaves the active arm loses the treatment's effect at once and "
    "does as the control arm does. Multiple imputation.",
    methods="; jump to reference: from the day a participant given {active} left, days were imputed as for {control}, "
    "other missing days as missing at random {{carpenter}}.",
    fill=leave_unknown,
    draw_in=_draw_in,
    r="y[d$missing] <- NA  # missing days are drawn below",
    sas="",
    r_drawn="ifelse(gone, 0, d$active)",
    glossary=Entry(
        "Jump to reference",
        "An assumption: whoever left the active arm is taken to do as the control arm does from that day on.",
        (),
        "imputation",
    ),
    imputed=True,
    by_reference=True,
)
