"""The overview's cards: a question, a number, its interval, a tiny picture, and the way to the page."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import streamlit as st

from ketadash.figures.theme import Figure
from ketadash.spec import ViewSpec
from ketadash.ui import frame, show
from ketadash.ui.plot import plot


def card(
    page: str, title: str, number: str, said: str, draw: Callable[[ViewSpec], Figure] | None, view: ViewSpec
) -> None:
    """One tile; without `draw` there is nothing to picture and `said` is why."""
    with st.container(border=True, height="stretch"):
        st.markdown(f"**{show.plain(title)}**")
        st.html(f'<p style="font-size:1.7rem;font-weight:600;line-height:1.2;margin:0">{escape(number)}</p>')
        st.markdown(show.plain(said))
        if draw is not None:
            plot(draw(view), key=f"spark_{page}", alt=f"{title}: {number}. {said}")
        frame.link(page, "Look closer")
