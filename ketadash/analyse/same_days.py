"""A fit that is remembered of the same days under another missing-day rule, which need not be made again.

Rules differ in whom they take a missing day to be like: where only the control arm has missing days, all that impute
draw the same ones.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

import numpy as np

from ketadash.analyse.filled_days import Completed
from ketadash.analyse.memo import known
from ketadash.core.families import Family
from ketadash.core.spec import AnalysisSpec, MissingRule
from ketadash.trial import Trial


class _OfDays(Protocol):
    @property
    def days(self) -> Completed: ...


OfDays = TypeVar("OfDays", bound=_OfDays)


def specs_alike(spec: AnalysisSpec) -> tuple[AnalysisSpec, ...]:
    """The same analysis under every missing-day rule, as far as it is none of the dial's own."""
    return tuple(spec.replace(missing=rule, imor_control=1.0, imor_active=1.0) for rule in MissingRule)


def of_same_days(
    fit: Callable[[Trial, AnalysisSpec], OfDays | None], family: Family, trial: Trial, spec: AnalysisSpec
) -> Callable[[Completed], OfDays | None]:
    """What `fit` gave under another rule that completes the days as they are handed over; None if nothing did."""

    def look(days: Completed) -> OfDays | None:
        every = (known(fit, family, trial, one) for one in specs_alike(spec))
        return next((one for one in every if one is not None and same(one.days.ys, days.ys)), None)

    return look


def same(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether two outcomes' days are the same, missing ones too, in the same kind of numbers."""
    return one.dtype == other.dtype and np.array_equal(one, other, equal_nan=True)
