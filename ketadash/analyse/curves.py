"""What a fitted model says by arm and day, and the difference between the arms; pooled where days were imputed.

The observed shares beside it too.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from ketadash.analyse.coefficients import df_for
from ketadash.analyse.design import Rows, setting, terms
from ketadash.analyse.filled_days import Completed
from ketadash.analyse.fits import Fitted
from ketadash.analyse.kernels import Kernel
from ketadash.core.spec import AnalysisSpec, Estimand, Trend
from ketadash.results import CurvePoint, Estimate, ModelFit, ObservedPoint, OddsRatioPerDay
from ketadash.stats.marginal import Predicted, averaged_over_slopes, interval, population_averaged, typical
from ketadash.stats.pooling import Scalars, pool_each, proportion
from ketadash.stats.wald import contrast_variance, t_quantile, t_tails, t_test
from ketadash.trial import Panel

Array = NDArray[np.float64]


def modelled_curves(
    p: Panel, r: Rows, f: Fitted, trend: Trend, spec: AnalysisSpec
) -> tuple[tuple[CurvePoint, ...], tuple[CurvePoint, ...]]:
    """Probability by arm and day, and its active-minus-control difference, each with a delta-method interval.

    Averaged over the participants, the intervals are for other people too: unconditional of the covariates.
    """
    if not f.each:
        return (), ()
    days, n = p.days.astype(float), len(p.days)
    pooled = _pooled(r, f, trend, spec.estimand, days)
    quantile = t_quantile(spec.confidence, pooled.df)
    low, high = interval(pooled.estimate, pooled.se, quantile)
    # a difference may have either sign: its interval is symmetric, within what differences can be
    gap, half = slice(2 * n, None), quantile * pooled.se
    low[gap] = np.clip((pooled.estimate - half)[gap], -1, 1)
    high[gap] = np.clip((pooled.estimate + half)[gap], -1, 1)
    error = pooled.monte_carlo_se if len(f.each) > 1 else np.full(3 * n, None)
    table = zip(pooled.estimate.tolist(), pooled.se.tolist(), low.tolist(), high.tolist(), error.tolist(), strict=True)
    points = [
        CurvePoint(name, int(day), *values)
        for (name, day), values in zip(product((*p.arms, "difference"), p.days), table, strict=True)
    ]
    return tuple(points[: 2 * n]), tuple(points[2 * n :])


def difference_on(
    r: Rows, f: Fitted, trend: Trend, spec: AnalysisSpec, day: int, *, people_fixed: bool = False
) -> Estimate:
    """The difference between the arms in population-averaged (or typical) probability on one day, with its p.

    `people_fixed` leaves out that other people might have been in the trial, as a test by shuffling these people does.
    """
    if not f.each:
        return Estimate(None, None, None)
    pooled = _pooled(r, f, trend, spec.estimand, np.array([float(day)]), people_fixed)
    estimate, se, df = (float(v[2]) for v in (pooled.estimate, pooled.se, pooled.df))
    if se == 0:
        return Estimate(estimate, None, None, se=0.0)
    half = float(t_quantile(spec.confidence, df)) * se
    ends = max(estimate - half, -1.0), min(estimate + half, 1.0)
    return Estimate(estimate, *ends, t_tails(estimate / se, df), se)


def difference_of_each(r: Rows, f: Fitted, trend: Trend, spec: AnalysisSpec, day: int) -> tuple[Array, Array]:
    """The difference on one day in each imputation (m,), and its variance (m,), before they are pooled."""
    settings = [_setting(r, trend, np.array([float(day)]), active, spec.estimand) for active in (0.0, 1.0)]
    at = np.array([float(day)])
    each = [_probabilities(kernel, settings, at, r, spec.estimand) for kernel in f.each]
    return np.array([estimates[2] for estimates, _ in each]), np.array([variances[2] for _, variances in each])


def _pooled(r: Rows, f: Fitted, trend: Trend, estimand: Estimand, days: Array, people_fixed: bool = False) -> Scalars:
    """Control, active and active minus control by day (3 × days,), over the imputations there are."""
    settings = [_setting(r, trend, days, active, estimand) for active in (0.0, 1.0)]
    estimates, variances = zip(
        *(_probabilities(kernel, settings, days, r, estimand, people_fixed) for kernel in f.each), strict=True
    )
    complete = f.model.df if f.model.df > 0 else np.inf
    pooled = pool_each(np.array(estimates), np.array(variances), complete)
    if f.model.clusters is not None:
        return pooled
    # where all imputations say the same it is the interval of data without gaps, which is the normal's
    return replace(pooled, df=np.where(pooled.df < complete, pooled.df, np.inf))


def _probabilities(
    kernel: Kernel, settings: list[Array], days: Array, r: Rows, estimand: Estimand, people_fixed: bool = False
) -> tuple[Array, Array]:
    """One fit's probabilities and their variances, and those of the difference."""
    control, active = (predicted(kernel, X, days, r.weight, estimand) for X in settings)
    each = (control, active, active - control)
    influence = None
    if kernel.influence is not None:  # whoever has no row adds nothing to the parameters
        influence = np.zeros((len(r.pattern), kernel.influence.shape[1]))
        influence[np.unique(r.group)] = kernel.influence

    def variance(q: Predicted) -> Array:
        return q.se(kernel.covariance) ** 2 if people_fixed else q.variance(kernel.covariance, r.pattern, influence)

    return np.concatenate([q.probability for q in each]), np.concatenate([variance(q) for q in each])


