"""A daily yes/no outcome (abstinence, heavy drinking): completed, fitted, observed, modelled."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ketadash.analyse import fits
from ketadash.analyse.coefficients import coefficients
from ketadash.analyse.curves import modelled_curves, observed, odds_ratios
from ketadash.analyse.design import Rows, rows
from ketadash.analyse.filled_days import (
    Completed,
    Drawn,
    Outcome,
    OwnRecord,
    abstinent_days,
    complete,
    draw,
    heavy_days,
    not_imputed,
    own_record,
)
from ketadash.analyse.fits import Fitted
from ketadash.analyse.memo import known, remembered
from ketadash.analyse.same_days import of_same_days, same, specs_alike
from ketadash.core.errors import FitError
from ketadash.core.families import (
    ABSTINENCE,
    ABSTINENCE_DRAWS,
    ABSTINENCE_FIT,
    ABSTINENCE_RECORD,
    HEAVY,
    HEAVY_DRAWS,
    HEAVY_FIT,
    HEAVY_RECORD,
    PANEL,
)
from ketadash.core.spec import AnalysisSpec, Estimator, MissingRule, Scale, Trend, Uncertainty
from ketadash.core.terms import Terms
from ketadash.results import BinaryOutcome, Counts, ModelFit
from ketadash.trial import Panel, Trial, panel

Array = NDArray[np.float64]

# up to so many participants, robust 95% intervals of the last day contained the truth in 94% or more of the simulated
# trials: docs/methods/uncertainty.md
HELD_TO = 150
BENT = (
    "in simulated trials of 570 people whose days come in spells, robust 95% intervals of the last day's difference "
    "held the true one in 91%, not in 95%: the fitted curve bends a little otherwise than the truth, and with many "
    "people that shows, whatever the standard errors"
)


@dataclass(frozen=True, slots=True, eq=False)
class Modelled:
    """An outcome's days under a missing-day rule, the rows they make and the model fitted to them.

    Where nothing could be imputed or modelled `rows` is None, and the model says why.
    """

    outcome: Outcome
    days: Completed
    rows: Rows | None
    fitted: Fitted


@remembered(PANEL)
def panel_of(trial: Trial, spec: AnalysisSpec) -> Panel:
    """The trial's rectangle of participants × days for a resolved spec."""
    return panel(trial, spec)


def terms(trial: Trial, spec: AnalysisSpec) -> Terms:
    """What the amounts and days of a resolved spec are called."""
    return panel_of(trial, spec).terms


@remembered(ABSTINENCE_DRAWS)
def abstinence_draws(trial: Trial, spec: AnalysisSpec) -> Drawn:
    """What missing days are imputed with, whatever the informative-missingness odds ratios are."""
    p = panel_of(trial, spec)
    return draw(p, spec, abstinent_days(p, spec), _abstinence_record(trial, spec))


@remembered(HEAVY_DRAWS)
def heavy_draws(trial: Trial, spec: AnalysisSpec) -> Drawn:
    """The same for heavy drinking days."""
    p = panel_of(trial, spec)
    return draw(p, spec, heavy_days(p, spec), _heavy_record(trial, spec))


@remembered(ABSTINENCE_RECORD)
def _abstinence_record(trial: Trial, spec: AnalysisSpec) -> OwnRecord:
    """What the draws under every rule that imputes begin with: reading records takes most of their time."""
    p, imputed = panel_of(trial, spec), spec.replace(missing=MissingRule.IMOR)
    return own_record(p, imputed, abstinent_days(p, imputed))


@remembered(HEAVY_RECORD)
def _heavy_record(trial: Trial, spec: AnalysisSpec) -> OwnRecord:
    p, imputed = panel_of(trial, spec), spec.replace(missing=MissingRule.IMOR)
    return own_record(p, imputed, heavy_days(p, imputed))


def draws_wait(trial: Trial, spec: AnalysisSpec, *, heavy: bool = False) -> bool:
    """Whether a rule that imputes would take seconds here, since nothing is drawn for it yet."""
    p = panel_of(trial, spec)
    if rules_quick(p, spec) or not p.n_missing or (heavy and not p.can_tell_heavy):
        return False
    if heavy:
        return known(_heavy_record, HEAVY_RECORD, trial, spec) is None
    return known(_abstinence_record, ABSTINENCE_RECORD, trial, spec) is None


