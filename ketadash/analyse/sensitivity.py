"""The primary comparison under the choices that the published analysis made, and under every missing-day rule."""

from __future__ import annotations

from itertools import product

import numpy as np

from ketadash.analyse.binary import abstinence_fit, counts, panel_of
from ketadash.analyse.curves import difference_on
from ketadash.analyse.fits import df_for
from ketadash.analyse.specifications import MISSING, kind
from ketadash.memo import remembered
from ketadash.results import Estimate, ModelFit, Sensitivity, SensitivityRow
from ketadash.spec import SENSITIVITY, TIPPING, AnalysisSpec, Estimator, MissingRule, Trend
from ketadash.stats.wald import t_test
from ketadash.trial import Trial

RULES = (MissingRule.NONABSTINENT, MissingRule.MISSING)
WORDS = {
    MissingRule.NONABSTINENT: "missing = drinking",
    MissingRule.MISSING: "missing = missing",
    True: "adjusted",
    False: "unadjusted",
    Trend.LINEAR: "linear",
    Trend.QUADRATIC: "quadratic",
    Estimator.QUADRATURE: "quadrature",
    Estimator.RSPL: "RSPL",
}


@remembered(*SENSITIVITY)
def sensitivity(trial: Trial, spec: AnalysisSpec) -> Sensitivity:
    """Missing-day rule × trend × baseline adjustment × estimator: difference on the last day, and interaction."""
    p = panel_of(trial, spec)
    declared = trial.declared.published
    published = declared.replace(
        adjust=declared.adjust and p.baseline is not None
    )  # nothing to adjust for: no departure
    rows = []
    adjustments = (True, False) if p.baseline is not None else (False,)
    for missing, adjust, trend, estimator in product(RULES, adjustments, reversed(Trend), Estimator):
        penalised = spec.penalised and estimator is Estimator.QUADRATURE
        choice = spec.replace(
            missing=missing, adjust=adjust, trend=trend, estimator=estimator, penalised=penalised
        )  # fmt: skip
        varied = {"missing": missing, "adjust": adjust, "trend": trend, "estimator": estimator}
        changes = {k: v for k, v in varied.items() if v != getattr(published, k)}
        rows.append(_row(trial, choice, " · ".join(WORDS[v] for v in varied.values()), changes))
    return Sensitivity(p.arms, int(p.days[-1]), spec.confidence, tuple(rows), p.terms)


@remembered(*TIPPING)
def assumptions(trial: Trial, spec: AnalysisSpec) -> Sensitivity:
    """The comparison under each missing-day rule, all other choices as they are in `spec`."""
    p = panel_of(trial, spec)
    declared = trial.declared.published
    others = {name: getattr(spec, name) for name in ("trend", "adjust", "estimator")}
    there = {name: getattr(declared, name) for name in others} | {"adjust": declared.adjust and p.baseline is not None}
    departs = {name: value for name, value in others.items() if value != there[name]}
    rows = []
    for rule, called in MISSING.items():
        changes = departs | ({} if rule is declared.missing else {"missing": rule})
        rows.append(_row(trial, spec.replace(missing=rule), called, changes))
    return Sensitivity(p.arms, int(p.days[-1]), spec.confidence, tuple(rows), p.terms)


def _row(trial: Trial, spec: AnalysisSpec, label: str, changes: dict[str, object]) -> SensitivityRow:
    m, last = abstinence_fit(trial, spec), int(panel_of(trial, spec).days[-1])
    gap = Estimate(None, None, None) if m.rows is None else difference_on(m.rows, m.fitted, spec.trend, spec, last)
    used, model = counts(m.days), m.fitted.model
    return SensitivityRow(
        label, changes, not changes, gap, _interaction(model, spec.confidence), used.n_rows, used.n_filled,
        (*m.days.messages, *model.convergence.messages),
        None if model.usable else "; ".join(model.convergence.messages), kind(changes),
    )  # fmt: skip


def _interaction(model: ModelFit, confidence: float) -> Estimate:
    """Ratio of the arms' odds ratios per day (exp of the arm × day coefficient); SE on the log scale."""
    c = model.coefficient("day:arm")
    if c.estimate is None:
        return Estimate(None, None, None)
    contrast = np.eye(len(model.beta))[[c.term for c in model.coefficients].index("day:arm")]
    _, p, low, high = t_test(c.estimate, c.se, df_for(model, contrast), confidence)
    if low is None or high is None:
        return Estimate(float(np.exp(c.estimate)), None, None)
    return Estimate(float(np.exp(c.estimate)), float(np.exp(low)), float(np.exp(high)), p, c.se)
