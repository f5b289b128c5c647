"""The number needed to treat."""

from __future__ import annotations

from dataclasses import dataclass

from ketadash.results.daily import CurvePoint, Risk
from ketadash.results.estimates import Counts


@dataclass(frozen=True, slots=True)
class Nnt:
    """A risk difference (active minus control, of a good outcome) and its number needed to treat.

    `nnt` is 1 / risk difference, negative for harm, None at no difference; `text` runs the interval through
    infinity where the difference's interval spans 0.  `counts` holds (events, n) control first, if observed.
    `what` is the good outcome in words, `unknown` what was made of participants in whom it is unknown, if of any.
    Where some are left out who could only have been successes, `risk_difference_bounds` are what the difference could
    be with them taken either way.
    """

    name: str
    what: str
    unknown: str
    risk_active: float | None
    risk_control: float | None
    risk_difference: float | None
    ci_low: float | None
    ci_high: float | None
    nnt: float | None
    text: str
    interval: str
    counts: tuple[Risk, Risk] | None = None
    risk_difference_bounds: tuple[float, float] | None = None

    @property
    def definition(self) -> str:
        """The outcome, and what unknown ones count as."""
        return f"{self.what}; {self.unknown}" if self.unknown else self.what


@dataclass(frozen=True, slots=True, eq=False)
class NntResult:
    """The three numbers needed to treat that matter, and the modelled risk difference by day.

    `doubts` says what is wrong with the observed ones themselves, such as outcomes left out that are unlike the rest.
    """

    arms: tuple[str, str]
    confidence: float
    observed: Nnt
    observed_last_day: Nnt
    modelled: Nnt
    by_day: tuple[CurvePoint, ...]
    counts: Counts
    warnings: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
