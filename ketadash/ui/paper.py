"""The page of printed numbers: tables by section, a link to the page that computes each, loose ends."""

from __future__ import annotations

from itertools import groupby

import streamlit as st

from ketadash.core.spec import PValues
from ketadash.core.terms import Terms
from ketadash.questions.paper import tables as tables_paper
from ketadash.questions.paper.printed import Report, Reproduced
from ketadash.ui import frame, show

NO_REPORT = (
    "This page compares a report's printed numbers with ours. Your trial brings no list of them. Put a published.toml "
    "beside its files (the sample trial's shows how) and every number in it is recomputed here."
)


def sections(reproduced: tuple[Reproduced, ...], terms: Terms, how: PValues) -> None:
    """One table a section of the report, with links to where its numbers are computed."""
    for section, members in groupby(reproduced, key=lambda r: r.printed.section):
        rows = tuple(members)
        agree = sum(r.agrees for r in rows)
        st.header(f"{show.plain(section)}: {agree} of {len(rows)}")
        shown = tables_paper.table(rows, how).drop(columns="Section")
        show.table(shown if shown["Note"].any() else shown.drop(columns="Note"))
        pages = dict.fromkeys(r.printed.page for r in rows)
        with st.container(horizontal=True):
            for page in pages:
                if page in frame.TITLES:
                    frame.link(page, terms.worded(frame.TITLES[page]))


def loose_ends(printed: Report) -> None:
    """What in the report does not fit together by itself."""
    if printed.loose_ends:
        st.header("The report's loose ends")
    for end in printed.loose_ends:
        st.markdown(f"**{show.plain(show.guarded(end.title))}.** {show.plain(show.guarded(end.text))}")
