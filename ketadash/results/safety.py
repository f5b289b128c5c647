"""Frozen results of the page *What else happened?*: visit measures, adverse events, dissociation, follow-up.

Conventions of `ketadash.results`: fractions, control arm first, ``None`` for what cannot be estimated.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ketadash.core.p_values import HoldsP
from ketadash.core.terms import DRINKS, Terms
from ketadash.results import Counts, Estimate, ModelFit


@dataclass(frozen=True, slots=True)
class MeanPoint:
    """Mean of a measure in one arm and week, in the measure's units; week 0 is the baseline.

    Observed points have `n` participants and no interval; modelled ones have an interval and `n` None.
    """

    arm: str
    week: int
    n: int | None
    mean: float | None
    se: float | None
    ci_low: float | None = None
    ci_high: float | None = None


@dataclass(frozen=True, slots=True)
class WeeklyChange(HoldsP):
    """What one more week does: a difference (identity link) or a ratio of means (log link).

    ``arm='difference'`` compares the two: active minus control, or active to control.
    """

    arm: str
    estimate: float | None
    ci_low: float | None
    ci_high: float | None
    p: float | None


def baseline_term(measure: str) -> str:
    """What the value before treatment is called: a model's term, and a column of participants that may hold it."""
    return f"baseline_{measure}"


@dataclass(frozen=True, slots=True, eq=False)
class Measure:
    """One visit measure by week, observed and modelled; `weeks` are the weeks with any value."""

    measure: str
    label: str
    link: str
    arms: tuple[str, str]
    weeks: tuple[int, ...]
    confidence: float
    estimand: str
    model: ModelFit
    observed: tuple[MeanPoint, ...]
    modelled: tuple[MeanPoint, ...]
    change: tuple[WeeklyChange, ...]
    counts: Counts
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EventArm:
    """How many of the `n` randomised had an event at all, how often in total, and how severe."""

    arm: str
    participants: int
    n: int
    occurrences: int
    severity: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class AdverseEvent:
    """One kind of event by arm, and the risk difference, active minus control (Newcombe)."""

    event: str
    arms: tuple[EventArm, EventArm]
    difference: Estimate


@dataclass(frozen=True, slots=True)
class AdverseEvents:
    """Every kind of event, the most frequent first, and `overall`: any event at all."""

    arms: tuple[str, str]
    confidence: float
    events: tuple[AdverseEvent, ...]
    overall: AdverseEvent
    n_before: int
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ScoreArm:
    """A score's distribution in one arm; `values` are the scores themselves, ascending."""

    arm: str
    n: int
    n_missing: int
    median: float | None
    q1: float | None
    q3: float | None
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class RankTest(HoldsP):
    """A rank test of two arms as χ² on `df`; None where everybody is alike."""

    STATISTICS: ClassVar[tuple[str, ...]] = ("chi2",)

    chi2: float | None
    df: int
    p: float | None


@dataclass(frozen=True, slots=True)
class Dissociation:
    """CADSS by arm, its rank test, and the odds ratio of end-of-study abstinence for one more point."""

    source: str
    confidence: float
    arms: tuple[ScoreArm, ScoreArm]
    test: RankTest
    outcome: str
    odds_ratio: Estimate
    n: int
    n_abstinent: int
    messages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FollowUpArm:
    """Abstinence among those reached (exact interval), and its bounds had all others been abstinent, or none."""

    arm: str
    n: int
    reached: int
    abstinent: int
    proportion: Estimate
    bound_low: float
    bound_high: float


@dataclass(frozen=True, slots=True)
class FollowUp:
    """Late follow-up: `difference` is among those reached; `bounds` are its extremes over all randomised."""

    source: str
    confidence: float
    arms: tuple[FollowUpArm, FollowUpArm]
    difference: Estimate
    bounds: tuple[float, float]
    terms: Terms = DRINKS