def draw_ahead(trial: Trial, spec: AnalysisSpec, *, heavy: bool = False) -> None:
    """Draw what every rule that imputes begins with; whatever is wrong with that is told where the days are used."""
    with suppress(FitError):
        _heavy_record(trial, spec) if heavy else _abstinence_record(trial, spec)


@remembered(ABSTINENCE_FIT)
def abstinence_fit(trial: Trial, spec: AnalysisSpec) -> Modelled:
    """The abstinence model of the trend and the estimator chosen."""
    robust = known(abstinence_fit, ABSTINENCE_FIT, trial, spec.replace(uncertainty=Uncertainty.ROBUST))
    if spec.uncertainty is Uncertainty.MODEL and (own := _by_model(robust)) is not None:
        return own
    like = of_same_days(abstinence_fit, ABSTINENCE_FIT, trial, spec)
    return model_abstinence(panel_of(trial, spec), spec, lambda: abstinence_draws(trial, spec), like)


@remembered(HEAVY_FIT)
def heavy_fit(trial: Trial, spec: AnalysisSpec) -> Modelled | None:
    """The heavy-day model (RSPL, AR(1), scale), or None where the amounts cannot tell a heavy day."""
    p = panel_of(trial, spec)
    robust = known(heavy_fit, HEAVY_FIT, trial, spec.replace(uncertainty=Uncertainty.ROBUST))
    if spec.uncertainty is Uncertainty.MODEL and (own := _by_model(robust)) is not None:
        return own
    like = of_same_days(heavy_fit, HEAVY_FIT, trial, spec)
    return model_heavy(p, spec, lambda: heavy_draws(trial, spec), like) if p.can_tell_heavy else None


def _by_model(robust: Modelled | None) -> Modelled | None:
    """The fit with the model's own errors, which one with robust errors has in it, bit for bit; None without one."""
    if robust is None or robust.fitted.by_model is None:
        return None
    return replace(robust, fitted=robust.fitted.by_model)


Like = Callable[[Completed], Modelled | None]


def model_abstinence(
    p: Panel, spec: AnalysisSpec, drawn: Callable[[], Drawn] | None = None, like: Like | None = None
) -> Modelled:
    """As `abstinence_fit`, remembering nothing; `drawn` gives draws of an imputation, `like` a model of such days."""
    if spec.estimator is Estimator.SLOPE:
        return _modelled(
            p,
            spec,
            abstinent_days(p, spec),
            drawn,
            fits.SLOPES,
            lambda r: fits.by_slopes(r, spec.trend, "abstinent", spec.uncertainty),
            like,
        )
    if spec.estimator is Estimator.RSPL:
        return _modelled(
            p,
            spec,
            abstinent_days(p, spec),
            drawn,
            "RSPL",
            lambda r: fits.by_rspl(r, spec.trend, "abstinent", ar1=False, uncertainty=spec.uncertainty),
            like,
        )
    return _modelled(
        p,
        spec,
        abstinent_days(p, spec),
        drawn,
        "ML",
        lambda r: fits.by_quadrature(
            r, spec.trend, "abstinent", spec.quadrature_points, spec.penalised, spec.uncertainty
        ),
        like,
    )


def model_heavy(
    p: Panel, spec: AnalysisSpec, drawn: Callable[[], Drawn] | None = None, like: Like | None = None
) -> Modelled:
    """As `heavy_fit`, remembering nothing; the amounts must tell heavy days."""
    return _modelled(
        p,
        spec,
        heavy_days(p, spec),
        drawn,
        "RSPL",
        lambda r: fits.by_rspl(
            r,
            Trend.LINEAR,
            p.terms.heavy_day,
            ar1=True,
            free_scale=spec.scale is Scale.FREE,
            uncertainty=spec.uncertainty,
        ),
        like,
    )


def _modelled(
    p: Panel,
    spec: AnalysisSpec,
    outcome: Outcome,
    drawn: Callable[[], Drawn] | None,
    method: str,
    fit: Callable[[Rows], Fitted],
    like: Like | None = None,
) -> Modelled:
    try:
        days = complete(p, spec, outcome, drawn)
    except FitError as error:
        nothing = np.full_like(outcome.known.y[None], np.nan)
        days = Completed(nothing, outcome.known, False, trouble=not_imputed(error))
        return Modelled(outcome, days, None, _lost(outcome, days, method, error))
    if like is not None and (same_days := like(days)) is not None and same_days.rows is not None:
        return Modelled(outcome, days, same_days.rows, same_days.fitted)
    try:
        r = rows(p, days.ys, *outcome.adjusted_for)
        return Modelled(outcome, days, r, fit(r))
    except FitError as error:
        return Modelled(outcome, days, None, _lost(outcome, days, method, error))


