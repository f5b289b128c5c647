"""The effect within each level of a baseline characteristic, and one test of whether it differs between them."""

from __future__ import annotations

from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from ketadash.analyse.binary import panel_of
from ketadash.analyse.events_imputed import events_of_people
from ketadash.analyse.flow_and_retention import in_order
from ketadash.analyse.memo import remembered
from ketadash.analyse.outcomes import tells, time_to
from ketadash.analyse.percent_days import shares_of_people
from ketadash.analyse.table_one import label_of, level_of
from ketadash.core.choices.endpoint import Endpoint
from ketadash.core.choices.person_endpoint import ENDPOINTS
from ketadash.core.families import SUBGROUPS_OF_DAYS, SUBGROUPS_OF_RELAPSE
from ketadash.core.spec import AnalysisSpec, SubgroupEndpoint
from ketadash.results import Estimate
from ketadash.results.subgroups import NOTHING, Interaction, SubgroupArm, SubgroupLevel, Subgroups
from ketadash.stats import effects, interaction
from ketadash.stats.pooling import Scalars, difference_of_proportions, pool_each
from ketadash.stats.wald import t_quantile
from ketadash.stats.welch import pooled_difference, welch
from ketadash.trial import Panel, Trial
from ketadash.trial.levels import Grouping, groupable, grouped
from ketadash.trial.population import late_by_name

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
EVERYONE = "All participants"
FEWEST = 5  # people of an arm in a level: fewer tell nothing of an effect, and could be told apart
NO_TEST = "no test: fewer than two levels have an effect"


def subgroup_columns(trial: Trial) -> tuple[str, ...]:
    """The columns that a reader may choose: those that make groups of everyone."""
    if trial not in _groupable:
        _groupable[trial] = groupable(trial.participants)
    return _groupable[trial]


_groupable: WeakKeyDictionary[Trial, tuple[str, ...]] = WeakKeyDictionary()


def subgroups_result(trial: Trial, spec: AnalysisSpec) -> Subgroups | None:
    """The effect by level of the chosen column; None where none is chosen."""
    if spec.subgroup is None:
        return None
    return _in_relapse(trial, spec) if spec.subgroup_endpoint is SubgroupEndpoint.RELAPSE else _in_days(trial, spec)


@remembered(SUBGROUPS_OF_RELAPSE)
def _in_relapse(trial: Trial, spec: AnalysisSpec) -> Subgroups:
    return _by_level(trial, spec, _relapse(panel_of(trial, spec), spec))


@remembered(SUBGROUPS_OF_DAYS)
def _in_days(trial: Trial, spec: AnalysisSpec) -> Subgroups:
    return _by_level(trial, spec, _days(trial, panel_of(trial, spec), spec))


def subgroup_of_people(trial: Trial, spec: AnalysisSpec) -> NDArray[np.object_]:
    """(G,) the name of everybody's level of the chosen column, in the panel's order; None where it is not known."""
    assert spec.subgroup is not None
    groups = grouped(in_order(trial, panel_of(trial, spec))[spec.subgroup], spec.subgroup_cut)
    names = [level_of(trial, spec.subgroup, level) for level in groups.levels]
    return np.array([*names, None], dtype=object)[groups.code]


def _by_level(trial: Trial, spec: AnalysisSpec, outcome: _Outcome) -> Subgroups:
    assert spec.subgroup is not None
    p = outcome.p
    groups = grouped(in_order(trial, p)[spec.subgroup], spec.subgroup_cut)
    trouble = outcome.trouble or groups.trouble
    every = np.ones(len(p.active), dtype=bool)
    names = [level_of(trial, spec.subgroup, name) for name in groups.levels]
    levels = () if trouble else tuple(_level(outcome, name, groups.code == k) for k, name in enumerate(names))
    overall = SubgroupLevel(EVERYONE, _sizes(p, every)) if outcome.trouble else _level(outcome, EVERYONE, every)
    return Subgroups(
        column=spec.subgroup,
        label=label_of(trial, spec.subgroup),
        endpoint=spec.subgroup_endpoint.value,
        definition=outcome.definition,
        window=(int(p.days[0]), int(p.days[-1])),
        confidence=spec.confidence,
        arms=p.arms,
        levels=levels,
        overall=overall,
        interaction=_interaction(outcome, groups, levels),
        cut=groups.cut,
        n_unknown=int((groups.code < 0).sum()) if not groups.trouble else 0,
        trouble=trouble,
        late=late_by_name(spec.subgroup),
        warnings=(*p.warnings, *outcome.warnings),
        terms=p.terms,
    )


