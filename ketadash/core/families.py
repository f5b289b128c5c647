"""Which choices each family of results depends on, and which of them another choice makes moot."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ketadash.core.choices.dropout import DropoutRule
from ketadash.core.choices.missing import MissingRule
from ketadash.core.choices.model import Estimator

# What each family of results may see.  A new field of `AnalysisSpec` is placed in those that it changes.
PANEL = ("control", "active", "days", "amount", "baseline", "etg", "heavy_men", "heavy_women")
IMPUTATION = ("imor_control", "imor_active", "imputations", "seed")
ABSTINENCE_DAYS = ("control", "active", "days", "amount", "baseline", "etg")
ABSTINENCE_MODELS = (*ABSTINENCE_DAYS, "missing", *IMPUTATION, "adjust", "quadrature_points", "penalised")
ABSTINENCE_FIT = (*ABSTINENCE_MODELS, "trend", "estimator", "uncertainty")
ABSTINENCE_DRAWS = (*ABSTINENCE_DAYS, "missing", "imputations", "seed", "adjust", "penalised", "trend")
ABSTINENCE = (*ABSTINENCE_FIT, "estimand", "confidence")
ABSTINENCE_PERSONS = (*ABSTINENCE_DRAWS, "imor_control", "imor_active", "confidence")
HEAVY_FIT = (*PANEL, "missing", *IMPUTATION, "adjust", "scale", "uncertainty")
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
    "uncertainty",
    "confidence",
)
SPECIFICATIONS = (
    *PANEL,
    "imputations",
    "seed",
    "quadrature_points",
    "penalised",
    "scale",
    "estimand",
    "confidence",
)
_WHOLE_ANALYSIS = (
    *PANEL,
    "missing",
    *IMPUTATION,
    "adjust",
    "quadrature_points",
    "penalised",
    "trend",
    "estimator",
    "scale",
    "estimand",
    "dropout",
    "confidence",
)
INFLUENCE = (*_WHOLE_ANALYSIS, "uncertainty")
RANDOMISATION = (*_WHOLE_ANALYSIS, "shuffles")  # always measured in clustered errors
# Results that run through every outcome at once: no choice in them makes another moot.
EVERY_OUTCOME = (INFLUENCE, RANDOMISATION)
SENSITIVITY = (*ABSTINENCE_DAYS, "quadrature_points", "penalised", "uncertainty", "confidence")


def _not_imputed(rule: MissingRule) -> bool:
    return not rule.imputed


def _not_from_days(rule: DropoutRule) -> bool:
    return not rule.about.imputed


# A field, the field that can make it moot, and when.
MOOT: tuple[tuple[str, str, Callable[[Any], bool]], ...] = (
    ("imputations", "missing", _not_imputed),
    ("seed", "missing", _not_imputed),
    ("quadrature_points", "estimator", lambda how: how is not Estimator.QUADRATURE),
    *((name, "dropout", _not_from_days) for name in ("missing", *IMPUTATION, "adjust", "trend", "penalised")),
)
