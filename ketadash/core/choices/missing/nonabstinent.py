"""A missing day is a day of use: the rule of the published analysis."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ketadash.core.choices.missing.rule import Rule

if TYPE_CHECKING:
    from ketadash.core.choices.missing.rule import Array


def _fill(known: Array, active: Array, bad: float) -> float:
    return bad


RULE = Rule(
    word="nonabstinent",
    link="drinking",
    label="drinking",
    stop="drinking",
    own_button=True,
    help="not abstinent (and a heavy day).",
    missing_day="a missing day counts as {use}",
    assumes="A day without a report counts as a {bad} day",
    strategy="Composite: days after leaving count as {use}, as do single unreported days. If leaving is not failure, "
    "it is a worst-case single imputation.",
    methods="Missing days were counted as {day}s{too} {{hallgren}}.",
    fill=_fill,
    r="y[d$missing] <- <<bad>>  # a missing day is <<what>>",
    sas="  if missing then y = <<bad>>;  /* a missing day is <<what>> */",
    glossary=None,
    dial=("0", "0"),
    penalises=True,
)
