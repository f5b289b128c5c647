"""How far each outcome's result holds: the same under every rule for the missing days, or every reading of dropout.

Abstinence and the number needed to treat share the fits of `analyse.assumptions`; heavy days have their own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from ketadash.analyse.binary import heavy_draws, model_heavy, panel_of
from ketadash.analyse.coefficients import coefficients
from ketadash.analyse.dropout import dropout_readings
from ketadash.analyse.filled_days import Drawn
from ketadash.analyse.memo import remembered
from ketadash.analyse.outcomes import tells
from ketadash.analyse.sensitivity import assumptions, assumptions_problem
from ketadash.analyse.specification_tasks import Made
from ketadash.core.choices.missing import bounds_last
from ketadash.core.families import HEAVY_ASSUMPTIONS
from ketadash.core.spec import AnalysisSpec, MissingRule, Uncertainty
from ketadash.results import Estimate, SensitivityRow
from ketadash.results.robustness import Analysis, Held, reckon
from ketadash.trial import Panel, Trial

ABSTINENCE, NNT, HEAVY, RELAPSE = "abstinence", "nnt", "heavy", "relapse"
NONE = Estimate(None, None, None)


@dataclass(frozen=True, slots=True, eq=False)
class HeavyProblem:
    """All that heavy days under one rule are computed from, to be sent to another process."""

    panel: Panel
    spec: AnalysisSpec

    @property
    def rules(self) -> tuple[MissingRule, ...]:
        """The rules, those that no model need draw days for first."""
        return tuple(sorted(bounds_last(), key=lambda rule: rule.imputed))

    def row(self, rule: MissingRule) -> Estimate:
        """How far apart the arms' trends are under a rule (log odds ratio a day); without a verdict, none."""
        return self.row_of(rule, None)

    def rows_of_rules(self, rules: Sequence[MissingRule]) -> list[Estimate]:
        """The same for several rules, those that impute from records read once."""
        made = Made(self.panel, heavy=True)
        return [self.row_of(rule, partial(made.draws, self.spec.replace(missing=rule))) for rule in rules]

    def row_of(self, rule: MissingRule, drawn: Callable[[], Drawn] | None) -> Estimate:
        """The same with draws that are kept; the model is not, as twenty imputations of a large trial are large."""
        model = model_heavy(self.panel, self.spec.replace(missing=rule), drawn).fitted.model
        if not model.usable or (model.n_imputations is None and not model.convergence.ok):
            return NONE
        names = [c.term for c in model.coefficients]
        apart = coefficients(model, names, self.spec.confidence)[names.index("day:arm")]
        return Estimate(apart.estimate, apart.ci_low, apart.ci_high, apart.p, apart.se)


@remembered(HEAVY_ASSUMPTIONS)
def heavy_assumptions_problem(trial: Trial, spec: AnalysisSpec) -> HeavyProblem | None:
    """What `heavy_assumptions` is computed from; None where the amounts cannot tell a heavy day."""
    p = panel_of(trial, spec)
    return HeavyProblem(p, spec) if p.can_tell_heavy else None


@remembered(HEAVY_ASSUMPTIONS)
def heavy_assumptions(trial: Trial, spec: AnalysisSpec) -> tuple[tuple[MissingRule, Estimate], ...]:
    """The arms' trends of heavy days apart under every rule for the missing days."""
    problem = heavy_assumptions_problem(trial, spec)
    if problem is None:
        return ()
    return tuple(
        (rule, problem.row_of(rule, partial(heavy_draws, trial, spec.replace(missing=rule)))) for rule in problem.rules
    )


Row = SensitivityRow | Estimate


def rows_of(trial: Trial, spec: AnalysisSpec, outcome: str) -> dict[MissingRule, Row]:
    """Every row of an outcome that rests on missing days, computed if need be."""
    if outcome == HEAVY:
        return dict(heavy_assumptions(trial, spec))
    return dict(zip(assumptions_problem(trial, spec).rules, assumptions(trial, spec).rows, strict=True))


def held(trial: Trial, spec: AnalysisSpec, outcome: str, so_far: Mapping[MissingRule, Row]) -> Held | None:
    """How far the result of an outcome holds, from the rows `so_far`; None where the amounts cannot tell heavy days.

    Relapse needs none: its readings of dropout take milliseconds.
    """
    p = panel_of(trial, spec)
    if not (tells(p, "relapse", spec) if outcome == RELAPSE else outcome != HEAVY or p.can_tell_heavy):
        return None
    if outcome == RELAPSE:
        ways = dropout_readings(trial, spec)
        analyses = [Analysis((way.dropout,), way.difference) for way in ways]
        n_open, planned = ways[0].counts.n_filled, len(ways)
    else:
        analyses = [
            Analysis((rule.about.label,), _difference(so_far[rule], outcome), rule.bound)
            for rule in bounds_last()
            if rule in so_far
        ]
        n_open, planned = p.n_missing, len(MissingRule)
    modelled = outcome in (ABSTINENCE, HEAVY)
    return Held(
        outcome,
        p.arms,
        (int(p.days[0]), int(p.days[-1])),
        spec.confidence,
        modelled and spec.uncertainty is Uncertainty.ROBUST,
        n_open,
        planned,
        reckon(analyses),
        p.terms,
    )


def _difference(row: Row, outcome: str) -> Estimate:
    if isinstance(row, Estimate):
        return row
    return (row.every_day or NONE) if outcome == NNT else row.difference
