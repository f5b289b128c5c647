"""The days that are analysed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from ketadash.core.errors import SpecError


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """The days analysed, both ends included, numbered as in the data."""

    first: int
    last: int

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise SpecError(f"the window {self.first}:{self.last} ends before it begins; write it as first:last")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``"1:21"``, or ``"1-21"`` or ``"1 to 21"``; `SpecError` says what was expected otherwise."""
        match = re.fullmatch(r"\s*([+-]?\d{1,9})\s*(?::|-|\u2013|to)\s*([+-]?\d{1,9})\s*", text)
        try:
            if match is None:
                raise ValueError
            return cls(int(match[1]), int(match[2]))
        except ValueError:
            raise SpecError(f"'{text}' is not a window of days; write the first and the last day as 1:21") from None

    def __str__(self) -> str:
        return f"{self.first}:{self.last}"

    @property
    def n_days(self) -> int:
        """Days in it, both ends counted."""
        return self.last - self.first + 1
