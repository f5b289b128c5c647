"""The missing-days page's work in the background: the tipping map and every assumption; and a click on the map."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from ketadash import analyse
from ketadash.analyse import long_work
from ketadash.analyse.binary import draws_wait
from ketadash.analyse.holding import ABSTINENCE
from ketadash.analyse.tipping_map import STOPS, tipping_map
from ketadash.core.choices import missing_choice
from ketadash.core.choices.control import odds_word
from ketadash.core.spec import MissingRule
from ketadash.questions.missing_days.tipping_map import stops_of
from ketadash.questions.question import Picture
from ketadash.questions.shared.theme import Figure
from ketadash.results import Estimate, SensitivityRow
from ketadash.ui import controls
from ketadash.ui.components import background_results, imputing
from ketadash.ui.state import Current

AT_ONCE = 50_000  # participant-days times imputations: some ten seconds of work, which starts by itself
MAP, RULES = "The tipping map", "The assumptions"
WANTED = "ketadash_map_wanted"


def compute_map(now: Current, show_result: Callable[[object], None]) -> None:
    """The map over both arms' odds ratios, as far as it is computed; its draws are made in the background too."""
    if draws_wait(now.trial, now.spec):
        if st.button(f"Compute {MAP.lower()}", key=f"start_{MAP}", icon=":material/play_arrow:"):
            st.session_state[WANTED] = True
        if not st.session_state.get(WANTED) or imputing.drawing(now, (ABSTINENCE,)):
            return
    problem = analyse.tipping_problem(now.trial, now.spec)
    work = long_work.tipping_map(now.trial, now.spec, problem)

    def draw(so_far: list[tuple[Any, Estimate]]) -> None:
        if so_far:
            show_result(tipping_map(problem, dict(so_far)))

    wanted = st.session_state.pop(WANTED, False)  # before the days were imputed that it is computed from
    background_results.going_on(work, MAP, draw, at_once=is_short(now) or wanted)


def compute_assumptions(now: Current, show_result: Callable[[object], None]) -> None:
    """Every missing-day rule, as far as they are computed: two seconds for the sample, else minutes."""
    problem = analyse.assumptions_problem(now.trial, now.spec)
    work = long_work.assumptions(now.trial, now.spec, problem)

    def draw(so_far: list[tuple[MissingRule, SensitivityRow]]) -> None:
        if so_far:
            show_result(problem.together([row for _, row in so_far]))

    background_results.going_on(work, RULES, draw, at_once=is_short(now))


def is_short(now: Current) -> bool:
    """Whether these computations take so little time that they start by themselves."""
    return int(analyse.panel_of(now.trial, now.spec).amount.size) * now.spec.imputations <= AT_ONCE


def set_odds_ratios(now: Current, picture: Picture, figure: Figure, clicked: Mapping[str, Any]) -> None:
    """Turn the dial to the place of the map that was clicked."""
    at = stops_of(figure, dict(clicked))
    if at is not None:
        control, active = (odds_word(STOPS[k]) for k in at)
        controls.ask({"missing": missing_choice.DIAL, "imor-control": control, "imor-active": active})
