"""What the choices of an analysis may be: their ranges, and which contradict each other."""

from __future__ import annotations

from typing import Any

from ketadash.core.choices.endpoint.relapse_rules import relapse_rule
from ketadash.core.choices.missing import MissingRule
from ketadash.core.choices.model import Estimator
from ketadash.core.choices.population import population
from ketadash.core.errors import SpecError

MOST_IMPUTATIONS = 1000
FEWEST_SHUFFLES, MOST_SHUFFLES = 19, 100_000  # with 19, p can be 0.05
MOST_SEED = 2**32 - 1
MOST_DAYS, MOST_GRAMS = 10_000, 100.0  # forgiven or assessed; in one of the amounts
# Choices that can contradict each other; any other is right or wrong by itself (a test holds `check` to this).
CAN_CONTRADICT = (
    frozenset({"control", "active"}),
    frozenset({"penalised", "estimator"}),
    frozenset({"missing", "imor_control", "imor_active"}),
    frozenset({"missing", "dropout"}),
    frozenset({"tau", "days"}),
    frozenset({"grace", "days"}),
)


def check(spec: Any) -> None:
    """Refuse values out of range, and choices of an `AnalysisSpec` that contradict each other.

    Raises
    ------
    SpecError
        With the remedy.
    """
    if spec.control is not None and spec.control == spec.active:
        raise SpecError(f"both arms are '{spec.control}'; choose two different arms")
    if not (spec.heavy_men >= 0 and spec.heavy_women >= 0):
        raise SpecError("a heavy-day threshold is a number of drinks, 0 or more")
    if spec.quadrature_points < 1 or spec.quadrature_points % 2 == 0 or spec.quadrature_points > 401:
        raise SpecError(f"{spec.quadrature_points} quadrature points: choose an odd number from 1 to 401")
    if not 0.5 <= spec.confidence <= 0.999:
        raise SpecError(f"a confidence level of {spec.confidence}: choose one from 0.5 to 0.999, such as 0.95")
    if spec.penalised and spec.estimator is not Estimator.QUADRATURE:
        raise SpecError(
            "the penalised fit is a likelihood fit with a random intercept; choose the quadrature estimator with it"
        )
    if spec.population is not None:
        population(spec.population)
    relapse_rule(spec.relapse)
    _check_imputation(spec)
    _check_endpoints(spec)
    if spec.tau is not None and spec.days is not None and not spec.days.first <= spec.tau <= spec.days.last:
        raise SpecError(f"the horizon, day {spec.tau}, lies outside the window {spec.days}; choose a day in it")


def _check_endpoints(spec: Any) -> None:
    """The same of each participant's endpoints."""
    counts = {"grace": spec.grace, "assessment days": spec.assessment_days, "baseline days": spec.baseline_days}
    for name, days in counts.items():
        if not 0 <= days <= MOST_DAYS:
            raise SpecError(f"{days} {name}: choose a whole number from 0 to {MOST_DAYS:,}")
    if not 0 <= spec.drink_grams <= MOST_GRAMS:
        raise SpecError(f"{spec.drink_grams:g} grams of alcohol in one: choose from 0 (as the unit has it) to 100")
    if spec.days is not None and spec.grace >= spec.days.n_days:
        raise SpecError(f"a grace period of {spec.grace} days leaves no day of the window {spec.days}; choose fewer")


def _check_imputation(spec: Any) -> None:
    """The same of how missing days, and arms, are drawn."""
    for arm, imor in (("control", spec.imor_control), ("active", spec.imor_active)):
        if not imor >= 0:
            raise SpecError(
                f"an informative-missingness odds ratio of {imor} for the {arm} arm: choose one from 0 (missing "
                "means drinking) through 1 (missing at random) to inf (missing means abstinent)"
            )
    if spec.missing is not MissingRule.IMOR and (spec.imor_control, spec.imor_active) != (1, 1):
        raise SpecError(
            "an informative-missingness odds ratio applies to the missing-day rule imor only; choose that rule, or "
            "leave both ratios at 1"
        )
    if not 1 <= spec.imputations <= MOST_IMPUTATIONS:
        raise SpecError(f"{spec.imputations} imputations: choose from 1 to {MOST_IMPUTATIONS}, such as 20")
    if not FEWEST_SHUFFLES <= spec.shuffles <= MOST_SHUFFLES:
        raise SpecError(f"{spec.shuffles} shuffles: choose from {FEWEST_SHUFFLES} to {MOST_SHUFFLES:,}, such as 1000")
    if not 0 <= spec.seed <= MOST_SEED:
        raise SpecError(f"a random seed of {spec.seed}: choose a whole number from 0 to {MOST_SEED}")
    if spec.dropout.about.imputed and not spec.missing.imputed:
        raise SpecError(
            "dropout can be imputed only where missing days are imputed too: count them like reported days, by your "
            "own assumption, by jump to reference or copy reference (--missing imor, jump_to_reference, copy_reference)"
        )
