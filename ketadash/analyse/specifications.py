"""Every coherent combination of the choices that the analysis made, for one outcome: the specification curve."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any

import numpy as np

from ketadash.analyse.binary import (
    TAKE_LONG,
    panel_of,
    slopes_quick,
)
from ketadash.analyse.memo import remembered
from ketadash.analyse.outcomes import dropout_day, tells
from ketadash.analyse.provenance import declared_beside, departing, departing_throughout
from ketadash.analyse.specification_tasks import Computed, SpecificationTask, record_of
from ketadash.core.choices.dropout import side_by_side
from ketadash.core.choices.endpoint.relapse_rules import RelapseRule, relapse_rule
from ketadash.core.choices.missing import bounds_last
from ketadash.core.families import ABSTINENCE, HEAVY, SPECIFICATIONS, TIME_TO_EVENT
from ketadash.core.spec import AnalysisSpec, Estimand, Estimator, MissingRule, Trend, Uncertainty, Window
from ketadash.core.terms import Terms
from ketadash.results.sensitivity import Specification, SpecificationCurve
from ketadash.trial import Panel, Trial, resolve

QUANTITY = {
    "abstinence": "difference in population-averaged probability of abstinence on the window's last day",
    "heavy": "difference in population-averaged probability of a {heavy} on the window's last day",
    "relapse": "difference in the share relapsed by the window's last day",
}
MISSING = {rule: rule.about.label for rule in bounds_last()}
DROPOUT = {rule: rule.value for rule in side_by_side()}
# The choices that change each outcome; to vary any other would only repeat its rows.
ENTERS = {
    "abstinence": ("missing", "trend", "adjust", "estimator", "window", "etg", "uncertainty"),
    "heavy": ("missing", "adjust", "window", "threshold", "uncertainty"),
    "relapse": ("dropout", "window", "threshold"),
}
# What each outcome's numbers depend on, varied here or not: not on the horizon of the restricted mean.
FAMILIES = {
    "abstinence": ABSTINENCE.without("estimand"),
    "heavy": HEAVY.without("estimand"),
    "relapse": TIME_TO_EVENT.without("tau"),
}
# Fields that change the estimand: other days, another definition of the outcome, an effect not adjusted.
OTHER_DATA = ("control", "active", "amount", "baseline", "tests", "tested", "relapse", "relapse_from")
SUPPLEMENTARY = ("adjust", "days", "heavy_men", "heavy_women", "etg", "dropout", "estimand", *OTHER_DATA)


@dataclass(frozen=True, slots=True)
class Option:
    """One way to make a choice: its name, and the spec's fields that make it."""

    name: str
    fields: tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True, eq=False)
class SpecificationProblem:
    """What is varied and how, and the combinations as tasks, those that take long last.

    `throughout` is what departs from the declared analysis in all of them; `ranks` has each combination's place among
    rows whose estimates are alike.
    """

    outcome: str
    arms: tuple[str, str]
    confidence: float
    options: dict[str, tuple[Option, ...]]
    published: AnalysisSpec
    throughout: dict[str, Any]
    combinations: tuple[tuple[Option, ...], ...]
    tasks: tuple[SpecificationTask, ...]
    left_out: tuple[tuple[str, int], ...]
    n_combinations: int
    terms: Terms
    ranks: dict[int, int]


def abstinence_specifications(trial: Trial, spec: AnalysisSpec) -> SpecificationProblem:
    """The combinations for abstinence on the last day; random slopes of a large trial only if they are the chosen
    fit.
    """
    quick = slopes_quick(panel_of(trial, spec))
    return _with_slopes(trial, spec) if quick or spec.estimator is Estimator.SLOPE else _without_slopes(trial, spec)


@remembered(SPECIFICATIONS)
def _with_slopes(trial: Trial, spec: AnalysisSpec) -> SpecificationProblem:
    return _problem(trial, spec, "abstinence")


@remembered(SPECIFICATIONS)
def _without_slopes(trial: Trial, spec: AnalysisSpec) -> SpecificationProblem:
    return _problem(trial, spec, "abstinence", slopes=False)


@remembered(SPECIFICATIONS)
def heavy_specifications(trial: Trial, spec: AnalysisSpec) -> SpecificationProblem | None:
    """The combinations for heavy drinking days, None where the amounts cannot tell them."""
    return _problem(trial, spec, "heavy") if panel_of(trial, spec).can_tell_heavy else None


@remembered(SPECIFICATIONS)
def relapse_specifications(trial: Trial, spec: AnalysisSpec) -> SpecificationProblem | None:
    """The combinations for relapse, None where the amounts cannot tell it."""
    return _problem(trial, spec, "relapse") if tells(panel_of(trial, spec), "relapse", spec) else None


PROBLEMS = {
    "abstinence": abstinence_specifications,
    "heavy": heavy_specifications,
    "relapse": relapse_specifications,
}


