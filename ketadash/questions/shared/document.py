"""What several parts of the JSON of `ketadash analyze` are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from ketadash.core.spec import Estimand
from ketadash.questions.shared import words
from ketadash.results import BinaryOutcome, ModelFit

NO_HEAVY = (
    "heavy days, relapse and first heavy day are not analysed: '{}' holds only 0 and 1, which cannot tell a heavy day; "
    "give a column of amounts with --amount"
)
NO_HEAVY_DAYS = NO_HEAVY.replace("heavy days, relapse and", "heavy days and")
DEEP = (
    "the tipping map, the specification curves and heavy days under every missing-day rule take many fits and are "
    "computed where they are asked for: "
    "--only sensitivity"
)


def doubts(result: BinaryOutcome) -> list[str]:
    """What the chosen fit has against its result, each with the outcome and model that it is about."""
    return [f"{result.outcome}, {result.chosen} model: {m}" for m in result.model.convergence.messages]


def records(points: Sequence[Any]) -> list[dict[str, Any]]:
    """Frozen results as plain dictionaries."""
    return [asdict(p) for p in points]


def daily_outcome(result: BinaryOutcome) -> dict[str, Any]:
    """A daily outcome as the JSON has it: observed, modelled, differences, the model."""
    return {
        "trend": result.chosen,
        "estimand": result.estimand,
        "intervals_hold_fixed": [] if result.estimand == Estimand.POPULATION else words.covariates(result.model),
        "percent_days": result.percent_days,
        "observed": records(result.observed),
        "modelled": records(result.modelled),
        "difference": records(result.difference),
        "odds_ratio_per_day": records(result.odds_ratio_per_day),
        "n_filled": result.counts.n_filled,
        "n_missing": result.counts.n_missing,
        "null_because": _daily_reasons(result),
    }


LINEAR_RATIO = "the trend is linear, so one odds ratio holds for every day"
NOT_POOLED = "nothing was imputed, so the estimate has no Monte Carlo error"


def _daily_reasons(result: BinaryOutcome) -> dict[str, str]:
    """Why a number that every day or ratio could have is null throughout."""
    reasons = {}
    if any(ratio.day is None for ratio in result.odds_ratio_per_day):
        reasons["odds_ratio_per_day.day"] = LINEAR_RATIO
    if result.model.n_imputations is None:
        reasons |= dict.fromkeys(("modelled.monte_carlo_se", "difference.monte_carlo_se"), NOT_POOLED)
    return reasons


def model_fit(model: ModelFit) -> dict[str, Any]:
    """A fitted model as the JSON has it."""
    likelihood = {"minus2ll": model.minus2ll, "aic": model.aic, "bic": model.bic}
    residual = {"rho": model.rho, "scale": model.scale}
    slopes = {"random_slope_sd": model.random_slope_sd, "random_correlation": model.random_correlation}
    pooled = {"n_imputations": model.n_imputations, "n_failed": model.n_failed}
    parts = {
        "method": words.method(model),
        "formula": model.formula,
        "n_observations": model.n_observations,
        "n_participants": model.n_participants,
        "n_quadrature": model.n_quadrature,
        "converged": model.convergence.ok,
        "messages": list(model.convergence.messages),
        "random_intercept_sd": model.random_intercept_sd,
        "random_intercept_sd_se": model.random_intercept_sd_se,
        "uncertainty": {
            "method": "model" if model.clusters is None else "robust",
            "clusters": model.clusters,
            "df": model.df,
            "correction": model.correction,
        },
        **(slopes if model.random_slope_sd is not None else {}),
        **(pooled if model.n_imputations is not None else {}),
        **(residual if model.method in ("RSPL", "REML") else likelihood),
        "coefficients": records(model.coefficients),
        "tests": records(model.tests),
    }
    return parts | {"null_because": _reasons(model, parts)}


NO_FIT = "the fit has no finite answer, or none with a standard error: see messages"
KNOWN_SD = "{} takes the random intercept's standard deviation as known and gives it no standard error"
NO_SD = "the random intercept's standard deviation is estimated as zero, where it has no standard error"
NO_QUADRATURE = "this fit needs no quadrature"
NO_CORRELATION = "intercept or slope does not vary, so they have no correlation"
OWN_ERRORS = "standard errors are the model's own, so nothing is clustered or corrected"
NO_LIKELIHOOD = "likelihoods are not pooled over imputations"
NO_CRITERION = "only the likelihood's own maximum has one: not a penalised fit, nor one pooled over imputations"
NO_RESIDUAL = "the model has no such parameter"


def _reasons(model: ModelFit, parts: dict[str, Any]) -> dict[str, str]:
    """Why each number of a model that is null is so."""
    by_moments = model.method in ("RSPL", "REML")
    no_se = KNOWN_SD.format("restricted likelihood" if model.method == "REML" else "pseudo-likelihood")
    reasons = {
        "n_quadrature": NO_QUADRATURE if by_moments else NO_FIT,
        "random_intercept_sd": NO_FIT,
        "random_intercept_sd_se": no_se if by_moments else NO_SD,
        "random_correlation": NO_CORRELATION,
        "rho": NO_RESIDUAL,
        "scale": NO_RESIDUAL,
        "minus2ll": NO_LIKELIHOOD,
        "aic": NO_CRITERION,
        "bic": NO_CRITERION,
        "uncertainty": OWN_ERRORS,
        "coefficients.monte_carlo_se": NOT_POOLED,
    }
    nulls = {name for name, value in parts.items() if value is None}
    if not model.usable:
        nulls |= {"coefficients"}
        reasons |= dict.fromkeys((*nulls, "coefficients"), NO_FIT)
    if model.clusters is None:
        nulls |= {"uncertainty"}
    if model.n_imputations is None:
        nulls |= {"coefficients.monte_carlo_se"}
    return {name: why for name, why in reasons.items() if name in nulls}


Document = tuple[dict[str, Any], list[str]]  # parts of the JSON by their keys, and warnings
