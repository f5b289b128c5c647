"""One estimate under several specifications side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ketadash.core.terms import DRINKS, Terms
from ketadash.results.estimates import Estimate


@dataclass(frozen=True, slots=True)
class SensitivityRow:
    """One specification: the last day's difference, and the arm × day interaction.

    `choices` are in words, the missing-day rule first; `changes` are the fields that differ from the published
    analysis; `failed` is the reason, if any; `kind` is ``published``, ``sensitivity`` (the same estimand),
    ``supplementary`` (another) or ``bound``.  `every_day` is the difference in abstinence on all days, as counted.
    """

    choices: tuple[str, ...]
    changes: dict[str, Any]
    published: bool
    difference: Estimate
    interaction: Estimate
    n_rows: int
    n_imputed: int
    messages: tuple[str, ...] = ()
    failed: str | None = None
    kind: str = "sensitivity"
    every_day: Estimate | None = None

    @property
    def label(self) -> str:
        """The row in words: the missing-day rule, alone or with what else was chosen."""
        rule, *others = self.choices
        return " · ".join((f"missing = {rule}", *others)) if others else rule


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """The primary comparison, on `last_day`, under each of the choices in `rows`."""

    arms: tuple[str, str]
    last_day: int
    confidence: float
    rows: tuple[SensitivityRow, ...]
    terms: Terms = DRINKS
    n_open: int = 0  # rows that are not computed yet
