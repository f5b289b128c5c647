"""What is drawn only while it is in sight: the tab that is open, and what is unfolded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st


def in_sight(part: Any) -> bool:
    """Whether a tab, or what is unfolded, is open, so that it has to be drawn."""
    return bool(part.open)


def standing(title: str, *, key: str) -> Any:
    """A box that is open or shut as it was left, on whatever page; Streamlit forgets it when a page is turned."""
    left = f"ketadash_left_{key}"
    if key not in st.session_state:
        st.session_state[key] = st.session_state.get(left, False)
    st.session_state[left] = st.session_state[key]
    return st.expander(title, key=key, on_change="rerun")


def tabs_of(parts: dict[str, Callable[[], Any]], *, key: str) -> None:
    """Tabs of which only the one in sight is drawn: the others would cost up to half of every toggle."""
    for tab, part in zip(st.tabs(list(parts), key=key, on_change="rerun"), parts.values(), strict=True):
        if in_sight(tab):
            with tab:
                part()


def folded(title: str, part: Callable[[], Any], *, key: str, icon: str | None = None) -> None:
    """A part that is drawn once it is unfolded; code would make the browser fetch its highlighter before a picture."""
    with st.expander(title, icon=icon, key=key, on_change="rerun") as box:
        if in_sight(box):
            part()
