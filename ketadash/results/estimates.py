"""A number with its interval, how many stood behind it, and whether a fit can be trusted."""

from __future__ import annotations

from dataclasses import dataclass

from ketadash.core.p_values import HoldsP


@dataclass(frozen=True, slots=True)
class Counts:
    """What a result rests on: n participants, rows used, and days filled in by the missing-day rule.

    `missing_by_arm` and `days_by_arm` are days without a report and all days of the window, control first; None where
    days are not what is counted.  `n_without` participants have no day that is used.
    """

    n_participants: int
    n_rows: int
    n_filled: int
    n_missing: int
    missing_by_arm: tuple[int, int] | None = None
    days_by_arm: tuple[int, int] | None = None
    n_without: int = 0


@dataclass(frozen=True, slots=True)
class Estimate(HoldsP):
    """A number with its interval; `p` is two-sided."""

    estimate: float | None
    ci_low: float | None
    ci_high: float | None
    p: float | None = None
    se: float | None = None


@dataclass(frozen=True, slots=True)
class Convergence:
    """A fit's doubts about itself; `messages` are sentences for the reader, empty when there is none."""

    ok: bool
    n_iter: int
    gradient_norm: float | None
    messages: tuple[str, ...] = ()
