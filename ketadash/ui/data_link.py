"""What the link says of the data: which they were, by fingerprint, and how they were read.  Never the data."""

from __future__ import annotations

import streamlit as st

from ketadash.core import paths
from ketadash.core.errors import SpecError
from ketadash.questions.data import words as words_data
from ketadash.trial import Reading, Recipe, Trial, attempt
from ketadash.trial.recipe import LONGEST_LINK, from_link
from ketadash.trial.sources import Given
from ketadash.ui import address, state

DATA, RECIPE = "data", "recipe"
LETTERS = 12  # of the fingerprint: enough to tell trials apart
_READ, _DATA, _RECIPE, _TROUBLE = "ketadash_link", "ketadash_link_data", "ketadash_link_recipe", "ketadash_link_said"
_LOST = "ketadash_link_lost"  # that this tab held the link's data before it was loaded again
KEPT = "ketadash_kept_"  # and its fingerprint: the cookie that a tab leaves for itself (address.js)


def read() -> None:
    """Take from the link, on a session's first run, what it says of the data."""
    if st.session_state.get(_READ):
        return
    st.session_state[_READ] = True
    parameters = st.query_params.to_dict()
    data = parameters.get(DATA, "")
    if data.isalnum() and data.isascii():
        st.session_state[_DATA] = fingerprint = data[:LETTERS].lower()
        st.session_state[_LOST] = st.context.cookies.get(KEPT + fingerprint) == "1"
        if _open_example(fingerprint):
            return
    try:
        st.session_state[_RECIPE] = recipe = from_link(parameters[RECIPE]) if parameters.get(RECIPE) else None
    except SpecError as error:
        st.session_state[_TROUBLE] = str(error)
        return
    if recipe is not None:
        _open_named(st.session_state.get(_DATA), recipe)


def _open_example(fingerprint: str) -> bool:
    """Open the real trial that comes with the program, where the link is of it: nobody needs to bring its files."""
    if state.trial()[0].sha256.startswith(fingerprint):
        return False
    for name in paths.examples():
        given, trial = _example(name)
        if trial is not None and trial.sha256.startswith(fingerprint):
            st.session_state[state.OWN] = state.Own(given, None, trial, name)
            settled()
            return True
    return False


def _open_named(fingerprint: str | None, recipe: Recipe) -> None:
    """Open the files that the app was started with as the link reads them, where it was made with just that reading."""
    if fingerprint is None or state.trial()[0].sha256.startswith(fingerprint):
        return
    mine = state.named_read(recipe)
    if mine is not None and mine.trial.sha256.startswith(fingerprint):
        state.put_away()  # the questions that the link answers
        st.session_state[state.OWN] = mine
        settled()


@st.cache_resource(show_spinner=state.READING)
def _example(name: str) -> tuple[Given, Trial | None]:
    """A real trial that comes with the program, read once."""
    given = state.brought(paths.example_folder(name), name)
    return given, attempt(given).trial


def take(given: Given, name: str) -> Reading:
    """Read the files that the reader brought: as the link says if they are the link's own data, else as recognised.

    A recipe can turn a conclusion round (by calling each arm as the other), so it is followed without asking only for
    the data that whoever made the link read with it.  For any other it waits to be asked for (`question`).
    """
    recipe, fingerprint = st.session_state.get(_RECIPE), st.session_state.get(_DATA)
    if recipe is not None and fingerprint is not None:
        before = st.session_state.get(state.OWN)
        reading = state.use(given, recipe, name)
        if _is(reading, fingerprint):
            settled()
            return reading
        state.put_away()
        _put_back(before)
    reading = state.use(given, None, name)
    if _is(reading, fingerprint):
        settled()
    return reading


def _is(reading: Reading, fingerprint: str | None) -> bool:
    """Whether that is the trial whose fingerprint begins so."""
    shown = reading.trial or reading.provisional
    return fingerprint is not None and shown is not None and shown.sha256.startswith(fingerprint)


def _put_back(own: state.Own | None) -> None:
    if own is None:
        st.session_state.pop(state.OWN, None)
    else:
        st.session_state[state.OWN] = own


def settled() -> None:
    """The reader has said how to read: the link follows the session's own trial from now on."""
    for key in (_DATA, _RECIPE, _TROUBLE, _LOST):
        st.session_state.pop(key, None)


def lost(trial: Trial) -> bool:
    """Whether the current trial only stands in for the one that this tab held before it was loaded again.

    A link that somebody else sent may name the same data: only the tab knows that it had them.
    """
    fingerprint, mine = st.session_state.get(_DATA), state.pending() or state.own()
    return bool(st.session_state.get(_LOST)) and mine is None and not trial.sha256.startswith(fingerprint or "-")


def kept(trial: Trial) -> str:
    """The fingerprint that the tab is to know again when it is loaded again; empty where nothing would be lost."""
    if lost(trial):
        return str(st.session_state[_DATA])
    return trial.sha256[:LETTERS] if state.pending() or state.own() else ""


def question() -> None:
    """Whether a link made with other data is followed for the current files; nothing where there is no such link."""
    recipe: Recipe | None = st.session_state.get(_RECIPE)
    if (recipe is None and st.session_state.get(_DATA) is None) or _own_files() is None:
        return
    with st.container(border=True, key="ketadash_link_question"):
        st.markdown(words_data.FOLLOW_LINK if recipe is not None else words_data.OTHER_LINK)
        if recipe is not None:
            st.code("\n".join(recipe.to_toml().splitlines()[1:]), language="toml", wrap_lines=True)
        with st.container(horizontal=True):
            st.button(words_data.AS_RECOGNISED, on_click=settled, type="primary", key="ketadash_link_keep")
            if recipe is not None:
                st.button(words_data.AS_THE_LINK, on_click=_follow, key="ketadash_link_follow")


def _own_files() -> state.Own | state.Pending | state.Refused | None:
    """The files that the session brought last."""
    return state.refused() or state.pending() or state.own()


def _follow() -> None:
    brought, recipe = _own_files(), st.session_state.get(_RECIPE)
    if brought is not None and recipe is not None:
        state.use(brought.given, recipe, brought.file)
    settled()


def keep(trial: Trial) -> tuple[str, ...]:
    """Write what the trial is and how it was read into the link; what does not fit with what the link asked for."""
    fingerprint, waits = st.session_state.get(_DATA), st.session_state.get(_RECIPE) is not None
    trouble = st.session_state.get(_TROUBLE)
    mine = state.pending() or state.own()
    messages = [trouble] if trouble else []
    if lost(trial):  # still said on every page, for when it is loaded again once more
        recipe: Recipe | None = st.session_state.get(_RECIPE)
        address.put(DATA, str(fingerprint))
        address.put(RECIPE, recipe.to_link() if recipe is not None else "")
        return tuple(messages)
    if fingerprint is not None and not trial.sha256.startswith(fingerprint):
        messages.append(words_data.other_data(fingerprint, trial.title, recognised=mine is not None and waits))
        if mine is None:
            return tuple(messages)
    elif waits and mine is not None:
        messages.append(words_data.UNNAMED_DATA)
    shown = mine is not None or not state.is_sample(trial)
    address.put(DATA, trial.sha256[:LETTERS] if shown else "")
    recipe_link = mine.recipe_given.to_link() if mine is not None and mine.recipe_given is not None else ""
    if len(recipe_link) > LONGEST_LINK:
        recipe_link, messages = "", [*messages, words_data.TOO_LONG]
    address.put(RECIPE, recipe_link)
    return tuple(messages)
