"""Whether a model can be believed on these days, for whatever shows its intervals."""

from __future__ import annotations

from ketadash.core.spec import Uncertainty
from ketadash.questions.material import Material
from ketadash.results import BinaryOutcome
from ketadash.results.chance import ModelCheck

NO_VERDICT = "The fit did not converge, so what it says of the arms is not given: see below"


WHERE = "Choose those under More choices."


def doubts(check: ModelCheck | None, m: Material) -> tuple[str, ...]:
    """What every interval of a model carries where the model does not describe the days; a robust one need not.

    On the page it says where robust ones are chosen; a slide or a file has no such place.
    """
    if check is None or not check.too_narrow or m.spec.uncertainty is Uncertainty.ROBUST:
        return ()
    return (f"{check.message} {WHERE}" if m.on_page else check.message,)


def gives_no_verdict(result: BinaryOutcome) -> bool:
    """Whether the fit stopped somewhere short of its end; pooled ones leave such fits out and say so."""
    model = result.model
    return model.usable and model.n_imputations is None and not model.convergence.ok
