"""What the R and SAS code begins with: one row a participant and day, before any rule, and the facts of a state."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ketadash import analyse
from ketadash.analyse.every_arm import compared_arms
from ketadash.analyse.filled_days import Outcome, abstinent_days, heavy_days
from ketadash.analyse.person_days import people_of
from ketadash.core.spec import AnalysisSpec, MissingRule, ReadingOfTests, Trend, Uncertainty, Window
from ketadash.export import sheets
from ketadash.export.code import needs_draws
from ketadash.trial import Panel, Trial

FILE = "ketadash-days.csv"
MOST_NODES = 99  # lme4 takes 100 at most, and an odd number puts one at the mode
COLUMNS = ("participant_id", "arm", "day", "amount", "etg_overrides", "test", "sex", "baseline", "baseline_heavy")
STRATUM = "stratum"  # the column of the combined strata; further covariates are x1, x2, …


@dataclass(frozen=True, slots=True)
class State:
    """What the code has to know of a trial and a resolved spec: names, window, and which covariate each model has.

    `covariates` maps abstinence and heavy to ``baseline``, ``baseline_heavy`` or None; `draws` says whether missing
    days are drawn, `between` the models' degrees of freedom between participants where errors are clustered by them,
    `certain` (control, active) what they are where the odds ratios are 0 or infinite; `nodes` is how
    many quadrature nodes the abstinence model needed; `further` maps an outcome to the columns x1, x2, … of its other
    covariates, `meant` has what those columns are, and `of_strata` those that are levels of strata; `others` are all
    arms but the control in a trial of more than two; `before` are the days before treatment that WHO levels are from,
    and `grams` of alcohol are in one of what amounts count.
    """

    spec: AnalysisSpec
    control: str
    active: str
    first: int
    last: int
    covariates: dict[str, str | None]
    draws: bool
    between: dict[str, int]
    certain: tuple[int, int] | None
    nodes: int
    further: dict[str, tuple[str, ...]]
    meant: dict[str, str]
    of_strata: tuple[str, ...]
    stratified: bool
    others: tuple[str, ...]
    before: tuple[int, int] | None
    grams: float

    def columns(self, outcome: str) -> tuple[str, ...]:
        """The columns of all covariates that an outcome's model has."""
        own = outcome if outcome == "heavy" else "abstinence"
        first = self.covariates[own]
        return (*([first] if first else []), *self.further[own])

    def covariate(self, outcome: str) -> str | None:
        """The baseline column that an outcome's model is adjusted for; None without."""
        return self.covariates[outcome if outcome == "heavy" else "abstinence"]

    def quadratic(self, outcome: str) -> bool:
        """Whether an outcome's model has a squared day; that of heavy days never has."""
        return outcome != "heavy" and self.spec.trend is Trend.QUADRATIC

    def likelihood(self, outcome: str) -> bool:
        """Whether the model is fitted by maximum likelihood rather than pseudo-likelihood."""
        return outcome != "heavy" and self.spec.estimator.value == "quadrature"

    @property
    def clustered(self) -> bool:
        """Whether standard errors are clustered by participant."""
        return self.spec.uncertainty is Uncertainty.ROBUST

    @property
    def overrides(self) -> bool:
        """Whether a positive test overrides days reported abstinent."""
        return self.spec.etg and self.spec.tested is ReadingOfTests.DAYS

    @property
    def needs_test(self) -> bool:
        """Whether a week without a test is unknown, whatever was reported."""
        return self.spec.etg and self.spec.tested is ReadingOfTests.REQUIRED

    @property
    def level(self) -> str:
        """The level of confidence, as R takes it."""
        return f"{self.spec.confidence:.12g}"

    @property
    def alpha(self) -> str:
        """One less the level of confidence, as SAS takes it."""
        return f"{1 - self.spec.confidence:.12g}"

    @property
    def tau(self) -> int:
        """The day up to which restricted means go."""
        return self.last if self.spec.tau is None else self.spec.tau


