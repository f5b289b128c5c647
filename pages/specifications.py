"""Does the answer depend on our choices?"""

import streamlit as st

from ketadash.ui import choices, show, specifications, state

now = state.current()

st.title("Does the answer depend on our choices?")
outcome = choices.outcome()
problem = specifications.problem(now, outcome)
if problem is None:
    st.info(show.plain(specifications.no_heavy(now)), icon=":material/info:")
    st.stop()
specifications.curve(now, problem)
specifications.details(now, problem)
