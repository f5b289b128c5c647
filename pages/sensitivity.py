"""The same comparison under every combination of the published choices."""

import streamlit as st

from ketadash import analyse, tables, words
from ketadash.figures import forest
from ketadash.ui import show, state

now = state.current()
result = analyse.sensitivity(now.trial, now.spec)

st.title("Does the answer depend on our choices?")
show.answer(words.sensitivity(result))
show.answer(words.missing_matters(result, now.spec))
if any(r.failed is None for r in result.rows):
    show.picture(lambda v: forest.plot(result, v), now.view, key="forest", alt=words.sensitivity(result))
show.warn(words.sensitivity_doubts(result))
show.rests_on(words.sensitivity_rests_on(result))
show.details(
    now, key="sensitivity", tables=lambda: show.table(tables.sensitivity(result)),
    model=lambda: show.table(
        tables.fit_statistics(analyse.abstinence_result(now.trial, now.spec).models),
        "The four fits behind the state chosen at the left",
    ),
    method=("sensitivity", "rspl", "separation"),
    data={"sensitivity": tables.sensitivity_full(result)},
)  # fmt: skip
