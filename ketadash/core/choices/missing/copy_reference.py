"""Whoever left the active arm is as if in the control arm throughout (Carpenter, Roger & Kenward 2013)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ketadash.core.choices.entry import Entry
from ketadash.core.choices.missing.rule import Rule, leave_unknown

if TYPE_CHECKING:
    from ketadash.core.choices.missing.rule import Array

_R_LEAVER = "ifelse(ave(gone, d$id, FUN = any), 0, d$active)"


def _draw_in(own: Array, after: Array) -> tuple[Array, Array]:
    import numpy as np

    control = np.where(after.any(axis=1, keepdims=True), 0.0, own)
    return control, control


RULE = Rule(
    word="copy_reference",
    link="copy reference",
    label="copy reference",
    stop="copy reference",
    own_button=False,
    help="after dropout, as if in the control arm throughout.",
    missing_day="days of whoever left the active arm are imputed as if in the control arm throughout",
    assumes="Whoever left the active arm is taken to have been like the control arm all along; other unreported days "
    "are like reported ones",
    strategy="Treatment policy by reference: whoever leaves the active arm is as if never treated. Multiple "
    "imputation.",
    methods="; copy reference: a participant who left {active} was imputed as if given {control} throughout, other "
    "missing days as missing at random {{carpenter}}.",
    fill=leave_unknown,
    draw_in=_draw_in,
    r="y[d$missing] <- NA  # missing days are drawn below",
    sas="",
    r_record=_R_LEAVER,
    r_drawn=_R_LEAVER,
    glossary=Entry(
        "Copy reference",
        "An assumption: whoever left the active arm is taken to have been like the control arm all along.",
        (),
        "imputation",
    ),
    imputed=True,
    by_reference=True,
)
