"""A daily yes/no outcome (abstinence, heavy drinking): fitted, observed, modelled."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ketadash.analyse import fits
from ketadash.analyse.design import Rows, rows, setting, terms
from ketadash.errors import FitError
from ketadash.memo import remembered
from ketadash.outcomes import Daily, abstinence, heavy_drinking
from ketadash.results import BinaryOutcome, Coefficient, Counts, CurvePoint, ModelFit, ObservedPoint, OddsRatioPerDay
from ketadash.spec import ABSTINENCE, ABSTINENCE_FIT, HEAVY, HEAVY_FIT, PANEL, AnalysisSpec, Estimand, Estimator, Trend
from ketadash.stats.marginal import Predicted, interval, population_averaged, typical
from ketadash.stats.wald import normal_quantile, t_test
from ketadash.trial import Panel, Trial, panel

Array = NDArray[np.float64]

WORDS = {"abstinence": "abstinent", "heavy": "a heavy drinking day"}


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """Every model of one outcome on the same rows."""

    models: dict[str, ModelFit]
    rows: Rows
    daily: Daily
    warnings: tuple[str, ...]


@remembered(*PANEL)
def panel_of(trial: Trial, spec: AnalysisSpec) -> Panel:
    """The trial's rectangle of participants × days for a resolved spec."""
    return panel(trial, spec)


@remembered(*ABSTINENCE_FIT)
def abstinence_fits(trial: Trial, spec: AnalysisSpec) -> Fitted:
    """Linear and quadratic abstinence models, each by quadrature and as GLIMMIX fits by default (RSPL, φ = 1)."""
    p = panel_of(trial, spec)
    daily = abstinence(p, spec.missing)
    r = rows(p, daily, p.baseline if spec.adjust else None, "baseline_drinks")
    models: dict[str, ModelFit] = {}
    for trend in Trend:
        models[trend.value] = _attempt(
            r, trend, "ML", lambda t=trend: fits.by_quadrature(
                r, t, "abstinent", spec.quadrature_points, spec.penalised
            )
        )  # fmt: skip
    for trend in Trend:
        models[f"{trend.value}_rspl"] = _attempt(
            r, trend, "RSPL", lambda t=trend: fits.by_rspl(r, t, "abstinent", ar1=False)
        )
    return Fitted(models, r, daily, p.warnings)


@remembered(*HEAVY_FIT)
def heavy_fits(trial: Trial, spec: AnalysisSpec) -> Fitted | None:
    """The heavy-day model (RSPL, AR(1), scale), or None where the amounts cannot tell a heavy day."""
    p = panel_of(trial, spec)
    if not p.can_tell_heavy:
        return None
    daily = heavy_drinking(p, spec.missing)
    # adjusted by the outcome's own baseline where there is one, as the paper did
    own = p.baseline_heavy is not None
    covariate = (p.baseline_heavy if own else p.baseline) if spec.adjust else None
    r = rows(p, daily, covariate, "baseline_heavy_days" if own else "baseline_drinks")
    model = _attempt(r, Trend.LINEAR, "RSPL", lambda: fits.by_rspl(r, Trend.LINEAR, "heavy drinking day", ar1=True))
    return Fitted({"linear": model}, r, daily, p.warnings)


def _attempt(r: Rows, trend: Trend, method: str, fit) -> ModelFit:  # type: ignore[no-untyped-def]
    try:
        model: ModelFit = fit()
    except FitError as error:
        return fits.failed(r, trend, "outcome", method, error)
    return model


@remembered(*ABSTINENCE)
def abstinence_result(trial: Trial, spec: AnalysisSpec) -> BinaryOutcome:
    """Observed and modelled abstinence by day, with every fitted model."""
    fitted = abstinence_fits(trial, spec)
    chosen = spec.trend.value + ("_rspl" if spec.estimator is Estimator.RSPL else "")
    return _outcome("abstinence", panel_of(trial, spec), fitted, chosen, spec.trend, spec)


@remembered(*HEAVY)
def heavy_result(trial: Trial, spec: AnalysisSpec) -> BinaryOutcome | None:
    """Observed and modelled heavy drinking days, or None where the amounts cannot tell one."""
    fitted = heavy_fits(trial, spec)
    if fitted is None:
        return None
    return _outcome("heavy", panel_of(trial, spec), fitted, "linear", Trend.LINEAR, spec)


