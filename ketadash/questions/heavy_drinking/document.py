"""Heavy days in the JSON of `ketadash analyze`."""

from __future__ import annotations

from ketadash import analyse
from ketadash.core.spec import AnalysisSpec
from ketadash.questions.shared import without_covariates
from ketadash.questions.shared.document import NO_HEAVY, Document, daily_outcome, doubts, model_fit
from ketadash.trial import Trial


def document(trial: Trial, spec: AnalysisSpec, *, deep: bool) -> Document:
    """The outcome by day and its fit; null where the amounts cannot tell heavy days."""
    result = analyse.heavy_result(trial, spec)
    if result is None:
        why = NO_HEAVY.format(spec.amount)
        return {"heavy": None, "null_because": {"heavy": why}}, [why]
    outcome = daily_outcome(result)
    del outcome["trend"]
    slopes = analyse.heavy_slopes(trial, spec)
    fits = {"model": model_fit(result.model), "model_slope": None if slopes is None else model_fit(slopes)}
    outcome |= without_covariates.document(trial, spec, analyse.heavy_result)
    return {"heavy": {**fits, **outcome}}, [*result.warnings, *doubts(result)]
