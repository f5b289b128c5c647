"""Which trial this session looks at, and what the page it opened is to show."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import streamlit as st

from ketadash.core import paths
from ketadash.core.errors import KetadashError
from ketadash.core.spec import AnalysisSpec, PValues, ViewSpec
from ketadash.questions.shared.theme import Figure
from ketadash.trial import Check, Reading, Recipe, Trial, attempt, load, load_sample
from ketadash.trial.recipe import from_file
from ketadash.trial.sources import Given, gather
from ketadash.ui import download, privacy
from ketadash.ui.server import in_turn

CURRENT, TROUBLE = "ketadash_current", "ketadash_trouble"  # (the file that the app was started with: why not shown)
OWN, REFUSED = "ketadash_own", "ketadash_not_read"  # this session's own trial; files that could not be read
REPORT = "ketadash_report"  # this session's report; gone when its trial is
READING = "Reading the trial…"
PENDING = "ketadash_pending"  # files about which questions are open
Stamp = tuple[str, int, int, int]
Result = TypeVar("Result")
# Counters and such, in which nothing of a trial is.
STAYS = ("ketadash_upload_round", "ketadash_reading_turn", "ketadash_link", "ketadash_first")


@dataclass(frozen=True, eq=False)
class Own:
    """A session's own trial: the bytes it is read from again when the recipe changes, and what it was read as.

    Lives in the session's state alone, so that it goes when the session does.
    """

    given: Given
    recipe_given: Recipe | None
    trial: Trial
    file: str


@dataclass(frozen=True, eq=False)
class Refused:
    """Files that could not be read so: what was found, and what is needed to try again."""

    given: Given
    recipe_given: Recipe | None
    checks: tuple[Check, ...]
    file: str


@dataclass(frozen=True, eq=False)
class Pending:
    """Files about which questions are open: what is needed to answer them, and the trial as read until then.

    That trial names the page and its controls; nothing of it is analysed.  The app's own files, those that it was
    started with, cannot be put away.
    """

    given: Given
    recipe_given: Recipe | None
    trial: Trial
    file: str
    apps_own: bool = False


@dataclass(frozen=True, slots=True)
class Current:
    """What a page shows: the trial, the spec as chosen and as resolved, the notes of resolving, the look.

    `unread` says what the link asked for in vain.  The page that runs leaves here the pictures that follow the choices,
    by their keys, and the buttons of its own that make them.  What is said before its first picture stands `above` the
    choices.
    """

    trial: Trial
    chosen: AnalysisSpec
    spec: AnalysisSpec
    notes: tuple[str, ...]
    view: ViewSpec
    file: str | None
    unread: tuple[str, ...] = ()
    moving: dict[str, Callable[[AnalysisSpec, ViewSpec], Figure]] = field(default_factory=dict)
    pills: list[Mapping[str, Any]] = field(default_factory=list)
    above: AbstractContextManager[Any] | None = None


@st.cache_resource(show_spinner=READING)
def _sample() -> Trial:
    return load_sample()


@st.cache_resource(show_spinner=READING, max_entries=2)
def _named(path: str, recipe: str | None, stamp: tuple[Stamp, ...]) -> Trial | Pending:
    """The trial named when the app was started; read again if a file has changed (`stamp`)."""
    named_recipe = from_file(recipe) if recipe else None
    given = gather(path, None)
    reading = attempt(given, recipe=named_recipe)
    if reading.trial is None and reading.provisional is not None:
        return Pending(given, named_recipe, reading.provisional, Path(path).name, apps_own=True)
    return reading.trial or load(given, recipe=named_recipe)  # which says why not


def named_read(recipe: Recipe) -> Own | None:
    """The files that the app was started with, read in another way for this session; None if they cannot be."""
    path = os.environ.get("KETADASH_DATA")
    if not path:
        return None
    try:
        given = brought(path, None)
        opened = attempt(given, recipe=recipe).trial
    except (KetadashError, OSError):
        return None  # why not is said of the reading that the app was started with
    return Own(given, recipe, opened, Path(path).name) if opened is not None else None


def trial() -> tuple[Trial, str | None]:
    """This session's trial, masked if asked, and its file's name: its own, else the app's DATA, else the sample."""
    opened, file = _trial()
    return privacy.shown(opened), file


def _trial() -> tuple[Trial, str | None]:
    st.session_state.pop(TROUBLE, None)  # it may have come back, or the reader brought another since
    mine = pending() or own()
    if mine is not None:
        return mine.trial, mine.file
    path, recipe = os.environ.get("KETADASH_DATA"), os.environ.get("KETADASH_RECIPE")
    if path:
        try:
            stamp = tuple(s for p in (path, recipe) if p for s in stamps(Path(p)))
            named = at_hand_or_beside(_named, path, recipe, stamp)
            if isinstance(named, Pending):
                st.session_state[PENDING] = named
                return named.trial, named.file
            return named, Path(path).name
        except (KetadashError, OSError) as error:
            st.session_state[TROUBLE] = f"{Path(path).name} could not be read, so this is the sample trial: {error}"
    return _sample(), None


def is_sample(shown: Trial) -> bool:
    """Whether that is the sample that comes with the program."""
    return shown in (_sample(), privacy.shown(_sample()))


