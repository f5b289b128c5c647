"""Figure 4: time to relapse, first use and first heavy drinking day."""

import streamlit as st

from ketadash import analyse
from ketadash.questions.relapse import figure as survival
from ketadash.questions.relapse import tables as relapse_tables
from ketadash.questions.relapse import words as relapse_words
from ketadash.questions.shared import tables, words
from ketadash.ui import choices, show, state

now = state.current()
every = analyse.time_to_event(now.trial, now.spec)

st.title("How long until relapse?")
endpoint = choices.endpoint()
result = every[endpoint]
if result is None:
    st.info(show.plain(words.no_heavy(now.spec)), icon=":material/info:")
    st.stop()
show.answer(relapse_words.answer(result))
show.moving(
    lambda spec, v: survival.plot(
        analyse.time_to_event(now.trial, spec)[endpoint], v, day_zero=now.trial.declared.event
    ),
    now,
    key="survival",
    alt=relapse_words.alt(result),
)
show.rests_on(relapse_words.rests_on(result, now.spec))
show.warn((*result.cox.messages, *result.rmst.messages, *result.warnings))


def model() -> None:
    """Tests and effect measures, for this endpoint and beside the others."""
    show.table(relapse_tables.tests(result), "Comparison of the arms")
    show.table(relapse_tables.endpoints(every), "The three endpoints side by side")


show.details(
    now,
    key="relapse",
    model=model,
    tables=lambda: show.table(relapse_tables.summary(result)),
    method=("time-to-event-definitions", "kaplan-meier", "log-rank", "cox", "rmst"),
    data={f"{endpoint} curve": tables.full(result.curve)},
)
