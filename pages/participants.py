"""Who the participants were, and who stayed."""

import streamlit as st

from ketadash import analyse
from ketadash.questions.participants import staying
from ketadash.questions.participants import words as words_people
from ketadash.ui import people, show, state

now = state.current()
result = analyse.participants_result(now.trial, now.spec)

st.title("Who were they, and who stayed?")
show.answer(words_people.answer(result))
left, right = st.columns([3, 2], gap="medium")
with left:
    show.picture(lambda v: staying.flow(result.flow, v), now.view, key="flow", alt=words_people.alt_flow(result))
with right:
    show.picture(
        lambda v: staying.retention(result, v), now.view, key="retention", alt=words_people.alt_retention(result)
    )
show.rests_on(words_people.rests_on(result, now.spec))
people.details(now, result)

st.header("Every day of every participant")
people.day_map(now, result)
show.rests_on(words_people.map_rests_on(result.days, now.spec))
people.one_record(now, result)
