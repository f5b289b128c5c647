"""Loading a trial in the browser: kept in this session's memory, told at once what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from ketadash import words
from ketadash.errors import KetadashError
from ketadash.trial import Trial, validate
from ketadash.ui import controls, show, state

PROMISE = (
    "Drop a participant-day file. It stays in this session's memory on this computer and is gone when you close the "
    "page or press Forget this trial."
)
LABEL = "A file of participant-days, or the files of one trial together"
FORMAT = (
    "CSV (comma, semicolon, tab; gzip too) with participant_id, arm, day and drinks, one row per participant and day. "
    "Empty drinks, or no row, is a missing day. Optionally sex, baseline_drinks, baseline_heavy_days, etg_positive. "
    "Or days.csv together with participants.csv, visits.csv, adverse_events.csv."
)
TAKEN, REFUSED, ROUND = "ketadash_taken", "ketadash_upload_refused", "ketadash_upload_round"


def upload() -> None:
    """The place to drop files, and what was wrong with the last ones.

    Refused files leave the list (a new round of the uploader), or the next, good file would be read together with
    them.
    """
    turn = st.session_state.get(ROUND, 0)
    uploaded = st.file_uploader(LABEL, type=None, accept_multiple_files=True, key=f"upload_{turn}", help=FORMAT)
    if uploaded:
        _take(uploaded)
    for kind, said in st.session_state.get(REFUSED, ()):
        if kind == "error":
            st.error(show.plain(said), icon=":material/error:")
            st.markdown("The trial shown before is still here.")
        else:
            st.markdown(f"- {kind}: {show.plain(said)}")


def _take(uploaded: Sequence[Any]) -> None:
    """Read what was dropped, once; a file that cannot be read leaves the present trial in place."""
    identity = tuple((f.name, f.file_id) for f in uploaded)
    if st.session_state.get(TAKEN) == identity:
        return
    files = {f.name: f.getvalue() for f in uploaded}
    name = uploaded[0].name
    try:
        loaded = state.use(files, name)
    except KetadashError as error:
        refusal = ("error", f"{name} was not loaded: {str(error).removeprefix(f'{name}: ')}.")
        st.session_state[REFUSED] = (refusal, *_findings(files, name))
        _next_round()
    else:
        st.session_state[TAKEN] = identity
        st.session_state[controls.FRESH] = loaded.declared.called is not None
        st.session_state.pop(REFUSED, None)
    st.rerun()  # the sidebar, already drawn, is the old trial's; a refused file is still in the list


def _next_round() -> None:
    st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1


def _findings(files: dict[str, bytes], name: str) -> list[tuple[str, str]]:
    """All else that was found in the file, worst first, as kind and message."""
    checks = validate(files, name=name) if len(files) > 1 else validate(next(iter(files.values())), name=name)
    return [(f"also {check.severity}", check.message) for check in checks[1:]]


def what_we_have(trial: Trial, file: str | None) -> None:
    """What was read, as counts and columns, with its fingerprint."""
    st.subheader("What we have")
    people = trial.participants
    st.markdown(
        f"{show.plain(trial.title)}: {len(people):,} participants, "
        + ", ".join(f"{int((people['arm'] == arm).sum()):,} {show.plain(arm)}" for arm in trial.arms)
        + f"; {len(trial.days):,} rows, days {words.number(trial.days['day'].min(), 0)} to "
        f"{words.number(trial.days['day'].max(), 0)}."
    )
    st.markdown("Columns: " + ", ".join(show.plain(str(c)) for c in trial.days.columns))
    st.markdown(f"Fingerprint (SHA-256): `{trial.sha256}`")
    show.warn(trial.warnings)
    if file is not None and state.TRIAL in st.session_state:
        st.button("Forget this trial", on_click=_forget, icon=":material/delete:")


def _forget() -> None:
    state.forget()
    for key in (TAKEN, REFUSED):
        st.session_state.pop(key, None)
    _next_round()
