"""The glossary page: every term, by letter, found by a word or by a link."""

from __future__ import annotations

from itertools import groupby

import streamlit as st

from ketadash.questions.shared.glossary import matching
from ketadash.questions.shared.glossary_terms import Term
from ketadash.ui import method_panels
from ketadash.ui.state import Current


def every_term(_: Current) -> None:
    """The search, and the terms that match."""
    listed(search())


def search() -> str:
    """What to look for; it is in the link."""
    return st.text_input("Find a word", key="term", bind="query-params", placeholder="such as censored, NNT, imputed")


def listed(query: str) -> None:
    """The terms that match, under their letters, with a way to each letter."""
    matches = matching(query)
    if not matches:
        st.markdown("No term has this word. Look under Methods, or search for a part of it.")
        return
    letters = [(letter, list(terms)) for letter, terms in groupby(matches, key=lambda t: t.anchor[0].upper())]
    if not query.strip():
        st.markdown(" · ".join(f"[{letter}](#{letter.lower()})" for letter, _ in letters))
    for letter, terms in letters:
        st.header(letter, anchor=letter.lower(), divider="gray")
        st.markdown("\n\n".join(_entry(t) for t in terms))


def _entry(t: Term) -> str:
    page = f" *(Methods: {method_panels.title(t.method)})*" if t.method else ""
    return f"**{t.name}.** {t.means}{page}"
