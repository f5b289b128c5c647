"""What else happened: adverse events, dissociation, visit measures, late follow-up."""

import streamlit as st

from ketadash import analyse
from ketadash.questions.safety import tables as tables_safety
from ketadash.questions.safety import words as words_safety
from ketadash.ui import safety, show, state, tabs

now = state.current()
events = analyse.adverse_events_result(now.trial, now.spec)
score = analyse.dissociation_result(now.trial, now.spec)
measures = analyse.measures_result(now.trial, now.spec)
later = analyse.follow_up_result(now.trial, now.spec)

st.title("What else happened?")
show.answer(words_safety.overview(events, later, measures))
safety.events(events, now)
safety.dissociation(score, now)
safety.measures(measures, now)
safety.follow_up(later, now)
tabs.details(
    now,
    key="safety",
    tables=lambda: safety.tables(events, score, measures, later),
    model=lambda: safety.models(score, measures),
    method=("adverse-events", "cadss", "visit-measures", "follow-up"),
    data=tables_safety.downloads(events, measures, later),
)