def _setting(r: Rows, trend: Trend, days: Array, active: float, estimand: Estimand) -> Array:
    return setting(r, terms(trend, r.covariate_names), days, active, typical=estimand is Estimand.TYPICAL)


def predicted(kernel: Kernel, X: Array, days: Array, weight: Array, estimand: Estimand) -> Predicted:
    """What one fit says of every participant (or a typical one) in the settings X of some days, had all been in one
    arm.
    """
    if estimand is Estimand.TYPICAL:
        return typical(kernel.beta, X, len(kernel.covariance) - len(kernel.beta))
    if kernel.effects is not None:
        return averaged_over_slopes(kernel.beta, *kernel.effects.sd_on(days), X, weight)
    return population_averaged(kernel.beta, kernel.sigma, X, weight)


def odds_ratios(p: Panel, model: ModelFit, trend: Trend, confidence: float) -> list[OddsRatioPerDay]:
    """Odds ratio for one more day within an arm; a quadratic's at the first, middle and last day."""
    if not model.usable:
        return []
    names = [c.term for c in model.coefficients]
    first, last = int(p.days[0]), int(p.days[-1])
    days = (first, (first + last) // 2, last) if trend is Trend.QUADRATIC else (None,)
    ratios = []
    for k, arm in enumerate(p.arms):
        for day in days:
            contrast = np.zeros(len(names))
            contrast[names.index("day")] = 1
            contrast[names.index("day:arm")] = k
            if day is not None:
                contrast[names.index("day^2")] = 2 * day
            slope = float(contrast @ model.beta)
            se = float(np.sqrt(contrast_variance(contrast, model.fixed_covariance)))
            _, p_value, low, high = t_test(slope, se, df_for(model, contrast), confidence)
            if p_value is not None and low is not None and high is not None:
                with np.errstate(over="ignore"):  # an interval without an upper end ends at infinity
                    odds = np.exp([slope, low, high])
                ratios.append(OddsRatioPerDay(arm, day, float(odds[0]), float(odds[1]), float(odds[2]), p_value))
    return ratios


def observed(p: Panel, days: Completed, confidence: float) -> list[ObservedPoint]:
    """Proportions by arm and day, over the imputations if there are several, whose part SE and interval have."""
    points = []
    for k, arm in enumerate(p.arms):
        ys, missing = days.ys[:, p.active == k], days.daily.missing[p.active == k]
        n = (~np.isnan(ys[0])).sum(axis=0)
        with np.errstate(invalid="ignore"):
            share = np.nansum(ys, axis=1) / n  # (imputations, days)
            pooled = pool_each(share, share * (1 - share) / n)
        for j, day in enumerate(p.days):
            counted = int(day), int(n[j]), int(missing[:, j].sum())
            if not n[j]:
                points.append(ObservedPoint(arm, *counted, None, None, None, None))
                continue
            _, low, high = proportion(share[:, j], int(n[j]), confidence)
            points.append(ObservedPoint(arm, *counted, float(pooled.estimate[j]), float(pooled.se[j]), low, high))
    return points
