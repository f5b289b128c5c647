"""A fitted model as its table prints it: coefficients, tests, and how it was fitted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from ketadash.core.p_values import HoldsP
from ketadash.results.estimates import Convergence


@dataclass(frozen=True, slots=True)
class Coefficient(HoldsP):
    """One fixed effect on the scale of the link, with its t test.

    `monte_carlo_se` is by how much the estimate would vary with other imputations; None without imputation.
    """

    STATISTICS: ClassVar[tuple[str, ...]] = ("statistic",)

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

    STATISTICS: ClassVar[tuple[str, ...]] = ("f",)

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
