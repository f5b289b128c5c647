"""Every choice that changes a number (`AnalysisSpec`), with its default, once.

Widgets, the command line, links, tests and docs read the defaults from here.  A result asks for the
fields it depends on with `AnalysisSpec.only`, so that a choice which does not matter to it can neither
change it nor make it be computed again.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import Any, Self

from ketadash.core.choices.dropout import DropoutRule
from ketadash.core.choices.missing import MissingRule
from ketadash.core.errors import SpecError

MOST_IMPUTATIONS = 1000


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
        """Read ``"1:21"``, or ``"1-21"`` or ``"1 to 21"``; `SpecError` says what was expected otherwise."""
        match = re.fullmatch(r"\s*([+-]?\d{1,9})\s*(?::|-|\u2013|to)\s*([+-]?\d{1,9})\s*", text)
        try:
            if match is None:
                raise ValueError
            return cls(int(match[1]), int(match[2]))
        except ValueError:
            raise SpecError(f"'{text}' is not a window of days; write the first and the last day as 1:21") from None

    def __str__(self) -> str:
        return f"{self.first}:{self.last}"

    @property
    def n_days(self) -> int:
        return self.last - self.first + 1


def _choice(default: Any, sentence: str, **metadata: Any) -> Any:
    """A field of the spec; `sentence` describes its value, ``{}``, where it differs from the published analysis."""
    return field(default=default, metadata={"sentence": sentence, **metadata})


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
    imor_control: float = _choice(1.0, "control arm's informative-missingness odds ratio {}")
    imor_active: float = _choice(1.0, "active arm's informative-missingness odds ratio {}")
    imputations: int = _choice(20, "{} imputations")
    seed: int = _choice(1, "random seed {}")
    etg: bool = _choice(True, "EtG override {}")
    heavy_men: float = _choice(4.0, "heavy day for men: more than {} {many}")
    heavy_women: float = _choice(3.0, "heavy day for women: more than {} {many}")
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
        if not 0.5 <= self.confidence <= 0.999:
            raise SpecError(f"a confidence level of {self.confidence}: choose one from 0.5 to 0.999, such as 0.95")
        if self.penalised and self.estimator is Estimator.RSPL:
            raise SpecError("the penalised fit is a likelihood fit; choose the quadrature estimator with it")
        self._check_imputation()
        if self.tau is not None and self.days is not None and not self.days.first <= self.tau <= self.days.last:
            raise SpecError(f"the horizon, day {self.tau}, lies outside the window {self.days}; choose a day in it")

    def _check_imputation(self) -> None:
        for arm, imor in (("control", self.imor_control), ("active", self.imor_active)):
            if not imor >= 0:
                raise SpecError(
                    f"an informative-missingness odds ratio of {imor} for the {arm} arm: choose one from 0 (missing "
                    "means drinking) through 1 (missing at random) to inf (missing means abstinent)"
                )
        if self.missing is not MissingRule.IMOR and (self.imor_control, self.imor_active) != (1, 1):
            raise SpecError(
                "an informative-missingness odds ratio applies to the missing-day rule imor only; choose that rule, or "
                "leave both ratios at 1"
            )
        if not 1 <= self.imputations <= MOST_IMPUTATIONS:
            raise SpecError(f"{self.imputations} imputations: choose from 1 to {MOST_IMPUTATIONS}, such as 20")
        if not 0 <= self.seed < 2**32:
            raise SpecError(f"a random seed of {self.seed}: choose a whole number from 0 to {2**32 - 1}")
        if self.dropout.about.imputed and not self.missing.imputed:
            raise SpecError(
                "dropout can be imputed only with a missing-day rule that imputes: choose imor, jump_to_reference or "
                "copy_reference with it"
            )

    def only(self, *names: str) -> AnalysisSpec:
        """This spec with every field but `names` at its default: what a result that depends on `names` may see.

        A field that another of `names` makes moot (imputations where nothing is imputed) is at its default too.
        """
        seen = {name: getattr(self, name) for name in names}
        moot = [name for name, governor, empty in MOOT if governor in names and empty(getattr(self, governor))]
        for name in moot:
            seen.pop(name, None)
        return AnalysisSpec(**seen)

    def replace(self, **changes: Any) -> AnalysisSpec:
        """This spec with some fields changed, checked again."""
        return replace(self, **changes)

    def differences(self, published: AnalysisSpec) -> dict[str, Any]:
        """The fields, with their values, in which this spec differs from `published`."""
        return {
            f.name: getattr(self, f.name) for f in fields(self) if getattr(self, f.name) != getattr(published, f.name)
        }

    def describe(self, name: str, many: str = "drinks") -> str:
        """The choice `name` in words: ``"missing days = missing"``; `many` is what amounts are counted in."""
        value = getattr(self, name)
        shown = {True: "on", False: "off"}.get(value, value) if isinstance(value, bool) else value
        return next(f for f in fields(self) if f.name == name).metadata["sentence"].format(_plain(shown), many=many)


def _plain(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


# What each family of results may see.  Kept beside the spec so that a new field is placed at once.
PANEL = ("control", "active", "days", "amount", "baseline", "etg", "heavy_men", "heavy_women")
IMPUTATION = ("imor_control", "imor_active", "imputations", "seed")
ABSTINENCE_DAYS = ("control", "active", "days", "amount", "baseline", "etg")
ABSTINENCE_MODELS = (*ABSTINENCE_DAYS, "missing", *IMPUTATION, "adjust", "quadrature_points", "penalised")
ABSTINENCE_FIT = (*ABSTINENCE_MODELS, "trend", "estimator")
ABSTINENCE_DRAWS = (*ABSTINENCE_DAYS, "missing", "imputations", "seed", "adjust", "penalised", "trend")
ABSTINENCE = (*ABSTINENCE_FIT, "estimand", "confidence")
HEAVY_FIT = (*PANEL, "missing", *IMPUTATION, "adjust")
HEAVY_DRAWS = (*PANEL, "missing", "imputations", "seed", "adjust")
HEAVY = (*HEAVY_FIT, "estimand", "confidence")
TIME_TO_EVENT = (*PANEL, "dropout", "tau", "confidence", "missing", *IMPUTATION, "adjust", "trend", "penalised")
DROPOUT_WAYS = (*PANEL, "tau", "confidence")
NNT = ABSTINENCE
PARTICIPANTS = (*PANEL, "missing")
TIPPING = (
    *ABSTINENCE_DAYS,
    "imputations",
    "seed",
    "adjust",
    "trend",
    "estimator",
    "estimand",
    "quadrature_points",
    "penalised",
    "confidence",
)
SPECIFICATIONS = (*PANEL, "imputations", "seed", "quadrature_points", "penalised", "estimand", "confidence")
SENSITIVITY = (*ABSTINENCE_DAYS, "quadrature_points", "penalised", "confidence")


def _not_imputed(rule: MissingRule) -> bool:
    return not rule.imputed


def _not_from_days(rule: DropoutRule) -> bool:
    return not rule.about.imputed


# A field, the field that can make it moot, and when.
MOOT: tuple[tuple[str, str, Callable[[Any], bool]], ...] = (
    ("imputations", "missing", _not_imputed),
    ("seed", "missing", _not_imputed),
    ("quadrature_points", "estimator", lambda how: how is Estimator.RSPL),
    *((name, "dropout", _not_from_days) for name in ("missing", *IMPUTATION, "adjust", "trend", "penalised")),
)


class PValues(StrEnum):
    """How p-values are shown outside the analysis that a trial declares."""

    SHOWN = "shown"
    LABELLED = "labelled"
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewSpec:
    """Every choice that changes only ink."""

    dark: bool = False
    narrow: bool = False
    presenting: bool = False
    p_values: PValues = PValues.SHOWN
