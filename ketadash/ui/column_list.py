"""A list from which several columns are chosen; the link has their names with commas between them.

Not bound to the link: a bound list writes each of its values as a parameter of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ketadash.core.choices.control import columns_named
from ketadash.ui import address
from ketadash.ui.link_lists import KEPT
from ketadash.ui.options import MOST
from ketadash.ui.server.streamlit_seams.runs import went_back


def draw(
    label: str,
    offered: Sequence[str],
    key: str,
    first: Sequence[str],
    help_text: str | None,
    *,
    folded: bool = False,
) -> tuple[str, ...]:
    """Draw the list, unless it is `folded`; the columns chosen.

    `first` are those that the trial declares, in the list whatever they are.
    """
    options = [*dict.fromkeys([*first, *offered[:MOST]])]
    if key not in st.session_state or went_back():
        linked = st.query_params.get(key)
        named = list(first) if linked is None else list(columns_named(linked))
        # a column that is none makes the whole word of the link one that says nothing, as with other controls
        st.session_state[key] = named if set(named) <= {*options, *offered} else list(first)
    chosen = [name for name in st.session_state[key] if name in (*options, *offered)]
    st.session_state[key] = chosen
    options += [name for name in chosen if name not in options]
    names = chosen
    if not folded:
        names = st.multiselect(
            label, options, list(first), key=key, persist_state=KEPT, help=help_text, placeholder="none"
        )
    address.put(key, "" if names == list(first) else ",".join(names))
    return tuple(names)
