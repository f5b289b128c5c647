"""Figure 3: the chance of a heavy drinking day."""

import streamlit as st

from ketadash import analyse
from ketadash.questions.heavy_drinking import words as heavy_drinking_words
from ketadash.questions.shared import alt as words_alt
from ketadash.questions.shared import curve, odds_ratio, tables, words
from ketadash.ui import show, state

now = state.current()
terms = analyse.terms(now.trial, now.spec)
result = analyse.heavy_result(now.trial, now.spec)

st.title(heavy_drinking_words.title(terms))
if result is None:
    st.info(show.plain(words.no_heavy(now.spec)), icon=":material/info:")
    st.stop()
show.answer(heavy_drinking_words.answer(result))
show.moving(
    lambda spec, v: curve.plot(analyse.heavy_result(now.trial, spec), v, day_zero=now.trial.declared.event),
    now,
    key="heavy_curve",
    alt=words_alt.curve(result),
)
show.doubts(result)
show.rests_on(f"{heavy_drinking_words.threshold(now.spec, terms)} {words.rests_on(result, now.spec)}")
if result.odds_ratio_per_day:
    show.moving(
        lambda spec, v: odds_ratio.plot(analyse.heavy_result(now.trial, spec), v),
        now,
        key="heavy_odds",
        alt=words_alt.odds(result),
    )


def model() -> None:
    """GLIMMIX's tables."""
    show.table(tables.type_iii({"heavy": result.model}, terms), "Type III tests of fixed effects")
    show.table(tables.coefficients(result.model, result.confidence, terms), "Solution for fixed effects")
    show.table(tables.odds_ratios(result), f"Odds ratio of a {terms.heavy_day} for one more day")
    show.table(tables.fit_statistics({"heavy": result.model}), "Covariance parameters")


show.details(
    now,
    key="heavy",
    model=model,
    tables=lambda: show.table(tables.by_day(result), long=True),
    method=("rspl", "outcomes", "containment-df"),
    data={"heavy observed": tables.full(result.observed), "heavy modelled": tables.full(result.modelled)},
)
