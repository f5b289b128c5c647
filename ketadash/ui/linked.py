"""What the link says of the data: which they were, by fingerprint, and how they were read.  Never the data."""

from __future__ import annotations

import streamlit as st

from ketadash import words_data
from ketadash.errors import SpecError
from ketadash.trial import Recipe, Trial
from ketadash.trial.recipe import LONGEST_LINK, from_link
from ketadash.ui import address, state

DATA, RECIPE = "data", "recipe"
LETTERS = 12  # of the fingerprint: enough to tell trials apart
_READ, _DATA, _RECIPE, _TROUBLE = "ketadash_link", "ketadash_link_data", "ketadash_link_recipe", "ketadash_link_said"


def read() -> None:
    """Take from the link, on a session's first run, what it says of the data."""
    if st.session_state.get(_READ):
        return
    st.session_state[_READ] = True
    said = st.query_params.to_dict()
    data = said.get(DATA, "")
    if data.isalnum() and data.isascii():
        st.session_state[_DATA] = data[:LETTERS].lower()
    try:
        st.session_state[_RECIPE] = from_link(said[RECIPE]) if said.get(RECIPE) else None
    except SpecError as error:
        st.session_state[_TROUBLE] = str(error)


def recipe() -> Recipe | None:
    """How the link says to read the next file."""
    found: Recipe | None = st.session_state.get(_RECIPE)
    return found


def settled() -> None:
    """The session has a trial of its own: the link follows it from now on."""
    for key in (_DATA, _RECIPE, _TROUBLE):
        st.session_state.pop(key, None)


def keep(trial: Trial) -> tuple[str, ...]:
    """Write what the trial is and how it was read into the link; what does not fit with what the link asked for."""
    asked = st.session_state.get(_DATA)
    trouble = st.session_state.get(_TROUBLE)
    messages = [trouble] if trouble else []
    if asked is not None and not trial.sha256.startswith(asked):
        return (*messages, words_data.other_data(asked, trial.title))
    mine = state.own()
    shown = mine is not None or not state.is_sample(trial)
    address.put(DATA, trial.sha256[:LETTERS] if shown else "")
    said = mine.said.to_link() if mine is not None and mine.said is not None else ""
    if len(said) > LONGEST_LINK:
        said, messages = "", [*messages, words_data.TOO_LONG]
    address.put(RECIPE, said)
    return tuple(messages)
