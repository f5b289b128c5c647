"""Every choice that changes a number (`AnalysisSpec`), with its default, once.

Widgets, the command line, links, tests and docs read the defaults from here.  A result asks for the
fields it depends on with `AnalysisSpec.only`, so that a choice which does not matter to it can neither
change it nor make it be computed again.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import Any, Self

from ketadash.errors import SpecError


class MissingRule(StrEnum):
    """What a day without a report counts as."""

    NONABSTINENT = "nonabstinent"
    MISSING = "missing"


class Trend(StrEnum):
    """Which of the two fitted time trends the curves, odds ratios and NNT come from."""

    LINEAR = "linear"
    QUADRATIC = "quadratic"


class Estimand(StrEnum):
    """Whose probability a modelled curve shows."""

    POPULATION = "population"
    TYPICAL = "typical"


class Estimator(StrEnum):
    """How the abstinence model behind the curves is fitted."""

    QUADRATURE = "quadrature"
    RSPL = "rspl"


class DropoutRule(StrEnum):
    """What leaving the study counts as in time to relapse."""

    EVENT = "event"
    CENSORED = "censored"


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """The days analysed, both ends included, numbered as in the data."""

    first: int
    last: int

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise SpecError(f"the window {self.first}:{self.last} ends before it begins; write it as first:last")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``"1:21"``; `SpecError` says what was expected otherwise."""
        first, colon, last = text.partition(":")
        try:
            if not colon:
                raise ValueError
            return cls(int(first), int(last))
        except ValueError:
            raise SpecError(f"'{text}' is not a window of days; write the first and the last day as 1:21") from None

    def __str__(self) -> str:
        return f"{self.first}:{self.last}"

    @property
    def n_days(self) -> int:
        return self.last - self.first + 1


def _choice(default: Any, said: str, **metadata: Any) -> Any:
    """A field with what `said` about it when it differs from the published analysis."""
    return field(default=default, metadata={"said": said, **metadata})


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisSpec:
    """Every choice that changes a number; the defaults are the published analysis.

    ``None`` means "as the trial says" (arms, window, columns) or "the last day of the window" (`tau`).

    Raises
    ------
    SpecError
        For a value out of its range or two choices that contradict each other.
    """

    control: str | None = _choice(None, "control arm {}")
    active: str | None = _choice(None, "active arm {}")
    days: Window | None = _choice(None, "days {}")
    amount: str | None = _choice(None, "amounts from '{}'")
    baseline: str | None = _choice(None, "baseline from '{}'")
    missing: MissingRule = _choice(MissingRule.NONABSTINENT, "missing days = {}")
    etg: bool = _choice(True, "EtG override {}")
    heavy_men: float = _choice(4.0, "heavy day for men: more than {} drinks")
    heavy_women: float = _choice(3.0, "heavy day for women: more than {} drinks")
    trend: Trend = _choice(Trend.QUADRATIC, "{} time trend")
    adjust: bool = _choice(True, "baseline adjustment {}")
    estimator: Estimator = _choice(Estimator.QUADRATURE, "fitted by {}")
    quadrature_points: int = _choice(25, "at least {} quadrature points")
    penalised: bool = _choice(False, "penalised fit {}")
    estimand: Estimand = _choice(Estimand.POPULATION, "{} curve")
    dropout: DropoutRule = _choice(DropoutRule.EVENT, "dropout = {}")
    tau: int | None = _choice(None, "restricted mean up to day {}")
    confidence: float = _choice(0.95, "confidence level {}")

    def __post_init__(self) -> None:
        if self.control is not None and self.control == self.active:
            raise SpecError(f"both arms are '{self.control}'; choose two different arms")
        if not (self.heavy_men >= 0 and self.heavy_women >= 0):
            raise SpecError("a heavy-day threshold is a number of drinks, 0 or more")
        if self.quadrature_points < 1 or self.quadrature_points % 2 == 0 or self.quadrature_points > 401:
            raise SpecError(f"{self.quadrature_points} quadrature points: choose an odd number from 1 to 401")
        if not 0.5 <= self.confidence < 1:
            raise SpecError(f"a confidence level of {self.confidence}: choose one from 0.5 to 0.999, such as 0.95")
        if self.penalised and self.estimator is Estimator.RSPL:
            raise SpecError("the penalised fit is a likelihood fit; choose the quadrature estimator with it")
        if self.tau is not None and self.days is not None and not self.days.first <= self.tau <= self.days.last:
            raise SpecError(f"the horizon, day {self.tau}, lies outside the window {self.days}; choose a day in it")

    def only(self, *names: str) -> AnalysisSpec:
        """This spec with every field but `names` at its default: what a result that depends on `names` may see."""
        return AnalysisSpec(**{name: getattr(self, name) for name in names})

    def replace(self, **changes: Any) -> AnalysisSpec:
        """This spec with some fields changed, checked again."""
        return replace(self, **changes)

    def differences(self, published: AnalysisSpec) -> dict[str, Any]:
        """The fields, with their values, in which this spec differs from `published`."""
        return {
            f.name: getattr(self, f.name) for f in fields(self) if getattr(self, f.name) != getattr(published, f.name)
        }

    def said(self, name: str) -> str:
        """The choice `name` in words: ``"missing days = missing"``, ``"baseline adjustment off"``."""
        value = getattr(self, name)
        shown = {True: "on", False: "off"}.get(value, value) if isinstance(value, bool) else value
        return next(f for f in fields(self) if f.name == name).metadata["said"].format(_plain(shown))


def _plain(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


# What each family of results may see.  Kept beside the spec so that a new field is placed at once.
PANEL = ("control", "active", "days", "amount", "baseline", "etg", "heavy_men", "heavy_women")
ABSTINENCE_FIT = ("control", "active", "days", "amount", "baseline", "etg", "missing", "adjust",
                  "quadrature_points", "penalised")  # fmt: skip
ABSTINENCE = (*ABSTINENCE_FIT, "trend", "estimator", "estimand", "confidence")
HEAVY_FIT = (*PANEL, "missing", "adjust")
HEAVY = (*HEAVY_FIT, "estimand", "confidence")
TIME_TO_EVENT = (*PANEL, "dropout", "tau", "confidence")
NNT = ABSTINENCE
PARTICIPANTS = (*PANEL, "missing")
SENSITIVITY = (*ABSTINENCE_FIT, "confidence")


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewSpec:
    """Every choice that changes only ink."""

    dark: bool = False
    narrow: bool = False
