"""How far each result holds, computed in the background: every missing-day rule for abstinence and for heavy days."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from ketadash import analyse
from ketadash.analyse import holding, long_work
from ketadash.analyse.jobs import Job
from ketadash.analyse.sensitivity import assumptions_problem
from ketadash.questions.shared.holding import computation
from ketadash.ui.components import background_results, sensitivity
from ketadash.ui.state import Current

BY_RULE = (holding.ABSTINENCE, holding.NNT, holding.HEAVY)  # the outcomes that missing days reach


def compute(outcome: str, now: Current, show_result: Callable[[object], None]) -> None:
    """The line of an outcome, as far as it is computed."""
    work = _work(now, outcome)
    if work is None:
        return

    def draw(so_far: list[tuple[Any, Any]]) -> None:
        show_result(analyse.held(now.trial, now.spec, outcome, dict(so_far)))

    background_results.in_a_line(work, "how far it holds", draw, at_once=sensitivity.is_short(now))


def compute_all(now: Current) -> None:
    """What the cards' lines rest on; the page is drawn again when it is there."""
    for outcome in (holding.ABSTINENCE, holding.HEAVY):
        work = _work(now, outcome) if _days_missing(now) and sensitivity.is_short(now) else None
        if work is not None:
            background_results.in_a_line(work, f"how far {outcome} holds", lambda so_far: None, at_once=True)


def _days_missing(now: Current) -> bool:
    return bool(np.isnan(analyse.panel_of(now.trial, now.spec).amount).any())


def _work(now: Current, outcome: str) -> Job[Any, Any] | None:
    """The computation, begun or not; None where the amounts cannot tell heavy days."""
    if outcome != holding.HEAVY:
        return long_work.assumptions(now.trial, now.spec, assumptions_problem(now.trial, now.spec))
    problem = holding.heavy_assumptions_problem(now.trial, now.spec)
    return None if problem is None else long_work.heavy_assumptions(now.trial, now.spec, problem)


COMPUTATIONS = {computation(outcome): partial(compute, outcome) for outcome in BY_RULE}
