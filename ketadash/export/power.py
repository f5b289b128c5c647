"""What `ketadash plan` asks for, and its answer as JSON or as a table."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import asdict, replace
from math import ceil, isfinite
from typing import Any

from ketadash import analyse
from ketadash.analyse import batch
from ketadash.analyse.outcomes import definition
from ketadash.analyse.person_days import days_of
from ketadash.analyse.person_endpoints import endpoint_result
from ketadash.analyse.person_values import read_off
from ketadash.analyse.power import (
    ALL_DAYS,
    ENDPOINTS,
    OF_A_MODEL,
    PERSON_ENDPOINTS,
    Plan,
    PowerProblem,
    counts_by_arm,
    p_values_of,
    power_curve,
    power_problem,
)
from ketadash.analyse.progress import counted as each_counted
from ketadash.analyse.randomisation import ANY_USE, HEAVY_DAY_BY_ARM, RELAPSE, contrast_label
from ketadash.core.choices.endpoint import definition_under
from ketadash.core.choices.endpoint.relapse_rules import relapse_rule
from ketadash.core.errors import SpecError
from ketadash.core.numbers import level, percent
from ketadash.core.planned_test import SHUFFLES, PlannedTest
from ketadash.core.spec import AnalysisSpec, Uncertainty
from ketadash.export.analysis_json import SCHEMA_VERSION
from ketadash.questions.shared.code_numbers import capital
from ketadash.questions.shared.words import assumes
from ketadash.results.endpoints import EndpointResult
from ketadash.results.power import PowerCurve
from ketadash.trial import Trial, resolve

LARGEST = 100_000  # participants of a simulated trial
MOST_POINTS = 1_000
MOST_TRIALS = 2_000_000  # simulated, of all points together
LEAST_ALPHA = 1e-6
MANY_FAILED = 0.05  # share of simulated trials without an answer that is said aloud


def plan_of(endpoint: str, sizes: str, effects: str, test: str | None, replicates: int, alpha: float) -> Plan:
    """What the options ask for; without a test, one that `with_test` may change.

    Raises
    ------
    SpecError
        For the first that cannot be, with how to write it.
    """
    if endpoint not in ENDPOINTS:
        raise SpecError(f"--endpoint takes one of {', '.join(ENDPOINTS)}; not '{endpoint[:60]}'")
    if not 1 <= replicates <= MOST_TRIALS:
        raise SpecError(f"--replicates {replicates}: give a whole number from 1 to {MOST_TRIALS:,}")
    if not LEAST_ALPHA <= alpha < 1:
        raise SpecError(f"--alpha {alpha:g}: give a number from {LEAST_ALPHA:f} to below 1, such as 0.05")
    plan = Plan(
        endpoint, sizes_of(sizes), effects_of(effects), None if test is None else PlannedTest(test), replicates, alpha
    )
    points = len(plan.sizes) * len(plan.effects)
    if points > MOST_POINTS:
        raise SpecError(f"--n and --effect make {points:,} points; give {MOST_POINTS:,} at most")
    if points * replicates > MOST_TRIALS:
        raise SpecError(
            f"{points:,} points of {replicates:,} replicates are {points * replicates:,} simulated trials; "
            f"{MOST_TRIALS:,} at most are made at once"
        )
    return plan


def with_test(plan: Plan, spec: AnalysisSpec, given: Collection[str]) -> tuple[Plan, AnalysisSpec]:
    """The plan and the analysis with a test and its shuffles, where `given` (fields of the spec) leave them open.

    Raises
    ------
    SpecError
        If the test that is asked for and the errors that are contradict each other.
    """
    if plan.test is None:
        plan = replace(plan, test=PlannedTest(spec.uncertainty.value))
    elif plan.test.value in list(Uncertainty):
        if "uncertainty" in given and spec.uncertainty.value != plan.test.value:
            raise SpecError(
                f"--test {plan.test.value} and --uncertainty {spec.uncertainty.value} contradict each other: give one"
            )
        spec = spec.replace(uncertainty=Uncertainty(plan.test.value))
    plan = replace(plan, shuffles=spec.shuffles if "shuffles" in given else SHUFFLES)
    if plan.test is PlannedTest.RANDOMISATION and plan.alpha * (plan.shuffles + 1) < 1:
        raise SpecError(
            f"--alpha {plan.alpha:g} is below the least p of {plan.shuffles:,} shuffles, 1/{plan.shuffles + 1:,}: it "
            f"takes --shuffles {ceil(1 / plan.alpha) - 1} or more"
        )
    return plan, spec


def sizes_of(text: str) -> tuple[int, ...]:
    """``"40:120:40"`` → 40, 80, 120; one number is one size."""
    parts = text.split(":")
    if len(parts) not in (1, 3) or not all(part.isascii() and part.isdigit() and len(part) <= 9 for part in parts):
        raise SpecError(f"--n {text[:60]}: write FIRST:LAST:STEP in whole numbers, such as 40:200:40, or one number")
    first, last, step = (int(part) for part in (parts if len(parts) == 3 else (*parts, *parts, "1")))
    if not 0 < first <= last <= LARGEST or step < 1:
        raise SpecError(f"--n {text[:60]}: from 1 to {LARGEST:,}, FIRST no larger than LAST, STEP at least 1")
    return tuple(range(first, last + 1, step))


def effects_of(text: str) -> tuple[float, ...]:
    """``"0,0.5,1"``: none, half and all of the data's own, each once."""
    try:
        effects = tuple(dict.fromkeys(float(part) + 0.0 for part in text.split(",")))  # -0.0 is 0.0
    except ValueError:
        effects = ()
    if not text.isascii() or "_" in text:
        effects = ()
    if not effects or not all(isfinite(e) and 0 <= e <= 1 for e in effects):
        raise SpecError(
            f"--effect {text[:60]}: give numbers from 0 (none) to 1 (as in the data), with commas between them; a "
            "larger one cannot be drawn from the data's participants"
        )
    return effects


