"""Whether the abstinence and the heavy-day model describe the days that they were fitted to."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ketadash.analyse.binary import Modelled, abstinence_fit, heavy_fit
from ketadash.analyse.design import matrix, terms
from ketadash.analyse.memo import remembered
from ketadash.core.families import ABSTINENCE_FIT, HEAVY_FIT
from ketadash.core.spec import AnalysisSpec, Trend
from ketadash.results import ModelFit
from ketadash.results.chance import ModelCheck, ModelMeasure
from ketadash.stats import model_check as kernel
from ketadash.trial import Trial

Array = NDArray[np.float64]

SEED = 1  # the check is of a model, not an analysis of its own: the same each time
TOO_NARROW = "its own intervals are too narrow here; robust ones allow for it"
NOTHING = "the model has no finite answer, so there is nothing to check."


@remembered(ABSTINENCE_FIT)
def abstinence_check(trial: Trial, spec: AnalysisSpec) -> ModelCheck:
    """The abstinence model that a spec chooses, against drinking days."""
    return _check(abstinence_fit(trial, spec), spec.trend, spell_is=0.0)


@remembered(HEAVY_FIT)
def heavy_check(trial: Trial, spec: AnalysisSpec) -> ModelCheck | None:
    """The heavy-day model, None where amounts cannot tell a heavy day."""
    m = heavy_fit(trial, spec)
    return None if m is None else _check(m, Trend.LINEAR, spell_is=1.0)


def _check(m: Modelled, trend: Trend, spell_is: float) -> ModelCheck:
    name = m.outcome.name
    # the same model with its own errors: robust ones, which it may lack, play no part in the check
    fitted = m.fitted.by_model or m.fitted
    if m.rows is None or not fitted.each or not fitted.model.usable:
        return ModelCheck(name, (), None, NOTHING)
    r, model = m.rows, fitted.model
    names = terms(trend, r.covariate_names)
    d = kernel.lay_out(r.group, r.day, r.active)
    eta = (matrix(names, r.day, r.active, r.covariates) @ model.beta)[d.order]
    y = r.ys[0][d.order] == spell_is
    measures = kernel.check(
        np.asarray(y), eta if spell_is else -eta, _random(model, r.day[d.order]), model.rho, d, seed=SEED
    )
    table = tuple(ModelMeasure(key, v.observed, v.expected, v.low, v.high) for key, v in measures.items())
    side = {key: v.side for key, v in measures.items()}
    return ModelCheck(name, table, not _fails(side), _message(side))


def _random(model: ModelFit, day: Array) -> float | Array:
    """The intercept's SD; with random slopes, what each row's log-odds are of two standard normal numbers."""
    sd = float(model.random_intercept_sd or 0.0)
    if model.random_slope_sd is None:
        return sd
    r, slope = model.random_correlation or 0.0, model.random_slope_sd
    return np.stack([sd + r * slope * day, np.sqrt(max(1 - r * r, 0.0)) * slope * day], axis=1)


def _fails(side: dict[str, int]) -> bool:
    """Fewer spells than expected leave intervals too wide, if anything: what is looked for is more."""
    return _spells(side) or side[kernel.SLOPES] > 0 or side[kernel.ALWAYS] != 0


def _spells(side: dict[str, int]) -> bool:
    return side[kernel.LAG1] > 0 or side[kernel.SPELLS] > 0


def _message(side: dict[str, int]) -> str:
    if _spells(side):
        return f"Days come in spells that this model does not describe: {TOO_NARROW}."
    if side[kernel.SLOPES] > 0:
        return f"People's own trends differ more than this model allows: {TOO_NARROW}."
    if side[kernel.ALWAYS]:
        many = "More" if side[kernel.ALWAYS] > 0 else "Fewer"
        return f"{many} people never change than this model expects; robust intervals do not rely on that."
    return (
        "The days look as this model expects, judged by their spells, people's own trends and how many people never "
        "change."
    )
