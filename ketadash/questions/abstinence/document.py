"""Abstinence in the JSON of `ketadash analyze`."""

from __future__ import annotations

from dataclasses import asdict

from ketadash import analyse
from ketadash.core.spec import AnalysisSpec
from ketadash.questions.abstinence import every_arm
from ketadash.questions.shared import without_covariates
from ketadash.questions.shared.document import Document, daily_outcome, doubts, model_fit
from ketadash.trial import Trial


def document(trial: Trial, spec: AnalysisSpec, *, deep: bool) -> Document:
    """The outcome by day, the fits, and the share of days person by person."""
    result = analyse.abstinence_result(trial, spec)
    models = {name: model_fit(model) for name, model in analyse.abstinence_models(trial, spec).items()}
    by_person = asdict(analyse.percent_days_abstinent(trial, spec))
    more = {"models": models, "percent_days_by_person": by_person}
    more |= without_covariates.document(trial, spec, analyse.abstinence_result)
    arms = every_arm.document(trial, spec)
    return {"abstinence": daily_outcome(result) | more} | arms, [*result.warnings, *doubts(result)]
