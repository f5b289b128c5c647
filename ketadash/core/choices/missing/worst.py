"""The worst case for the active arm: its missing days are unfavourable ones, the control arm's are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ketadash.core.choices.missing.rule import Rule

if TYPE_CHECKING:
    from ketadash.core.choices.missing.rule import Array


def _fill(known: Array, active: Array, bad: float) -> Array:
    import numpy as np

    return np.where(active, bad, 1 - bad)[:, None]


RULE = Rule(
    word="worst",
    link="worst case",
    label="worst case",
    stop="worst case (bound)",
    own_button=False,
    help="not abstinent in the active arm, abstinent in the control arm.",
    missing_day="a missing day counts as {use} in the active arm and as abstinent in the control arm",
    assumes="A bound, to show how far the answer could go: unreported days "
    "count against the active arm and for the control arm",
    strategy="None: a bound, the worst case for the active arm.",
    methods="As a bound, missing days were counted as {day}s with {active} and as abstinent with {control} (worst case "
    "for {active}){likewise}.",
    fill=_fill,
    r="y[d$missing] <- ifelse(d$active[d$missing] == 1, <<bad>>, <<good>>)  # by arm: a bound",
    sas="  if missing then do; if active then y = <<bad>>; else y = <<good>>; end;  /* by arm: a bound */",
    glossary=None,
    bound=True,
    dial=("inf", "0"),
)
