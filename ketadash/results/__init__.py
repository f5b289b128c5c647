"""Frozen results: what the science hands to figures, tables, words, pages and the JSON.

Probabilities are fractions (0 to 1), days are numbered as in the data, standard errors are on the scale of
their estimate, and ``None`` (never NaN) stands for what cannot be estimated.  Arms always come control first.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ketadash.core.p_values import HoldsP
from ketadash.core.terms import DRINKS, Terms
from ketadash.results.hazards import Cox as Cox
from ketadash.results.provenance import Provenance as Provenance


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


@dataclass(frozen=True, slots=True)
class Coefficient(HoldsP):
    term: str
    estimate: float | None
    se: float | None
    statistic: float | None
    df: float | None
    p: float | None
    ci_low: float | None
    ci_high: float | None
    monte_carlo_se: float | None = None


@dataclass(frozen=True, slots=True)
class EffectTest(HoldsP):
    """A Type III test of one fixed effect, denominator degrees of freedom by containment (pooled: Barnard–Rubin)."""

    effect: str
    f: float | None
    df_num: int
    df_den: float
    p: float | None


@dataclass(frozen=True, slots=True, eq=False)
class ModelFit:
    """One fitted mixed model, laid out as GLIMMIX prints it.

    `covariance` is over (coefficients in order, then the random-intercept SD, or with random slopes the three numbers
    of their covariance's root) on the logit scale; rows and columns are zero where one is at its boundary.  A fit that
    is not `usable` (separated, or without a covariance) has None for every estimate and its reason in the messages.
    `minus2ll`, `aic`, `bic` are None for a pseudo-likelihood fit and one pooled over imputations; `rho` and `scale` are
    None where the model has none.  Pooled over `n_imputations` (less `n_failed`), `covariance` is Rubin's total and
    `between` its part for the imputation.  Random slopes have their SD per day, and their correlation with the
    intercept, which is on day 0.  Where standard errors are clustered by participant `clusters` is how many
    participants there are and `correction` how their fewness is allowed for; both are None where errors are the
    model's own.  `small_arm` says that an arm has too few beside the other for clustered errors to be relied on.
    """

    method: str
    formula: str
    n_observations: int
    n_participants: int
    n_quadrature: int | None
    convergence: Convergence
    random_intercept_sd: float | None
    random_intercept_sd_se: float | None
    rho: float | None
    scale: float | None
    minus2ll: float | None
    aic: float | None
    bic: float | None
    coefficients: tuple[Coefficient, ...]
    tests: tuple[EffectTest, ...]
    covariance: np.ndarray = field(repr=False)
    beta: np.ndarray = field(repr=False)
    usable: bool
    df: int
    clusters: int | None
    correction: str | None
    n_imputations: int | None = None
    n_failed: int = 0
    between: np.ndarray | None = field(default=None, repr=False)
    random_slope_sd: float | None = None
    random_correlation: float | None = None
    small_arm: bool = False

    @property
    def fixed_covariance(self) -> np.ndarray:
        """The covariance (p, p) of the coefficients alone."""
        return self.covariance[: len(self.beta), : len(self.beta)]

    def coefficient(self, term: str) -> Coefficient:
        """The coefficient named `term`; KeyError if the model has none."""
        for c in self.coefficients:
            if c.term == term:
                return c
        raise KeyError(term)

    def test(self, effect: str) -> EffectTest | None:
        """The test of `effect`, or None if the model does not have it."""
        return next((t for t in self.tests if t.effect == effect), None)


@dataclass(frozen=True, slots=True)
class ObservedPoint:
    """One arm on one day: `n` counted, of which or beside which `n_missing` were not reported.

    The interval is Wilson's, which has a width where nobody or everybody has the outcome.
    """

    arm: str
    day: int
    n: int
    n_missing: int
    proportion: float | None
    se: float | None
    ci_low: float | None
    ci_high: float | None


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """A modelled probability (or, with ``arm='difference'``, active minus control) on one day.

    `monte_carlo_se` is that of the estimate, for being pooled over finitely many imputations.
    """

    arm: str
    day: int
    probability: float
    se: float
    ci_low: float
    ci_high: float
    monte_carlo_se: float | None = None


@dataclass(frozen=True, slots=True)
class OddsRatioPerDay(HoldsP):
    """Odds ratio for one more day in one arm; `day` says where a quadratic's slope is taken, None if linear."""

    arm: str
    day: int | None
    estimate: float
    ci_low: float
    ci_high: float
    p: float


@dataclass(frozen=True, slots=True)
class Risk:
    """A binary count by arm: how many of how many; a mean over imputations need not be whole."""

    arm: str
    events: float
    n: int


@dataclass(frozen=True, slots=True, eq=False)
class BinaryOutcome:
    """A daily yes/no outcome, observed and modelled.

    `model` is the fit that the curves come from, `chosen` its name; `difference` is the modelled
    active-minus-control difference by day.  `percent_days` is the share of days with the outcome by arm.
    """

    outcome: str
    arms: tuple[str, str]
    window: tuple[int, int]
    model: ModelFit
    chosen: str
    estimand: str
    confidence: float
    observed: tuple[ObservedPoint, ...]
    modelled: tuple[CurvePoint, ...]
    difference: tuple[CurvePoint, ...]
    odds_ratio_per_day: tuple[OddsRatioPerDay, ...]
    percent_days: dict[str, float | None]
    counts: Counts
    warnings: tuple[str, ...] = ()
    terms: Terms = DRINKS


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
    arm: str
    n: int
    events: float
    censored: float
    median: float | None
    median_ci: tuple[float | None, float | None]
    competing: int = 0


@dataclass(frozen=True, slots=True)
class LogRank(HoldsP):
    """A two-arm test: the log-rank, or Gray's where another event competes; None with a message if there is none."""

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

    `dropout` is the rule (a `DropoutRule`'s value), `method` the curve's and `test` the test's name, `estimator` the
    curve's in a word or two; `difference` is that of the arms' shares with the event by the last day, active minus
    control.  With `strata` (columns) test and hazard ratio are within them; `unstratified` has both without.
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
    test: str
    estimator: str
    warnings: tuple[str, ...] = ()
    terms: Terms = DRINKS
    strata: tuple[str, ...] = ()
    unstratified: tuple[LogRank, Cox] | None = None


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


@dataclass(frozen=True, slots=True)
class SensitivityRow:
    """One specification: the last day's difference, and the arm × day interaction.

    `choices` are in words, the missing-day rule first; `changes` are the fields that differ from the published
    analysis; `failed` is the reason, if any; `kind` is ``published``, ``sensitivity`` (the same estimand),
    ``supplementary`` (another) or ``bound``.  `every_day` is the difference in abstinence on all days, as counted.
    """

    choices: tuple[str, ...]
    changes: dict[str, Any]
    published: bool
    difference: Estimate
    interaction: Estimate
    n_rows: int
    n_imputed: int
    messages: tuple[str, ...] = ()
    failed: str | None = None
    kind: str = "sensitivity"
    every_day: Estimate | None = None

    @property
    def label(self) -> str:
        """The row in words: the missing-day rule, alone or with what else was chosen."""
        rule, *others = self.choices
        return " · ".join((f"missing = {rule}", *others)) if others else rule


@dataclass(frozen=True, slots=True)
class Sensitivity:
    arms: tuple[str, str]
    last_day: int
    confidence: float
    rows: tuple[SensitivityRow, ...]
    terms: Terms = DRINKS
    n_open: int = 0  # rows that are not computed yet