def planned(trial: Trial, spec: AnalysisSpec, plan: Plan, announce: Callable[[str], None]) -> dict[str, Any]:
    """Simulate every trial of the plan; the JSON's document.

    Raises
    ------
    DataError, SpecError
        As `resolve`, the panel and `power_problem` do.
    """
    resolved, notes = resolve(trial, spec)
    made_by = analyse.provenance(trial, resolved)
    if trial.declared.strict and made_by.exploratory:
        raise SpecError(
            "the trial declares strict, and this is not its declared analysis: its p-values are hidden, and power "
            "would tell them"
        )
    problem = power_problem(trial, resolved, plan)
    n_points = len(plan.sizes) * len(plan.effects)
    announce(f"{n_points:,} points of {plan.replicates:,} simulated trials each")
    tasks = [(problem, some) for some in problem.tasks]
    done = list(each_counted("simulated trials, in parts:", batch.run(p_values_of, tasks), len(tasks)))
    curve = power_curve(problem, [(some, p_values) for (_, some), p_values in done])
    document = asdict(curve)
    points = document.pop("curve")
    del document["arms"]
    return {
        "schema_version": SCHEMA_VERSION,
        **document,
        "assumptions": assumptions(problem, curve),
        "warnings": list(dict.fromkeys([*trial.warnings, *notes, *problem.panel.warnings, *_failures(curve)])),
        "provenance": asdict(made_by),
        "curve": points,
    }


def _failures(curve: PowerCurve) -> list[str]:
    """Where many simulated trials have no answer, power says little of what a trial would find."""
    return [
        f"at n = {at.n:,} and effect {at.effect:g}, {at.n_failed:,} of {curve.replicates:,} simulated trials have no "
        "answer and count as finding nothing: the analysis asks more of so few people than they can tell"
        for at in curve.curve
        if at.n_failed > MANY_FAILED * curve.replicates
    ]


