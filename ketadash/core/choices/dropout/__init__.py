"""The readings of dropout in time to relapse, in their order: one file a reading.

A new reading is a file that makes a `Reading`, and its line in `DropoutRule`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from ketadash.core.choices.dropout import censored, competing, event, imputed
from ketadash.core.choices.dropout.reading import Reading


class DropoutRule(StrEnum):
    """What leaving counts as; its value is its word in the JSON, in links and on the command line."""

    _value_: str
    about: Reading

    def __new__(cls, reading: Reading | str) -> Self:  # so that `DropoutRule(word)` finds the member
        assert isinstance(reading, Reading)
        member = str.__new__(cls, reading.word)
        member._value_ = reading.word
        member.about = reading
        return member

    EVENT = event.READING
    CENSORED = censored.READING
    COMPETING = competing.READING
    IMPUTED = imputed.READING


def side_by_side() -> tuple[DropoutRule, ...]:
    """The readings that the page of dropout compares: those that need no other choice."""
    return tuple(rule for rule in DropoutRule if rule.about.way)
