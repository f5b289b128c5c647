"""The primary comparison under the choices that the published analysis made, and under every missing-day rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from ketadash.analyse import progress
from ketadash.analyse.binary import Modelled, abstinence_fit, counts, model_abstinence, panel_of
from ketadash.analyse.coefficients import df_for
from ketadash.analyse.curves import difference_on
from ketadash.analyse.memo import remembered
from ketadash.analyse.nnt import abstinent_every_day
from ketadash.analyse.provenance import departing, departing_throughout
from ketadash.analyse.specifications import MISSING, kind
from ketadash.core.families import SENSITIVITY, TIPPING
from ketadash.core.spec import AnalysisSpec, Estimator, MissingRule, Trend
from ketadash.results import Estimate, ModelFit, Sensitivity, SensitivityRow
from ketadash.stats.wald import t_test
from ketadash.trial import Panel, Trial

RULES = (MissingRule.NONABSTINENT, MissingRule.MISSING)
VARIED = ("missing", "adjust", "trend", "estimator")
FITS = (Estimator.QUADRATURE, Estimator.RSPL)  # the two that were published; random slopes stand in the full curve
WORDS: dict[object, str] = {
    **{rule: rule.about.label for rule in RULES},
    True: "adjusted",
    False: "unadjusted",
    Trend.LINEAR: "linear",
    Trend.QUADRATIC: "quadratic",
    Estimator.QUADRATURE: "quadrature",
    Estimator.RSPL: "RSPL",
}


@remembered(SENSITIVITY)
def sensitivity(trial: Trial, spec: AnalysisSpec) -> Sensitivity:
    """Missing-day rule × trend × baseline adjustment × estimator: difference on the last day, and interaction."""
    p = panel_of(trial, spec)
    declared = trial.declared.published
    published = declared.replace(
        adjust=declared.adjust and p.baseline is not None
    )  # nothing to adjust for: no departure
    throughout = departing_throughout(trial, spec, SENSITIVITY, VARIED)
    rows = []
    adjustments = (True, False) if p.baseline is not None else (False,)
    combined = list(product(RULES, adjustments, reversed(Trend), FITS))
    for missing, adjust, trend, estimator in progress.counted("combinations of choices", combined, len(combined)):
        penalised = spec.penalised and estimator is Estimator.QUADRATURE
        choice = spec.replace(missing=missing, adjust=adjust, trend=trend, estimator=estimator, penalised=penalised)
        varied = {"missing": missing, "adjust": adjust, "trend": trend, "estimator": estimator}
        changes = {k: v for k, v in varied.items() if v != getattr(published, k)} | departing(choice, throughout)
        words = tuple(WORDS[v] for v in varied.values())
        rows.append(_row(p, abstinence_fit(trial, choice), choice, words, changes))
    return Sensitivity(p.arms, int(p.days[-1]), spec.confidence, tuple(rows), p.terms)


@remembered(TIPPING)
def assumptions(trial: Trial, spec: AnalysisSpec) -> Sensitivity:
    """The comparison under each missing-day rule, all other choices as they are in `spec`."""
    problem = assumptions_problem(trial, spec)
    return problem.together(
        [
            problem.row_of(rule, abstinence_fit(trial, spec.replace(missing=rule)))
            for rule in progress.counted("missing-day rules", problem.rules, len(problem.rules))
        ]
    )


@dataclass(frozen=True, slots=True, eq=False)
class AssumptionsProblem:
    """All that a row needs, to be sent to another process; `departs` is what `spec` changes besides the rule.

    Another choice than the declared one departs only where the row depends on it.
    """

    panel: Panel
    spec: AnalysisSpec
    declared: MissingRule
    departs: dict[str, object]

    @property
    def rules(self) -> tuple[MissingRule, ...]:
        """The rules, in the order of their rows; those that impute take twenty times as long as the others."""
        return tuple(MISSING)

    def row(self, rule: MissingRule) -> SensitivityRow:
        """One rule's row, computed."""
        return self.row_of(rule, model_abstinence(self.panel, self.spec.replace(missing=rule)))

    def row_of(self, rule: MissingRule, m: Modelled) -> SensitivityRow:
        """One rule's row from its model."""
        spec = self.spec.replace(missing=rule)
        changes = departing(spec, self.departs) | ({} if rule is self.declared else {"missing": rule})
        row = _row(self.panel, m, spec, (MISSING[rule],), changes)
        return replace(row, every_day=abstinent_every_day(self.panel, m.days, spec))

    def together(self, rows: Sequence[SensitivityRow]) -> Sensitivity:
        """The result with the rows computed so far."""
        p = self.panel
        return Sensitivity(p.arms, int(p.days[-1]), self.spec.confidence, tuple(rows), p.terms)


@remembered(TIPPING)
def assumptions_problem(trial: Trial, spec: AnalysisSpec) -> AssumptionsProblem:
    """What the rows of `assumptions` are computed from."""
    departs = departing_throughout(trial, spec, TIPPING, ())
    return AssumptionsProblem(panel_of(trial, spec), spec, trial.declared.published.missing, departs)


def _row(
    p: Panel, m: Modelled, spec: AnalysisSpec, choices: tuple[str, ...], changes: dict[str, object]
) -> SensitivityRow:
    last = int(p.days[-1])
    gap = Estimate(None, None, None) if m.rows is None else difference_on(m.rows, m.fitted, spec.trend, spec, last)
    used, model = counts(m.days), m.fitted.model
    return SensitivityRow(
        choices,
        changes,
        not changes,
        gap,
        _interaction(model, spec.confidence),
        used.n_rows,
        used.n_filled,
        (*m.days.messages, *model.convergence.messages),
        None if model.usable else "; ".join(model.convergence.messages),
        kind(changes),
    )


def _interaction(model: ModelFit, confidence: float) -> Estimate:
    """Ratio of the arms' odds ratios per day (exp of the arm × day coefficient); SE on the log scale."""
    c = model.coefficient("day:arm")
    if c.estimate is None:
        return Estimate(None, None, None)
    contrast = np.eye(len(model.beta))[[c.term for c in model.coefficients].index("day:arm")]
    _, p, low, high = t_test(c.estimate, c.se, df_for(model, contrast), confidence)
    if low is None or high is None:
        return Estimate(float(np.exp(c.estimate)), None, None)
    with np.errstate(over="ignore"):  # an interval without an upper end ends at infinity
        return Estimate(float(np.exp(c.estimate)), float(np.exp(low)), float(np.exp(high)), p, c.se)
