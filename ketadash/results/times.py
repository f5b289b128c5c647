"""Time to an event, such as relapse: curves, their comparison, restricted means."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from ketadash.core.p_values import HoldsP
from ketadash.core.terms import DRINKS, Terms
from ketadash.results.estimates import Counts, Estimate
from ketadash.results.hazards import Cox


@dataclass(frozen=True, slots=True)
class SurvivalPoint:
    """One step of a curve of the share without the event; `at_risk` is just before `day`, day 0 is the start.

    Counts over imputations are means and need not be whole.
    """

    arm: str
    day: int
    at_risk: float
    events: float
    censored: float
    survival: float
    ci_low: float | None
    ci_high: float | None
    competing: int = 0


@dataclass(frozen=True, slots=True)
class SurvivalArm:
    """One arm: participants, events, censorings, and the median day with its interval; None where not reached."""

    arm: str
    n: int
    events: float
    censored: float
    median: float | None
    median_ci: tuple[float | None, float | None]
    competing: int = 0


class ArmsTest(StrEnum):
    """The test that compares two arms' times to an event, as it is called in the middle of a sentence."""

    LOG_RANK = "log-rank"
    STRATIFIED_LOG_RANK = "stratified log-rank"
    GRAY = "Gray's test"
    STRATIFIED_GRAY = "stratified Gray's test"

    @property
    def in_full(self) -> str:
        """With the word test, which Gray's always has."""
        return self.value if self in (ArmsTest.GRAY, ArmsTest.STRATIFIED_GRAY) else f"{self.value} test"

    @property
    def without_strata(self) -> ArmsTest:
        """The same test of all participants together."""
        return ArmsTest.GRAY if self in (ArmsTest.GRAY, ArmsTest.STRATIFIED_GRAY) else ArmsTest.LOG_RANK


@dataclass(frozen=True, slots=True)
class LogRank(HoldsP):
    """A two-arm test: the log-rank, or Gray's where another event competes; None with a message if there is none."""

    STATISTICS: ClassVar[tuple[str, ...]] = ("chi2",)

    chi2: float | None
    df: int
    p: float | None
    messages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rmst:
    """Restricted mean survival time in days up to `tau`; `arms` maps an arm to (estimate, SE)."""

    tau: int
    arms: dict[str, tuple[float | None, float | None]]
    difference: Estimate
    messages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TimeToEvent:
    """The curve, the test, the hazard ratio and the restricted mean for one endpoint; `definition` is a sentence.

    `dropout` is the rule (a `DropoutRule`'s value), `method` the curve's name, `estimator` the same in a word or two;
    `difference` is that of the arms' shares with the event by the last day, active minus control.  With `strata`
    (columns) test and hazard ratio are within them; `unstratified` has both without.
    """

    endpoint: str
    definition: str
    window: tuple[int, int]
    confidence: float
    ci_type: str
    arms: tuple[SurvivalArm, SurvivalArm]
    curve: tuple[SurvivalPoint, ...]
    logrank: LogRank
    cox: Cox
    rmst: Rmst
    difference: Estimate
    counts: Counts
    dropout: str
    method: str
    test: ArmsTest
    estimator: str
    warnings: tuple[str, ...] = ()
    terms: Terms = DRINKS
    strata: tuple[str, ...] = ()
    unstratified: tuple[LogRank, Cox] | None = None
