"""The specification curve's computation in the background, and a specification chosen by a click."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import streamlit as st

from ketadash import analyse
from ketadash.analyse import long_work
from ketadash.analyse.jobs import Job
from ketadash.analyse.specification_tasks import SpecificationTask
from ketadash.analyse.specifications import PROBLEMS, SpecificationProblem, specification_curve
from ketadash.questions.question import Picture, needed
from ketadash.questions.shared.theme import Figure
from ketadash.questions.specifications import words
from ketadash.questions.specifications.figure import row_of
from ketadash.questions.specifications.question import computation
from ketadash.results.sensitivity import Specification, SpecificationCurve
from ketadash.ui import controls, page_controls, show
from ketadash.ui.components import background_results
from ketadash.ui.state import Current

AT_ONCE = 2_000  # participant-days of a trial whose curve starts by itself: some ten seconds of work
CHOSEN = "ketadash_specification"


def compute_curve(outcome: str, now: Current, show_result: Callable[[object], None]) -> None:
    """The curve of an outcome, as far as it is computed."""
    problem = needed(PROBLEMS[outcome](now.trial, now.spec))
    of = words.OUTCOME[outcome].format(heavy=problem.terms.heavy_day)
    name, short = f"The specifications of {of}", problem.tasks[0].panel.amount.size <= AT_ONCE

    def draw(done: list[tuple[Any, Any]]) -> None:
        show_result(specification_curve(problem, [row for _, rows in done for row in rows]))

    background_results.going_on(work(now, problem), name, draw, at_once=short)


def work(now: Current, problem: SpecificationProblem) -> Job[SpecificationTask, Any]:
    """The computation, begun or not."""
    return long_work.specifications(now.trial, now.spec, problem)


def choose(now: Current, picture: Picture, figure: Figure, clicked: Mapping[str, Any]) -> None:
    """Keep the specification that was clicked, to be shown below the curve."""
    place, curve = row_of(figure, dict(clicked)), picture.result
    if place is not None and isinstance(curve, SpecificationCurve):
        st.session_state[CHOSEN] = (curve.outcome, curve.rows[place])


def chosen(now: Current) -> None:
    """The specification clicked last, and a button that makes it the dashboard's state."""
    of, row = st.session_state.get(CHOSEN, (None, None))
    if of != page_controls.outcome_shown() or row is None:
        st.markdown("Click a specification to see what it is, and to load it.")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        name = words.row(row, analyse.terms(now.trial, now.spec))
        st.markdown(f"**{show.plain(name)}**: {show.plain(words.value(row))}")
        if st.button("Load it", icon=":material/tune:"):
            controls.ask(_words(now, row))


def _words(now: Current, row: Specification) -> dict[str, Any]:
    """What every control says for a specification; what it does not vary stays."""
    spec = now.trial.declared.published.replace(
        **{
            name: getattr(now.chosen, name)
            for name in ("control", "active", "amount", "baseline", "confidence", "seed", "imputations")
        }
    ).replace(**row.changes)
    return controls.words_of(spec)


COMPUTATIONS = {computation(outcome): partial(compute_curve, outcome) for outcome in PROBLEMS}
