"""Figure 4: time to relapse, first use and first heavy drinking day."""

import streamlit as st

from ketadash import analyse, tables, words, words_alt
from ketadash.figures import survival
from ketadash.ui import choices, show, state

now = state.current()
every = analyse.time_to_event(now.trial, now.spec)

st.title("How long until relapse?")
endpoint = choices.endpoint()
result = every[endpoint]
if result is None:
    st.info(show.plain(words.no_heavy(now.spec)), icon=":material/info:")
    st.stop()
show.answer(words.time_to_event(result))
show.moving(
    lambda spec, v: survival.plot(
        analyse.time_to_event(now.trial, spec)[endpoint], v, day_zero=now.trial.declared.event
    ),
    now,
    key="survival",
    alt=words_alt.survival(result),
)
show.rests_on(words.survival_rests_on(result, now.spec))
show.warn((*result.cox.messages, *result.rmst.messages, *result.warnings))


def model() -> None:
    """Tests and effect measures, for this endpoint and beside the others."""
    show.table(tables.survival_tests(result), "Comparison of the arms")
    show.table(tables.endpoints(every), "The three endpoints side by side")


show.details(
    now,
    key="relapse",
    model=model,
    tables=lambda: show.table(tables.survival_summary(result)),
    method=("time-to-event-definitions", "kaplan-meier", "log-rank", "cox", "rmst"),
    data={f"{endpoint} curve": tables.full(result.curve)},
)
