"""The two-minute tour for first-time users: an offer on the Overview, then a stop at a time above the page.

The stop is in the address (`tour=3`), so that a tour can be sent and survives a reload; that it was taken or declined
is remembered for the session.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import streamlit as st

from ketadash.questions.registry import question
from ketadash.ui import address, controls
from ketadash.ui import tour_stops as say
from ketadash.ui.state import Current

KEY, HOME = "tour", "overview"
_OVER, _TURN = "ketadash_tour_over", "ketadash_tour_turn"
KNOWN = [str(i + 1) for i in range(len(say.STOPS))]
OUTLINE = "<style>{shown} {{ outline: 3px solid #d98a00; outline-offset: 4px; border-radius: 4px; }}</style>"


def where(page: str) -> str | None:
    """The page to turn to from `page`, if a stop was asked for that stands on another one."""
    page_wanted: str | None = st.session_state.pop(_TURN, None)
    return page_wanted if page_wanted != page else None


def draw(now: Current, page: str) -> None:
    """The stop that the tour stands at, or on the Overview the offer; nothing once it is over."""
    linked = address.follow(KEY, "", KNOWN.__contains__)
    if not linked:
        if page == HOME and not st.session_state.get(_OVER):
            _offer()
        return
    stop, st.session_state[_OVER] = int(linked), True
    stop_shown, terms = say.STOPS[stop - 1], controls.terms(now.trial)
    on_its_page = stop_shown.page == page
    with st.container(border=True, key="tour"):
        name = terms.worded(question(stop_shown.page).name)
        text = say.stop_text(stop, terms) if on_its_page else say.elsewhere(name)
        st.markdown(f"**{say.place(stop)}.** {text}")
        with st.container(horizontal=True, gap="small"):
            _steps(stop, on_its_page)
    if on_its_page:
        st.html(OUTLINE.format(shown=stop_shown.shown))


def _offer() -> None:
    with st.container(border=True, key="tour", horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(say.OFFER, width="content")
        _button(say.BEGIN, lambda: _go(1), "secondary")
        _button(say.DECLINE, end, "tertiary")


def _steps(stop: int, on_its_page: bool) -> None:
    if on_its_page and stop > 1:
        _button(say.BACK, lambda: _go(stop - 1), "secondary")
    if not on_its_page:
        _button(say.GO, lambda: _go(stop), "primary")
    elif stop < len(say.STOPS):
        _button(say.NEXT, lambda: _go(stop + 1), "primary")
    last = stop == len(say.STOPS) and on_its_page
    _button(say.END if last else say.LEAVE, end, "primary" if last else "tertiary")


def _button(label: str, then: Callable[[], None], kind: Literal["primary", "secondary", "tertiary"]) -> None:
    st.button(label, on_click=then, type=kind, key=f"tour_{label}")


def _go(stop: int) -> None:
    address.say(KEY, str(stop))
    st.session_state[_TURN] = say.STOPS[stop - 1].page


def end() -> None:
    """Leave the tour, or decline it: it is not offered again in this session (a button's callback)."""
    address.say(KEY, "")
    st.session_state[_OVER] = True
