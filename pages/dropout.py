"""What if dropout is not relapse?"""

import streamlit as st

from ketadash import analyse, tables, tables_sensitivity, words, words_alt_sensitivity, words_dropout
from ketadash.figures import dropout_ways
from ketadash.ui import show, state

now = state.current()
result = analyse.dropout_ways(now.trial, now.spec)

st.title("What if dropout is not relapse?")
if result is None:
    st.info(show.plain(words.no_heavy(now.spec)), icon=":material/info:")
    st.stop()
show.answer(words_dropout.answer(result))
show.picture(
    lambda v: dropout_ways.plot(result, v), now.view, key="dropout_ways", alt=words_alt_sensitivity.dropout_ways(result)
)
show.rests_on(words_dropout.rests_on(result))
show.table(tables_sensitivity.dropout(result))
show.warn(tuple(m for w in result.ways for m in (*w.rmst.messages, *w.warnings)))
if (said := words_dropout.counted(result)) is not None:
    st.header("How many of the dropouts must have relapsed?")
    show.answer(said)
    if result.counted:
        show.table(tables_sensitivity.counted(result))
        show.rests_on(words_dropout.COUNTED_RESTS_ON)


def model() -> None:
    """Tests and effect measures under each reading."""
    for way in result.ways:
        show.table(tables.survival_tests(way), f"Dropout {words_dropout.called(way)}")


show.details(
    now,
    key="dropout",
    model=model,
    tables=lambda: [show.table(tables.survival_summary(w), f"Dropout {words_dropout.called(w)}") for w in result.ways],
    method=("competing-risks", "time-to-event-definitions", "log-rank"),
    data={f"dropout {w.dropout}": tables.full(w.curve) for w in result.ways},
)
