"""Missing days in the JSON of `ketadash analyze`: assumptions, which days are missing, tipping points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from ketadash import analyse
from ketadash.analyse import holding
from ketadash.analyse.binary import rules_in_main_results
from ketadash.analyse.every_assumption import EveryAssumption, every_assumption
from ketadash.analyse.tipping_map import Cell, TippingProblem, tipping_map
from ketadash.core.spec import AnalysisSpec, Estimand, MissingRule
from ketadash.questions.shared.document import DEEP, Document
from ketadash.questions.shared.words import TYPICAL, imor
from ketadash.results import Estimate, Sensitivity, SensitivityRow
from ketadash.results.robustness import Robustness, of_sensitivity
from ketadash.results.sensitivity import Strip, TippingMap, TippingPoint
from ketadash.trial import Trial

OUTCOMES = (holding.NNT, holding.HEAVY, holding.RELAPSE)  # beside abstinence, whose are the assumptions
POPULATION_AVERAGED = "population-averaged"
CORE = ("drinking", "missing")  # missing-day rules that the published choices' combinations already hold


def document(trial: Trial, spec: AnalysisSpec, *, deep: bool) -> Document:
    """Assumptions, which days are missing, and tipping points; the map, hundreds of fits, only if `deep`, and so every
    rule for the missing days of a large trial.
    """
    all_of_it = every_assumption(trial, spec) if deep else None
    core = all_of_it.combinations if all_of_it else analyse.sensitivity(trial, spec)
    rules = deep or rules_in_main_results(analyse.panel_of(trial, spec), spec)
    every = all_of_it.assumptions if all_of_it else analyse.assumptions(trial, spec) if rules else None
    whose = TYPICAL if spec.estimand is Estimand.TYPICAL else POPULATION_AVERAGED
    others = [row for row in _rows(every, whose) if row["label"] not in CORE] if every else []
    held = {outcome: _held(trial, spec, outcome, all_of_it, rules=rules) for outcome in OUTCOMES}
    lost = [o for o, value in held.items() if value is None]
    parts = {
        "sensitivity": [*_rows(core), *others],
        "robustness": {
            "specifications": _reckoned(of_sensitivity(core)),
            "assumptions": _reckoned(of_sensitivity(every)) if every else None,
            **held,
            "null_because": {o: _why_not_held(o, deep) for o in lost} | ({} if every else {"assumptions": EVERY_RULE}),
        },
        "missingness": asdict(analyse.missingness(trial, spec)),
        "tipping": {
            "strips": [_strip(s) for s in analyse.strips(trial, spec)],
            "map": _map(analyse.tipping_problem(trial, spec), all_of_it.tipping) if all_of_it else None,
            "null_because": {} if deep else {"map": DEEP},
        },
    }
    return parts, [] if deep else [DEEP, *([] if rules else [EVERY_RULE])]


def _held(
    trial: Trial, spec: AnalysisSpec, outcome: str, every: EveryAssumption | None, *, rules: bool
) -> dict[str, Any] | None:
    """How far an outcome's result holds; heavy days under every rule, fits of their own, only where `every` assumption
    is computed, and the number needed to treat only where the `rules` are.
    """
    if (outcome == holding.HEAVY and not every) or (outcome == holding.NNT and not rules):
        return None
    rows: Mapping[MissingRule, holding.Row] = {}
    if outcome != holding.RELAPSE:
        rows = holding.rows_of(trial, spec, outcome) if every is None else every.rows_of(outcome)
    result = analyse.held(trial, spec, outcome, rows)
    return None if result is None else _reckoned(result.reckoned)


def _why_not_held(outcome: str, deep: bool) -> str:
    if outcome == holding.NNT:
        return EVERY_RULE
    return DEEP if outcome == holding.HEAVY and not deep else NO_HEAVY_DAYS


def _reckoned(r: Robustness) -> dict[str, Any]:
    """A reckoning, and why numbers of it are null."""
    reasons = dict.fromkeys(("lowest", "highest"), NOTHING_ESTIMATED) if r.lowest is None else {}
    for name in ("estimate", "ci_low", "ci_high", "se", "p"):
        if any(getattr(e, name) is None for _, e in r.bounds):
            reasons[f"bounds.{name}"] = NO_TEST if name in ("se", "p") else NO_INTERVAL
    return asdict(r) | {"null_because": reasons}


def _rows(result: Sensitivity, whose: str = POPULATION_AVERAGED) -> list[dict[str, Any]]:
    return [_row(result, row, whose) for row in result.rows]


def _row(result: Sensitivity, row: SensitivityRow, whose: str) -> dict[str, Any]:
    return {
        "label": row.label,
        "kind": row.kind,
        "spec_changes": {k: str(v) if k == "days" else v for k, v in row.changes.items()},
        "published": row.published,
        "quantity": f"difference in {whose} probability of abstinence on day {result.last_day}, "
        f"{result.arms[1]} minus {result.arms[0]}",
        **asdict(row.difference),
        "odds_ratio_interaction": asdict(row.interaction),
        "n_rows": row.n_rows,
        "n_imputed": row.n_imputed,
        "messages": list(row.messages),
        "failed": row.failed,
        "null_because": _reasons(row),
    }


EVERY_RULE = (
    "every rule for the missing days takes long in a trial of this size, so those beside drinking and left out are "
    "computed where they are asked for: --only sensitivity"
)
NOTHING_ESTIMATED = "none of them could be estimated"
NO_HEAVY_DAYS = "no heavy day can be told from the amounts"
NO_FAILURE = "the fit did not fail"
NO_INTERVAL = "the fit gives no standard error"
NO_TEST = "an interval of two shares comes without a standard error and without a test"


def _reasons(row: SensitivityRow) -> dict[str, str]:
    """Why numbers of a row are null."""
    lost = row.failed or NO_INTERVAL
    reasons = {name: lost for name, value in asdict(row.difference).items() if value is None}
    reasons |= {f"odds_ratio_interaction.{name}": lost for name, v in asdict(row.interaction).items() if v is None}
    return reasons | ({"failed": NO_FAILURE} if row.failed is None else {})


def _strip(s: Strip) -> dict[str, Any]:
    return {
        "endpoint": s.endpoint,
        "definition": s.definition,
        "arms": dict(
            zip(
                s.arms,
                ({"n": n, "successes": e, "unknown": u} for n, e, u in zip(s.n, s.successes, s.unknown, strict=True)),
                strict=True,
            )
        ),
        "cells": [
            {
                "successes_control": i,
                "successes_active": j,
                "risk_difference": float(s.difference[i, j]),
                "ci_low": float(s.ci_low[i, j]),
                "ci_high": float(s.ci_high[i, j]),
                "p": s.p[i, j],
            }
            for i in range(s.unknown[0] + 1)
            for j in range(s.unknown[1] + 1)
        ],
    }


def _map(problem: TippingProblem, computed: Mapping[Cell | int, Estimate | TippingPoint]) -> dict[str, Any]:
    """The tipping map, all of whose cells are computed, as the JSON has it."""
    result = tipping_map(problem, computed)
    return {
        "last_day": result.last_day,
        "imputations": result.imputations,
        "arms_with_missing_days": [a for a, v in zip(result.arms, result.varies, strict=True) if v],
        "implied_abstinent_share_of_missing_days": {
            arm: [{"imor": imor(s), "share": share} for s, share in zip(result.stops, shares, strict=True)]
            for arm, shares in zip(result.arms, result.implied, strict=True)
        },
        "records": dict(zip(result.arms, (asdict(r) for r in result.records), strict=True)),
        "cells": _cells(result),
        "tipping_points": [asdict(point) for point in result.points],
        "messages": list(result.messages),
    }


def _cells(m: TippingMap) -> list[dict[str, Any]]:
    axes = [range(len(m.stops)) if v else (m.stops.index(1.0),) for v in m.varies]
    return [
        {
            "imor_control": imor(m.stops[i]),
            "imor_active": imor(m.stops[j]),
            "estimate": float(m.estimate[i, j]),
            "ci_low": float(m.ci_low[i, j]),
            "ci_high": float(m.ci_high[i, j]),
        }
        for i in axes[0]
        for j in axes[1]
    ]