class _Outcome:
    """Everybody's value (m, G) in each of m data sets, NaN where it is not known, and how values are compared."""

    definition = ""

    def __init__(self, p: Panel, spec: AnalysisSpec, y: Array, trouble: str = "", warnings: tuple[str, ...] = ()):
        self.p, self.spec, self.y, self.trouble, self.warnings = p, spec, y, trouble, warnings

    def arms(self, inside: Mask) -> tuple[Array, Array]:
        """(m, n) the known values of each arm, control first, of the people `inside`."""
        known = inside & ~np.isnan(self.y).any(axis=0)
        return self.y[:, known & ~self.p.active], self.y[:, known & self.p.active]

    def effect(self, control: Array, active: Array) -> tuple[Estimate, Estimate | None, str]:
        """Difference, odds ratio where there is one, and a message."""
        raise NotImplementedError

    def summary(self, arm: str, values: Array) -> SubgroupArm:
        """An arm's size and value."""
        raise NotImplementedError

    def test(self, groups: list[tuple[Array, Array]]) -> Interaction:
        """The test of the effects' difference; of at least two levels."""
        raise NotImplementedError


class _Relapse(_Outcome):
    """Relapsed by the last day, or not."""

    def effect(self, control: Array, active: Array) -> tuple[Estimate, Estimate | None, str]:
        (m, n0), n1, at = control.shape, active.shape[1], self.spec.confidence
        gap = difference_of_proportions(active.mean(axis=1), n1, control.mean(axis=1), n0, at)
        gap = Estimate(gap.estimate, gap.ci_low, gap.ci_high)  # one p on the page: the interaction's
        if m == 1:
            e0, e1 = int(control.sum()), int(active.sum())
            ratio = effects.odds_ratio(e1, n1, e0, n0, confidence=at)
            return gap, Estimate(ratio.estimate, ratio.ci_low, ratio.ci_high), ratio.message or ""
        pooled = _pooled_log_odds(control, active)
        if pooled is None:
            return gap, NOTHING, "no odds ratio: in some imputations nobody or everybody relapsed"
        log_ratio, se, df = (float(x[0]) for x in (pooled.estimate, pooled.se, pooled.df))
        half = float(t_quantile(at, df)) * se
        low, high = np.exp(log_ratio - half), np.exp(log_ratio + half)
        return gap, Estimate(float(np.exp(log_ratio)), float(low), float(high)), ""

    def summary(self, arm: str, values: Array) -> SubgroupArm:
        return SubgroupArm(arm, values.shape[1], events=float(values.sum(axis=1).mean()))

    def test(self, groups: list[tuple[Array, Array]]) -> Interaction:
        if len(self.y) == 1:
            events = np.array([[values.sum() for values in pair] for pair in groups])
            n = np.array([[values.shape[1] for values in pair] for pair in groups], dtype=float)
            return interaction.likelihood_ratio(events, n) or _untested(NO_TEST)
        return _of_estimates([_pooled_log_odds(*pair) for pair in groups])


class _Days(_Outcome):
    """Share of days abstinent."""

    def effect(self, control: Array, active: Array) -> tuple[Estimate, Estimate | None, str]:
        labels = (self.p.arms[1], self.p.arms[0])
        gap, messages = welch(active, control, self.spec.confidence, labels, shares=True)
        return Estimate(gap.estimate, gap.ci_low, gap.ci_high, se=gap.se), None, "; ".join(messages)

    def summary(self, arm: str, values: Array) -> SubgroupArm:
        return SubgroupArm(arm, values.shape[1], mean=float(values.mean()))

    def test(self, groups: list[tuple[Array, Array]]) -> Interaction:
        return _of_estimates([pooled_difference(active, control) for control, active in groups])


