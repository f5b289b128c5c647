"""Frozen results about people: who they were (Table 1), who stayed, and what each day was.

The rules of `ketadash.results` hold here too: fractions from 0 to 1, days as in the data, None for what cannot be
estimated, the control arm first.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from ketadash.core.terms import DRINKS, Terms


@dataclass(frozen=True, slots=True)
class Summary:
    """One characteristic in one arm (or in all, `arm` None); the moments are None for a characteristic of levels."""

    arm: str | None
    n: int
    n_missing: int
    mean: float | None = None
    sd: float | None = None
    median: float | None = None
    q1: float | None = None
    q3: float | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """How many of an arm (or of all, `arm` None) are at a level; the proportion is of those whose level is known."""

    arm: str | None
    count: int
    proportion: float | None


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a characteristic: its value in the data, its name, all participants first, then arm by arm."""

    value: str
    label: str
    shares: tuple[Share, Share, Share]


@dataclass(frozen=True, slots=True)
class Characteristic:
    """A row of Table 1: a number (`levels` empty) or a choice; all participants first, then arm by arm.

    `standardised_difference` is active minus control in standard deviations, without sign where there are more
    than two levels.
    """

    name: str
    label: str
    kind: str
    summaries: tuple[Summary, Summary, Summary]
    levels: tuple[Level, ...]
    standardised_difference: float | None


@dataclass(frozen=True, slots=True)
class TableOne:
    """Baseline characteristics by arm; `left_out` says which columns are not there and why."""

    arms: tuple[str, str]
    n: tuple[int, int]
    rows: tuple[Characteristic, ...]
    by_chance: float
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Leaving:
    """Participants who left for one reason, with the first day without a report of each, in order."""

    reason: str
    days: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ArmFlow:
    """One arm's column of the CONSORT diagram; `received` is None where the data do not say.

    `never_reported` are the participants without a single day of the window, `left` the others whose days end
    before it does, reason by reason; `completed` are those whose last day is known.  Of everyone who left or never
    reported, `gone_after_heavy` had reported a heavy day in the window, or before it if they never reported there
    (None where amounts cannot tell), and `gone_abstinent` had reported days in it and were abstinent on each of them.
    """

    arm: str
    randomised: int
    received: int | None
    never_reported: int
    left: tuple[Leaving, ...]
    completed: int
    analysed: int
    gone_after_heavy: int | None = None
    gone_abstinent: int = 0

    @property
    def n_left(self) -> int:
        """How many left early, whatever the reason."""
        return sum(len(leaving.days) for leaving in self.left)


@dataclass(frozen=True, slots=True)
class Flow:
    """Participants from screening to analysis; what lies before randomisation only if `trial.toml` says it.

    `outside_set` are those of the two arms whom the chosen analysis set leaves out.
    """

    screened: int | None
    enrolled: int | None
    randomised: int
    other_arms: int
    arms: tuple[ArmFlow, ArmFlow]
    window: tuple[int, int]
    outside_set: int = 0


@dataclass(frozen=True, slots=True)
class RetentionPoint:
    """One arm on one day: `staying` of n are known on it or on a later day of the window, `reported` on it."""

    arm: str
    day: int
    n: int
    staying: int
    reported: int
    proportion: float


class DayState(IntEnum):
    """What one participant's day was, as far as it is known."""

    ABSTINENT = 0
    USE = 1
    HEAVY = 2
    OVERRIDDEN = 3
    MISSING = 4
    UNKNOWN_AMOUNT = 5  # reported as a day of use, without an amount


@dataclass(frozen=True, slots=True, eq=False)
class DayMap:
    """Every participant's every day.

    Attributes
    ----------
    participant_ids
        (G,) control arm first; within an arm those with most abstinent days of the window first.
    days
        (T,) the days before the window that the data have, then the window's.
    state, amount
        (G, T) `DayState`, and the reported amount (NaN where there is none).
    abstinent_days
        (G,) known abstinent days of the window.
    can_tell_heavy
        False where a day of use may have been a heavy one.
    """

    arms: tuple[str, str]
    participant_ids: tuple[str, ...]
    active: np.ndarray
    days: np.ndarray
    window: tuple[int, int]
    state: np.ndarray
    amount: np.ndarray
    abstinent_days: np.ndarray
    can_tell_heavy: bool
    terms: Terms = DRINKS


@dataclass(frozen=True, slots=True)
class RecordedDay:
    """One day of one participant; `test` is an EtG result (True positive), None without a test."""

    day: int
    amount: float | None
    state: DayState
    in_window: bool
    test: bool | None
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """What the files say about one participant; `left` is the first of the missing days that end the window."""

    participant_id: str
    arm: str
    threshold: float | None
    amount_name: str
    window: tuple[int, int]
    left: int | None
    reason: str | None
    days: tuple[RecordedDay, ...]
    baseline: tuple[tuple[str, str], ...]
    terms: Terms = DRINKS


@dataclass(frozen=True, slots=True, eq=False)
class Participants:
    """Everything on the participants page but the records."""

    arms: tuple[str, str]
    table: TableOne
    flow: Flow
    retention: tuple[RetentionPoint, ...]
    days: DayMap
    warnings: tuple[str, ...] = ()