def _problem(trial: Trial, spec: AnalysisSpec, outcome: str, slopes: bool = True) -> SpecificationProblem:
    p = panel_of(trial, spec)
    base = spec.replace(missing=MissingRule.NONABSTINENT, estimand=Estimand.POPULATION)
    options, left = _options(p, spec, outcome, slopes)
    combinations = tuple(product(*options.values()))
    specs = [_spec(base, combination) for combination in combinations]
    by_panel: dict[AnalysisSpec, list[tuple[int, AnalysisSpec]]] = {}
    for place, one in enumerate(specs):
        by_panel.setdefault(one.only(*OF_THE_PANEL), []).append((place, one))
    parts = [part for members in by_panel.values() for part in _parts(members, outcome == "heavy")]
    tasks = [SpecificationTask(outcome, panel_of(trial, part[0][1]), tuple(part)) for part in sorted(parts, key=_slow)]
    varied = {name for option in combinations[0] for name, _ in option.fields}
    published = trial.declared.published.replace(days=resolve(trial, declared_beside(trial, spec))[0].days)
    if p.baseline is None:  # nothing to adjust for is no departure
        published = published.replace(adjust=False)
    return SpecificationProblem(
        outcome,
        p.arms,
        spec.confidence,
        options,
        published,
        departing_throughout(trial, spec, FAMILIES[outcome], varied),
        combinations,
        tuple(tasks),
        left,
        len(combinations) + sum(n for _, n in left),
        p.terms,
        _ranks(by_panel.values()),
    )


Members = Sequence[tuple[int, AnalysisSpec]]  # places, and the specs of one panel


def _ranks(panels: Iterable[Members]) -> dict[int, int]:
    """Each combination's place among rows whose estimates are alike: panel by panel, imputed ones first."""
    ordered = (sorted(members, key=lambda m: not m[1].missing.imputed) for members in panels)
    return {place: rank for rank, (place, _) in enumerate(one for members in ordered for one in members)}


def _slow(part: Members) -> bool:
    """Whether it takes twenty times as long: a batch lasts as long as its slowest task, so like goes with like."""
    return part[0][1].missing.imputed


def _parts(members: Members, heavy: bool) -> Iterator[Members]:
    """A dozen at a time; imputed ones by the records that their draws share, which take as long as their fits."""
    slow = [m for m in members if m[1].missing.imputed]
    fast = [m for m in members if not m[1].missing.imputed]
    sharing: dict[AnalysisSpec, list[tuple[int, AnalysisSpec]]] = {}
    for place, spec in slow:
        sharing.setdefault(record_of(spec, heavy), []).append((place, spec))
    yield from (tuple(some) for some in sharing.values())
    yield from (fast[i : i + 12] for i in range(0, len(fast), 12))