def _lost(outcome: Outcome, days: Completed, method: str, error: FitError) -> Fitted:
    used, (_, names) = counts(days), outcome.adjusted_for
    return fits.failed(outcome.trend, names, outcome.name, method, error, used.n_rows, used.n_participants)


@remembered(ABSTINENCE)
def abstinence_result(trial: Trial, spec: AnalysisSpec) -> BinaryOutcome:
    """Observed and modelled abstinence by day."""
    return _outcome(panel_of(trial, spec), abstinence_fit(trial, spec), chosen(spec), spec.trend, spec)


def abstinence_models(trial: Trial, spec: AnalysisSpec) -> dict[str, ModelFit]:
    """Linear and quadratic abstinence models, each by quadrature, as GLIMMIX fits by default (RSPL, φ = 1), and with
    random slopes.
    """
    models = {}
    for estimator in Estimator:
        for trend in Trend:
            if estimator is Estimator.SLOPE and not _slopes_wanted(trial, spec):
                name = chosen(spec.replace(trend=trend, estimator=estimator, penalised=False))
                models[name] = _not_asked_for(abstinence_fit(trial, spec), trend)
                continue
            # only the likelihood fit has a penalty
            penalised = spec.penalised and estimator is Estimator.QUADRATURE
            one = spec.replace(trend=trend, estimator=estimator, penalised=penalised)
            models[chosen(one)] = _at_confidence(abstinence_fit(trial, one).fitted.model, spec.confidence)
    return models


MOST_DAYS_UNASKED = 5000  # above, random slopes take seconds: they are fitted when they are chosen


TAKE_LONG = f"random slopes take long with more than {MOST_DAYS_UNASKED:,} participant-days"


def slopes_quick(p: Panel) -> bool:
    """Whether models with random slopes are fitted unasked: elsewhere they must be the chosen fit."""
    return p.amount.size <= MOST_DAYS_UNASKED


MOST_IMPUTED_UNASKED = 100_000  # participant-days times imputations: above, the rules that impute take seconds


def rules_quick(p: Panel, spec: AnalysisSpec) -> bool:
    """Whether every missing-day rule is modelled in seconds, so that a page does not wait for it."""
    return int(p.amount.size) * spec.imputations <= MOST_IMPUTED_UNASKED


MOST_IMPUTED_IN_MAIN_RESULTS = 2_000_000  # the same for whoever asks the command line for no part: above, minutes


def rules_in_main_results(p: Panel, spec: AnalysisSpec) -> bool:
    """Whether the JSON of an analysis has every missing-day rule unasked: outsiders rely on them in usual trials."""
    return int(p.amount.size) * spec.imputations <= MOST_IMPUTED_IN_MAIN_RESULTS


def _slopes_wanted(trial: Trial, spec: AnalysisSpec) -> bool:
    return spec.estimator is Estimator.SLOPE or slopes_quick(panel_of(trial, spec))


def _not_asked_for(m: Modelled, trend: Trend) -> ModelFit:
    """A model with random slopes that was not fitted, and why."""
    error = FitError(f"{TAKE_LONG}, so they are fitted only when they are chosen as the estimator")
    used, (_, names) = counts(m.days), m.outcome.adjusted_for
    return fits.failed(trend, names, m.outcome.name, fits.SLOPES, error, used.n_rows, used.n_participants).model


@remembered(HEAVY.plus("estimator"))
def heavy_slopes(trial: Trial, spec: AnalysisSpec) -> ModelFit | None:
    """The heavy-day model by maximum likelihood with random slopes; None where the amounts cannot tell heavy days."""
    m = heavy_fit(trial, spec)
    if m is None:
        return None
    if not _slopes_wanted(trial, spec):
        return _not_asked_for(m, Trend.LINEAR)
    return _at_confidence(_heavy_slopes_fit(trial, spec).model, spec.confidence)


