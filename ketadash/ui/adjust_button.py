"""Whether the buttons for the baseline can be pressed: where it cannot be used, *adjusted* is not lit, and says why."""

from __future__ import annotations

from typing import Any

import streamlit as st

from ketadash.core.errors import KetadashError
from ketadash.core.spec import CHOICES
from ketadash.trial import Trial, baseline_columns
from ketadash.trial.resolve import why_unadjusted

NO_COLUMN = "This trial has no column that could be a baseline."
# What may make a baseline unusable: read here from the session or the link, as it may be drawn only below the buttons.
ASKED = ("control", "active", "amount", "baseline", "days", "population")


def why_off(trial: Trial, first: dict[str, Any]) -> str:
    """Why the models cannot be adjusted whatever is pressed, in a sentence; "" where they can."""
    if not baseline_columns(trial):
        return NO_COLUMN
    try:
        chosen = {name: chosen_so_far(name, first) for name in ASKED}
        reason = why_unadjusted(trial, trial.declared.published.replace(**chosen, adjust=True))
    except (KetadashError, KeyError, ValueError, OverflowError):
        return ""  # which the page says
    return reason and f"{reason[:1].upper()}{reason[1:]}."


def chosen_so_far(name: str, first: dict[str, Any]) -> Any:
    """What the session or the link says of a field before its control is drawn; `first`: what it says at first."""
    choice = CHOICES[name]
    value = st.session_state.get(choice.key, st.query_params.get(choice.key, first[choice.key]))
    return choice.control.read(str(value)) if isinstance(value, str) else value
