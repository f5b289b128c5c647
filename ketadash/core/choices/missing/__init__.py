"""The missing-day rules, in their order: what a day without a report may count as.  One file a rule.

A new rule is a file that makes a `Rule`, and its line in `MissingRule`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from ketadash.core.choices.missing import (
    best,
    copy_reference,
    imor,
    jump_to_reference,
    locf,
    missing,
    nonabstinent,
    worst,
)
from ketadash.core.choices.missing.rule import Rule


class MissingRule(StrEnum):
    """What a day without a report counts as; its value is its word in the JSON and on the command line."""

    _value_: str
    about: Rule

    def __new__(cls, rule: Rule | str) -> Self:  # so that `MissingRule(word)` finds the member
        assert isinstance(rule, Rule)
        member = str.__new__(cls, rule.word)
        member._value_ = rule.word
        member.about = rule
        return member

    NONABSTINENT = nonabstinent.RULE
    MISSING = missing.RULE
    LOCF = locf.RULE
    BEST = best.RULE
    WORST = worst.RULE
    IMOR = imor.RULE
    JUMP_TO_REFERENCE = jump_to_reference.RULE
    COPY_REFERENCE = copy_reference.RULE

    @property
    def imputed(self) -> bool:
        """Whether days are drawn from a model rather than set or left out."""
        return self.about.imputed

    @property
    def fills(self) -> bool:
        """Whether missing days are given a value at all, and so enter the models."""
        return self.about.fills

    @property
    def bound(self) -> bool:
        """Whether it is an extreme that nobody believes, shown for how far the answer could go."""
        return self.about.bound


LEFT_OUT, LIKE_REPORTED, YOUR_ASSUMPTION = "left out", "like reported days", "your assumption"
# What controls, badges, tables and sentences call a rule where that is not the label that the JSON has.
ON_SCREEN = {MissingRule.MISSING.about.label: LEFT_OUT, MissingRule.IMOR.about.label: LIKE_REPORTED}


def missing_day(rule: MissingRule, use: str) -> str:
    """What a missing day counts as, to stand behind a definition; `use` is a day that is not abstinent."""
    return rule.about.missing_day.format(use=use)


def bounds_last() -> tuple[MissingRule, ...]:
    """The rules as tables and pictures list them: the bounds come last."""
    return tuple(sorted(MissingRule, key=lambda rule: rule.bound))
