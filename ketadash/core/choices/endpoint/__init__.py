"""The time-to-event endpoints, in their order: one file an endpoint.

A new endpoint is a file that makes a `Definition`, and its line in `Endpoint`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Self

from ketadash.core.choices.endpoint import first_heavy_day, first_use, relapse
from ketadash.core.choices.endpoint.definition import Definition


class Endpoint(StrEnum):
    """What is waited for; its value is its word in the JSON."""

    _value_: str
    about: Definition

    def __new__(cls, definition: Definition | str) -> Self:  # so that `Endpoint(word)` finds the member
        assert isinstance(definition, Definition)
        member = str.__new__(cls, definition.word)
        member._value_ = definition.word
        member.about = definition
        return member

    RELAPSE = relapse.DEFINITION
    FIRST_USE = first_use.DEFINITION
    FIRST_HEAVY_DAY = first_heavy_day.DEFINITION


def definition_under(word: str, spec: Any) -> Definition:
    """An endpoint as an analysis defines it: relapse by its rule, the others as they are.

    Raises
    ------
    ValueError
        If there is none.
    """
    about = Endpoint(word).about
    return about if about.rule is None else relapse.by(spec.relapse, spec.relapse_from)


def definition_of(word: str) -> Definition:
    """The endpoint that a result names, with what holds whatever counts as relapse.

    Raises
    ------
    ValueError
        If there is none.
    """
    return Endpoint(word).about
