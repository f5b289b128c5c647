"""What if dropout is not relapse?"""

import streamlit as st

from ketadash import analyse
from ketadash.questions.dropout import figure as dropout_ways
from ketadash.questions.dropout import tables as dropout_tables
from ketadash.questions.dropout import words as dropout_words
from ketadash.questions.dropout import words as words_dropout
from ketadash.questions.relapse import tables as relapse_tables
from ketadash.questions.shared import tables, words
from ketadash.ui import show, state

now = state.current()
result = analyse.dropout_ways(now.trial, now.spec)

st.title("What if dropout is not relapse?")
if result is None:
    st.info(show.plain(words.no_heavy(now.spec)), icon=":material/info:")
    st.stop()
show.answer(words_dropout.answer(result))
show.picture(lambda v: dropout_ways.plot(result, v), now.view, key="dropout_ways", alt=dropout_words.alt(result))
show.rests_on(words_dropout.rests_on(result))
show.table(dropout_tables.readings(result))
show.warn(tuple(m for w in result.ways for m in (*w.rmst.messages, *w.warnings)))
if (said := words_dropout.counted(result)) is not None:
    st.header("How many of the dropouts must have relapsed?")
    show.answer(said)
    if result.counted:
        show.table(dropout_tables.counted(result))
        show.rests_on(words_dropout.COUNTED_RESTS_ON)


def model() -> None:
    """Tests and effect measures under each reading."""
    for way in result.ways:
        show.table(relapse_tables.tests(way), f"Dropout {words_dropout.called(way)}")


show.details(
    now,
    key="dropout",
    model=model,
    tables=lambda: [show.table(relapse_tables.summary(w), f"Dropout {words_dropout.called(w)}") for w in result.ways],
    method=("competing-risks", "time-to-event-definitions", "log-rank"),
    data={f"dropout {w.dropout}": tables.full(w.curve) for w in result.ways},
)
