"""The pages: one for each question, grouped and ordered as the registry has them, and links between them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from ketadash.core.paths import home
from ketadash.core.terms import DRINKS, Terms
from ketadash.questions import registry
from ketadash.questions.question import Group, Question

Run = Callable[[str], None]
_MADE = "ketadash_pages"  # the session's pages, and how their names call what the trial counts: a run makes none anew
_run: list[Run] = []  # how a page without a file of its own is run; set once by `shown`


def shown(terms: Terms, run: Run) -> st.Page:
    """Draw the navigation; returns the page asked for.

    `run` shows the page of a question by its key.  The names are those of what the trial counts.
    """
    _run[:] = [run]
    made_for, made = st.session_state.get(_MADE, (None, {}))
    if made_for != terms:
        made = {one.key: _page(one, terms) for one in registry.QUESTIONS}
        st.session_state[_MADE] = (terms, made)
    groups = {group.value: [made[one.key] for one in in_group(group)] for group in Group}
    return st.navigation({name: pages for name, pages in groups.items() if pages}, position="top", expanded=True)


def in_group(group: Group) -> list[Question]:
    """The questions of a heading, in order."""
    return [one for one in registry.QUESTIONS if one.group is group]


def page_keys() -> list[str]:
    """The questions' keys, in the order of the pages."""
    return [one.key for group in Group for one in in_group(group)]


def key_of(page: st.Page) -> str:
    """Whose page that is, from its address."""
    return next(one.key for one in registry.QUESTIONS if one.path == page.url_path)


def link(key: str, label: str) -> None:
    """A link to another page."""
    st.page_link(place(key), label=label, icon=":material/arrow_forward:")


def place(key: str) -> st.Page:
    """A page, as Streamlit's links and switches want it."""
    made = st.session_state.get(_MADE)
    return _page(registry.question(key), DRINKS) if made is None else made[1][key]


def _page(one: Question, terms: Terms) -> st.Page:
    """A question's page: its file in `pages/`, or, where it has none, its description alone.

    The address differs from the file's name on purpose: otherwise a deep link that is a server's first request runs the
    page's file alone, without app.py (Streamlit's own discovery of a pages/ folder).
    """
    file = home() / "pages" / f"{one.key}.py"
    return st.Page(
        f"pages/{file.name}" if file.is_file() else partial(_run[0], one.key),
        title=terms.worded(one.name),
        icon=f":material/{one.icon}:",
        url_path=one.path or None,
        help=terms.worded(one.help),
        default=not one.path,
    )