def _outcome(name: str, p: Panel, f: Fitted, chosen: str, trend: Trend, spec: AnalysisSpec) -> BinaryOutcome:
    models = {k: _at_confidence(m, spec.confidence) for k, m in f.models.items()}
    model, counts = models[chosen], f.rows.counts
    by_arm = {arm: f.daily.y[p.active == k] for k, arm in enumerate(p.arms)}
    modelled, difference = modelled_curves(p, f.rows, model, trend, spec)
    warnings = list(f.warnings)
    for arm, y in by_arm.items():
        known = y[~np.isnan(y)]
        if known.size and (known == known[0]).all():
            warnings.append(f"every day counted in the {arm} arm is {'' if known[0] else 'not '}{WORDS[name]}")
    return BinaryOutcome(
        outcome=name,
        arms=p.arms,
        window=(int(p.days[0]), int(p.days[-1])),
        models=models,
        chosen=chosen,
        estimand=spec.estimand.value,
        confidence=spec.confidence,
        observed=tuple(_observed(p, f.daily)),
        modelled=modelled,
        difference=difference,
        odds_ratio_per_day=tuple(_odds_ratios(p, model, trend, spec.confidence)),
        percent_days={a: float(np.nanmean(y)) if (~np.isnan(y)).any() else None for a, y in by_arm.items()},
        counts=Counts(counts.n_participants, counts.n_rows, counts.n_filled, counts.n_missing),
        warnings=tuple(warnings),
    )


def _at_confidence(model: ModelFit, confidence: float) -> ModelFit:
    """The model with its coefficients' intervals at another level."""

    def at(c: Coefficient) -> Coefficient:
        if c.estimate is None:
            return c
        _, _, low, high = t_test(c.estimate, c.se, model.df, confidence)
        return replace(c, ci_low=low, ci_high=high)

    return replace(model, coefficients=tuple(at(c) for c in model.coefficients))


def _observed(p: Panel, daily: Daily) -> list[ObservedPoint]:
    points = []
    for k, arm in enumerate(p.arms):
        y, missing = daily.y[p.active == k], daily.missing[p.active == k]
        for j, day in enumerate(p.days):
            known = y[:, j][~np.isnan(y[:, j])]
            n, share = len(known), float(known.mean()) if len(known) else None
            se = None if share is None else float(np.sqrt(share * (1 - share) / n))
            points.append(ObservedPoint(arm, int(day), n, int(missing[:, j].sum()), share, se))
    return points


def modelled_curves(
    p: Panel, r: Rows, model: ModelFit, trend: Trend, spec: AnalysisSpec
) -> tuple[tuple[CurvePoint, ...], tuple[CurvePoint, ...]]:
    """Probability by arm and day, and its active-minus-control difference, each with a delta-method interval."""
    if not model.usable:
        return (), ()
    days, names = p.days.astype(float), terms(trend, r.covariate_name)
    predicted = [predict(r, model, names, days, active, spec.estimand) for active in (0.0, 1.0)]
    curves: list[CurvePoint] = []
    for arm, q in zip(p.arms, predicted, strict=True):
        se = q.se(model.covariance)
        low, high = interval(q.probability, se, spec.confidence)
        curves += [CurvePoint(arm, int(d), *map(float, v)) for d, *v in zip(days, q.probability, se, low, high)]  # noqa: B905
    gap = Predicted(predicted[1].probability - predicted[0].probability, predicted[1].gradient - predicted[0].gradient)
    se = gap.se(model.covariance)
    half = normal_quantile(spec.confidence) * se
    ends = np.clip(gap.probability - half, -1, 1), np.clip(gap.probability + half, -1, 1)
    difference = [
        CurvePoint("difference", int(d), *map(float, v))
        for d, *v in zip(days, gap.probability, se, *ends, strict=True)
    ]  # fmt: skip
    return tuple(curves), tuple(difference)


def predict(
    r: Rows, model: ModelFit, names: tuple[str, ...], days: Array, active: float, estimand: Estimand
) -> Predicted:
    """What the model says of every participant (or a typical one), had all been in one arm."""
    if estimand is Estimand.TYPICAL:
        return typical(model.beta, setting(r, names, days, active, typical=True))
    sigma = model.random_intercept_sd or 0.0
    return population_averaged(model.beta, sigma, setting(r, names, days, active, typical=False), r.weight)


def _odds_ratios(p: Panel, model: ModelFit, trend: Trend, confidence: float) -> list[OddsRatioPerDay]:
    """Odds ratio for one more day within an arm; a quadratic's at the first, middle and last day."""
    if not model.usable:
        return []
    names = [c.term for c in model.coefficients]
    first, last = int(p.days[0]), int(p.days[-1])
    days = (first, (first + last) // 2, last) if trend is Trend.QUADRATIC else (None,)
    found = []
    for k, arm in enumerate(p.arms):
        for day in days:
            contrast = np.zeros(len(names))
            contrast[names.index("day")] = 1
            contrast[names.index("day:arm")] = k
            if day is not None:
                contrast[names.index("day^2")] = 2 * day
            slope = float(contrast @ model.beta)
            se = float(np.sqrt(contrast @ model.covariance[:-1, :-1] @ contrast))
            _, p_value, low, high = t_test(slope, se, model.df, confidence)
            if p_value is not None and low is not None and high is not None:
                odds = np.exp([slope, low, high])
                found.append(OddsRatioPerDay(arm, day, float(odds[0]), float(odds[1]), float(odds[2]), p_value))
    return found
