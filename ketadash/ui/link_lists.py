"""Controls that the link knows of without a binding, so that pages may draw them at places of their own.

A bound control that has moved is written into the address no more.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Any, Literal

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


# A control that is not drawn keeps what it says, also when a page is turned before all of the last one is there.
KEPT: Literal["session"] = "session"


def in_link(key: str, first: str) -> None:
    """The same as `follow` where any text will do."""
    if key not in st.session_state or went_back():
        st.session_state[key] = st.query_params.get(key, first)


def named(
    label: str,
    options: Sequence[str],
    key: str,
    first: str,
    help_text: str | None,
    *,
    width: int | Literal["stretch"] = "stretch",
    folded: bool = False,
) -> str:
    """A list of words or of the data's names, or a box to write one where there are many; `folded`: not drawn."""
    offered = options if first in options else (*options, first)
    if too_many(offered):
        in_link(key, first)
        if folded:
            word = str(st.session_state[key])
        else:
            word = str(st.text_input(label, first, key=key, persist_state=KEPT, help=to_write(offered)))
        if word not in offered:
            if not folded:
                st.markdown(NO_SUCH_NAME.format(first))
            word = first
    else:
        follow(key, offered, first)
        if folded:
            word = str(st.session_state[key])
        else:
            at = offered.index(first)
            picked = st.selectbox(label, offered, at, key=key, persist_state=KEPT, help=help_text, width=width)
            word = str(picked)
    address.put(key, "" if word == first else word)
    return word
