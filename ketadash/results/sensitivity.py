"""Frozen results of the sensitivity analyses: what if the missing days, the dropouts or the choices were otherwise?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ketadash.core.p_values import PValue, keep_p
from ketadash.core.terms import DRINKS, Terms
from ketadash.results import Estimate, TimeToEvent


class PTable:
    """p-values by their place: of a million numbers, one is made a p-value when it is looked at."""

    __slots__ = ("_table",)

    def __init__(self, table: np.ndarray) -> None:
        self._table = table

    def __getitem__(self, place: tuple[int, int]) -> PValue:
        return PValue(self._table[place])


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Strip:
    """A participant-level endpoint under every count of successes among those whose outcome is unknown.

    `n`, `successes` (known ones) and `unknown` are (control, active).  `difference`, `ci_low`, `ci_high` (Newcombe)
    and `p` (Fisher's exact test) are (unknown control + 1, unknown active + 1), indexed by the successes assumed.
    """

    endpoint: str
    definition: str
    arms: tuple[str, str]
    confidence: float
    n: tuple[int, int]
    successes: tuple[int, int]
    unknown: tuple[int, int]
    difference: np.ndarray
    ci_low: np.ndarray
    ci_high: np.ndarray
    p: PTable

    @property
    def verdict(self) -> np.ndarray:
        """(…) 1 where the interval lies above no difference, −1 below it, 0 where it holds it."""
        return (self.ci_low > 0).astype(int) - (self.ci_high < 0).astype(int)


@dataclass(frozen=True, slots=True)
class Record:
    """What an arm's people with missing days were like while they reported.

    `last_week` is the share of abstinent days among the last seven each of them reported, None if none did;
    `arm` that of all days the arm reported.
    """

    n_people: int
    n_days: int
    last_week: float | None
    arm: float | None


@dataclass(frozen=True, slots=True)
class TippingPoint:
    """The odds ratio of an arm's missing days at which the interval reaches no difference, the other arm's being 1.

    `share_abstinent` is the share of the arm's missing days that it takes to be abstinent; the standard errors are for
    the imputations being `imputations` and not infinitely many.  None with a `message` where there is no such point.
    """

    arm: str
    odds_ratio: float | None
    monte_carlo_se: float | None
    share_abstinent: float | None
    share_monte_carlo_se: float | None
    imputations: int
    message: str


@dataclass(frozen=True, slots=True, eq=False)
class TippingMap:
    """The last day's difference over both arms' informative-missingness odds ratios.

    `stops` are the odds ratios of either axis; `estimate`, `ci_low`, `ci_high` (control, active) are NaN where not
    computed (yet) or not estimable.  `implied` (control, active) hold the share of an arm's missing days that each
    stop takes to be abstinent; `varies` says which arm has missing days at all.
    """

    arms: tuple[str, str]
    last_day: int
    confidence: float
    imputations: int
    stops: tuple[float, ...]
    estimate: np.ndarray
    ci_low: np.ndarray
    ci_high: np.ndarray
    implied: tuple[tuple[float, ...], tuple[float, ...]]
    varies: tuple[bool, bool]
    records: tuple[Record, Record]
    n_done: int
    n_cells: int
    messages: tuple[str, ...] = ()
    terms: Terms = DRINKS
    points: tuple[TippingPoint, ...] = ()  # one for each arm with missing days, once computed

    @property
    def margin(self) -> np.ndarray:
        """How far the interval keeps from no difference; negative where it holds it, NaN where unknown."""
        return np.where(self.estimate >= 0, self.ci_low, -self.ci_high)


@dataclass(frozen=True, slots=True)
class MissingDay:
    """One arm on one day: reported, missing for good, missing between reported days."""

    arm: str
    day: int
    n: int
    reported: int
    after_dropout: int
    gaps: int


@dataclass(frozen=True, slots=True)
class Missingness:
    """Missing days by arm, day and reason; `reasons` maps an arm to (reason, people, missing days) triples."""

    arms: tuple[str, str]
    window: tuple[int, int]
    days: tuple[MissingDay, ...]
    people: tuple[int, int]
    dropouts: tuple[int, int]
    reasons: dict[str, tuple[tuple[str, int, int], ...]]
    n_missing: tuple[int, int]
    n_days: tuple[int, int]


@dataclass(frozen=True, slots=True)
class DropoutWays:
    """Relapse with dropout as an event, censored, and competing, in this order; `counted` is the exact tipping."""

    ways: tuple[TimeToEvent, ...]
    counted: tuple[CountedDropouts, ...]
    messages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CountedDropouts:
    """The log-rank p over every choice of `control` and `active` dropouts who relapsed, the others being censored."""

    control: int
    active: int
    p_low: float | None
    p_high: float | None
    n_choices: int

    def __post_init__(self) -> None:
        keep_p(self, "p_low", "p_high")


@dataclass(frozen=True, slots=True)
class Specification:
    """One combination of choices: its estimate (active minus control, by the last day of its window).

    `choices` maps each choice that is varied to its name here, `changes` the spec's fields that differ from the
    published analysis; `kind` is ``published``, ``sensitivity``, ``supplementary`` or ``bound``.
    """

    choices: dict[str, str]
    changes: dict[str, Any]
    kind: str
    difference: Estimate
    n_rows: int
    n_filled: int
    failed: str | None = None


@dataclass(frozen=True, slots=True)
class SpecificationCurve:
    """Every coherent combination of choices for one outcome, sorted by estimate; those without one come last.

    `left_out` says which combinations are not there, why, and how many they are; `n_planned` how many there will be.
    """

    outcome: str
    quantity: str
    arms: tuple[str, str]
    confidence: float
    names: dict[str, tuple[str, ...]]
    rows: tuple[Specification, ...]
    left_out: tuple[tuple[str, int], ...]
    n_combinations: int
    terms: Terms = DRINKS
    n_planned: int = 0

    @property
    def complete(self) -> bool:
        """Whether every specification is computed: before, nothing can be said of them together."""
        return len(self.rows) >= self.n_planned
