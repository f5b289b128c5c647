"""Who did better, by how much, and how sure are we?"""

import streamlit as st

from ketadash import analyse, words
from ketadash.figures import spark
from ketadash.ui import cards, show, state

now = state.current()
abstinence = analyse.abstinence_result(now.trial, now.spec)
heavy = analyse.heavy_result(now.trial, now.spec)
relapse = analyse.time_to_event(now.trial, now.spec)["relapse"]
nnt = analyse.nnt_result(now.trial, now.spec)
every = analyse.sensitivity(now.trial, now.spec)

st.title("Who did better, by how much, and how sure are we?")
show.answer(words.overview(abstinence))

with st.grid(4, min_column_width=300):
    cards.card("abstinence", *words.card_abstinence(abstinence), lambda v: spark.binary(abstinence, v), now.view)
    cards.card("heavy_drinking", *words.card_heavy(heavy), heavy and (lambda v: spark.binary(heavy, v)), now.view)
    cards.card("relapse", *words.card_relapse(relapse), relapse and (lambda v: spark.survival(relapse, v)), now.view)
    cards.card("nnt", *words.card_nnt(nnt), lambda v: spark.difference(nnt.observed, v), now.view)

show.picture(lambda v: spark.agreement(every, v), now.view, key="agreement", alt=words.sensitivity(every))
show.answer(words.sensitivity(every))
show.rests_on(words.rests_on(abstinence, now.spec))
show.warn((*now.trial.warnings, *now.notes, *abstinence.warnings, *abstinence.model.convergence.messages))
