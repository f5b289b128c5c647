"""Frozen results on each participant's endpoints: arms, difference, effect size; responders, and WHO levels."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import ClassVar

from ketadash.core.p_values import HoldsP, keep_p, keep_statistics
from ketadash.core.terms import DRINKS, Terms
from ketadash.results import Estimate


@dataclass(frozen=True, slots=True)
class ArmEndpoint:
    """An arm's people and what they amount to.

    Attributes
    ----------
    n, n_unknown, n_not_eligible
        With a value, without one, and those who could not reach it.
    value, sd
        The mean, or the share of a count; and how much people differ.
    events
        Of a count: how many reached it, a mean over imputations.
    ci_low, ci_high
        Of a share (Wilson).
    rate
        Of a rate: for each day with a known amount.
    least, most
        The value if amounts that nobody knows were next to nothing, or the most that is known of each; None where
        there are no such days.
    """

    arm: str
    n: int
    n_unknown: int
    n_not_eligible: int
    value: float | None
    sd: float | None = None
    events: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    rate: float | None = None
    least: float | None = None
    most: float | None = None


@dataclass(frozen=True, slots=True)
class EndpointResult:
    """One endpoint: both arms (control first), active minus control, and how it was counted.

    Attributes
    ----------
    key, label, kind, unit, good
        As its definition has them; whether more is better.
    window
        First and last day that count.
    grace
        Days forgiven at the start, 0 where that does not come in.
    missing, definition, formula, code
        What a missing day counts as, and the rest, in words.
    difference
        Of means or shares; of a rate, the ratio.
    method
        Of its interval and p.
    cohen_h, cohen_d
        The effect size of two shares, or of two means.
    bounds
        The difference, if unknown amounts were next to nothing or the most known; None where there are none.
    open_bounds
        The difference if everybody unknown had failed in one arm and not in the other, either way round; None where
        nobody is unknown.
    warnings
        What speaks against it, or why it is not given.
    """

    key: str
    label: str
    kind: str
    unit: str
    good: bool
    window: tuple[int, int]
    grace: int
    missing: str
    definition: str
    formula: str
    code: str
    arms: tuple[ArmEndpoint, ArmEndpoint]
    difference: Estimate
    method: str
    confidence: float
    cohen_h: float | None = None
    cohen_d: float | None = None
    bounds: tuple[float, float] | None = None
    open_bounds: tuple[float, float] | None = None
    warnings: tuple[str, ...] = ()

    @property
    def is_ratio(self) -> bool:
        """Whether the difference is a ratio, 1 being none."""
        return self.kind == "rate"


@dataclass(frozen=True, slots=True)
class Endpoints:
    """All endpoints of a trial, in their order."""

    arms: tuple[str, str]
    confidence: float
    each: tuple[EndpointResult, ...]
    terms: Terms = DRINKS

    def of(self, key: str) -> EndpointResult:
        """The endpoint of that key."""
        return next(e for e in self.each if e.key == key)


@dataclass(frozen=True, slots=True)
class ShuffledEndpoint(HoldsP):
    """An endpoint's difference in standard errors, and how often shuffling gave one as large; None: no answer."""

    key: str
    statistic: float | None
    p: float | None
    monte_carlo_se: float | None
    n_failed: int

    def __post_init__(self) -> None:
        keep_p(self, "p", "monte_carlo_se")
        keep_statistics(self, "statistic")


@dataclass(frozen=True, slots=True)
class ShuffledEndpoints:
    """All endpoints after `n_done` of `n_shuffles`."""

    each: tuple[ShuffledEndpoint, ...]
    n_done: int
    n_shuffles: int
    seed: int


@dataclass(frozen=True, slots=True)
class Rung:
    """A rung of the ladder: how many reached it or one above it, and by how much the arms differ."""

    key: str
    label: str
    arms: tuple[ArmEndpoint, ArmEndpoint]
    difference: Estimate
    cohen_h: float | None


@dataclass(frozen=True, slots=True)
class Ladder:
    """The rungs from the highest down; whoever reached one has reached all below it."""

    arms: tuple[str, str]
    confidence: float
    rungs: tuple[Rung, ...]
    definition: str
    messages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Share:
    """A step of a responder curve: the share of an arm at or beyond the cut."""

    cut: float
    share: float


@dataclass(frozen=True, slots=True)
class ResponderTest(HoldsP):
    """A comparison by ranks."""

    STATISTICS: ClassVar[tuple[str, ...]] = ("statistic",)

    name: str
    statistic: float | None
    p: float | None


@dataclass(frozen=True, slots=True)
class ResponderCurve:
    """Every cut of a measure, and the arms compared by ranks.

    `good` says whether more is better: a responder then has the cut or more, else the cut or less.
    `n`, `n_worst`: everybody by arm, and those of them without a value, who count as worst.
    """

    measure: str
    label: str
    unit: str
    good: bool
    arms: tuple[str, str]
    n: tuple[int, int]
    n_worst: tuple[int, int]
    curves: tuple[tuple[Share, ...], tuple[Share, ...]]
    test: ResponderTest
    shift: Estimate
    confidence: float
    messages: tuple[str, ...] = ()

    @property
    def better(self) -> tuple[float, float]:
        """Of all pairs of two participants, one of each arm, the shares in which control and active did better."""
        control, active = (_by_value(curve, good=self.good) for curve in self.curves)
        return _ahead(control, active), _ahead(active, control)


def _by_value(curve: tuple[Share, ...], *, good: bool) -> list[float]:
    """The share of an arm that has each value, from the worst on; first those without one."""
    beyond = [step.share for step in (curve if good else reversed(curve))]  # never more from one to the next
    return [more - less for more, less in pairwise([1.0, *beyond, 0.0])]


def _ahead(one: list[float], other: list[float]) -> float:
    """In how many pairs `one` has the better value."""
    return sum(share * behind for share, behind in zip(one, accumulate([0.0, *other]), strict=False))


@dataclass(frozen=True, slots=True)
class Flow:
    """WHO levels before and after by arm: `counts[arm][before][after]`, the last of each being unknown.

    Over imputations they are means.
    """

    arms: tuple[str, str]
    levels: tuple[str, ...]
    before: tuple[int, int] | None
    after: tuple[int, int]
    counts: tuple[tuple[tuple[float, ...], ...], tuple[tuple[float, ...], ...]]
    messages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Responders:
    """What the page of responders shows; None where amounts do not tell it."""

    ladder: Ladder
    curves: tuple[ResponderCurve, ...]
    flow: Flow | None
    terms: Terms = DRINKS
