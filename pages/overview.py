"""Who did better, by how much, and how sure are we?"""

from functools import partial

import streamlit as st

from ketadash import analyse
from ketadash.questions.overview import agreement as words_sensitivity
from ketadash.questions.overview import spark
from ketadash.questions.overview import tables as overview_tables
from ketadash.questions.overview import words as say
from ketadash.questions.shared import words
from ketadash.ui import cards, code, show, state

now = state.current()
terms = analyse.terms(now.trial, now.spec)
abstinence = analyse.abstinence_result(now.trial, now.spec)
heavy = analyse.heavy_result(now.trial, now.spec)
relapse = analyse.time_to_event(now.trial, now.spec)["relapse"]
nnt = analyse.nnt_result(now.trial, now.spec)
every = analyse.sensitivity(now.trial, now.spec)

st.title("Who did better, by how much, and how sure are we?")
show.answer(say.overview(abstinence))

with st.grid(4, min_column_width=200):
    cards.card(now, "abstinence", *say.card_abstinence(abstinence), cards.abstinence)
    cards.card(now, "heavy_drinking", *say.card_heavy(heavy, terms), cards.heavy)
    cards.card(now, "relapse", *say.card_relapse(relapse), cards.relapse)
    cards.card(now, "nnt", *say.card_nnt(nnt), cards.nnt)

if any(r.failed is None for r in every.rows):
    show.picture(lambda v: spark.agreement(every, v), now.view, key="agreement", alt=words_sensitivity.agreement(every))
show.answer(words_sensitivity.agreement(every))
with st.expander("These specifications as a table"):
    show.table(overview_tables.specifications(every))
show.rests_on(words.rests_on(abstinence, now.spec))
show.doubts(abstinence)
show.warn((*now.trial.warnings, *now.notes))
show.folded("Code for these numbers", partial(code.draw, now, "overview"), key="overview_code", icon=":material/code:")
