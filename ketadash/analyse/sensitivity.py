"""The primary comparison under the choices that the published analysis made, and under every missing-day rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import product

import numpy as np

from ketadash.analyse import progress
from ketadash.analyse.binary import Modelled, abstinence_fit, counts, model_abstinence, panel_of
from ketadash.analyse.coefficients import df_for
from ketadash.analyse.curves import difference_on
from ketadash.analyse.memo import remembered
from ketadash.analyse.nnt import abstinent_every_day
from ketadash.analyse.provenance import departing, departing_throughout
from ketadash.analyse.specification_tasks import Made
from ketadash.analyse.specifications import MISSING, kind
from ketadash.core.families import SENSITIVITY, TIPPING
from ketadash.core.spec import AnalysisSpec, Estimator, MissingRule, Trend
from ketadash.results import Estimate, ModelFit, Sensitivity, SensitivityRow
from ketadash.stats.wald import t_test
from ketadash.trial import Panel, Trial

RULES = (MissingRule.NONABSTINENT, MissingRule.MISSING)
VARIED = ("missing", "adjust", "trend", "estimator")
# the two that the report printed; random slopes are among the specification curve's
FITS = (Estimator.QUADRATURE, Estimator.RSPL)
WORDS: dict[object, str] = {
    **{rule: rule.about.label for rule in RULES},
    True: "adjusted",
    False: "unadjusted",
    Trend.LINEAR: "linear",
    Trend.QUADRATIC: "quadratic",
    Estimator.QUADRATURE: "quadrature",
    Estimator.RSPL: "RSPL",
}


Combination = tuple[MissingRule, bool, Trend, Estimator]  # the fields of `VARIED`


@remembered(SENSITIVITY)
def sensitivity(trial: Trial, spec: AnalysisSpec) -> Sensitivity:
    """Missing-day rule × trend × baseline adjustment × estimator: difference on the last day, and interaction."""
    problem = sensitivity_problem(trial, spec)
    return problem.together(
        {
            one: problem.row_of(one, abstinence_fit(trial, problem.choice(one)))
            for one in progress.counted("combinations of choices", problem.combinations, len(problem.combinations))
        }
    )


@dataclass(frozen=True, slots=True, eq=False)
class SensitivityProblem:
    """All that a combination's row needs, to be sent to another process.

    `published` is the declared analysis; `departs` is what `spec` changes besides the choices that are combined.
    """

    panel: Panel
    spec: AnalysisSpec
    published: AnalysisSpec
    departs: dict[str, object]

    @property
    def combinations(self) -> tuple[Combination, ...]:
        """The combinations, in the order of their rows."""
        adjustments = (True, False) if self.panel.baseline is not None else (False,)
        return tuple(product(RULES, adjustments, reversed(Trend), FITS))

    @property
    def nearest_first(self) -> tuple[Combination, ...]:
        """The same in the order in which they are computed: what is declared, then what is quickest to be had."""
        declared = tuple(getattr(self.published, name) for name in VARIED)
        return tuple(sorted(self.combinations, key=lambda one: (one != declared, FITS.index(one[-1]))))

    def choice(self, one: Combination) -> AnalysisSpec:
        """The analysis of a combination."""
        varied = dict(zip(VARIED, one, strict=True))
        return self.spec.replace(
            **varied, penalised=self.spec.penalised and varied["estimator"] is Estimator.QUADRATURE
        )

    def row(self, one: Combination) -> SensitivityRow:
        """A combination's row, computed."""
        return self.row_of(one, model_abstinence(self.panel, self.choice(one)))

    def row_of(self, one: Combination, m: Modelled) -> SensitivityRow:
        """A combination's row from its model."""
        choice = self.choice(one)
        changes = {k: v for k, v in zip(VARIED, one, strict=True) if v != getattr(self.published, k)}
        words = tuple(WORDS[v] for v in one)
        return _row(self.panel, m, choice, words, changes | departing(choice, self.departs))

    def together(self, so_far: Mapping[Combination, SensitivityRow]) -> Sensitivity:
        """The result with the rows computed so far, in their order."""
        p, planned = self.panel, self.combinations
        rows = tuple(so_far[one] for one in planned if one in so_far)
        return Sensitivity(p.arms, int(p.days[-1]), self.spec.confidence, rows, p.terms, len(planned) - len(rows))


@remembered(SENSITIVITY)
def sensitivity_problem(trial: Trial, spec: AnalysisSpec) -> SensitivityProblem:
    """What the rows of `sensitivity` are computed from."""
    p, declared = panel_of(trial, spec), trial.declared.published
    published = declared.replace(
        adjust=declared.adjust and p.baseline is not None
    )  # nothing to adjust for: no departure
    return SensitivityProblem(p, spec, published, departing_throughout(trial, spec, SENSITIVITY, VARIED))


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

    def rows_of_rules(self, rules: Sequence[MissingRule]) -> list[SensitivityRow]:
        """The rows of several rules, those that impute from records read once."""
        made = Made(self.panel, heavy=False)
        specs = [self.spec.replace(missing=rule) for rule in rules]
        models = (model_abstinence(self.panel, spec, partial(made.draws, spec)) for spec in specs)
        return [self.row_of(rule, m) for rule, m in zip(rules, models, strict=True)]

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
        day_by_arm(model, spec.confidence),
        used.n_rows,
        used.n_filled,
        (*m.days.messages, *model.convergence.messages),
        None if model.usable else "; ".join(model.convergence.messages),
        kind(changes),
    )


def day_by_arm(model: ModelFit, confidence: float) -> Estimate:
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
