"""Whether a model can be believed on these days, for whatever shows its intervals."""

from __future__ import annotations

from ketadash.core.spec import AnalysisSpec, Uncertainty
from ketadash.results import BinaryOutcome
from ketadash.results.chance import ModelCheck

NO_VERDICT = "The fit did not converge, so what it says of the arms is not given: see below"


def doubts(check: ModelCheck | None, spec: AnalysisSpec) -> tuple[str, ...]:
    """What every interval of a model carries where the model does not describe the days; a robust one need not."""
    if check is None or not check.too_narrow or spec.uncertainty is Uncertainty.ROBUST:
        return ()
    return (check.message,)


def gives_no_verdict(result: BinaryOutcome) -> bool:
    """Whether the fit stopped somewhere short of its end; pooled ones leave such fits out and say so."""
    model = result.model
    return model.usable and model.n_imputations is None and not model.convergence.ok
