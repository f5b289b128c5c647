"""The analysis as one file with its toggles, offered where a page offers its other files."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from ketadash import analyse
from ketadash.core.choices import missing_choice
from ketadash.core.errors import SpecError
from ketadash.core.spec import CHOICES
from ketadash.export import catalogue
from ketadash.export.provenance import Stamp, file_name
from ketadash.export.supplement import expected, states
from ketadash.export.supplement.ask import supplement_file
from ketadash.export.supplement.content import Order
from ketadash.questions.shared.code_numbers import capital
from ketadash.ui import download, page_exports, privacy, show
from ketadash.ui.download import File, Progress
from ketadash.ui.server import child_process
from ketadash.ui.state import Current

LABEL = "With its toggles (HTML)"
PAGE_HELP = (
    "This page as one file in which the choices can be flipped, without a server or a network. It holds the states of "
    "the missing days, the time trend and dropout; the page Report makes larger ones."
)
OF_A_PAGE = ("missing", "trend", "dropout")  # makes a file within a minute
SIZE = "ketadash_toggles_size"
PROMISE = (
    "**One file in which the choices can be flipped**, for a reader without Python: it opens from a disk in any "
    "browser, asks no network for anything, and holds the sections chosen above in every state of the choices alive."
)


def of_page(now: Current, page: str) -> None:
    """The button of a page's Download tab; none for a page that is no part of a report."""
    if any(chapter.page == page for chapter in catalogue.CHAPTERS):
        files = [_file(now, (page,), OF_A_PAGE, page, page_exports.link(), PAGE_HELP)]
        download.buttons(f"toggles_{page}", files)


def of_report(now: Current, pages: Sequence[str]) -> None:
    """Which choices are alive in the file of the report's sections, how many states that makes, and its button."""
    st.markdown(PROMISE)
    terms = analyse.terms(now.trial, now.spec)
    words = {name: missing_choice.in_words(CHOICES[name].label, terms) or name for name in states.ALIVE}
    alive = st.pills(
        "Choices alive in it",
        list(words),
        selection_mode="multi",
        default=list(OF_A_PAGE),
        format_func=lambda name: capital(words[name]),
        key="report_alive",
    )
    if not alive or not pages:
        st.info("Choose at least one section, and one choice to be alive.", icon=":material/info:")
        return
    in_order = [name for name in states.ALIVE if name in alive]
    try:
        size = _size(now, in_order)
    except SpecError as error:
        st.warning(show.plain(show.sentence(str(error))), icon=":material/warning:")
        return
    st.markdown(f"{size}. It goes on while this page is open, and can be stopped.")
    link = page_exports.link("")
    download.buttons("toggles", [_file(now, tuple(pages), in_order, "toggles", link, None)])


def _size(now: Current, alive: Sequence[str]) -> str:
    """How many states, how long, how large; kept, since to lay out a thousand states takes most of a second."""
    of = (now.trial.sha256, now.chosen, tuple(alive))
    if st.session_state.get(SIZE, (None, ""))[0] != of:
        st.session_state[SIZE] = (of, expected.in_words(now.trial, states.plan(now.trial, now.chosen, alive)))
    return str(st.session_state[SIZE][1])


def _file(
    now: Current, pages: tuple[str, ...], alive: Sequence[str], what: str, link: str | None, help_text: str | None
) -> File:
    order = Order(pages, now.view.p_values_outside, privacy.suppressing())
    origin = page_exports.origin(now, link)
    make = partial(_made, now, tuple(alive), order, origin)
    return File(LABEL, file_name(f"{what} with toggles", "html", origin), "text/html", make, help_text, heavy=True)


def _made(now: Current, alive: tuple[str, ...], order: Order, origin: Stamp, progress: Progress) -> bytes:
    return child_process.made(supplement_file, now.trial, now.chosen, alive, order, origin, progress=progress)
