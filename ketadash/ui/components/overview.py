"""The Overview at work in the background: the specifications of its strip, while the page is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ketadash import analyse
from ketadash.analyse import long_work
from ketadash.analyse.jobs import Job
from ketadash.analyse.sensitivity import SensitivityProblem
from ketadash.results import Sensitivity
from ketadash.ui.components import background_results
from ketadash.ui.state import Current

AT_ONCE = 2_000  # participant-days up to which all the fits take some third of a second: other processes take longer


def compute_agreement(now: Current, show_result: Callable[[object], None]) -> None:
    """The specifications as far as they are computed; those of a small trial at once, so that nothing moves."""
    problem = analyse.sensitivity_problem(now.trial, now.spec)
    if is_short(now):
        show_result(analyse.sensitivity(now.trial, now.spec))
        return

    def draw(so_far: list[tuple[Any, Any]]) -> None:
        show_result(problem.together(dict(so_far)))

    background_results.in_a_line(_begun(now, problem), "the specifications", draw, at_once=True)


def begin(now: Current) -> None:
    """Begin with them where they take a while: beside the rest of the page, whose first picture is drawn."""
    if not is_short(now):
        _begun(now, analyse.sensitivity_problem(now.trial, now.spec))


def agreement_so_far(now: Current) -> Sensitivity:
    """The same for who waits for nothing, such as a slide."""
    if is_short(now):
        return analyse.sensitivity(now.trial, now.spec)
    problem = analyse.sensitivity_problem(now.trial, now.spec)
    return problem.together(dict(_begun(now, problem).results))


def is_short(now: Current) -> bool:
    """Whether all the fits together take less time than anybody notices."""
    return int(analyse.panel_of(now.trial, now.spec).amount.size) <= AT_ONCE


def _begun(now: Current, problem: SensitivityProblem) -> Job[Any, Any]:
    """The computation, which goes on whenever somebody looks: nothing on the page stops it."""
    work = long_work.combinations(now.trial, now.spec, problem)
    if work.trouble is None:
        work.start()
    return work
