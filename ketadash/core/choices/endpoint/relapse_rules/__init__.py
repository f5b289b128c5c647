"""Relapse as a trial defines it: one file a kind of rule, and several joined by ``+``, whichever comes first.

A new kind is a file that makes a `Kind`, and its place in `KINDS`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from ketadash.core.choices.endpoint.relapse_rules import (
    any_use,
    first_heavy_day,
    heavy_days_in,
    use_days_in,
    weeks_of_use,
)
from ketadash.core.choices.endpoint.relapse_rules.kind import WEEK, Kind, Numbers, Reported
from ketadash.core.errors import SpecError

if TYPE_CHECKING:
    from ketadash.core.choices.endpoint.relapse_rules.kind import Days

KINDS = (first_heavy_day.KIND, any_use.KIND, heavy_days_in.KIND, use_days_in.KIND, weeks_of_use.KIND)
DEFAULT = first_heavy_day.KIND.word
MOST = 6  # rules joined
EVER = " or ".join(kind.form for kind in KINDS)


@dataclass(frozen=True)
class Part:
    """One of the rules that are joined: its kind and its numbers."""

    kind: Kind
    numbers: Numbers

    def __str__(self) -> str:
        text = self.kind.form
        for letter, number in zip("KM", self.numbers, strict=False):
            text = text.replace(letter, str(number))
        return text

    @property
    def what(self) -> str:
        """The event in words, with ``{heavy}`` and ``{day}`` still to fill in."""
        return self.kind.what(self.numbers)

    def filled(self, text: str) -> str:
        """A text of the kind's with the numbers in their places."""
        for place, number in enumerate(self.numbers):
            text = text.replace(f"{{{place}}}", str(number))
        return text


@dataclass(frozen=True)
class RelapseRule:
    """When somebody has relapsed: the first day on which any of the `parts` has happened."""

    parts: tuple[Part, ...]

    def __str__(self) -> str:
        return "+".join(map(str, self.parts))

    @property
    def needs_heavy_days(self) -> bool:
        """Whether amounts must tell a heavy day."""
        return any(part.kind.of == "heavy" for part in self.parts)

    @property
    def by_weeks(self) -> bool:
        """Whether weeks are counted, so that the missing-day rule comes in."""
        return any(part.kind.by_weeks for part in self.parts)

    @property
    def what(self) -> str:
        """The event in words, with ``{heavy}`` and ``{day}`` still to fill in."""
        return " or ".join(part.what for part in self.parts)

    def joined(self, language: str, by: str) -> str:
        """Whether any part has happened on a day, in R (``r``) or SAS (``sas``)."""
        texts = [part.filled(getattr(part.kind, language)) for part in self.parts]
        return texts[0] if len(texts) == 1 else by.join(f"({text})" for text in texts)

    def falls_on(self, days: Reported) -> Days:
        """(…, G, T) bool: the days on which any part begins."""
        happened = self.parts[0].kind.falls_on(days, self.parts[0].numbers)
        for part in self.parts[1:]:
            happened = happened | part.kind.falls_on(days, part.numbers)
        return happened

    def too_long_for(self, first: int, last: int, begins: int) -> Part | None:
        """A part that nobody can meet on days `first` to `last` from day `begins` on; None where all can be met."""
        for part in self.parts:
            end, start = last, max(first, begins)
            if part.kind.by_weeks:  # whole weeks from the first day
                start = first - (first - start) // WEEK * WEEK
                end = first + (last - first + 1) // WEEK * WEEK - 1
            if end - start + 1 < part.kind.least(part.numbers):
                return part
        return None


@lru_cache(maxsize=256)
def relapse_rule(text: str) -> RelapseRule:
    """A rule as it is written: ``weeks:4+use:7in7``.

    Raises
    ------
    SpecError
        For one that is none.
    """
    # In an address a plus that is typed by hand arrives as a space.
    words = [word.strip().lower() for word in text.split("+" if "+" in text else " ")]
    parts = tuple(dict.fromkeys(_part(word) for word in words))
    if len(parts) > MOST:
        raise SpecError(f"{len(parts)} relapse rules are joined; {MOST} at most can be")
    return RelapseRule(parts)


def _part(word: str) -> Part:
    for kind in KINDS:
        if match := re.fullmatch(kind.pattern, word, re.ASCII):
            numbers = tuple(map(int, match.groups()))
            if not kind.possible(numbers):
                bounds = "1 ≤ K ≤ M" if "M" in kind.form else "K of 1 or more"
                raise SpecError(f"'{word}' is no relapse that anybody can have; write {kind.form} with {bounds}")
            return Part(kind, numbers)
    raise SpecError(f"'{word[:30]}' is no relapse rule; write {EVER}, or several joined by +")


def canonical(text: str) -> str:
    """A rule's text as it is kept.

    Raises
    ------
    SpecError
        For one that is none.
    """
    return str(relapse_rule(text))
