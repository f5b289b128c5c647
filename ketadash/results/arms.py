"""Every arm of a trial with more than two, each against the control."""

from __future__ import annotations

from dataclasses import dataclass

from ketadash.core.p_values import keep_p
from ketadash.core.terms import DRINKS, Terms
from ketadash.results import Estimate


@dataclass(frozen=True, slots=True)
class ArmDay:
    """The observed share abstinent on a day, of the `n` participants whose day is known or given a value."""

    arm: str
    day: int
    n: int
    proportion: float | None


@dataclass(frozen=True, slots=True)
class AgainstControl:
    """One arm against the control: percent of days abstinent, and relapse where it can be told.

    `p_holm` and `relapse_p_holm` are adjusted for the arms compared with the control.
    """

    arm: str
    n: int
    mean: float | None
    difference: Estimate
    p_holm: float | None
    relapsed: float | None
    relapse_p: float | None
    relapse_p_holm: float | None
    message: str = ""

    def __post_init__(self) -> None:
        keep_p(self, "p_holm", "relapse_p", "relapse_p_holm")


@dataclass(frozen=True, slots=True)
class EveryArm:
    """The control's own numbers, each other arm against it, and every arm's days; `chosen` is the pair of the pages."""

    control: AgainstControl
    others: tuple[AgainstControl, ...]
    daily: tuple[ArmDay, ...]
    chosen: tuple[str, str]
    window: tuple[int, int]
    confidence: float
    terms: Terms = DRINKS
