"""The sentence below the buttons of the missing-day rule: what it makes of such a day, or why that changes nothing."""

from __future__ import annotations

from typing import Any

import streamlit as st

from ketadash import analyse
from ketadash.core.choices.missing_choice import in_a_sentence
from ketadash.core.spec import AnalysisSpec
from ketadash.questions.registry import question
from ketadash.questions.shared.rule_matters import NONE_MISSING
from ketadash.trial import Trial


class RuleLine:
    """It has its place before the choices are whole, and is written once they are."""

    def __init__(self) -> None:
        self._place: Any = None

    def stands_here(self) -> None:
        """Keep a place, where the rule asks for nothing else."""
        self._place = st.container()

    def write(self, page: str, trial: Trial, spec: AnalysisSpec) -> None:
        """Say what the rule of a resolved spec does on a page."""
        if self._place is not None:
            terms, arms = analyse.terms(trial, spec), (spec.control or "", spec.active or "")
            text = idle(page, trial, spec) or in_a_sentence(spec.missing, terms, *arms)
            self._place.markdown(f":small[{text}]")


def idle(page: str, trial: Trial, spec: AnalysisSpec) -> str:
    """Why the rule changes nothing on a page; "" where it does."""
    return question(page).rule_idle(spec) or ("" if analyse.panel_of(trial, spec).n_missing else NONE_MISSING)
