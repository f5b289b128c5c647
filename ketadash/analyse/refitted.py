"""The models of the pages fitted again and again with little changed: what shuffling and leaving out have in common."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ketadash.analyse.design import Rows, matrix, setting, terms
from ketadash.core.spec import AnalysisSpec, Estimand, Estimator, Scale, Trend
from ketadash.stats import glmm, refits
from ketadash.stats.marginal import Predicted, averaged_over_slopes, population_averaged, typical
from ketadash.stats.refits import PqlStart, QuadratureStart, Refit, Start
from ketadash.stats.separation import everybody_is_one_way
from ketadash.stats.slopes import SlopeFit
from ketadash.stats.wald import contrast_variance

Array = NDArray[np.float64]


def last_day_label(day: int) -> str:
    """What `difference` is the difference of."""
    return f"modelled abstinence on day {day}"


def columns(r: Rows, trend: Trend) -> tuple[Array, tuple[str, ...]]:
    """The model's columns (n, p) and their names; whether they can be told apart, the fit finds out."""
    names = terms(trend, r.covariate_names)
    return matrix(names, r.day, r.active, r.covariates), names


def begin(r: Rows, X: Array, without: NDArray[np.bool_], spec: AnalysisSpec, *, heavy: bool) -> Start | None:
    """The fit without the columns `without` (p,), as a start for others; FitError as the fit has it."""
    if _by_rspl(spec, heavy):
        return refits.begin_pql(r.ys[0], X, r.group, r.day, without, ar1=heavy, free_scale=_free_scale(spec, heavy))
    if spec.estimator is Estimator.SLOPE:
        return refits.begin_slopes(r.ys[0], X, r.group, r.day, without)
    return refits.begin_quadrature(r.ys[0], X, r.group, without, spec.quadrature_points, _penalty(spec))


def fit(r: Rows, X: Array, start: Start | None, spec: AnalysisSpec, *, heavy: bool) -> Refit | None:
    """The heavy-day model, or the abstinence model by the estimator chosen; None without a finite answer."""
    if everybody_is_one_way(r.ys[0], r.group):  # then there is nothing to fit, however the arms are shuffled
        return None
    if _by_rspl(spec, heavy):
        near = start if isinstance(start, PqlStart) else None
        return refits.by_pql(r.ys[0], X, r.group, r.day, near, ar1=heavy, free_scale=_free_scale(spec, heavy))
    if spec.estimator is Estimator.SLOPE:
        sloping = start if isinstance(start, SlopeFit) else None
        return refits.by_slopes(r.ys[0], X, r.group, r.day, sloping)
    begun = start if isinstance(start, QuadratureStart) else None
    return refits.by_quadrature(r.ys[0], X, r.group, begun, spec.quadrature_points, _penalty(spec))


def difference(
    f: Refit, r: Rows, names: tuple[str, ...], day: float, estimand: Estimand, covariance: Array, *, people_fixed: bool
) -> tuple[float, float]:
    """Active minus control on a day, and its standard error, for these people only or as `curves.difference_on`."""
    days, one = np.array([day]), estimand is Estimand.TYPICAL

    def predicted(X: Array) -> Predicted:
        if one:
            return typical(f.beta, X, len(covariance) - len(f.beta))
        if f.effects is not None:
            return averaged_over_slopes(f.beta, *f.effects.sd_on(days), X, r.weight)
        return population_averaged(f.beta, f.sigma, X, r.weight)

    control, active = (predicted(X) for X in (setting(r, names, days, arm, one) for arm in (0.0, 1.0)))
    gap = active - control
    fixed = contrast_variance(gap.gradient[0], covariance)
    variance = fixed if people_fixed else float(gap.variance(covariance, r.pattern)[0])
    return float(gap.probability[0]), float(np.sqrt(variance))


def _by_rspl(spec: AnalysisSpec, heavy: bool) -> bool:
    return heavy or spec.estimator is Estimator.RSPL


def _free_scale(spec: AnalysisSpec, heavy: bool) -> bool:
    return heavy and spec.scale is Scale.FREE


def _penalty(spec: AnalysisSpec) -> glmm.Penalty | None:
    return glmm.Penalty() if spec.penalised else None
