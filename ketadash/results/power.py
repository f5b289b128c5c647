"""Frozen results of planning: how often a trial of so many people would find an effect."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PowerPoint:
    """One size and effect of a planned trial.

    Attributes
    ----------
    n
        Participants of both arms.
    effect
        0: none; 1: as in the data.
    power
        Share of the simulated trials whose p is at most alpha, those without an answer among the others.
    mc_low, mc_high
        Wilson's 95% interval of that share: of the simulation alone.
    n_failed
        Simulated trials without an answer.
    """

    n: int
    effect: float
    power: float
    mc_low: float
    mc_high: float
    n_failed: int


@dataclass(frozen=True, slots=True)
class PowerCurve:
    """Power by size and effect, and what was simulated.

    `arms` holds each arm's name and its participants in the data, control first; `shuffles` is None but for a test by
    re-randomisation.
    """

    endpoint: str
    test: str
    alpha: float
    replicates: int
    seed: int
    shuffles: int | None
    arms: tuple[tuple[str, int], tuple[str, int]]
    curve: tuple[PowerPoint, ...]
