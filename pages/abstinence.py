"""Figure 2: observed and modelled abstinence by day."""

import streamlit as st

from ketadash import analyse
from ketadash.questions.abstinence import words as abstinence_words
from ketadash.questions.shared import alt as words_alt
from ketadash.questions.shared import curve, odds_ratio, tables, words
from ketadash.ui import show, state

now = state.current()
terms = analyse.terms(now.trial, now.spec)
result = analyse.abstinence_result(now.trial, now.spec)

st.title("Were people abstinent on more days?")
show.answer(abstinence_words.answer(result))
show.moving(
    lambda spec, v: curve.plot(analyse.abstinence_result(now.trial, spec), v, day_zero=now.trial.declared.event),
    now,
    key="abstinence_curve",
    alt=words_alt.curve(result),
)
show.doubts(result)
show.rests_on(words.rests_on(result, now.spec))
if result.difference:
    show.moving(
        lambda spec, v: curve.difference(analyse.abstinence_result(now.trial, spec), v),
        now,
        key="abstinence_difference",
        alt=words_alt.difference(result),
    )


def model() -> None:
    """GLIMMIX's tables, and the odds ratio per day."""
    models = analyse.abstinence_models(now.trial, now.spec)
    pair = {k: m for k, m in models.items() if k.startswith(now.spec.trend.value)}
    show.table(tables.type_iii(pair, terms), "Type III tests of fixed effects, by both fits")
    show.table(tables.coefficients(result.model, result.confidence, terms), "Solution for fixed effects, the fit shown")
    show.table(tables.odds_ratios(result), "Odds ratio of abstinence for one more day")
    if result.odds_ratio_per_day:
        show.picture(lambda v: odds_ratio.plot(result, v), now.view, key="abstinence_odds", alt=words_alt.odds(result))
    show.table(tables.fit_statistics(models), "Fit statistics and covariance parameters, all four fits")


show.details(
    now,
    key="abstinence",
    model=model,
    tables=lambda: show.table(tables.by_day(result), long=True),
    method=("logistic-mixed-model", "population-average", "containment-df"),
    data={
        "abstinence observed": tables.full(result.observed),
        "abstinence modelled": tables.full(result.modelled),
        "difference by day": tables.full(result.difference),
    },
)
