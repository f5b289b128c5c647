"""The best case for the active arm: its missing days are favourable ones, the control arm's are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ketadash.core.choices.missing.rule import Rule

if TYPE_CHECKING:
    from ketadash.core.choices.missing.rule import Array


def _fill(known: Array, active: Array, bad: float) -> Array:
    import numpy as np

    return np.where(active, 1 - bad, bad)[:, None]


RULE = Rule(
    word="best",
    link="best case",
    label="best case",
    stop="best case (bound)",
    own_button=False,
    help="abstinent in the active arm, not abstinent in the control arm.",
    missing_day="a missing day counts as abstinent in the active arm and as {use} in the control arm",
    assumes="A bound, to show how far the answer could go: unreported days "
    "count against the control arm and for the active arm",
    strategy="None: a bound, the best case for the active arm.",
    methods="As a bound, missing days were counted as abstinent with {active} and as {day}s with {control} (best case "
    "for {active}){likewise}.",
    fill=_fill,
    r="y[d$missing] <- ifelse(d$active[d$missing] == 1, <<good>>, <<bad>>)  # by arm: a bound",
    sas="  if missing then do; if active then y = <<good>>; else y = <<bad>>; end;  /* by arm: a bound */",
    glossary=None,
    bound=True,
    dial=("0", "inf"),
)
