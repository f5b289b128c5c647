"""The quiet line at the top of every page: whose data these are, which analysis it is, and of how many."""

from __future__ import annotations

import streamlit as st

from ketadash.core import p_values
from ketadash.core.spec import PValues
from ketadash.questions.shared import words
from ketadash.results import Counts
from ketadash.trial import Trial
from ketadash.trial.population import analysis_set
from ketadash.trial.resolve import why_unadjusted
from ketadash.ui import controls, show
from ketadash.ui.state import Current


def badge(trial: Trial) -> None:
    """That the data are synthetic, or whose they are."""
    if trial.synthetic:
        text = f":orange-badge[:material/science: {show.SYNTHETIC}]"
    elif trial.source:
        text = f":blue-badge[:material/database: {show.plain(trial.source)}]"
    else:
        return
    with st.container(key="whose_data", width="content"):
        st.markdown(text, width="content")


def back(trial: Trial) -> None:
    """The way back to the declared analysis.

    Arms that nobody declared stay as they were chosen: they depart from nothing, and without them the reader of three
    arms would be asked again.
    """
    declared = trial.declared.control is not None or trial.declared.active is not None
    st.button(
        f"Back to {words.analysis(trial.declared.analysis_name)}",
        on_click=controls.reset,
        key="back_to_declared",
        args=((),) if declared else (controls.ARMS,),
        type="tertiary",
        icon=":material/undo:",
    )


def draw(now: Current, counts: Counts, differences: tuple[str, ...]) -> None:
    """What the data are, declared analysis or exploratory, n participants, days used, days filled in.

    As high whatever the missing days are counted as: the picture below must not jump.
    """
    with st.container(key="status", horizontal=True, vertical_alignment="center", gap="small"):
        badge(now.trial)
        colour = "violet" if differences else "gray"
        st.markdown(
            f":{colour}-badge[{show.plain(words.status(differences, now.trial.declared.analysis_name))}]",
            width="content",
        )
        if chosen_set := analysis_set(now.trial, now.spec):
            st.markdown(f":orange-badge[{show.plain(chosen_set.badge, 120)}]", width="content")
        if (n := len(now.trial.arms)) > 2:
            st.markdown(f":gray-badge[Two of {n} arms: one of {n * (n - 1) // 2} pairs]", width="content")
        if differences:
            back(now.trial)
        st.markdown(f":small[{show.plain(words.used(counts, now.spec))}]", width="content")


def notes(now: Current) -> None:
    """What else holds in a state; below the picture, which must not jump when it comes or goes."""
    if reason := why_unadjusted(now.trial, now.chosen):  # a button alone would say that the models are adjusted
        st.markdown(f":small[{show.plain(show.sentence(f'{reason}.'))}]")
    if now.view.p_values is not PValues.SHOWN:
        note = p_values.note(now.view.p_values, words.analysis(now.trial.declared.analysis_name))
        st.markdown(f":small[{show.plain(note)}]")
