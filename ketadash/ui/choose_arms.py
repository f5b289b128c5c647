"""Of several arms two are compared: asked on the page itself, where no declaration says which."""

from __future__ import annotations

import streamlit as st

from ketadash.core.findings import short
from ketadash.core.spec import CHOICES
from ketadash.trial import Trial
from ketadash.ui import controls

ASKED = "Which two arms are compared?"
ACTIVE, CONTROL = "ketadash_asked_active", "ketadash_asked_control"
COMPARE = "Compare these two"


def wanted(trial: Trial) -> bool:
    """Whether this trial has more arms than a comparison, and no two of them are chosen."""
    chosen = {st.session_state.get(CHOICES[name].key) for name in ("control", "active")}
    return len(trial.arms) > 2 and len(chosen.intersection(trial.arms)) < 2


def draw(trial: Trial) -> None:
    """The question with its answers."""
    st.markdown(f"**{ASKED}**")
    boxes(trial)


def boxes(trial: Trial) -> None:
    """The answers; the button chooses both at once."""
    for key, label, choice in ((ACTIVE, "Active arm", "active"), (CONTROL, "Control arm", "control")):
        one = st.session_state.get(CHOICES[choice].key)  # one of them may be chosen, as by a link
        at = trial.arms.index(one) if one in trial.arms else None
        st.selectbox(label, trial.arms, index=at, key=key, format_func=short, placeholder="Choose an arm")
    active, control = st.session_state.get(ACTIVE), st.session_state.get(CONTROL)
    same = active is not None and active == control
    if same:
        st.caption("These are the same arm: choose another for one of them.")
    st.button(
        COMPARE,
        type="primary",
        disabled=active is None or control is None or same,
        on_click=controls.say,
        args=({CHOICES["active"].key: active, CHOICES["control"].key: control},),
    )
