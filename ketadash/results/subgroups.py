"""Effects by level of a baseline characteristic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ketadash.core.p_values import HoldsP
from ketadash.core.terms import DRINKS, Terms
from ketadash.results import Estimate

NOTHING = Estimate(None, None, None)


@dataclass(frozen=True, slots=True)
class SubgroupArm:
    """One arm within a level: `events` of `n` relapsed (a mean over imputations, where there are several), or the mean
    share of days abstinent; both None where the level is too small to be shown.
    """

    arm: str
    n: int
    events: float | None = None
    mean: float | None = None


@dataclass(frozen=True, slots=True)
class SubgroupLevel:
    """A level's arms, control first, and the effect within it, active against control.

    `difference` is of shares (fractions); `odds_ratio` is None where the endpoint is no yes or no.  `message` says why
    there is no effect, or what was done to give one.
    """

    level: str
    arms: tuple[SubgroupArm, SubgroupArm]
    difference: Estimate = NOTHING
    odds_ratio: Estimate | None = None
    message: str = ""

    @property
    def shown(self) -> bool:
        """Whether the level has an effect."""
        return self.difference.estimate is not None


@dataclass(frozen=True, slots=True)
class Interaction(HoldsP):
    """The one test of whether the effect differs between levels; `df_den` is None where it is infinite."""

    STATISTICS: ClassVar[tuple[str, ...]] = ("statistic",)

    name: str
    statistic: float | None
    df: int | None
    df_den: float | None
    p: float | None
    message: str = ""


@dataclass(frozen=True, slots=True)
class Subgroups:
    """The effect of an endpoint within each level of a column, and in all of them together.

    Attributes
    ----------
    column, label, levels
        Of the characteristic, and its levels in their order.
    cut
        How a column of numbers was made into two levels; empty where it was not.
    endpoint, definition, window, confidence
        What is compared, in words.
    overall
        Everyone analysed, whether or not the characteristic is known.
    n_unknown
        Participants whose value is not known, in no level.
    trouble
        Why there are no subgroups; empty where there are.
    late
        Why the column may be of after randomisation; empty where nothing says so.
    """

    column: str
    label: str
    endpoint: str
    definition: str
    window: tuple[int, int]
    confidence: float
    arms: tuple[str, str]
    levels: tuple[SubgroupLevel, ...]
    overall: SubgroupLevel
    interaction: Interaction
    cut: str = ""
    n_unknown: int = 0
    trouble: str = ""
    late: str = ""
    warnings: tuple[str, ...] = ()
    terms: Terms = DRINKS
