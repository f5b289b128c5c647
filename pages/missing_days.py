"""What if the missing days were otherwise?"""

from functools import partial

import streamlit as st

from ketadash import analyse
from ketadash.questions.missing_days import alt as words_alt_sensitivity
from ketadash.questions.missing_days import which_days as missing_days
from ketadash.questions.missing_days import words as words_missing
from ketadash.ui import background_results, missing, show, state

now = state.current()
declared_spec = missing.declared(now, now.spec)
result = analyse.abstinence_result(now.trial, now.spec)
declared = analyse.abstinence_result(now.trial, declared_spec)
days = analyse.missingness(now.trial, now.spec)

st.title("What if the missing days were otherwise?")
show.answer(words_missing.answer(result, now.spec, declared, declared_spec, missing.analysis_name(now)))
background_results.dial(now)
show.moving(partial(missing.curve, now), now, key="missing_curve", alt=words_alt_sensitivity.compare(result, declared))
missing.numbers(now, result)
show.doubts(result)
if result.counts.n_missing:
    missing.tipping(now)
    missing.assumptions(now)
    missing.strips(now)

st.header("Which days are missing")
show.answer(words_missing.missingness(days))
show.picture(
    lambda v: missing_days.plot(days, v), now.view, key="missing_days", alt=words_alt_sensitivity.missing_days(days)
)
missing.details(now, result, days)