def own() -> Own | None:
    """This session's own trial, if it loaded one."""
    own_trial: Own | None = st.session_state.get(OWN)
    return own_trial


def refused() -> Refused | None:
    """The files that this session gave last and that could not be read."""
    refused_files: Refused | None = st.session_state.get(REFUSED)
    return refused_files


def pending() -> Pending | None:
    """The files about which questions are open."""
    pending_files: Pending | None = st.session_state.get(PENDING)
    return pending_files


def recipe() -> Recipe | None:
    """How the current trial is to be read, as far as this session said it."""
    mine = pending() or own()
    return mine.recipe_given if mine is not None else None


def file() -> str:
    """What the file of the current trial is called."""
    return trial()[1] or given().name


def given() -> Given:
    """The files that the trial shown is read from.

    Raises
    ------
    DataError
        If they are no longer there.
    """
    mine = pending() or own()
    if mine is not None:
        return mine.given
    _, file = _trial()
    path = Path(os.environ["KETADASH_DATA"] if file is not None else paths.sample_folder())
    return at_hand_or_beside(_everybodys, str(path), tuple(stamps(path)))


@st.cache_resource(show_spinner=READING, max_entries=2)
def _everybodys(path: str, stamp: tuple[Stamp, ...]) -> Given:
    """The sample's files or those named when the app was started; opened again if one has changed (`stamp`)."""
    return gather(path, None)


_at_hand: deque[tuple[Any, ...]] = deque(maxlen=4)


def at_hand_or_beside(read: Callable[..., Result], *key: Any) -> Result:
    """What all sessions share: of those that ask for it first one reads it, and the others wait for it, beside those
    that have another trial; afterwards nobody waits.
    """
    if (read, *key) in _at_hand:
        return read(*key)
    with in_turn.aside():
        result = read(*key)
    _at_hand.append((read, *key))
    return result


def brought(source: str | Path | bytes | Mapping[str, bytes], name: str | None) -> Given:
    """Open files in processes of their own, while the pages of other sessions are drawn.

    Raises
    ------
    DataError
        When there is no such file, no table in it, or a file that cannot be read or is beyond the limits.
    """
    with in_turn.aside():
        return gather(source, name)


def stamps(path: Path) -> list[Stamp]:
    """What tells a file from another put in its place, be it older or of the same second."""
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    stats = [(f.name, f.stat()) for f in files if f.exists()]
    return [(name, s.st_mtime_ns, s.st_size, s.st_ino) for name, s in stats]


def use(files: Given, recipe_given: Recipe | None, name: str) -> Reading:
    """Make a trial this session's own, in memory only; if it cannot be read, what was there stays.

    While questions about it are open, it stands before what was there, and nothing is analysed.
    """
    reading = attempt(files, recipe=recipe_given)
    if reading.provisional is not None:
        st.session_state.pop(REFUSED, None)
        st.session_state[PENDING] = Pending(files, recipe_given, reading.provisional, name)
    elif reading.trial is None:
        st.session_state[REFUSED] = Refused(files, recipe_given, reading.checks, name)
    else:
        for key in (REFUSED, PENDING, REPORT):
            st.session_state.pop(key, None)
        download.close()  # what was being made is of the trial before
        st.session_state[OWN] = Own(files, recipe_given, reading.trial, name)
    return reading


def forget() -> None:
    """Drop everything this session was given, and with it every result computed from it, states kept and reports.

    What is ours in the session's state begins with ``ketadash_``; a participant's record is asked for by identifier.
    """
    download.close()
    for key in [str(k) for k in st.session_state]:
        if key == "record" or (key.startswith("ketadash_") and key not in STAYS):
            del st.session_state[key]


def can_be_put_away() -> bool:
    """Whether questions are open about files that this session brought."""
    mine = pending()
    return mine is not None and not mine.apps_own


def put_away() -> None:
    """Drop the files that could not be read, or about which questions are open."""
    for key in (REFUSED, PENDING):
        st.session_state.pop(key, None)


def put(current: Current | None) -> None:
    """Called once by app.py, before the page runs; None if the trial cannot be analysed as chosen."""
    st.session_state[CURRENT] = current


@contextmanager
def seen_as(other: Current) -> Iterator[None]:
    """While something of another state is written that nobody asked for yet: its p-values are shown as there."""
    now = maybe_current()
    put(other)
    try:
        yield
    finally:
        put(now)


def current() -> Current:
    """What app.py has put for the page that is running."""
    now: Current = st.session_state[CURRENT]
    return now


def maybe_current() -> Current | None:
    """The same where a page also makes sense while no trial can be analysed."""
    now: Current | None = st.session_state.get(CURRENT)
    return now


def unanalysed() -> Current:
    """What a page that needs no analysis may know while no trial can be analysed: the trial as it was read."""
    opened, name = trial()
    spec = opened.declared.published
    return Current(opened, spec, spec, (), ViewSpec(), name)


def p_values() -> PValues:
    """How p-values are shown on this page; pages without a trial have none."""
    now = maybe_current()
    return now.view.p_values if now is not None else PValues.SHOWN
