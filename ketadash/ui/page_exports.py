"""A page's own exports, in its Download tab; nothing is made before the click."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from urllib.parse import urlencode

import streamlit as st

from ketadash import analyse
from ketadash.core.errors import SpecError
from ketadash.export import catalogue, file_makers
from ketadash.export.bundle import FORMATS, copied
from ketadash.export.provenance import Stamp, file_name, stamp
from ketadash.export.sections import Material
from ketadash.ui import download, privacy, report_job
from ketadash.ui.download import File, Progress
from ketadash.ui.server import child_process
from ketadash.ui.state import Current

OFFERED = ("html", "slides", "word", "latex")
HEAVY_DAYS = 20_000  # participant-days: every result of fewer takes a few seconds


def material(now: Current) -> Material:
    """What exports of this state are made from."""
    view = now.view
    return Material(now.trial, now.spec, view.p_values, privacy.suppressing(), p_values_outside=view.p_values_outside)


def origin(now: Current, link: str | None) -> Stamp:
    """Where an export made now comes from."""
    return stamp(now.trial, now.chosen, now.spec, when=datetime.now(UTC), link=link, file=now.file)


def link(page: str | None = None) -> str | None:
    """The address that shows this state; of another page if asked, by its path."""
    url = st.context.url
    if not url:
        return None
    if page is not None:
        url = f"{url.rsplit('/', 1)[0]}/{page}"
    query = urlencode(st.query_params.to_dict())
    return f"{url}?{query}" if query else url


def heavy(now: Current) -> bool:
    """Whether a file that is computed takes so long that it has to wait for others of its kind."""
    return int(analyse.panel_of(now.trial, now.spec).amount.size) > HEAVY_DAYS


def page_downloads(now: Current, key: str) -> None:
    """This page as HTML, slides, Word and LaTeX, and its tables as text to copy."""
    page = key
    try:
        title = analyse.terms(now.trial, now.spec).worded(catalogue.chapter(page).title)
    except SpecError:  # a page that is no part of a report
        return
    m, page_link = material(now), link()
    st.markdown(f"**This page ({title}), with its legends, methods and where it comes from:**")
    download.buttons(
        f"take_{key}",
        [
            File(
                one.short,
                file_name(title, one.ending, origin(now, page_link)),
                one.mime,
                partial(file_of_page, now, m, page, one.name, page_link),
                heavy=heavy(now),
            )
            for one in FORMATS
            if one.name in OFFERED
        ],
    )
    if st.toggle("Tables as text to copy", key=f"copy_{key}"):
        for section in catalogue.sections_of(page, m):
            for table in section.tables:
                st.markdown(f"**{table.caption}**")
                st.code(copied(table.shown), language=None)


def file_of_page(
    now: Current, m: Material, page: str, name: str, page_link: str | None, progress: Progress | None = None
) -> bytes:
    """A page as a file of one format; that of a large trial is made in a process of its own."""
    full, far = replace(m, ready=report_job.long_results(m, page)), progress or Progress()
    arguments = (now.trial, full, now.chosen, page, name, origin(now, page_link))
    if heavy(now):
        return child_process.made(file_makers.page_file, *arguments, progress=far)
    return file_makers.page_file(*arguments, far.tell)
