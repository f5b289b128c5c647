"""Controls that only one page has, such as the endpoint that Time to relapse shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import streamlit as st

from ketadash.core.choices.endpoint import Endpoint
from ketadash.questions import registry
from ketadash.questions.shared.grouped_points import DAILY, WAYS
from ketadash.ui import show
from ketadash.ui.server.streamlit_seams.runs import went_back

_KEPT, _LOST = "ketadash_kept_", "ketadash_lost_"
ENDPOINTS = {endpoint.about.label: endpoint.value for endpoint in Endpoint}
OUTCOMES = {"abstinence": "abstinence", "heavy days": "heavy", "relapse": "relapse"}
buttons = partial(st.segmented_control, required=True)

LAST_DAY = "last day"
_LOOKS = {"observed": DAILY, "contrast": LAST_DAY}
# Each page's own parameters as they are at first, for a link that leaves nothing out.
OWN = {
    "relapse": {"endpoint": next(iter(ENDPOINTS))},
    "specifications": {"outcome": next(iter(OUTCOMES))},
    **{one.key: _LOOKS for one in registry.QUESTIONS if one.looks},
}


def choice(draw: Callable[..., Any], label: str, options: Sequence[str], key: str, **how: Any) -> str:
    """One of `options`, the first by default; it is kept when the reader leaves the page and comes back.

    What a link asks for and is no option is said, until something else is chosen.
    """
    first, linked, kept = options[0], st.query_params.get(key), st.session_state.get(_KEPT + key)
    if linked is None and key not in st.session_state and kept in options and not went_back():
        st.session_state[key] = kept
    word = str(draw(label, options, key=key, bind="query-params", **how))
    word = word if word in options else first
    if linked is not None and linked not in options:
        warning = f"'{key}={linked[:30]}' in the link is no choice here, so it is '{word}'."
        st.session_state[_LOST + key] = (warning, word)
    warning, then = st.session_state.get(_LOST + key, ("", word))
    if warning and then == word:
        show.warn((warning,))
    elif warning:
        del st.session_state[_LOST + key]
    st.session_state[_KEPT + key] = word
    return word


def looks(days: Sequence[int]) -> tuple[str, int | None]:
    """How a page's points are grouped and which of `days` its difference is told of, None the last: ways to look."""
    offered = [LAST_DAY, *map(str, days[:-1])]
    if st.session_state.get("contrast", LAST_DAY) not in offered:  # the day was chosen in another window of days
        st.session_state["contrast"] = LAST_DAY
    with st.container(key="looks", horizontal=True, vertical_alignment="bottom"):
        way = choice(buttons, "Observed", WAYS, "observed", default=DAILY)
        day = choice(st.selectbox, "Difference on day", offered, "contrast", width=150) if days[:-1] else LAST_DAY
    return way, None if day == LAST_DAY else int(day)


def remember(words: Mapping[str, str]) -> None:
    """What these controls are to say when their page is opened (in a callback, on another page or on theirs)."""
    for key, word in words.items():
        st.session_state[_KEPT + key] = word
        if key in st.session_state:
            st.session_state[key] = word


def endpoint() -> str:
    """Which time-to-event endpoint the relapse page shows."""
    return ENDPOINTS[choice(buttons, "Time to", list(ENDPOINTS), "endpoint", default="relapse")]


def endpoint_shown() -> str:
    """The endpoint that the reader has chosen, once its control is drawn."""
    return ENDPOINTS.get(str(st.session_state.get(_KEPT + "endpoint")), next(iter(ENDPOINTS.values())))


def outcome() -> str:
    """Which outcome's specifications are shown."""
    return OUTCOMES[choice(buttons, "Outcome", list(OUTCOMES), "outcome", default="abstinence")]


def outcome_shown() -> str:
    """The outcome that the reader has chosen, once its control is drawn."""
    return OUTCOMES.get(str(st.session_state.get(_KEPT + "outcome")), next(iter(OUTCOMES.values())))


BY_NAME = {"endpoint": endpoint, "outcome": outcome}  # as a question names its page's own control
