"""Take it away: a report of the state at hand, as files."""

import streamlit as st

from ketadash.ui import report, show, state

now = state.current()

st.title("What do you want to take away?")
show.answer(report.PROMISE)
order = report.choices(now)
report.make(order)
report.paragraph(now, order)
