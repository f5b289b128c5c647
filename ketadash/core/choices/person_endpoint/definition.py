"""What an endpoint of each participant consists of: its words, and how it is read off the days."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[Any]]


# What a missing day does to endpoints that count each day by itself, and to those that a single bad day decides.
DAY_BY_DAY = "A missing day counts as the rule says; where it is left out, the share is of the days known."
ONE_DECIDES = (
    "One known {bad} is enough for a no. Without one, a missing day counts as the rule says; where it is left out, the "
    "participant is unknown."
)
NO_AMOUNT = "A rule that makes a missing day one of use does not say how much: such a day is left out."
R_EVERY_DAY = "if (any(<<bad>>, na.rm = TRUE)) 0 else if (anyNA(<<bad>>)) NA else 1"
SAS_EVERY_DAY = "case when max(<<bad>>) = 1 then 0 when nmiss(<<bad>>) > 0 then . else 1 end"


class Kind(StrEnum):
    """How the arms are compared: means, shares of people, or amounts for each day known."""

    MEAN = "mean"
    COUNT = "count"
    RATE = "rate"


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class PersonDays:
    """The days of the window under a missing-day rule, k of them where it imputes and one where not.

    Attributes
    ----------
    abstinent, heavy
        (k, G, T) 1 yes, 0 no, NaN where the rule leaves a day unknown.
    amount
        (k, G, T) how much; NaN where that is left open, infinite where the rule says that there was use.
    unmeasured
        (k, G, T) bool: use of an amount that nobody knows, shown by a test or reported so; its `amount` is NaN.
    grace
        Days at the start that are forgiven.
    assessed
        Days at the end over which drinking is averaged for its WHO level.
    grams
        Of alcohol in one of what amounts count.
    limits
        (G, 4) grams a day above which a participant's level is low, medium, high, very high.
    before
        (G,) the level before treatment, 0 to 4; NaN where it is not known.
    """

    abstinent: Array
    heavy: Array
    amount: Array
    unmeasured: Array
    grace: int
    assessed: int
    grams: float
    limits: Array
    before: Array


def all_of(good: Array) -> Array:
    """(…, T) to (…): 1 where every day is good, 0 where one is known not to be, NaN where that is open."""
    import numpy as np

    return np.where((good == 0).any(axis=-1), 0.0, np.where(np.isnan(good).any(axis=-1), np.nan, 1.0))


def mean_of_known(values: Array) -> Array:
    """(…, T) to (…): the mean over days with a finite value; NaN without one."""
    import numpy as np

    known = np.isfinite(values)
    n = known.sum(axis=-1)
    return np.where(n > 0, np.where(known, values, 0.0).sum(axis=-1) / np.maximum(n, 1), np.nan)


@dataclass(frozen=True, kw_only=True)
class Definition:
    """An endpoint of each participant.

    In every text, ``{day}`` stands for a day of use, ``{heavy}`` for a heavy day, ``{use}`` for using, ``{many}`` for
    the amounts, ``{days}`` for the days that count, ``{n}`` for their number and ``{before}`` for the days before.

    Attributes
    ----------
    key
        In the JSON and in `trial.toml`; never changed.
    label
        In tables and pictures.
    kind
        How the arms are compared.
    definition
        What it is, in a sentence.
    formula
        How it is computed from a participant's days.
    unknown
        What a missing day does to it.
    value
        The days → (k, G) each participant's value; 1 and 0 for a count; NaN where it is not known.
    least_before
        The WHO level before treatment that somebody needs to be able to reach it, 0 for everyone.
    good
        Whether more of it is better.
    unit
        ``percent``, ``days`` or ``amount``.
    last
        Days at the end that it takes, 0: all; it is not given for a shorter window.
    forgives, assesses, amounts, heavy, baseline
        Whether the grace period, the assessed days, amounts, heavy days and the level before treatment come in.
    r, sas
        A participant's value in R, from a data frame ``d`` of the days that count, and in SAS as PROC SQL sums these
        days up; there 1E9 stands for an amount that nobody says.
    """

    key: str
    label: str
    kind: Kind
    definition: str
    formula: str
    unknown: str
    value: Callable[[PersonDays], Array]
    good: bool
    unit: str
    r: str
    sas: str
    least_before: int = 0
    last: int = 0
    forgives: bool = False
    assesses: bool = False
    amounts: bool = False
    heavy: bool = False
    baseline: bool = False

    def eligible(self, days: PersonDays) -> Array:
        """(G,) bool: who can reach it; somebody of an unknown level before might."""
        return ~(days.before < self.least_before)
