"""Loading a trial in the browser: kept in this session's memory, told at once what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from ketadash import words
from ketadash.errors import KetadashError
from ketadash.trial import Trial, validate
from ketadash.ui import show, state

PROMISE = (
    "Drop a participant-day file. It stays in this session's memory on this computer and is gone when you close the "
    "page or press Forget this trial."
)
FORMAT = (
    "CSV (comma, semicolon, tab; gzip too) with participant_id, arm, day and drinks, one row per participant and day. "
    "Empty drinks, or no row, is a missing day. Optionally sex, baseline_drinks, baseline_heavy_days, etg_positive. "
    "Or days.csv together with participants.csv, visits.csv, adverse_events.csv."
)
TAKEN = "ketadash_taken"


def take(uploaded: Sequence[Any]) -> None:
    """Read what was dropped, once; a file that cannot be read leaves the present trial in place."""
    identity = tuple((f.name, f.file_id) for f in uploaded)
    if st.session_state.get(TAKEN) == identity:
        return
    files = {f.name: f.getvalue() for f in uploaded}
    name = uploaded[0].name
    try:
        state.use(files, name)
    except KetadashError as error:
        st.error(f"{show.plain(name)} was not loaded. {show.plain(show.sentence(str(error)))}", icon=":material/error:")
        st.markdown("The trial shown before is still here.")
        findings(files, name)
        return
    st.session_state[TAKEN] = identity
    st.rerun()  # the sidebar, already drawn, is the old trial's


def findings(files: dict[str, bytes], name: str) -> None:
    """Everything that was found in the file, worst first."""
    checks = validate(files, name=name) if len(files) > 1 else validate(next(iter(files.values())), name=name)
    for check in checks[1:] if len(checks) > 1 else ():
        st.markdown(f"- {check.severity}: {show.plain(check.message)}")


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
    st.session_state.pop(TAKEN, None)
    st.session_state.pop("upload", None)
