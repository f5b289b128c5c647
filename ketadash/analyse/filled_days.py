"""Missing days given values by the missing-day rule: once, where the rule says what they are, or by imputation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ketadash.analyse.design import Outcomes, matrix, model_matrix, rows, terms
from ketadash.analyse.outcomes import Daily, abstinence, dropout_day, heavy_drinking
from ketadash.core.errors import FitError
from ketadash.core.spec import AnalysisSpec, Trend
from ketadash.core.terms import BASELINE, BASELINE_HEAVY
from ketadash.stats import glmm, imputation
from ketadash.trial import Panel

Array = NDArray[np.float64]

PENALISED = "the known days separate the arms, so missing days are imputed from the penalised fit"
ONE = "one imputation: the intervals leave out what is not known about the missing days"


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """A daily outcome: what is known of it, its covariates (G, c), and whether 1 is the favourable value."""

    name: str
    known: Daily
    covariates: Array
    covariate_names: tuple[str, ...]
    trend: Trend
    good: bool

    @property
    def adjusted_for(self) -> tuple[Array, tuple[str, ...]]:
        """The covariates and their names together, as `rows` takes them."""
        return self.covariates, self.covariate_names


@dataclass(frozen=True, slots=True, eq=False)
class Completed:
    """An outcome's days by the rule: `ys` (k, G, T), k imputations or one; NaN only where the rule leaves days out.

    Imputations, which leave none out, are bytes: 200 of a large trial are 30 MB so, and 250 as floating numbers.

    `daily` has what was filled and missing; `trouble` says why nothing could be imputed, and then `ys` is all NaN: days
    as they were known must not stand under the name of a rule that was not carried out.
    """

    ys: Outcomes
    daily: Daily
    imputed: bool
    messages: tuple[str, ...] = ()
    trouble: str = ""


def abstinent_days(p: Panel, spec: AnalysisSpec) -> Outcome:
    """Abstinence, with the baseline covariate if the models are adjusted."""
    known = abstinence(p, spec.missing)
    covariates = _covariates(p, p.baseline if spec.adjust else None, BASELINE)
    return Outcome("abstinence", known, *covariates, spec.trend, True)


def heavy_days(p: Panel, spec: AnalysisSpec) -> Outcome:
    """Heavy drinking days, adjusted by their own baseline where there is one, as the paper did."""
    own = p.baseline_heavy is not None
    covariate = (p.baseline_heavy if own else p.baseline) if spec.adjust else None
    name = BASELINE_HEAVY if own else BASELINE
    return Outcome("heavy", heavy_drinking(p, spec.missing), *_covariates(p, covariate, name), Trend.LINEAR, False)


def _covariates(p: Panel, baseline: Array | None, name: str) -> tuple[Array, tuple[str, ...]]:
    """The baseline (G,), if any, and the panel's covariates but for one that says the same again: (G, c) and names."""
    columns = {} if p.covariates is None else dict(zip(p.covariate_names, p.covariates.T, strict=True))
    if baseline is not None:
        columns = {name: baseline} | {n: x for n, x in columns.items() if not np.array_equal(x, baseline)}
    return np.column_stack([np.zeros((len(p.active), 0)), *columns.values()]), tuple(columns)


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """The draws behind an imputation, and the doubts about the model they come from."""

    draws: imputation.Draws
    messages: tuple[str, ...]


def complete(p: Panel, spec: AnalysisSpec, outcome: Outcome, drawn: Callable[[], Drawn] | None = None) -> Completed:
    """The days under the rule of `spec`; `drawn` gives the draws behind an imputation where they are kept.

    Raises
    ------
    FitError
        Where days are to be imputed and no model can be fitted to those known.
    """
    daily = outcome.known
    if not spec.missing.imputed:
        return Completed(daily.y[None], daily, False)
    if not daily.missing.any():
        return Completed(daily.y[None], daily, False, ("no day is missing: there is nothing to impute",))
    delta = _delta(p, spec, outcome)
    if np.isinf(delta[np.nonzero(daily.missing)[0]]).all():  # certain either way: no model is needed
        y = np.where(daily.missing, (delta > 0).astype(float)[:, None], daily.y)
        return Completed(y[None], replace(daily, y=y, filled=daily.missing), False)
    imputed = drawn() if drawn else draw(p, spec, outcome)
    values = imputed.draws.shifted(delta[np.nonzero(daily.missing)[0]])
    ys = np.repeat(np.where(daily.missing, 0, daily.y).astype(np.int8)[None], len(values), axis=0)
    ys[:, daily.missing] = values
    messages = (*imputed.messages, *([ONE] if len(values) == 1 else []))
    return Completed(ys, replace(daily, filled=daily.missing), True, messages)


