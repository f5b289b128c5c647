"""The number needed to treat, observed and modelled."""

import streamlit as st

from ketadash import analyse
from ketadash.questions.nnt import figure as nnt
from ketadash.questions.nnt import tables as nnt_tables
from ketadash.questions.nnt import words as nnt_words
from ketadash.questions.shared import alt as words_alt
from ketadash.questions.shared import tables, words
from ketadash.ui import show, state

now = state.current()
terms = analyse.terms(now.trial, now.spec)
result = analyse.nnt_result(now.trial, now.spec)
abstinence = analyse.abstinence_result(now.trial, now.spec)

st.title("How many to treat for one more abstinent participant?")
show.answer(nnt_words.answer(result))
show.moving(
    lambda spec, v: nnt.plot(analyse.nnt_result(now.trial, spec), v), now, key="nnt_scale", alt=nnt_words.answer(result)
)
show.rests_on(f"{nnt_words.MEANS} {words.rests_on(abstinence, now.spec)}")
show.doubts(abstinence)
if result.by_day:
    show.moving(
        lambda spec, v: nnt.by_day(analyse.nnt_result(now.trial, spec), v),
        now,
        key="nnt_by_day",
        alt=words_alt.difference(abstinence),
    )
show.details(
    now,
    key="nnt",
    tables=lambda: show.table(nnt_tables.table(result)),
    model=lambda: show.table(tables.coefficients(abstinence.model, abstinence.confidence, terms), "Abstinence model"),
    method=("nnt", "population-average"),
    data={
        "nnt": tables.full((result.observed, result.observed_last_day, result.modelled)),
        "difference by day": tables.full(result.by_day),
    },
)
