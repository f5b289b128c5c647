"""What an endpoint consists of: its words, which days it falls on, and the same in R and SAS."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import numpy as np

    from ketadash.core.choices.endpoint.relapse_rules import RelapseRule

    Days = np.ndarray[Any, np.dtype[np.bool_]]


def every_such_day(days: Days) -> Days:
    """The event falls on each of the days that are counted; the first of them is the participant's."""
    return days


@dataclass(frozen=True, kw_only=True)
class Definition:
    """A time-to-event endpoint.

    In every text, ``{day}`` stands for a day of use, ``{heavy}`` for a heavy day ``{without}`` for without use,
    and ``{note}`` for from when on it counts, and what a week without information counts as.

    Attributes
    ----------
    word
        In the JSON; never changed.
    label
        On the page's button, in links and in tables; never changed.
    title
        The question that it answers.
    definition, definition_without_dropout
        What is counted; the second where dropout is not counted as the event.
    happened
        What those with the event had done.
    free
        What those still are who have not had the event.
    methods
        For the methods paragraph, behind "time to".
    of
        Which days are counted: days of use, or heavy days, which some trials' amounts cannot tell.
    falls_on
        (…, G, T) whether a day is such a day → whether the event falls on it.
    rule
        When it has happened, where that is itself a choice (`ketadash.core.choices.endpoint.relapse_rules`).
    takes_dropout
        Whether leaving is what the dropout reading says; else it is censored.
    r, sas
        Whether the event falls on a day, in R and SAS.
    """

    word: str
    label: str
    title: str
    definition: str
    definition_without_dropout: str
    happened: str
    free: str
    methods: str
    of: Literal["use", "heavy"]
    falls_on: Callable[[Days], Days] = every_such_day
    takes_dropout: bool = False
    rule: RelapseRule | None = None
    r: str
    sas: str

    @property
    def still_free(self) -> str:
        """Whom the curve shows."""
        return f"Participants {self.free}"

    @property
    def needs_heavy_days(self) -> bool:
        """Whether it cannot be told where the amounts are only yes and no."""
        return self.of == "heavy" if self.rule is None else self.rule.needs_heavy_days
