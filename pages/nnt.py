"""The number needed to treat, observed and modelled."""

import streamlit as st

from ketadash import analyse, tables, words, words_alt
from ketadash.figures import nnt
from ketadash.ui import show, state

now = state.current()
terms = analyse.terms(now.trial, now.spec)
result = analyse.nnt_result(now.trial, now.spec)
abstinence = analyse.abstinence_result(now.trial, now.spec)

st.title("How many to treat for one more abstinent participant?")
show.answer(words.nnt(result))
show.moving(
    lambda spec, v: nnt.plot(analyse.nnt_result(now.trial, spec), v), now, key="nnt_scale", alt=words.nnt(result)
)
show.rests_on(f"{words.NNT_MEANS} {words.rests_on(abstinence, now.spec)}")
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
    tables=lambda: show.table(tables.nnt(result)),
    model=lambda: show.table(tables.coefficients(abstinence.model, abstinence.confidence, terms), "Abstinence model"),
    method=("nnt", "population-average"),
    data={
        "nnt": tables.full((result.observed, result.observed_last_day, result.modelled)),
        "difference by day": tables.full(result.by_day),
    },
)