def _options(
    p: Panel, spec: AnalysisSpec, outcome: str, slopes: bool
) -> tuple[dict[str, tuple[Option, ...]], tuple[tuple[str, int], ...]]:
    """What each choice can be for this outcome in this trial, and the combinations that are left out, with reasons."""
    every = _every_option(p, spec)
    total = prod(len(o) for o in every.values())
    rule = relapse_rule(spec.relapse) if outcome == "relapse" else None
    weeks = rule is not None and rule.by_weeks
    kept = {name: every[name] for name in (*ENTERS[outcome], *(["missing"] if weeks else []))}
    left: list[tuple[str, int]] = []

    def only(name: str, names: tuple[str, ...], why: str) -> None:
        nonlocal total
        if name in kept:
            fewer = total // len(kept[name]) * len(names)
            left.append((why, total - fewer))
            kept[name], total = tuple(o for o in kept[name] if o.name in names), fewer

    moot = [name for name in every if name not in kept]
    repeats = prod(len(every[name]) for name in moot)
    if repeats > 1:
        left.append(
            (f"{' and '.join(CHOICE_LABELS[m] for m in moot)} do not enter this outcome", total - total // repeats)
        )
        total //= repeats
    if weeks:
        settled = tuple(label for word, label in MISSING.items() if not word.imputed)
        only("missing", settled, "rules that draw days say nothing of a week without information")
    elif not np.isnan(p.amount).any():
        only(
            "missing",
            (MISSING[MissingRule.NONABSTINENT],),
            "no day is missing, so every missing-day rule gives the same",
        )
    elif np.ma.getmaskarray(dropout_day(p))[p.active].all():
        rest = tuple(label for rule, label in MISSING.items() if not rule.about.by_reference)
        only("missing", rest, "nobody left the active arm, so jump and copy to reference are the same as imputed")
    if rule is not None:
        fitting = tuple(o.name for o in every["window"] if _fits(rule, spec, o))
        if len(fitting) < len(every["window"]):
            only("window", fitting, f"a shorter window has no room for {rule}")
        if not rule.needs_heavy_days:
            only("threshold", (every["threshold"][0].name,), "relapse counts no heavy days here")
    if p.baseline is None:
        only("adjust", ("unadjusted",), "there is no baseline to adjust for")
    if not (p.overridden & ~p.unknown_amount).any():
        only("etg", ("applied",), "no positive test contradicts a day reported abstinent")
    if not slopes:
        quick = tuple(o.name for o in every["estimator"] if dict(o.fields)["estimator"] is not Estimator.SLOPE)
        only("estimator", quick, f"{TAKE_LONG}: they are run where they are the chosen fit")
    return kept, tuple(left)


OF_THE_PANEL = ("days", "etg", "tests", "tested", "heavy_men", "heavy_women")


def _fits(rule: RelapseRule, spec: AnalysisSpec, option: Option) -> bool:
    """Whether a relapse by the rule can happen in a window."""
    window = dict(option.fields)["days"]
    begins = window.first if spec.relapse_from is None else spec.relapse_from
    return rule.too_long_for(window.first, window.last, begins) is None


CHOICE_LABELS = {
    "missing": "missing days",
    "trend": "time trend",
    "adjust": "baseline",
    "estimator": "fit",
    "window": "window",
    "threshold": "heavy-day threshold",
    "etg": "tests",
    "dropout": "dropout",
    "uncertainty": "standard errors",
}


def _every_option(p: Panel, spec: AnalysisSpec) -> dict[str, tuple[Option, ...]]:
    first, last = int(p.days[0]), int(p.days[-1])
    third = (last - first + 1) // 3
    windows = [(first, last), (first, last - third), (first + third, last)] if third >= 2 else [(first, last)]
    men, women = spec.heavy_men, spec.heavy_women
    thresholds = [(men, women), (men + 1, women + 1), *([(men - 1, women - 1)] if min(men, women) >= 1 else [])]
    return {
        "missing": tuple(Option(label, (("missing", rule),)) for rule, label in MISSING.items()),
        "trend": tuple(Option(t.value, (("trend", t),)) for t in (Trend.QUADRATIC, Trend.LINEAR)),
        "adjust": (Option("adjusted", (("adjust", True),)), Option("unadjusted", (("adjust", False),))),
        "estimator": tuple(
            Option(label, (("estimator", e),))
            for e, label in (
                (Estimator.QUADRATURE, "quadrature"),
                (Estimator.RSPL, "RSPL"),
                (Estimator.SLOPE, "random slopes"),
            )
        ),
        "window": tuple(Option(f"days {a}–{b}", (("days", Window(a, b)),)) for a, b in windows),
        "threshold": tuple(
            Option(f"over {m:g} (women {w:g})", (("heavy_men", m), ("heavy_women", w))) for m, w in thresholds
        ),
        "etg": (Option("applied", (("etg", True),)), Option("ignored", (("etg", False),))),
        "dropout": tuple(Option(label, (("dropout", rule),)) for rule, label in DROPOUT.items()),
        "uncertainty": tuple(Option(u.value, (("uncertainty", u),)) for u in Uncertainty),
    }


def _spec(base: AnalysisSpec, combination: tuple[Option, ...]) -> AnalysisSpec:
    changes = dict(pair for option in combination for pair in option.fields)
    if changes.get("estimator", Estimator.QUADRATURE) is not Estimator.QUADRATURE:
        changes["penalised"] = False
    return base.replace(**changes, tau=None)


def specification_curve(problem: SpecificationProblem, done: Iterable[Computed]) -> SpecificationCurve:
    """The curve of the combinations computed so far."""
    rows = [_row(problem, computed) for computed in sorted(done, key=lambda c: problem.ranks[c.place])]
    rows.sort(key=lambda r: (r.difference.estimate is None, r.difference.estimate or 0.0))
    quantity = QUANTITY[problem.outcome].format(heavy=problem.terms.heavy_day)
    return SpecificationCurve(
        problem.outcome,
        quantity,
        problem.arms,
        problem.confidence,
        {name: tuple(o.name for o in options) for name, options in problem.options.items()},
        tuple(rows),
        problem.left_out,
        problem.n_combinations,
        problem.terms,
        len(problem.combinations),
    )


def _row(problem: SpecificationProblem, c: Computed) -> Specification:
    combination = problem.combinations[c.place]
    fields = dict(pair for option in combination for pair in option.fields)
    row = problem.published.replace(**fields)
    changes = row.differences(problem.published) | departing(row, problem.throughout)
    names = dict(zip(problem.options, (o.name for o in combination), strict=True))
    return Specification(names, changes, kind(changes), c.difference, c.n_rows, c.n_filled, c.failed)


def kind(changes: Mapping[str, Any]) -> str:
    """Whether a departure from the published analysis asks the same question (sensitivity) or another one."""
    if not changes:
        return "published"
    if "missing" in changes and MissingRule(changes["missing"]).bound:
        return "bound"
    return "supplementary" if any(name in changes for name in SUPPLEMENTARY) else "sensitivity"
