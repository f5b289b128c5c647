"""Specification curves in the JSON of `ketadash analyze`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ketadash.analyse import batch, progress
from ketadash.analyse.specification_tasks import Computed, rows_of
from ketadash.analyse.specifications import PROBLEMS, specification_curve
from ketadash.core.spec import AnalysisSpec
from ketadash.questions.shared.document import DEEP, NO_HEAVY, Document
from ketadash.results.robustness import of_curve
from ketadash.results.sensitivity import SpecificationCurve
from ketadash.trial import Trial


def curves(trial: Trial, spec: AnalysisSpec) -> dict[str, Any]:
    """Each outcome's specification curve as the JSON has it, all computed here; None where there is no such outcome."""
    problems = {outcome: problem_of(trial, spec) for outcome, problem_of in PROBLEMS.items()}
    tasks = [task for problem in problems.values() if problem for task in problem.tasks]
    # those of all outcomes together, what takes long first, and none waits for another's end
    tasks.sort(key=lambda task: not task.specs[0][1].missing.imputed)
    done: dict[str, list[Computed]] = {outcome: [] for outcome in problems}
    fits = batch.in_lanes(rows_of, tasks, lambda task, rows, n: ())
    for task, rows in progress.counted("specifications", fits, len(tasks)):
        done[task.outcome] += rows
    return {
        outcome: problem and _curve(specification_curve(problem, done[outcome]))
        for outcome, problem in problems.items()
    }


def _curve(c: SpecificationCurve) -> dict[str, Any]:
    return {
        "quantity": f"{c.quantity}, {c.arms[1]} minus {c.arms[0]}",
        "choices": {name: list(options) for name, options in c.names.items()},
        "n_combinations": c.n_combinations,
        "robustness": asdict(of_curve(c)),
        "left_out": [{"why": why, "n": n} for why, n in c.left_out],
        "rows": [
            {
                "choices": r.choices,
                "spec_changes": {k: str(v) if k == "days" else v for k, v in r.changes.items()},
                "kind": r.kind,
                **asdict(r.difference),
                "n_rows": r.n_rows,
                "n_imputed": r.n_filled,
                "failed": r.failed,
            }
            for r in c.rows
        ],
    }


def document(trial: Trial, spec: AnalysisSpec, *, deep: bool) -> Document:
    """Every curve if `deep`: it is hundreds of fits."""
    if not deep:
        return {"specifications": None, "null_because": {"specifications": DEEP}}, []
    every = curves(trial, spec)
    lost = {f"specifications.{outcome}": NO_HEAVY.format(spec.amount) for outcome in every if every[outcome] is None}
    return {"specifications": every, "null_because": lost}, []