def state_of(trial: Trial, spec: AnalysisSpec, *, fitted: bool = True) -> State:
    """The facts of a resolved spec; the abstinence model, which knows its nodes, is only fitted where it is needed."""
    p = analyse.panel_of(trial, spec)
    baseline = "baseline" if p.baseline is not None else None
    own = "baseline_heavy" if p.baseline_heavy is not None else baseline
    covariates = {name: x if spec.adjust else None for name, x in (("abstinence", baseline), ("heavy", own))}
    missing = bool(np.isnan(p.amount).any())
    certain = None
    if spec.missing is MissingRule.IMOR and not needs_draws(spec):
        certain = (int(spec.imor_control > 0), int(spec.imor_active > 0))
    people = people_of(trial, spec, p)
    nodes = (analyse.abstinence_result(trial, spec).model.n_quadrature if fitted else None) or spec.quadrature_points
    return State(
        spec,
        p.arms[0],
        p.arms[1],
        int(p.days[0]),
        int(p.days[-1]),
        covariates,
        missing and needs_draws(spec),
        _between(trial, spec) if spec.uncertainty is Uncertainty.ROBUST else {},
        certain,
        min(nodes, MOST_NODES),
        {outcome.name: _further(outcome, p) for outcome in (abstinent_days(p, spec), heavy_days(p, spec))},
        _x(p),
        tuple(column for column, name in _x(p).items() if name in p.of_strata),
        p.strata is not None,
        compared_arms(trial, spec),
        people.before.days,
        people.grams,
    )


def _further(outcome: Outcome, p: Panel) -> tuple[str, ...]:
    return tuple(column for column, name in _x(p).items() if name in outcome.covariate_names)


def _x(p: Panel) -> dict[str, str]:
    """The covariates besides the baseline, by the names of their columns."""
    return {f"x{k}": name for k, name in enumerate(p.covariate_names, start=1)}


def _between(trial: Trial, spec: AnalysisSpec) -> dict[str, int]:
    """Degrees of freedom between participants, by outcome."""
    heavy = analyse.heavy_result(trial, spec)
    df = {"abstinence": analyse.abstinence_result(trial, spec).model.df}
    return df if heavy is None else df | {"heavy": heavy.model.df}


def long_table(trial: Trial, spec: AnalysisSpec) -> pd.DataFrame:
    """The arms' participants × every day the trial has: what was reported, before any rule is applied.

    Of a trial with more than two arms all that are compared with the control are there, the chosen pair first; further
    covariates and subgroups are those of the pair, and empty for the others.

    `etg_overrides` is 1 on a day reported without any amount that a positive EtG test reaches
    (docs/methods/outcomes.md); whether it counts is the analysis's choice.  It is 2 on a day reported as one of use
    without an amount, which always counts.  `test` is 1 with a positive test on the day, 0 with a negative one, empty
    without any.  Baselines are as in the data, empty where
    unknown; strata and further covariates, with their gaps filled, only where the analysis has some.
    """
    table = _of_pair(trial, spec)
    others = [arm for arm in compared_arms(trial, spec) if arm != spec.active]
    for arm in others:
        pair = _of_pair(trial, spec.replace(active=arm, adjust_for=(), subgroup=None))
        own = pair.loc[pair["arm"] == arm, [column for column in pair if column in (*COLUMNS, STRATUM)]]
        table = pd.concat([table, own], ignore_index=True)
    return table


def _of_pair(trial: Trial, spec: AnalysisSpec) -> pd.DataFrame:
    """The rows of the two arms."""
    days = trial.days.loc[trial.days["arm"].isin([spec.control, spec.active]), "day"]
    assert spec.days is not None, "a resolved spec"
    span = Window(min(int(days.min()), spec.days.first), max(int(days.max()), spec.days.last))
    p = analyse.panel_of(trial, spec.replace(days=span, etg=True, tested=ReadingOfTests.DAYS, tau=None))
    n_days = len(p.days)
    people = trial.participants.set_index("participant_id").loc[list(p.participant_ids)]

    def each(column: str | None) -> np.ndarray:
        known = column is not None and column in people
        return np.repeat(people[column].to_numpy() if known else np.full(len(people), None), n_days)

    own = {STRATUM: np.array(p.strata_labels, dtype=object)[p.strata]} if p.strata is not None else {}
    if p.covariates is not None:
        own |= dict(zip(_x(p), p.covariates.T, strict=True))
    if spec.subgroup is not None:
        own["subgroup"] = analyse.subgroup_of_people(trial, spec)
    return pd.DataFrame(
        {
            "participant_id": np.repeat(np.array(p.participant_ids, dtype=object), n_days),
            "arm": np.repeat(np.array([p.arms[int(a)] for a in p.active], dtype=object), n_days),
            "day": np.tile(p.days, len(people)),
            "amount": p.amount.ravel(),
            "etg_overrides": np.where(p.unknown_amount, 2, p.overridden).ravel().astype(int),
            "test": p.tests.ravel(),
            "sex": each("sex"),
            "baseline": each(spec.baseline),
            "baseline_heavy": each("baseline_heavy_days"),
            **{name: np.repeat(column, n_days) for name, column in own.items()},
        }
    )


def csv(trial: Trial, spec: AnalysisSpec) -> bytes:
    """`long_table` as a file; a resolved spec."""
    return sheets.csv(long_table(trial, spec))
