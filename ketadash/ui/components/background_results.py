"""A computation in the background as a page shows it: how far it is, what it has, buttons to stop it and go on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from weakref import ref

import streamlit as st

from ketadash.analyse.jobs import Job
from ketadash.ui import show

EVERY_S = 1.0  # between two looks at a computation that is under way


def going_on(job: Job[Any, Any], what: str, draw: Callable[[list[tuple[Any, Any]]], None], *, at_once: bool) -> None:
    """What a computation in the background has so far, how far it is, and buttons to stop it and to go on.

    It starts by itself if `at_once` and goes on by itself, unless somebody stopped it; else a press starts it.
    Nothing else on the page waits for it.
    """
    st.session_state[_looked_at(what)] = ref(job)  # it lives beside its trial, and goes with it

    def part(running: bool) -> None:
        with st.container():  # a container of its own, so that what follows stays in place when this goes
            if not job.finished:
                _progress(job, what, running)
        draw(job.results)

    _looked_after(job, what, part, at_once)


def in_a_line(job: Job[Any, Any], what: str, draw: Callable[[list[tuple[Any, Any]]], None], *, at_once: bool) -> None:
    """The same for what a single line tells, which says itself how far it is: no bar, and nothing to stop."""

    def part(running: bool) -> None:
        draw(job.results)
        _say_trouble(job)
        if not running and not job.finished and st.button(f"Compute {what}", key=f"start_{what}"):
            job.start()
            st.rerun()

    _looked_after(job, what, part, at_once)


def _looked_after(job: Job[Any, Any], what: str, part: Callable[[bool], None], at_once: bool) -> None:
    """A part of the page that is drawn again while the job runs, and the whole page once it has ended."""
    if at_once and not job.cancelled and job.trouble is None:  # also where it ended since nobody looked any more
        job.start()

    @st.fragment(run_every=EVERY_S if job.running else None)
    def looked_at() -> None:
        running = job.running
        ended = st.session_state.get(_watched(what), False) and not running
        st.session_state[_watched(what)] = running
        if ended:
            st.rerun()  # the rest of the page speaks of the whole, and nothing needs to be looked at any more
        part(running)

    looked_at()


def _say_trouble(job: Job[Any, Any]) -> None:
    if job.trouble is not None:
        st.warning(show.plain(show.sentence(job.trouble)), icon=":material/warning:")


def _cancel(what: str) -> None:
    job = st.session_state.get(_looked_at(what), lambda: None)()
    if job is not None:
        job.cancel()


def _looked_at(what: str) -> str:
    return f"ketadash_job_{what}"


def _watched(what: str) -> str:
    return f"ketadash_watched_{what}"


def _progress(job: Job[Any, Any], what: str, running: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if running:
            st.progress(job.n_done / job.n_tasks, f"{what}: {job.n_done} of {job.n_tasks} done; the page stays usable")
            st.button("Stop", on_click=_cancel, args=(what,), key=f"stop_{what}", icon=":material/stop:")
        else:
            label = "Go on" if job.n_done else f"Compute {what.lower()}"
            if st.button(label, key=f"start_{what}", icon=":material/play_arrow:"):
                job.start()
                st.rerun()  # from the next run on, the page watches it
            st.markdown(f"{job.n_done} of {job.n_tasks} done." if job.n_done else "")
    _say_trouble(job)
