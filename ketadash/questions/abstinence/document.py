"""Abstinence in the JSON of `ketadash analyze`."""

from __future__ import annotations

from ketadash import analyse
from ketadash.core.spec import AnalysisSpec
from ketadash.questions.shared.document import Document, daily_outcome, doubts, model_fit
from ketadash.trial import Trial


def document(trial: Trial, spec: AnalysisSpec, *, deep: bool) -> Document:
    """The outcome by day and the four fits."""
    result = analyse.abstinence_result(trial, spec)
    models = {name: model_fit(model) for name, model in analyse.abstinence_models(trial, spec).items()}
    return {"abstinence": daily_outcome(result) | {"models": models}}, [*result.warnings, *doubts(result)]