def _relapse(p: Panel, spec: AnalysisSpec) -> _Outcome:
    if not tells(p, Endpoint.RELAPSE, spec):
        return _Relapse(p, spec, np.full((1, len(p.active)), np.nan), "the amounts cannot tell relapse")
    if spec.dropout.about.imputed:
        outcome: _Outcome = _Relapse(p, spec, events_of_people(p, Endpoint.RELAPSE, spec).astype(float))
        outcome.definition = "relapse by the last day"
        return outcome
    times = time_to(p, Endpoint.RELAPSE, spec.dropout, spec)
    left = int((~times.event & (times.day < p.days[-1])).sum())
    warnings = (f"{left} participants who are not known up to the last day count as without relapse",) if left else ()
    outcome = _Relapse(p, spec, times.event.astype(float)[None], warnings=warnings)
    outcome.definition = times.definition
    return outcome


def _days(trial: Trial, p: Panel, spec: AnalysisSpec) -> _Outcome:
    shares, trouble = shares_of_people(trial, spec)
    unknown = int(np.isnan(shares).any(axis=0).sum())
    warnings = (f"{unknown} participants without a known day have no percent of days abstinent",) if unknown else ()
    outcome = _Days(p, spec, shares, trouble, warnings)
    outcome.definition = ENDPOINTS[SubgroupEndpoint.PERCENT_DAYS].label
    return outcome


def _level(outcome: _Outcome, name: str, inside: Mask) -> SubgroupLevel:
    values = outcome.arms(inside)
    few = [arm for arm, x in zip(outcome.p.arms, values, strict=True) if x.shape[1] < FEWEST]
    if few:
        who = " and ".join(few)
        return SubgroupLevel(
            name, _sizes(outcome.p, inside), message=f"fewer than {FEWEST} people with {who}: no effect"
        )
    control, active = (outcome.summary(arm, x) for arm, x in zip(outcome.p.arms, values, strict=True))
    difference, ratio, message = outcome.effect(*values)
    return SubgroupLevel(name, (control, active), difference, ratio, message)


def _sizes(p: Panel, inside: Mask) -> tuple[SubgroupArm, SubgroupArm]:
    control, active = (SubgroupArm(arm, int((inside & (p.active == k)).sum())) for k, arm in enumerate(p.arms))
    return control, active


def _interaction(outcome: _Outcome, groups: Grouping, levels: tuple[SubgroupLevel, ...]) -> Interaction:
    """The test over the levels that have an effect."""
    shown = [outcome.arms(groups.code == k) for k, level in enumerate(levels) if level.shown]
    return outcome.test(shown) if len(shown) > 1 else _untested(NO_TEST)


def _of_estimates(pooled: list[Scalars | None]) -> Interaction:
    """Welch's F of the levels' estimates, without those that have no variance."""
    usable = [one for one in pooled if one is not None]
    if len(usable) < 2:
        return _untested(NO_TEST)
    estimates, errors, dfs = (
        np.array([float(getattr(one, name)[0]) for one in usable]) for name in ("estimate", "se", "df")
    )
    return interaction.heterogeneity(estimates, errors**2, dfs)


def _untested(why: str) -> Interaction:
    return Interaction("", None, None, None, None, why)


def _pooled_log_odds(control: Array, active: Array) -> Scalars | None:
    """Woolf's log odds ratio pooled over data sets, 0.5 added to each cell where one is 0; None where one has none."""
    n0, n1 = control.shape[1], active.shape[1]
    e0, e1 = control.sum(axis=1), active.sum(axis=1)
    if ((e0 + e1 == 0) | (e0 + e1 == n0 + n1)).any():
        return None
    cells = np.stack([e1, n1 - e1, e0, n0 - e0])
    cells = cells + 0.5 * (cells == 0).any(axis=0)
    logs = np.log(cells[0] * cells[3] / (cells[1] * cells[2]))
    return pool_each(logs[:, None], (1 / cells).sum(axis=0)[:, None])
