"""A hazard ratio, and whether one number can describe it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ketadash.core.p_values import HoldsP


@dataclass(frozen=True, slots=True)
class Proportionality(HoldsP):
    """Schoenfeld's test of whether the hazard ratio is the same on all days.

    `slope` is the one-step estimate of how much the log hazard ratio rises while the share without the event falls from
    1 to 0, with its standard error `se`; None with a message where there is none.
    """

    STATISTICS: ClassVar[tuple[str, ...]] = ("chi2",)

    chi2: float | None
    df: int
    p: float | None
    slope: float | None = None
    se: float | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class Cox(HoldsP):
    """Hazard ratio, active against control; None with a message where the likelihood is monotone.

    `se` is that of `log_hr`; `proportional` the test of its assumption, None where there is no hazard ratio.
    """

    hr: float | None
    ci_low: float | None
    ci_high: float | None
    p: float | None
    ties: str = "efron"
    messages: tuple[str, ...] = ()
    log_hr: float | None = None
    se: float | None = None
    proportional: Proportionality | None = None
