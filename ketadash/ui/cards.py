"""The overview's cards: a question, a number, its interval, a tiny picture, and the way to the page."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import streamlit as st

from ketadash.figures import spark
from ketadash.figures.theme import Figure
from ketadash.results import BinaryOutcome
from ketadash.spec import ViewSpec
from ketadash.ui import frame, show
from ketadash.ui.plot import plot

NUMBER = "font-size:1.45rem;font-weight:600;line-height:1.2;margin:0;text-wrap:balance"


def card(
    page: str, title: str, number: str, said: str, draw: Callable[[ViewSpec], Figure] | None, view: ViewSpec
) -> None:
    """One tile; without `draw` there is nothing to picture and `said` is why."""
    with st.container(border=True, height="stretch", gap="small"):
        frame.link(page, f"**{title}**")
        st.html(f'<p style="{NUMBER}">{escape(number)}</p>')
        if draw is not None:
            plot(draw(view), key=f"spark_{page}", alt=f"{title}: {number}. {said}")
        st.markdown(show.plain(show.guarded(said)))


def curves(result: BinaryOutcome | None) -> Callable[[ViewSpec], Figure] | None:
    """How a card pictures a daily outcome; None where there is no curve."""
    return (lambda v: spark.binary(result, v)) if result is not None and result.modelled else None