def assumptions(problem: PowerProblem, curve: PowerCurve) -> list[str]:
    """What the power rests on, a sentence each."""
    (control, n_control), (active, n_active) = curve.arms
    plan, p = problem.plan, problem.panel
    return [
        f"Each simulated trial draws its participants, with all their days and gaps, from the {n_control + n_active} "
        "of the data, the same one perhaps several times: these few are taken for everybody.",
        f"n counts both arms; they are shared as in the data, {n_control} {control} to {n_active} {active}.",
        f"Effect 1 is the difference of the data: {active} participants are drawn from the {active} arm. At effect L "
        f"each is with a chance of L, and else from the {control} arm; at 0 nobody is, so that there power is how "
        "often the test finds what is not there.",
        f"What is compared: {_what(problem)}. {_by_which(problem, curve)}",
        f"{_unknown_days(problem)}{BY_ARM if counts_by_arm(problem) else ''}",
        *([f"{IN_STRATA}."] if p.strata is not None else []),
        f"A simulated trial finds a difference, in either direction, where p is {plan.alpha:g} or less. One without "
        "an answer (n_failed) finds none.",
        f"mc_low and mc_high are the {level(0.95)} of {plan.replicates:,} simulated trials (Wilson); how far the "
        "data's own effect may be from the truth is not in them. Power at the data's own size and effect says no more "
        "than their p-value does.",
    ]


RELAPSE_TIME = "relapse"
BY_ARM = " It counts by the arm, so that the arms differ at effect 0 too."
IN_STRATA = "Strata come with whoever is drawn: the arms are not balanced within them, as randomisation would do"


def _what(problem: PowerProblem) -> str:
    endpoint = problem.plan.endpoint
    return _of_people(problem).label if endpoint in PERSON_ENDPOINTS else contrast_label(problem.panel, endpoint)


def _of_people(problem: PowerProblem) -> EndpointResult:
    """The endpoint of each participant in the data."""
    endpoint, spec = problem.plan.endpoint, problem.spec
    d = PERSON_ENDPOINTS[ALL_DAYS if endpoint == ANY_USE else endpoint]
    return endpoint_result(d, read_off(days_of(problem.panel, spec, problem.people)), spec)


def _unknown_days(problem: PowerProblem) -> str:
    """What becomes of days without a report, for this endpoint."""
    endpoint, spec, p = problem.plan.endpoint, problem.spec, problem.panel
    if endpoint in OF_A_MODEL:
        return f"{assumes(spec, heavy=endpoint == HEAVY_DAY_BY_ARM, terms=p.terms)}."
    if endpoint != RELAPSE:
        return capital(f"{_of_people(problem).missing}".removesuffix(".")) + "."
    rule, reading = definition_under(RELAPSE_TIME, spec), spec.dropout.about
    enters = reading.imputed or relapse_rule(spec.relapse).by_weeks
    days = f" {assumes(spec, heavy=rule.needs_heavy_days, terms=p.terms)}." if enters else ""
    return f"{capital(definition(p, RELAPSE_TIME, spec.dropout, spec))}. {reading.rests_on}.{days}"


BY_MODEL = (
    "p is that of the model's own errors, which are too small where days come in spells: power at effect 0 shows by "
    "how much"
)
BY_ROBUST = "p is that of errors clustered by participant"
OWN_TEST = "No model of the days is compared, so p is its own test's, whether model or robust is asked for"


def _by_which(problem: PowerProblem, curve: PowerCurve) -> str:
    plan = problem.plan
    if plan.test is PlannedTest.RANDOMISATION:
        return f"p is that of {curve.shuffles:,} shuffles of the arms in each simulated trial."
    if plan.endpoint not in OF_A_MODEL:
        return f"{OWN_TEST}."
    return f"{BY_MODEL if plan.test is PlannedTest.MODEL else BY_ROBUST}."


def as_text(document: dict[str, Any]) -> str:
    """The table for a terminal, and what it rests on."""
    head = ("n", "effect", "power", level(0.95), "no answer")
    rows = [
        (
            f"{at['n']:,}",
            f"{at['effect']:g}",
            percent(at["power"], 1),
            f"{percent(at['mc_low'], 1)}–{percent(at['mc_high'], 1)}",
            f"{at['n_failed']:,}",
        )
        for at in document["curve"]
    ]
    widths = [max(len(row[k]) for row in (head, *rows)) for k in range(len(head))]
    lines = ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in (head, *rows)]
    return "\n".join([*lines, "", *document["assumptions"], *document["warnings"]])
