"""Means over participants, compared between arms without a model."""

from __future__ import annotations

from dataclasses import dataclass

from ketadash.results import Estimate


@dataclass(frozen=True, slots=True)
class ArmMean:
    """An arm's mean over participants; `n` have a value and `n_unknown` none."""

    arm: str
    n: int
    n_unknown: int
    mean: float | None
    sd: float | None


@dataclass(frozen=True, slots=True)
class PercentDays:
    """Share of days with the outcome, person by person: the arms' means (control first), and active minus control."""

    arms: tuple[ArmMean, ArmMean]
    window: tuple[int, int]
    confidence: float
    difference: Estimate
    method: str
    messages: tuple[str, ...] = ()
