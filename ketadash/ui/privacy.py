"""Two switches for showing a trial to others: identifiers masked everywhere, small cells suppressed in downloads."""

from __future__ import annotations

import streamlit as st

from ketadash.analyse.memo import beside
from ketadash.core.spec import AnalysisSpec
from ketadash.trial import Trial
from ketadash.trial.masking import masked
from ketadash.ui.server.streamlit_seams import runs

# As in `controls`, the words are the link's vocabulary.
MASK, SHOWN, MASKED = "identifiers", "shown", "masked"
CELLS, ALL, SUPPRESSED = "small-cells", "given", "suppressed"
SHARING = "Hide identifiers and small counts"
_WIDGETS = "ketadash_widgets_before"
USUAL = {MASK: SHOWN, CELLS: ALL}
_MASK_HELP = (
    "*masked*: participants are called P001 or M001, … on every page, in messages and in downloads, in an order that "
    "says nothing of their identifiers. No result changes. Other columns, such as initials or dates of birth, are not "
    "touched: leave them out of the file. A file that is refused is still described by its own identifiers."
)
_CELLS_HELP = (
    "*suppressed*: in downloads, counts of 1 to 4 in Table 1, participant flow, adverse events and late follow-up are "
    "left out, with what they could be worked out from. The pages show them all the same."
)


def shown(trial: Trial) -> Trial:
    """The trial as the pages may see it; its masked twin, made once, lives and goes with it."""
    return beside(trial, ("masked", AnalysisSpec()), lambda: masked(trial)) if masking() else trial


def masking() -> bool:
    """Whether identifiers are masked: by the control, or in a session's first run by the link.

    A link that cannot be read masks: the control, drawn later, puts that right (`switches`).
    """
    value = st.session_state.get(MASK, st.query_params.get(MASK, SHOWN))
    return bool(value != SHOWN)


def suppressing() -> bool:
    """Whether small cells are left out of downloads."""
    return bool(st.session_state.get(CELLS, ALL) == SUPPRESSED)


def switches() -> None:
    """Draw both in the sidebar, below everything else, on every page: what is not drawn leaves the link."""
    used = masking()
    with st.sidebar, st.expander(SHARING):
        values = [
            st.segmented_control(
                label,
                options,
                default=options[0],
                required=True,
                key=key,
                bind="query-params",
                help=help_text,
                width="stretch",
            )
            for label, options, key, help_text in (
                ("Participant identifiers", (SHOWN, MASKED), MASK, _MASK_HELP),
                ("Small cells in downloads", (ALL, SUPPRESSED), CELLS, _CELLS_HELP),
            )
        ]
    if (values[0] != SHOWN) != used:
        st.rerun()


def begin_run() -> None:
    """Called by app.py before anything is drawn."""
    st.session_state[_WIDGETS] = runs.widgets_known()


def end_run() -> None:
    """Called by app.py once the page is drawn: widgets that are gone hold nothing of what they showed."""
    runs.drop_widgets_not_drawn(st.session_state.pop(_WIDGETS, {}))
