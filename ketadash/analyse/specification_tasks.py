"""Combinations of choices computed: those that share a panel together, nothing fitted or drawn twice."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from ketadash.analyse.binary import Modelled, counts, model_abstinence, model_heavy
from ketadash.analyse.curves import difference_on
from ketadash.analyse.events import endpoint_of
from ketadash.analyse.filled_days import Drawn, OwnRecord, abstinent_days, draw, heavy_days, own_record
from ketadash.core.families import ABSTINENCE_DRAWS, HEAVY_DRAWS
from ketadash.core.spec import AnalysisSpec, MissingRule, Trend, Uncertainty
from ketadash.results import Estimate
from ketadash.trial import Panel


class Computed(NamedTuple):
    """One combination: its place, its estimate, days used and filled in, and why it failed if it did."""

    place: int
    difference: Estimate
    n_rows: int
    n_filled: int
    failed: str | None


@dataclass(frozen=True, slots=True, eq=False)
class SpecificationTask:
    """Combinations that share a panel, to be sent to another process together."""

    outcome: str
    panel: Panel
    specs: tuple[tuple[int, AnalysisSpec], ...]

    def rows(self) -> list[Computed]:
        """The combinations, computed; two that differ in their standard errors alone are neighbours and share a fit,
        those that differ in their estimator share their draws, and those that differ in their rule the records behind
        them.
        """
        made = Made(self.panel, self.outcome == "heavy")
        return [_computed(self.outcome, self.panel, place, spec, made) for place, spec in self.specs]


def _computed(outcome: str, p: Panel, place: int, spec: AnalysisSpec, made: Made) -> Computed:
    last = int(p.days[-1])
    if outcome == "relapse":
        endpoint = endpoint_of(p, "relapse", spec)
        none = None if endpoint.difference.estimate is not None else "; ".join(endpoint.warnings) or "not estimable"
        return Computed(place, endpoint.difference, endpoint.counts.n_rows, endpoint.counts.n_filled, none)
    heavy = outcome == "heavy"
    m = made.model(spec)
    used, trend = counts(m.days), Trend.LINEAR if heavy else spec.trend
    gap = Estimate(None, None, None) if m.rows is None else difference_on(m.rows, m.fitted, trend, spec, last)
    why = "; ".join(m.fitted.model.convergence.messages) if gap.estimate is None else None
    return Computed(place, gap, used.n_rows, used.n_filled, why)


class Made:
    """The last model, draws and records of a panel: so that the days of twenty imputations do not stay in memory."""

    def __init__(self, panel: Panel, heavy: bool) -> None:
        self._panel, self._heavy = panel, heavy
        self._fitted: tuple[AnalysisSpec, Modelled] | None = None
        self._drawn: tuple[AnalysisSpec, Drawn] | None = None
        self._own: tuple[AnalysisSpec, OwnRecord] | None = None

    def model(self, spec: AnalysisSpec) -> Modelled:
        """The model under a spec; it is fitted once whatever its standard errors."""
        both = spec.replace(uncertainty=Uncertainty.ROBUST)
        if self._fitted is None or self._fitted[0] != both:
            make = model_heavy if self._heavy else model_abstinence
            self._fitted = both, make(self._panel, both, lambda: self.draws(both))
        m = self._fitted[1]
        if spec.uncertainty is Uncertainty.ROBUST or m.fitted.by_model is None:
            return m
        return replace(m, fitted=m.fitted.by_model)

    def draws(self, spec: AnalysisSpec) -> Drawn:
        """The draws under a spec, made once whatever is fitted to them, from records read once whatever the rule."""
        seen, shared = draws_of(spec, self._heavy), record_of(spec, self._heavy)
        outcome = heavy_days(self._panel, spec) if self._heavy else abstinent_days(self._panel, spec)
        if self._own is None or self._own[0] != shared:
            self._own = shared, own_record(self._panel, spec, outcome)
        if self._drawn is None or self._drawn[0] != seen:
            self._drawn = seen, draw(self._panel, spec, outcome, self._own[1])
        return self._drawn[1]


def record_of(spec: AnalysisSpec, heavy: bool) -> AnalysisSpec:
    """The choices that records, as every rule that imputes begins with them, depend on."""
    return draws_of(spec.replace(missing=MissingRule.IMOR), heavy)


def draws_of(spec: AnalysisSpec, heavy: bool) -> AnalysisSpec:
    """The choices that draws depend on."""
    return (HEAVY_DRAWS if heavy else ABSTINENCE_DRAWS).seen(spec)


def rows_of(task: SpecificationTask) -> list[Computed]:
    """`SpecificationTask.rows` as a function, to be sent to another process."""
    return task.rows()