def not_imputed(error: FitError) -> str:
    """Why missing days stayed missing though they were to be imputed."""
    return f"missing days could not be imputed: {error}"


def _delta(p: Panel, spec: AnalysisSpec, outcome: Outcome) -> Array:
    """Each participant's shift (G,) of the outcome's log-odds on missing days."""
    with np.errstate(divide="ignore"):
        shift = np.log(np.where(p.active, spec.imor_active, spec.imor_control))
    return shift if outcome.good else -shift


@dataclass(frozen=True, slots=True, eq=False)
class OwnRecord:
    """What every rule that imputes begins with: records read in their people's own arms, and what is drawn from them.

    `y` (G, T) are the known days, NaN where missing; `of_people` (m, G) and `of_days` (m, n missing days) are random
    numbers.
    """

    y: Array
    posterior: imputation.Posterior
    of_people: Array
    of_days: Array
    messages: tuple[str, ...]


def draw(p: Panel, spec: AnalysisSpec, outcome: Outcome, own: OwnRecord | None = None) -> Drawn:
    """What `complete` imputes with, whatever the informative-missingness odds ratios are.

    The rule says in which arm a participant's record is read, and in which the missing days are drawn; `own` are the
    records as every rule has them to begin with, where they are known.
    """
    own = own_record(p, spec, outcome) if own is None else own
    arm = np.broadcast_to(p.active[:, None], p.amount.shape).astype(float)
    record, missing = spec.missing.about.draw_in(arm, p.days >= dropout_day(p).filled(p.days[-1] + 1)[:, None])
    elsewhere = np.isnan(own.y).any(axis=1) & (record != arm).any(axis=1)
    posterior = own.posterior
    if elsewhere.any():
        posterior = imputation.with_intercepts(
            posterior, elsewhere, own.y, design_in(p, outcome, record), own.of_people
        )
    where = np.isnan(own.y)
    return Drawn(imputation.draw_days(posterior, where, design_in(p, outcome, missing), own.of_days), own.messages)


def own_record(p: Panel, spec: AnalysisSpec, outcome: Outcome) -> OwnRecord:
    """The model of the known days, and what is drawn from it whatever the rule.

    Raises
    ------
    FitError
        As of `known_fit`.
    """
    fit, messages = known_fit(p, spec, outcome)
    n_columns = len(terms(outcome.trend, outcome.covariate_names))
    y = np.where(outcome.known.missing, np.nan, outcome.known.y)
    names = [f"{outcome.name} {i}" for i in p.streams]
    streams = imputation.streams(names, np.isnan(y), n_columns + 1, spec.imputations, spec.seed)
    X = design_in(p, outcome, np.broadcast_to(p.active[:, None], p.amount.shape).astype(float))
    posterior = imputation.draw_posterior(fit, y, X, streams.normal, streams.of_people)
    return OwnRecord(y, posterior, streams.of_people, streams.of_days, messages)


def design_in(p: Panel, outcome: Outcome, arm: Array) -> Array:
    """Rows (G, T, p) of the outcome's model with the arm (G, T) that each day is taken to be in."""
    covariates, names = outcome.adjusted_for
    days = np.broadcast_to(p.days.astype(float), p.amount.shape)
    return matrix(terms(outcome.trend, names), days, arm, covariates[:, None])


def known_fit(p: Panel, spec: AnalysisSpec, outcome: Outcome) -> tuple[glmm.GlmmFit, tuple[str, ...]]:
    """The model of the known days, penalised if it must be, and what there is to say about it.

    Raises
    ------
    FitError
        Where there is no such model: nobody in an arm has a known day, or there is no covariance to draw from.
    """
    y = np.where(outcome.known.missing, np.nan, outcome.known.y)
    for arm, own in zip(p.arms, (~p.active, p.active), strict=True):
        if np.isnan(y[own]).all():
            raise FitError(
                f"nobody in the {arm} arm has a known day, so there is no record to impute missing days from; a fixed "
                f"rule ({p.terms.use}, or odds ratios of 0 or infinity in every arm with missing days) needs none"
            )
    r = rows(p, y[None], *outcome.adjusted_for)
    X, _ = model_matrix(r, outcome.trend)
    fit = glmm.fit(r.ys[0], X, r.group, penalty=glmm.Penalty() if spec.penalised else None)
    separated = fit.separated
    if separated:
        fit = glmm.fit(r.ys[0], X, r.group, penalty=glmm.Penalty())
    if not np.isfinite(fit.covariance).all():
        raise FitError("the model of the known days has no covariance, so missing days cannot be imputed from it")
    return fit, (PENALISED,) if separated else ()
