"""The overview's cards: a question, a number, its interval, a tiny picture, and the way to the page."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from html import escape

import streamlit as st

from ketadash.core.errors import KetadashError
from ketadash.core.spec import AnalysisSpec, ViewSpec
from ketadash.questions.question import Card
from ketadash.questions.shared.theme import Figure
from ketadash.ui import navigation, show
from ketadash.ui.plot import plot
from ketadash.ui.state import Current

NUMBER = "font-size:1.45rem;font-weight:600;line-height:1.2;margin:0;text-wrap:balance"


def draw(now: Current, makers: tuple[Callable[[], Card], ...], then: Callable[[], None]) -> None:
    """The questions in short, side by side, each as soon as it is made; `then` is called once one is drawn."""
    with st.grid(4, min_column_width=200):
        for place, make in enumerate(makers):
            _card(now, make())
            if not place:
                then()


def _card(now: Current, card: Card) -> None:
    """One tile; where there is nothing to draw, its text is why."""

    def drawn(spec: AnalysisSpec, view: ViewSpec) -> Figure:
        # a card's picture is equally small on every screen
        return card.draw(spec, replace(view, narrow=now.view.narrow))

    key = f"spark_{card.question}"
    with st.container(border=True, height="stretch", gap="small"):
        navigation.link(card.question, f"**{card.title}**")
        st.html(f'<p style="{NUMBER}">{escape(card.number)}</p>')
        with suppress(KetadashError):
            plot(drawn(now.spec, now.view), key=key, alt=f"{card.title}: {card.number}. {card.text}")
            now.moving[key] = drawn
        st.markdown(show.plain(show.guarded(card.text)))
        if card.holds:
            st.markdown(show.plain(show.guarded(card.holds)))
        if card.standing:
            st.markdown(f":small[{show.plain(show.guarded(card.standing))}]")
