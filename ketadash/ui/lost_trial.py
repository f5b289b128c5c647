"""A trial that this tab held in memory and lost when its page was loaded again: said, in place of another's results."""

from __future__ import annotations

import streamlit as st

from ketadash.questions.data import words as words_data
from ketadash.trial import Trial
from ketadash.ui import data_link, navigation, show, state


def notice(trial: Trial, page: str) -> None:
    """In place of results: what has happened, and the ways on; `trial` is what the reader may look at instead."""
    sample = state.is_sample(trial)
    if page != "data":
        st.title(words_data.NOT_LOADED)
    st.warning(f"{words_data.FORGOTTEN}. {words_data.CHOICES_STAY}", icon=":material/history:")
    with st.container(horizontal=True, vertical_alignment="center"):
        if page != "data":
            st.page_link(navigation.place("data"), label=words_data.LOAD_AGAIN, icon=":material/arrow_forward:")
        st.button(
            words_data.open_instead(None if sample else show.plain(trial.title, 80)),
            on_click=data_link.settled,
            icon=":material/science:" if sample else ":material/folder_open:",
            key="ketadash_instead",
        )
