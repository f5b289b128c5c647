"""Controls that the link knows of without a binding, so that pages may draw them at places of their own.

A bound control that has moved is written into the address no more.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Any

import streamlit as st

from ketadash.ui import address
from ketadash.ui.options import to_write, too_many
from ketadash.ui.server.streamlit_seams.runs import went_back

NO_SUCH_NAME = ":small[The file has no such name; until that is corrected, '{}' is used.]"


def follow(key: str, words: Container[str], first: Any) -> None:
    """What a control without a binding says before it is drawn: the link's word at first and after Back, the session's
    in between; the first one where that is none of its `words`.
    """
    if key not in st.session_state or went_back():
        st.session_state[key] = st.query_params.get(key)
    if st.session_state[key] not in words:
        st.session_state[key] = first


def placed(label: str, options: Sequence[str], key: str, first: str, help_text: str | None) -> str:
    """A list of the data's names, or a box to write one where there are many."""
    offered = options if first in options else (*options, first)
    if too_many(offered):
        if key not in st.session_state or went_back():
            st.session_state[key] = st.query_params.get(key, first)
        word = str(st.text_input(label, key=key, help=to_write(offered)))
        if word not in offered:
            st.markdown(NO_SUCH_NAME.format(first))
            word = first
    else:
        follow(key, offered, first)
        word = str(st.selectbox(label, offered, key=key, help=help_text, width=240))
    address.put(key, "" if word == first else word)
    return word
