"""A number that stands in the link: checked before any widget sees it."""

from __future__ import annotations

import math
from typing import Any

import streamlit as st

from ketadash.core.choices.control import NumberBox
from ketadash.ui import address
from ketadash.ui.link_lists import KEPT
from ketadash.ui.server.streamlit_seams.runs import went_back


def within(text: str, least: float, most: float) -> float:
    """A number from a link, within its bounds.

    Raises
    ------
    ValueError
        For anything else: no number, no finite one, one out of bounds.
    """
    value = float(text)
    if not (math.isfinite(value) and least <= value <= most):
        raise ValueError(text)
    return value


def box(label: str, key: str, first: float, control: NumberBox, *, folded: bool = False, **how: Any) -> float:
    """A box for a number that the link has under `key`; `first` is what it is at first, whole if its bounds are.

    `folded`: it is not drawn, and says what it said.

    It is not bound to the link, since Streamlit makes a bound number of the link's text unchecked, and ``inf`` ends
    the run there.  What the link says in vain leaves the address, as with every other control.
    """
    bounds, kind = (control.least, control.most), int if isinstance(control.least, int) else float
    if key not in st.session_state or went_back():
        st.session_state[key] = kind(_number_in_link(key, first, bounds, whole=kind is int))
    how |= {"step": kind(1)} | ({} if kind is int else {"format": "%g"})
    # with its default: a page that is turned before it is all there loses what was set, and the least is no default
    if folded:
        value = st.session_state[key]
    else:
        value = st.number_input(label, *bounds, kind(first), key=key, persist_state=KEPT, **how)
    address.put(key, "" if value == first else repr(value).removesuffix(".0"))
    return kind(value)


def _number_in_link(key: str, first: float, bounds: tuple[float, float], *, whole: bool) -> float:
    try:
        value = within(st.query_params[key], *bounds)
    except (KeyError, ValueError):
        return first
    return first if whole and not value.is_integer() else value
