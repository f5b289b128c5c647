"""The specification curve's own parts: which outcome, the curve as far as it is computed, one loaded by a click."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from ketadash import analyse
from ketadash.analyse.jobs import Job
from ketadash.analyse.specifications import (
    PROBLEMS,
    SpecificationProblem,
    SpecificationTask,
    specification_curve,
)
from ketadash.questions.shared import words
from ketadash.questions.specifications import figure
from ketadash.questions.specifications import tables as specifications_tables
from ketadash.questions.specifications import words as specifications_words
from ketadash.questions.specifications import words as words_specifications
from ketadash.results.sensitivity import Specification, SpecificationCurve
from ketadash.ui import background_results, controls, long_work, missing, show, tabs
from ketadash.ui.plot import plot
from ketadash.ui.state import Current

AT_ONCE = 2_000  # participant-days of a trial whose curve starts by itself: some ten seconds of work


def problem(now: Current, name: str) -> SpecificationProblem | None:
    """What is varied for an outcome; None where the amounts cannot tell heavy days."""
    return PROBLEMS[name](now.trial, now.spec)


def no_heavy(now: Current) -> str:
    """Why there is nothing to vary."""
    return words.no_heavy(now.spec)


def work(now: Current, p: SpecificationProblem) -> Job[SpecificationTask, Any]:
    """The computation, begun or not."""
    return long_work.specifications(now.trial, now.spec, p)


def task_name(p: SpecificationProblem) -> str:
    """What the computation is called while it goes on."""
    return f"The specifications of {p.outcome}"


def at_once(p: SpecificationProblem) -> bool:
    """Whether it starts by itself."""
    return p.tasks[0].panel.amount.size <= AT_ONCE


def _curve(p: SpecificationProblem, going: Job[SpecificationTask, Any]) -> SpecificationCurve:
    return specification_curve(p, [row for _, rows in going.results for row in rows])


def curve(now: Current, p: SpecificationProblem) -> None:
    """Sorted estimates over the matrix of choices; a click loads the specification."""
    going = work(now, p)

    def draw(done: list[tuple[Any, Any]]) -> None:
        result = _curve(p, going)
        if not result.rows:
            return
        show.answer(words_specifications.answer(result))
        declared = missing.analysis_name(now)
        wide, narrow = (figure.plot(result, view, analysis_name=declared) for view in show.both(now.view))
        clicked = plot(
            wide,
            narrow=narrow,
            key=f"specifications_{p.outcome}",
            alt=specifications_words.alt(result),
            clicks=True,
            light=show.in_the_light(partial(figure.plot, result, analysis_name=declared), now.view),
        )
        place = figure.row_of(wide, clicked) if clicked is not None else None
        if place is not None:
            st.session_state[CHOSEN] = (p.outcome, result.rows[place])
        _chosen(now, p)
        show.rests_on(
            " ".join(
                (
                    words_specifications.published(result),
                    words_specifications.kinds(result),
                    words_specifications.left_out(result),
                )
            )
        )

    background_results.going_on(going, task_name(p), draw, at_once=at_once(p))


def _table(now: Current, result: SpecificationCurve) -> None:
    if result.rows:
        show.table(specifications_tables.table(result, missing.analysis_name(now)), long=True)
    else:
        st.markdown("Nothing is computed yet.")


CHOSEN = "ketadash_specification"


def _chosen(now: Current, p: SpecificationProblem) -> None:
    """The specification clicked last, and a button that makes it the dashboard's state."""
    outcome, row = st.session_state.get(CHOSEN, (None, None))
    if outcome != p.outcome or row is None:
        st.markdown("Click a specification to see what it is, and to load it.")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        row_text = words_specifications.row(row, analyse.terms(now.trial, now.spec))
        st.markdown(f"**{show.plain(row_text)}**: {show.plain(words_specifications.value(row))}")
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


def details(now: Current, p: SpecificationProblem) -> None:
    """The tabs: every row, what was left out, methods, code, downloads."""
    result = _curve(p, work(now, p))
    tabs.details(
        now,
        key="specifications",
        tables=lambda: _table(now, result),
        model=lambda: st.markdown(show.plain(f"{result.quantity}. {words_specifications.NOTE}")),
        method=("specification-curve", "imputation", "competing-risks"),
        data={f"specifications {p.outcome}": specifications_tables.full(result)},
    )
