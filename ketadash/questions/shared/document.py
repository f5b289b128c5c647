"""What several parts of the JSON of `ketadash analyze` are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from ketadash.questions.shared import words
from ketadash.results import BinaryOutcome, ModelFit

NO_HEAVY = (
    "heavy days, relapse and first heavy day are not analysed: '{}' holds only 0 and 1, which cannot tell a heavy day; "
    "give a column of amounts with --amount"
)


def doubts(result: BinaryOutcome) -> list[str]:
    return [f"{result.outcome}, {result.chosen} model: {m}" for m in result.model.convergence.messages]


def records(points: Sequence[Any]) -> list[dict[str, Any]]:
    return [asdict(p) for p in points]


def daily_outcome(result: BinaryOutcome) -> dict[str, Any]:
    return {
        "trend": result.chosen,
        "estimand": result.estimand,
        "intervals_hold_fixed": [c.term for c in result.model.coefficients if c.term.startswith("baseline")],
        "percent_days": result.percent_days,
        "observed": records(result.observed),
        "modelled": records(result.modelled),
        "difference": records(result.difference),
        "odds_ratio_per_day": records(result.odds_ratio_per_day),
        "n_filled": result.counts.n_filled,
        "n_missing": result.counts.n_missing,
    }


def model_fit(model: ModelFit) -> dict[str, Any]:
    likelihood = {"minus2ll": model.minus2ll, "aic": model.aic, "bic": model.bic}
    residual = {"rho": model.rho, "scale": model.scale}
    slopes = {"random_slope_sd": model.random_slope_sd, "random_correlation": model.random_correlation}
    pooled = {"n_imputations": model.n_imputations, "n_failed": model.n_failed}
    return {
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


Document = tuple[dict[str, Any], list[str]]  # parts of the JSON by their keys, and warnings
