"""Which trial this session looks at, and what the page it opened is to show."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from ketadash.errors import DataError
from ketadash.spec import AnalysisSpec, PValues, ViewSpec
from ketadash.trial import Trial, load, load_sample
from ketadash.ui import privacy

TRIAL, NAME, CURRENT, TROUBLE = "ketadash_trial", "ketadash_file", "ketadash_current", "ketadash_trouble"


@dataclass(frozen=True, slots=True)
class Current:
    """What a page shows: the trial, the spec as chosen and as resolved, the notes of resolving, the look."""

    trial: Trial
    chosen: AnalysisSpec
    spec: AnalysisSpec
    notes: tuple[str, ...]
    view: ViewSpec
    file: str | None


@st.cache_resource(show_spinner="Reading the trial…")
def _sample() -> Trial:
    return load_sample()


@st.cache_resource(show_spinner="Reading the trial…")
def _given(path: str, stamp: float) -> Trial:
    """The trial named when the app was started; read again if the file has changed (`stamp`)."""
    return load(path)


def trial() -> tuple[Trial, str | None]:
    """This session's trial, masked if asked, and its file's name: its own, else the app's DATA, else the sample."""
    found, file = _trial()
    return privacy.shown(found), file


def _trial() -> tuple[Trial, str | None]:
    if TRIAL in st.session_state:
        return st.session_state[TRIAL], st.session_state[NAME]
    path = os.environ.get("KETADASH_DATA")
    if path:
        try:
            return _given(path, _stamp(Path(path))), Path(path).name
        except DataError as error:
            st.session_state[TROUBLE] = f"{Path(path).name} could not be read, so this is the sample trial: {error}"
    return _sample(), None


def _stamp(path: Path) -> float:
    files = path.iterdir() if path.is_dir() else (path,)
    return max((f.stat().st_mtime for f in files if f.exists()), default=0.0)


def use(files: Mapping[str, bytes], name: str) -> Trial:
    """Make an uploaded trial this session's own, in memory only; what was there stays if it cannot be read.

    Raises
    ------
    DataError
        As `ketadash.trial.load` does.
    """
    loaded = load(files, name=name) if len(files) > 1 else load(next(iter(files.values())), name=name)
    st.session_state[TRIAL], st.session_state[NAME] = loaded, name
    return loaded


def forget() -> None:
    """Drop this session's own trial, and with it every result computed from it."""
    for key in (TRIAL, NAME):
        st.session_state.pop(key, None)


def put(current: Current) -> None:
    """Called once by app.py, before the page runs."""
    st.session_state[CURRENT] = current


def current() -> Current:
    """What app.py has put for the page that is running."""
    found: Current = st.session_state[CURRENT]
    return found


def p_values() -> PValues:
    """How p-values are shown on this page; pages without a trial have none."""
    found: Current | None = st.session_state.get(CURRENT)
    return found.view.p_values if found is not None else PValues.SHOWN
