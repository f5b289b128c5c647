"""The page Chance at work in the background: shuffles, and each headline without each participant."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ketadash.analyse import long_work
from ketadash.analyse.influence import influence_problem
from ketadash.analyse.randomisation import randomisation_problem
from ketadash.ui.components import background_results
from ketadash.ui.state import Current

AT_ONCE = 2_000_000  # participant-days times shuffles: some twenty seconds of work, which starts by itself
SHUFFLES, INFLUENCE = "The shuffles", "Leaving out each participant"


def compute_shuffles(now: Current, show_result: Callable[[object], None]) -> None:
    """The shuffles, as far as they are."""
    problem = randomisation_problem(now.trial, now.spec)

    def draw(done: list[tuple[Any, Any]]) -> None:
        show_result(long_work.shuffled(now.trial, now.spec, problem, done))

    work = long_work.randomisation(now.trial, now.spec, problem)
    background_results.going_on(work, SHUFFLES, draw, at_once=_is_short(now, now.spec.shuffles))


def compute_influence(now: Current, show_result: Callable[[object], None]) -> None:
    """Each headline without each participant, as far as they are."""
    problem = influence_problem(now.trial, now.spec)

    def draw(done: list[tuple[Any, Any]]) -> None:
        show_result(long_work.carried(problem, done))

    people = len(problem.panel.active) * len(problem.headlines)
    work = long_work.influence(now.trial, now.spec, problem)
    background_results.going_on(work, INFLUENCE, draw, at_once=_is_short(now, people))


def _is_short(now: Current, fits: int) -> bool:
    problem = randomisation_problem(now.trial, now.spec)
    draws = now.spec.imputations if now.spec.missing.imputed else 1
    return int(problem.panel.amount.size) * fits * draws <= AT_ONCE
