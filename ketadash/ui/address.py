"""The address bar: the parameters that we write ourselves, browser history, and the link that can be copied."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import streamlit as st

from ketadash.ui.server.streamlit_seams.runs import went_back

VERSION_KEY, VERSION = "v", "1"
NEVER = ("present", "step")  # a copied link does not carry over that it is being presented
_OWN = "ketadash_said_"
_WORDS = {"copy": "Copy link", "copied": "Copied: every choice, defaults too.", "here": "The link, to copy by hand:"}
_CSS = """
.ketadash-link button { width: 100%; padding: .3rem .75rem; font: inherit; font-size: .875rem; cursor: pointer;
  color: var(--st-text-color); background: var(--st-background-color);
  border: 1px solid var(--st-border-color); border-radius: var(--st-button-radius, .375rem); }
.ketadash-link button:hover { border-color: var(--st-primary-color); color: var(--st-primary-color); }
.ketadash-link input { width: 100%; margin-top: .3rem; font: inherit; font-size: .8rem; color: var(--st-text-color);
  background: var(--st-background-color); border: 1px solid var(--st-border-color); }
.ketadash-link [role=status] { margin: .2rem 0 0; font-size: .8rem; color: var(--st-text-color); }
"""
_HTML = f"""<div class="ketadash-link"><button type="button">{_WORDS["copy"]}</button>
<input readonly hidden><p role="status"></p></div>"""
_component = st.components.v2.component(
    "ketadash_address", html=_HTML, css=_CSS, js=Path(__file__).with_name("address.js").read_text(encoding="utf-8")
)


def bar(page: str, state: str, ours: Sequence[str], whole: str, own: dict[str, str], kept: tuple[str, str]) -> None:
    """The button that copies the link, and with it the keeper of browser history.

    Parameters
    ----------
    page
        The page's file.
    state
        What differs from the first state, as text: whenever it changes on a page, Back leads to what was before.
    ours
        Every parameter whose part in the state `state` tells.
    whole
        Every choice, as a link has them.
    own
        The page's own parameters at their defaults.
    kept
        What a cookie's name begins with, and the fingerprint that this tab leaves in it when it is loaded again; an
        empty one where nothing would be lost.
    """
    data = {
        "page": page,
        "state": state,
        "ours": list(ours),
        "whole": whole,
        "own": own,
        "never": list(NEVER),
        "kept": list(kept),
        "words": _WORDS,
    }
    _component(key="ketadash_address", data=data)


def put(key: str, value: str) -> None:
    """Write a parameter into the address; an empty one leaves it."""
    if value and st.query_params.get(key) != value:
        st.query_params[key] = value
    elif not value and key in st.query_params:
        del st.query_params[key]


def follow(key: str, first: str, known: Callable[[str], bool]) -> str:
    """A parameter that no widget is bound to: the address says it at first and after Back, the session in between."""
    if _OWN + key not in st.session_state or went_back():
        linked = st.query_params.get(key, first)
        st.session_state[_OWN + key] = linked if known(linked) else first
    value: str = st.session_state[_OWN + key]
    put(key, "" if value == first else value)
    return value


def say(key: str, value: str) -> None:
    """Set such a parameter; the address has it from the next `follow` on."""
    st.session_state[_OWN + key] = value
