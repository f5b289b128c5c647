"""Use my own trial: drop a file, see what was read."""

import streamlit as st

from ketadash.ui import data, show, state

st.title("Use my own trial")
show.answer(data.PROMISE)
data.upload()
data.what_we_have(*state.trial())
