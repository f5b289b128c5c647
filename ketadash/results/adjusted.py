"""An endpoint of participants compared three ways: as it is, within strata, and adjusted for covariates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ketadash.core.p_values import HoldsP
from ketadash.results import Estimate
from ketadash.results.hazards import Cox


@dataclass(frozen=True, slots=True)
class RankTest(HoldsP):
    """A rank test within strata: z is above 0 where the active arm's values are the higher ones."""

    STATISTICS: ClassVar[tuple[str, ...]] = ("z",)

    z: float | None
    p: float | None


@dataclass(frozen=True, slots=True)
class AdjustedEndpoint:
    """Differences, active minus control, of one endpoint of which `n` participants have a value.

    `within` is the Mantel–Haenszel difference of a share of people (with the p of the Cochran–Mantel–Haenszel test)
    and `ranks` van Elteren's test of numbers, both None without strata; `standardised` is adjusted, with both arms'
    means over everybody (control, active), None where it could not be had: `messages` say why.
    """

    key: str
    label: str
    kind: str
    unit: str
    n: int
    unadjusted: Estimate
    within: Estimate | None
    ranks: RankTest | None
    standardised: Estimate | None
    standardised_arms: tuple[float, float] | None
    messages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AdjustedHazard:
    """A hazard ratio with the terms `adjusted_for` held alike, within the strata there are."""

    adjusted_for: tuple[str, ...]
    cox: Cox


@dataclass(frozen=True, slots=True)
class AdjustedEndpoints:
    """All of them; `strata` and `adjusted_for` are columns and terms, `arms` control first.

    `hazard` is that of a time to an event; None of other endpoints, and where only strata are chosen.
    """

    arms: tuple[str, str]
    confidence: float
    strata: tuple[str, ...]
    adjusted_for: tuple[str, ...]
    each: tuple[AdjustedEndpoint, ...]
    hazard: AdjustedHazard | None = None
