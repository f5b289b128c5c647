"""The printed numbers by section of the report, with a link to the page that computes each, and its loose ends."""

from __future__ import annotations

from itertools import groupby

import streamlit as st

from ketadash import analyse
from ketadash.export.reproduction import reproduced
from ketadash.questions.paper import tables
from ketadash.questions.paper.printed import Report, Reproduced, report_of
from ketadash.questions.registry import question
from ketadash.ui import navigation, show
from ketadash.ui.state import Current


def by_section(now: Current) -> None:
    """One table a section of the report, and what in the report does not fit together by itself."""
    printed = report_of(now.trial)
    if printed is None:
        return
    rows = reproduced(now.trial, now.trial.declared.published)
    for section, members in groupby(rows, key=lambda r: r.printed.section):
        _section(now, section, tuple(members))
    _loose_ends(printed)


def _section(now: Current, section: str, rows: tuple[Reproduced, ...]) -> None:
    """Its table, with links to where its numbers are computed."""
    agree = sum(r.agrees for r in rows)
    st.header(f"{show.plain(section)}: {agree} of {len(rows)}")
    shown = tables.table(rows, now.view.p_values).drop(columns="Section")
    show.table(shown if shown["Note"].any() else shown.drop(columns="Note"))
    terms = analyse.terms(now.trial, now.spec)
    with st.container(horizontal=True):
        for page in dict.fromkeys(r.printed.page for r in rows):
            if page in navigation.page_keys():
                navigation.link(page, terms.worded(question(page).name))


def _loose_ends(printed: Report) -> None:
    if printed.loose_ends:
        st.header("The report's loose ends")
    for end in printed.loose_ends:
        st.markdown(f"**{show.plain(show.guarded(end.title))}.** {show.plain(show.guarded(end.text))}")
