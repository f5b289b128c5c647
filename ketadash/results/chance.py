"""Frozen results on chance: re-randomisation, whether a model describes the days, and who carries a result."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ketadash.core.p_values import HoldsP, keep_p, keep_statistics
from ketadash.core.terms import DRINKS, Terms
from ketadash.results import Estimate


@dataclass(frozen=True, slots=True, eq=False)
class Contrast:
    """One comparison of the arms, and what shuffling who got what makes of it.

    Attributes
    ----------
    name, label
        Its key in the JSON, and what it is in words.
    observed
        The difference on its own scale, with the interval that shuffling gives, if any, and p.
    statistic
        The same in standard errors clustered by participant: what shuffles are compared by; None with no answer.
    monte_carlo_se
        How far p would move with other shuffles (SE).
    n_as_large, n_failed
        Shuffles as large as what was observed, and those of them without an answer, which count as large.
    draws
        (N,) the shuffles' statistics, NaN without an answer.
    interval
        What the interval is, or why there is none.
    trouble
        Why there is no p; "" if there is one.
    """

    name: str
    label: str
    observed: Estimate
    statistic: float | None
    monte_carlo_se: float | None
    n_as_large: int
    n_failed: int
    draws: np.ndarray
    interval: str = ""
    trouble: str = ""

    def __post_init__(self) -> None:
        keep_p(self, "monte_carlo_se")
        keep_statistics(self, "statistic")

    @property
    def unvarying(self) -> bool:
        """Whether the arms differ and nobody does from others of their arm: a difference without a standard error."""
        return self.statistic is not None and not math.isfinite(self.statistic)


@dataclass(frozen=True, slots=True, eq=False)
class Randomisation:
    """Every contrast, after `n_done` of `n_shuffles` shuffles."""

    arms: tuple[str, str]
    n_done: int
    n_shuffles: int
    seed: int
    strata: tuple[str, ...]
    confidence: float
    contrasts: tuple[Contrast, ...]
    messages: tuple[str, ...]
    terms: Terms = DRINKS

    @property
    def complete(self) -> bool:
        """Whether every shuffle is there."""
        return self.n_done == self.n_shuffles


@dataclass(frozen=True, slots=True)
class PercentDaysShuffled:
    """The percent of days alone: its statistic, p by shuffling and p's Monte Carlo error."""

    statistic: float | None
    p: float | None
    monte_carlo_se: float | None

    def __post_init__(self) -> None:
        keep_p(self, "p", "monte_carlo_se")
        keep_statistics(self, "statistic")


@dataclass(frozen=True, slots=True)
class ModelMeasure:
    """One measure of the days: observed, expected by the model, and the band it lies in 95 of 100 times."""

    key: str
    observed: float | None
    expected: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class ModelCheck:
    """Whether a model describes the days; `ok` is None where there is no model, `message` says what follows."""

    outcome: str
    measures: tuple[ModelMeasure, ...]
    ok: bool | None
    message: str

    @property
    def too_narrow(self) -> bool:
        """Whether the model's intervals are too narrow on these days."""
        return self.ok is False


@dataclass(frozen=True, slots=True)
class Without:
    """A headline without one participant, who was in `arm`."""

    participant: str
    arm: str
    estimate: Estimate


@dataclass(frozen=True, slots=True)
class FragilityIndex(HoldsP):
    """The fewest outcomes in one arm of `n` people that, changed, turn Fisher's verdict; `significant` as it stands."""

    flips: int
    n: int
    significant: bool
    p: float


@dataclass(frozen=True, slots=True)
class Influence:
    """A headline with everybody and without each participant.

    Attributes
    ----------
    headline, label
        Its key in the JSON, and what it is in words; `null` is its value where the arms do not differ.
    full, without
        With everybody; without each participant for whom it is computed, of `n`.
    changes_conclusion, no_interval_without
        Whose absence changes on which side of `null` the interval lies, and whose leaves no interval.
    """

    headline: str
    label: str
    arms: tuple[str, str]
    confidence: float
    null: float
    full: Estimate
    without: tuple[Without, ...]
    changes_conclusion: tuple[str, ...]
    no_interval_without: tuple[str, ...]
    fragility: FragilityIndex | None
    n: int
    terms: Terms = DRINKS
