"""An outcome of each day, abstinence or heavy drinking: as observed and as modelled, day by day."""

from __future__ import annotations

from dataclasses import dataclass

from ketadash.core.p_values import HoldsP
from ketadash.core.terms import DRINKS, Terms
from ketadash.results.estimates import Counts
from ketadash.results.models import ModelFit


@dataclass(frozen=True, slots=True)
class ObservedPoint:
    """One arm on one day: `n` counted, of which or beside which `n_missing` were not reported.

    The interval is Wilson's, which has a width where nobody or everybody has the outcome.
    """

    arm: str
    day: int
    n: int
    n_missing: int
    proportion: float | None
    se: float | None
    ci_low: float | None
    ci_high: float | None


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """A modelled probability (or, with ``arm='difference'``, active minus control) on one day.

    `monte_carlo_se` is that of the estimate, for being pooled over finitely many imputations.
    """

    arm: str
    day: int
    probability: float
    se: float
    ci_low: float
    ci_high: float
    monte_carlo_se: float | None = None


@dataclass(frozen=True, slots=True)
class OddsRatioPerDay(HoldsP):
    """Odds ratio for one more day in one arm; `day` says where a quadratic's slope is taken, None if linear."""

    arm: str
    day: int | None
    estimate: float
    ci_low: float
    ci_high: float
    p: float


@dataclass(frozen=True, slots=True)
class Risk:
    """A binary count by arm: how many of how many; a mean over imputations need not be whole."""

    arm: str
    events: float
    n: int


@dataclass(frozen=True, slots=True, eq=False)
class BinaryOutcome:
    """A daily yes/no outcome, observed and modelled.

    `model` is the fit that the curves come from, `chosen` its name; `difference` is the modelled
    active-minus-control difference by day.  `percent_days` is the share of days with the outcome by arm.
    """

    outcome: str
    arms: tuple[str, str]
    window: tuple[int, int]
    model: ModelFit
    chosen: str
    estimand: str
    confidence: float
    observed: tuple[ObservedPoint, ...]
    modelled: tuple[CurvePoint, ...]
    difference: tuple[CurvePoint, ...]
    odds_ratio_per_day: tuple[OddsRatioPerDay, ...]
    percent_days: dict[str, float | None]
    counts: Counts
    warnings: tuple[str, ...] = ()
    terms: Terms = DRINKS
