"""Measures taken at visits (craving, stress, …) by week: observed means and the paper's mixed model.

One row a participant and week: the mean of the week's visits, week = ⌈day / 7⌉ for days from 1 on.  The baseline is
the last value on day 0 or before, or a participants' column ``baseline_<measure>``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_numeric_dtype

from ketadash.analyse import fits
from ketadash.analyse.design import NO_COVARIATES, Rows, distinct, matrix, setting, terms
from ketadash.analyse.memo import remembered
from ketadash.core.errors import FitError
from ketadash.core.families import fields_of
from ketadash.core.findings import counted, listed
from ketadash.core.spec import AnalysisSpec, Estimand, Trend, Uncertainty
from ketadash.results import Coefficient, Counts, ModelFit
from ketadash.results.safety import MeanPoint, Measure, WeeklyChange, baseline_term
from ketadash.stats import means
from ketadash.stats.glm_families import IDENTITY, LOG
from ketadash.stats.wald import containment_df, contrast_variance, t_test
from ketadash.trial import Trial
from ketadash.trial.population import people_of

Array = NDArray[np.float64]

SEES = fields_of("control", "active", "population", "days", "estimand", "uncertainty", "confidence")
LOG_BY_NAME = ("craving", "arousal", "withdrawal")  # the paper's right-skewed outcomes
NOT_MEASURES = ("participant_id", "day", "arm", "etg_positive")
FAMILIES = {"log": LOG, "identity": IDENTITY}
LABELS = {"self_efficacy": "self-efficacy"}
MOST = 24  # measures shown; a file of laboratory values may hold hundreds


@dataclass(frozen=True, slots=True, eq=False)
class Weekly:
    """One measure laid out: participants (control first) by week, NaN where not measured."""

    y: Array  # (G, W)
    weeks: NDArray[np.int64]  # (W,)
    active: NDArray[np.bool_]  # (G,)
    baseline: Array  # (G,) NaN where unknown


@remembered(SEES)
def measures_result(trial: Trial, spec: AnalysisSpec) -> tuple[Measure, ...]:
    """Every visit measure with a value after the start of treatment, in the order of the file; () for none."""
    return tuple(_measure(trial, name, spec) for name in measure_columns(trial)[:MOST])


def measure_columns(trial: Trial) -> tuple[str, ...]:
    """Columns of the visits that hold a measure: numbers of more than two values, some of them after day 0."""
    if trial.visits is None:
        return ()
    after = trial.visits[trial.visits["day"] >= 1]
    return tuple(
        c
        for c in trial.visits.columns
        if c not in NOT_MEASURES and not c.startswith("cadss") and is_numeric_dtype(after[c]) and after[c].nunique() > 2
    )


def link_of(trial: Trial, measure: str) -> str:
    """``log`` for craving, arousal and withdrawal, else ``identity``; `trial.toml` may say otherwise."""
    by_name = "log" if any(name in measure for name in LOG_BY_NAME) else "identity"
    return dict(trial.declared.links).get(measure, by_name)


def weekly(trial: Trial, measure: str, spec: AnalysisSpec) -> Weekly:
    """Lay out one measure; weeks that hold only days outside the window are left out."""
    # `measure_columns` needs visits, and a resolved spec has days
    assert trial.visits is not None and spec.days is not None
    ours = people_of(trial, spec)
    people = pd.concat([ours[ours["arm"] == a] for a in (spec.control, spec.active)])
    ids = pd.Index(people["participant_id"])
    visits = trial.visits[["participant_id", "day", measure]].dropna()
    visits = visits[visits["participant_id"].isin(ids)]
    before = visits[visits["day"] <= 0].sort_values("day", kind="stable").groupby("participant_id")[measure].last()
    baseline = before.reindex(ids).to_numpy(dtype=float)
    column = baseline_term(measure)
    if column in people and is_numeric_dtype(people[column]):
        given = people[column].to_numpy(dtype=float)
        baseline = np.where(np.isnan(given), baseline, given)
    after = visits[(visits["day"] >= max(1, spec.days.first)) & (visits["day"] <= spec.days.last)]
    week = np.ceil(after["day"].to_numpy() / 7).astype(int)
    table = after.groupby(["participant_id", week])[measure].mean().unstack()
    y = table.reindex(ids).to_numpy(dtype=float) if len(after) else np.full((len(ids), 0), np.nan)
    active = (people["arm"] == spec.active).to_numpy()
    return Weekly(y, np.asarray(table.columns, dtype=int) if len(after) else np.zeros(0, int), active, baseline)


def _measure(trial: Trial, name: str, spec: AnalysisSpec) -> Measure:
    w, link = weekly(trial, name, spec), link_of(trial, name)
    arms = (str(spec.control), str(spec.active))
    r, counts, warnings = _rows(w, name, arms)
    model = fit_weekly(r, name, link, spec.uncertainty)
    return Measure(
        measure=name,
        label=_label(name),
        link=link,
        arms=arms,
        weeks=tuple(int(k) for k in w.weeks),
        confidence=spec.confidence,
        estimand=spec.estimand.value,
        model=_at_confidence(model, spec.confidence),
        observed=tuple(_observed(w, arms)),
        modelled=tuple(_modelled(w, r, model, link, arms, spec)),
        change=tuple(_changes(model, link, arms, spec.confidence)),
        counts=counts,
        warnings=warnings,
    )


def _label(name: str) -> str:
    """A measure as sentences and tables have it."""
    return LABELS.get(name, name.replace("_", " "))


def _rows(w: Weekly, name: str, arms: tuple[str, str]) -> tuple[Rows, Counts, tuple[str, ...]]:
    """The person-weeks measured, with the baseline beside each, how many, and what was said of the baseline."""
    group, place = np.nonzero(~np.isnan(w.y))
    base, warnings = _baseline(w.baseline, name)
    counts = Counts(len(np.unique(group)), len(group), 0, int(np.isnan(w.y).sum()))
    # everyone randomised, measured or not: the population that modelled means average over
    covariates = np.repeat(NO_COVARIATES, len(w.active), axis=0) if base is None else base[:, None]
    patterns, weight, pattern = distinct(covariates)
    r = Rows(
        w.y[None, group, place],
        np.unique(group, return_inverse=True)[1],
        w.weeks[place].astype(float),
        w.active[group].astype(float),
        covariates[group],
        () if base is None else (baseline_term(name),),
        patterns,
        weight,
        pattern,
        counts.n_participants,
        arms,
        "week",
    )
    return r, counts, warnings


def _baseline(values: Array, name: str) -> tuple[Array | None, tuple[str, ...]]:
    """The baseline covariate with gaps at the mean of the others (White & Thompson 2005), None if it says nothing."""
    known = np.isfinite(values)
    if len(np.unique(values[known])) < 2:
        reason = "is the same for everybody" if known.any() else "is not given"
        return None, (f"{_label(name)}: no baseline adjustment, the value before treatment {reason}",)
    if known.all():
        return values, ()
    missing = counted(int((~known).sum()), "participant")
    return np.where(known, values, values[known].mean()), (
        f"{_label(name)}: no value before treatment for {missing}; the mean of the others is used",
    )


def fit_weekly(r: Rows, name: str, link: str, uncertainty: Uncertainty = Uncertainty.MODEL) -> ModelFit:
    """Week + arm + week:arm + baseline, random intercept, AR(1) by week, by REML (identity link) or RSPL (log link)."""
    try:
        if not r.n_rows:
            raise FitError("no value in any week of the window: there is nothing to model")
        if link == "log" and (r.ys < 0).any():
            raise FitError(
                f"{_label(name)} has values below 0, which a log link cannot have; choose identity in trial.toml"
            )
        X = matrix(terms(Trend.LINEAR, r.covariate_names), r.day, r.active, r.covariates)
        if containment_df(X, r.group) < 1:
            raise FitError("hardly anyone was measured in two different weeks: too little to estimate a change")
        model = fits.by_rspl(r, Trend.LINEAR, name, ar1=True, family=FAMILIES[link], uncertainty=uncertainty).model
    except FitError as error:
        model = fits.failed(Trend.LINEAR, r.covariate_names, name, "RSPL", error, r.n_rows, r.n_participants).model
    method = "REML" if link == "identity" else "RSPL"
    names = [_weeks(c.term) for c in model.coefficients[1:]]
    left = name if link == "identity" else f"log E({name})"
    return replace(
        model,
        method=method,
        formula=f"{left} ~ {' + '.join(names)} + (1 | participant) + AR(1) residual within participant, scale",
        coefficients=tuple(_renamed(c) for c in model.coefficients),
        tests=tuple(replace(t, effect=_weeks(t.effect)) for t in model.tests),
        convergence=replace(model.convergence, messages=tuple(_in_weeks(name, model.convergence.messages))),
    )


def _weeks(term: str) -> str:
    return {"day": "week", "day:arm": "week:arm"}.get(term, term)


def _renamed(c: Coefficient) -> Coefficient:
    return replace(c, term=_weeks(c.term))


def _in_weeks(name: str, messages: Iterable[str]) -> list[str]:
    # the engine counts in days; here each of them is a week
    return [f"{_label(name)}: {m.replace('days', 'weeks').replace('every day', 'every week')}" for m in messages]


def _at_confidence(model: ModelFit, confidence: float) -> ModelFit:
    def at(c: Coefficient) -> Coefficient:
        if c.estimate is None:
            return c
        _, _, low, high = t_test(c.estimate, c.se, model.df, confidence)
        return replace(c, ci_low=low, ci_high=high)

    return replace(model, coefficients=tuple(at(c) for c in model.coefficients))


def _observed(w: Weekly, arms: tuple[str, str]) -> list[MeanPoint]:
    """Means ± SE of whoever was measured: at baseline (week 0) and in each week."""
    points = []
    table = np.column_stack([w.baseline, w.y])
    for k, arm in enumerate(arms):
        for week, column in zip([0, *w.weeks], table[w.active == k].T, strict=True):
            known = column[~np.isnan(column)]
            n = len(known)
            se = float(known.std(ddof=1) / np.sqrt(n)) if n > 1 else None
            points.append(MeanPoint(arm, int(week), n, float(known.mean()) if n else None, se))
    return points


def _modelled(
    w: Weekly, r: Rows, model: ModelFit, link: str, arms: tuple[str, str], spec: AnalysisSpec
) -> list[MeanPoint]:
    """Means by week had everyone randomised been in one arm, or for a typical participant."""
    if not model.usable:
        return []
    typical = spec.estimand is Estimand.TYPICAL
    names, weeks = terms(Trend.LINEAR, r.covariate_names), w.weeks.astype(float)
    points = []
    for k, arm in enumerate(arms):
        X = setting(r, names, weeks, float(k), typical)
        m = means.modelled(
            model.beta,
            model.fixed_covariance,
            model.random_intercept_sd or 0.0,
            X[:, None, :] if typical else X,
            np.ones(1) if typical else r.weight,
            len(r.pattern),
            log=link == "log",
            typical=typical,
            confidence=spec.confidence,
            df=model.df if model.clusters is not None else np.inf,
        )
        points += [
            MeanPoint(arm, int(week), None, *(float(v) for v in values))
            for week, *values in zip(weeks, m.mean, m.se, m.low, m.high, strict=True)
        ]
    return points


def _changes(model: ModelFit, link: str, arms: tuple[str, str], confidence: float) -> list[WeeklyChange]:
    """What one more week does in each arm, and the difference (or ratio) of the two."""
    if not model.usable:
        return []
    names = [c.term for c in model.coefficients]
    changes = []
    for arm, week, interaction in ((arms[0], 1, 0), (arms[1], 1, 1), ("difference", 0, 1)):
        contrast = np.zeros(len(names))
        contrast[names.index("week")], contrast[names.index("week:arm")] = week, interaction
        slope = float(contrast @ model.beta)
        se = float(np.sqrt(contrast_variance(contrast, model.fixed_covariance)))
        _, p, low, high = t_test(slope, se, model.df, confidence)
        with np.errstate(over="ignore"):  # an interval without an upper end ends at infinity
            estimate, low, high = (
                None if v is None else float(np.exp(v)) if link == "log" else v for v in (slope, low, high)
            )
        changes.append(WeeklyChange(arm, estimate, low, high, p))
    return changes


def measures_left_out(trial: Trial) -> str | None:
    """Which measures are not shown because there are too many, in words."""
    rest = measure_columns(trial)[MOST:]
    return f"only the first {MOST} measures are shown; left out: {listed(rest)}" if rest else None
