"""Use my own trial: drop a file, see what was read, change how, know what is doubtful."""

import streamlit as st

from ketadash.questions.data import words as words_data
from ketadash.ui import data, forgotten, linked, questions, show, state

trial, file = state.trial()

st.title("Use my own trial")
show.answer(words_data.PROMISE)
if linked.lost(trial):  # nothing of the trial that stands in for it
    forgotten.notice(trial, "data")
    data.upload()
else:
    data.upload()
    questions.form()
    data.what_we_have(trial, file)
    data.read_as(trial, file)
    data.data_checks(trial)
    data.unlocks(trial)
data.to_fill_in()
