"""The computations that take minutes, each under one name: pages, slides and reports ask for the same work here."""

from __future__ import annotations

from functools import partial
from typing import Any

from ketadash.analyse.jobs import Job, done, job
from ketadash.analyse.specifications import SpecificationProblem, SpecificationTask, rows_of
from ketadash.analyse.tipping import TippingProblem
from ketadash.analyse.tipping_points import compute, tasks
from ketadash.core.errors import KetadashError
from ketadash.core.families import SPECIFICATIONS, TIPPING
from ketadash.core.spec import AnalysisSpec
from ketadash.trial import Trial

TIPPING_MAP, ASSUMPTIONS = "tipping map", "assumptions"


def tipping_map(trial: Trial, spec: AnalysisSpec, problem: TippingProblem) -> Job[Any, Any]:
    """The cells of the tipping map and the tipping points, begun or not."""
    return job(trial, TIPPING_MAP, spec.only(*TIPPING), partial(compute, problem), lambda: tasks(problem))


def assumptions(trial: Trial, spec: AnalysisSpec, problem: Any) -> Job[Any, Any]:
    """The rows of every missing-day rule side by side, begun or not."""
    return job(trial, ASSUMPTIONS, spec.only(*TIPPING), problem.row, lambda: problem.rules)


def specifications(trial: Trial, spec: AnalysisSpec, problem: SpecificationProblem) -> Job[SpecificationTask, Any]:
    """The specifications of an outcome, begun or not."""
    name = f"specifications {problem.outcome}"
    return job(trial, name, spec.only(*SPECIFICATIONS), rows_of, lambda: problem.tasks)


def ended(trial: Trial, spec: AnalysisSpec, name: str) -> dict[Any, Any] | None:
    """What came of the tipping map or the assumptions under `spec`; None as long as that is not computed to its end."""
    return done(trial, name, spec.only(*TIPPING))


def needed(trial: Trial, spec: AnalysisSpec, name: str) -> dict[Any, Any]:
    """The same where there is nothing to show without.

    Raises
    ------
    KetadashError
        If it is not computed to its end.
    """
    result = ended(trial, spec, name)
    if result is None:
        raise KetadashError(f"the {name} is not computed")
    return result
