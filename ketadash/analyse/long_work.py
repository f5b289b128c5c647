"""The computations that take minutes, each under one name: pages, slides and reports ask for the same work here."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any
from weakref import ref

from ketadash.analyse.binary import draw_ahead
from ketadash.analyse.endpoint_shuffles import EndpointShuffles
from ketadash.analyse.holding import HEAVY, HeavyProblem
from ketadash.analyse.influence import InfluenceProblem
from ketadash.analyse.influence import influence as influence_of
from ketadash.analyse.jobs import Job, done, job, results_so_far
from ketadash.analyse.memo import beside
from ketadash.analyse.randomisation import RandomisationProblem, randomisation_problem
from ketadash.analyse.randomisation import randomisation as randomisation_of
from ketadash.analyse.sensitivity import SensitivityProblem, sensitivity, sensitivity_problem
from ketadash.analyse.specification_tasks import SpecificationTask, rows_of
from ketadash.analyse.specifications import SpecificationProblem
from ketadash.analyse.tipping_map import TippingProblem
from ketadash.analyse.tipping_points import compute, tasks
from ketadash.core.errors import KetadashError
from ketadash.core.families import (
    ABSTINENCE_RECORD,
    ENDPOINT_SHUFFLES,
    HEAVY_ASSUMPTIONS,
    HEAVY_RECORD,
    INFLUENCE,
    RANDOMISATION,
    SENSITIVITY,
    SPECIFICATIONS,
    TIPPING,
)
from ketadash.core.spec import AnalysisSpec
from ketadash.results import Sensitivity
from ketadash.results.chance import Influence, Randomisation
from ketadash.trial import Trial

COMBINATIONS = "specifications of the strip"
TIPPING_MAP, ASSUMPTIONS, HEAVY_RULES = "tipping map", "assumptions", "heavy-day assumptions"
SHUFFLES, LEFT_OUT = "shuffles", "influence"


def draws(trial: Trial, spec: AnalysisSpec, outcomes: Sequence[str]) -> Job[Any, Any]:
    """What the rules that impute begin with, for abstinence or heavy days, begun or not."""
    seen = (ABSTINENCE_RECORD | HEAVY_RECORD).seen(spec)
    name = f"draws of {' and '.join(outcomes)}"
    return job(trial, name, seen, partial(_draw, ref(trial), spec), lambda: outcomes, in_this_process=True)


def _draw(of: ref[Trial], spec: AnalysisSpec, outcome: str) -> bool:
    trial = of()
    if trial is not None:
        draw_ahead(trial, spec, heavy=outcome == HEAVY)
    return trial is not None


def tipping_map(trial: Trial, spec: AnalysisSpec, problem: TippingProblem) -> Job[Any, Any]:
    """The cells of the tipping map and the tipping points, begun or not."""
    return job(trial, TIPPING_MAP, TIPPING.seen(spec), partial(compute, problem), lambda: tasks(problem))


def assumptions(trial: Trial, spec: AnalysisSpec, problem: Any) -> Job[Any, Any]:
    """The rows of every missing-day rule side by side, begun or not."""
    return job(trial, ASSUMPTIONS, TIPPING.seen(spec), problem.row, lambda: problem.rules)


def combinations(trial: Trial, spec: AnalysisSpec, problem: SensitivityProblem) -> Job[Any, Any]:
    """The rows of every combination of the published choices, begun or not."""
    return job(trial, COMBINATIONS, SENSITIVITY.seen(spec), problem.row, lambda: problem.nearest_first)


def all_combinations(trial: Trial, spec: AnalysisSpec) -> Sensitivity:
    """All of those rows: the job's where it has come to its end, else computed here."""
    rows = done(trial, COMBINATIONS, SENSITIVITY.seen(spec))
    return sensitivity(trial, spec) if rows is None else sensitivity_problem(trial, spec).together(rows)


def heavy_assumptions(trial: Trial, spec: AnalysisSpec, problem: HeavyProblem) -> Job[Any, Any]:
    """Heavy days under every missing-day rule, begun or not."""
    return job(trial, HEAVY_RULES, HEAVY_ASSUMPTIONS.seen(spec), problem.row, lambda: problem.rules)


def rules_so_far(trial: Trial, spec: AnalysisSpec, outcome: str) -> dict[Any, Any]:
    """What the missing-day rules gave for an outcome as far as they are computed; nothing is started."""
    if outcome == HEAVY:
        return results_so_far(trial, HEAVY_RULES, HEAVY_ASSUMPTIONS.seen(spec))
    return results_so_far(trial, ASSUMPTIONS, TIPPING.seen(spec))


def specifications(trial: Trial, spec: AnalysisSpec, problem: SpecificationProblem) -> Job[SpecificationTask, Any]:
    """The specifications of an outcome, begun or not."""
    # random slopes of a large trial are run or not
    fits = " and ".join(option.name for option in problem.options.get("estimator", ()))
    name = f"specifications {problem.outcome} {fits}"
    return job(trial, name, SPECIFICATIONS.seen(spec), rows_of, lambda: problem.tasks)


def randomisation(trial: Trial, spec: AnalysisSpec, problem: RandomisationProblem) -> Job[Any, Any]:
    """The shuffles of who got what, begun or not."""
    return job(trial, SHUFFLES, RANDOMISATION.seen(spec), problem.block, lambda: problem.blocks)


def shuffled(
    trial: Trial, spec: AnalysisSpec, problem: RandomisationProblem, so_far: Sequence[tuple[Any, Any]]
) -> Randomisation:
    """What the shuffles so far say; of all of them it is kept, since its intervals take a second."""
    if len(so_far) < len(problem.blocks):
        return randomisation_of(problem, so_far)
    return beside(trial, ("shuffled", RANDOMISATION.seen(spec)), lambda: randomisation_of(problem, so_far))


def shuffled_to_the_end(trial: Trial, spec: AnalysisSpec) -> Randomisation | None:
    """What all shuffles of a state say; None as long as they are not there. Nothing is started."""
    result = done(trial, SHUFFLES, RANDOMISATION.seen(spec))
    if result is None:
        return None
    return shuffled(trial, spec, randomisation_problem(trial, spec), list(result.items()))


def endpoint_shuffles(trial: Trial, spec: AnalysisSpec, problem: EndpointShuffles) -> Job[Any, Any]:
    """The shuffles of each participant's endpoints, begun or not."""
    return job(trial, "endpoint shuffles", ENDPOINT_SHUFFLES.seen(spec), problem.block, lambda: problem.blocks)


def influence(trial: Trial, spec: AnalysisSpec, problem: InfluenceProblem) -> Job[Any, Any]:
    """Each headline without each participant, begun or not."""
    return job(trial, LEFT_OUT, INFLUENCE.seen(spec), problem.without, lambda: problem.tasks)


def carried(problem: InfluenceProblem, so_far: Sequence[tuple[Any, Any]]) -> tuple[Influence, ...]:
    """The headlines as far as they are computed."""
    return influence_of(problem, so_far)


def ended(trial: Trial, spec: AnalysisSpec, name: str) -> dict[Any, Any] | None:
    """What came of the tipping map or the assumptions under `spec`; None as long as that is not computed to its end."""
    return done(trial, name, TIPPING.seen(spec))


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
