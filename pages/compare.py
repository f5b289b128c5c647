"""Two states side by side: in what they differ, and what that changes."""

import streamlit as st

from ketadash.questions.compare import words as words_snapshots
from ketadash.ui import show, snapshots, state

now = state.current()

st.title(words_snapshots.QUESTION)
if not snapshots.kept():
    st.markdown(words_snapshots.EMPTY)
sides = snapshots.pick(now)
if sides is not None:
    snapshots.side_by_side(now, sides)
show.rests_on(words_snapshots.RESTS_ON)
