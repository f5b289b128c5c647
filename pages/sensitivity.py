"""The same comparison under every combination of the published choices."""

import streamlit as st

from ketadash import analyse, tables, words_sensitivity
from ketadash.figures import forest
from ketadash.ui import show, state

now = state.current()
result = analyse.sensitivity(now.trial, now.spec)

st.title("Does the answer depend on our choices?")
show.answer(words_sensitivity.agreement(result))
show.answer(words_sensitivity.missing_matters(result, now.spec))
if any(r.failed is None for r in result.rows):
    show.picture(lambda v: forest.plot(result, v), now.view, key="forest", alt=words_sensitivity.agreement(result))
show.warn(words_sensitivity.doubts(result))
show.rests_on(words_sensitivity.rests_on(result))
show.details(
    now, key="sensitivity", tables=lambda: show.table(tables.sensitivity(result)),
    model=lambda: show.table(
        tables.fit_statistics(analyse.abstinence_models(now.trial, now.spec)),
        "The four fits behind the state chosen at the left",
    ),
    method=("sensitivity", "rspl", "separation"),
    data={"sensitivity": tables.sensitivity_full(result)},
)  # fmt: skip
