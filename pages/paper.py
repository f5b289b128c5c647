"""Every printed number beside ours."""

import streamlit as st

from ketadash import analyse
from ketadash.export.reproduction import report, reproduced
from ketadash.questions.paper import tables as tables_paper
from ketadash.questions.paper import words as words_paper
from ketadash.ui import paper, show, state, tabs

now = state.current()
printed = report(now.trial)

st.title("Do we get what was printed?")
if printed is None:
    show.answer(paper.NO_REPORT)
    st.stop()
found = reproduced(now.trial, now.trial.declared.published)
show.answer(words_paper.answer(found, now.view.p_values))
show.rests_on(f"{words_paper.HOW} Printed in: {printed.source}.")
paper.sections(found, analyse.terms(now.trial, now.spec), now.view.p_values)
paper.loose_ends(printed)
tabs.downloads(now, {"printed and ours": tables_paper.table(found, now.view.p_values)}, "paper")