@remembered(HEAVY_FIT)
def _heavy_slopes_fit(trial: Trial, spec: AnalysisSpec) -> Fitted:
    """Its fit, whichever fit or curve is shown; one with robust errors has that with the model's own in it."""
    robust = known(_heavy_slopes_fit, HEAVY_FIT, trial, spec.replace(uncertainty=Uncertainty.ROBUST))
    if spec.uncertainty is Uncertainty.MODEL and robust is not None and robust.by_model is not None:
        return robust.by_model
    m, p = heavy_fit(trial, spec), panel_of(trial, spec)
    for one in specs_alike(spec):
        other, fitted = known(heavy_fit, HEAVY_FIT, trial, one), known(_heavy_slopes_fit, HEAVY_FIT, trial, one)
        if m and other and fitted and not m.days.trouble and same(other.days.ys, m.days.ys):
            return fitted

    def fit(r: Rows) -> Fitted:
        return fits.by_slopes(r, Trend.LINEAR, p.terms.heavy_day, spec.uncertainty)

    return _modelled(p, spec, heavy_days(p, spec), lambda: heavy_draws(trial, spec), fits.SLOPES, fit).fitted


def chosen(spec: AnalysisSpec) -> str:
    """The name of the abstinence model that a spec chooses: ``quadratic``, ``linear_rspl``, ``linear_slope``."""
    return spec.trend.value + ("" if spec.estimator is Estimator.QUADRATURE else f"_{spec.estimator.value}")


@remembered(HEAVY)
def heavy_result(trial: Trial, spec: AnalysisSpec) -> BinaryOutcome | None:
    """Observed and modelled heavy drinking days, or None where the amounts cannot tell one."""
    m = heavy_fit(trial, spec)
    return None if m is None else _outcome(panel_of(trial, spec), m, "linear", Trend.LINEAR, spec)


def _outcome(p: Panel, m: Modelled, name: str, trend: Trend, spec: AnalysisSpec) -> BinaryOutcome:
    model = _at_confidence(m.fitted.model, spec.confidence)
    by_arm = {arm: m.days.ys[:, p.active == k] for k, arm in enumerate(p.arms)}
    modelled, difference = ((), ()) if m.rows is None else modelled_curves(p, m.rows, m.fitted, trend, spec)
    warnings = [*p.warnings, *m.days.messages, *([m.days.trouble] if m.days.trouble else [])]
    outcome_name = "abstinent" if m.outcome.name == "abstinence" else f"a {p.terms.heavy_day}"
    for arm, y in by_arm.items():
        known = y[~np.isnan(y)]
        if known.size and (known == known[0]).all():
            outcome_text = f"{'' if known[0] else 'not '}{outcome_name}"
            warnings.append(f"every day counted in the {arm} arm is {outcome_text}")
    if m.outcome.name == "abstinence" and (model.clusters or 0) > HELD_TO and modelled:
        warnings.append(BENT)
    return BinaryOutcome(
        outcome=m.outcome.name,
        arms=p.arms,
        window=(int(p.days[0]), int(p.days[-1])),
        model=model,
        chosen=name,
        estimand=spec.estimand.value,
        confidence=spec.confidence,
        observed=tuple(observed(p, m.days, spec.confidence)),
        modelled=modelled,
        difference=difference,
        odds_ratio_per_day=tuple(odds_ratios(p, model, trend, spec.confidence)),
        percent_days={a: float(np.nanmean(y)) if (~np.isnan(y)).any() else None for a, y in by_arm.items()},
        counts=counts(m.days, p.active),
        warnings=tuple(warnings),
        terms=p.terms,
    )


def counts(days: Completed, active: np.ndarray | None = None) -> Counts:
    """Participants with a day that is used, days used, filled in, missing; by arm with `active` (G,)."""
    used = ~np.isnan(days.ys[0])
    missing = days.daily.missing
    arms = [] if active is None else [missing[~active], missing[active]]
    return Counts(
        int(used.any(axis=1).sum()),
        int(used.sum()),
        int(days.daily.filled.sum()),
        int(missing.sum()),
        (int(arms[0].sum()), int(arms[1].sum())) if arms else None,
        (arms[0].size, arms[1].size) if arms else None,
        int((~used.any(axis=1)).sum()),
    )


def _at_confidence(model: ModelFit, confidence: float) -> ModelFit:
    """The model with its coefficients' intervals at another level."""
    return replace(model, coefficients=coefficients(model, [c.term for c in model.coefficients], confidence))
