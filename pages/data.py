"""Use my own trial: drop a file, see what was read."""

import streamlit as st

from ketadash.ui import data, show, state

st.title("Use my own trial")
show.answer(data.PROMISE)
uploaded = st.file_uploader(
    "A file of participant-days, or the files of one trial together", type=None, accept_multiple_files=True,
    key="upload", help=data.FORMAT,
)  # fmt: skip
if uploaded:
    data.take(uploaded)
data.what_we_have(*state.trial())
