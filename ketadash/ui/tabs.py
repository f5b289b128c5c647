"""The tabs under a page's pictures: its tables, models, methods, code and downloads."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

import pandas as pd
import streamlit as st

from ketadash import analyse
from ketadash.core.spec import AnalysisSpec, PValues
from ketadash.export import file_makers, sheets, small_cells
from ketadash.export.analysis_json import analysis
from ketadash.export.bundle import EVERY_RESULT
from ketadash.export.command import command
from ketadash.questions.shared import tables
from ketadash.trial import Trial
from ketadash.ui import download, method_panels, page_exports, privacy, toggles_file
from ketadash.ui.download import File, Progress
from ketadash.ui.server import child_process
from ketadash.ui.show import mark_of, plain, table
from ketadash.ui.state import Current


def methods(now: Current, names: tuple[str, ...], key: str) -> None:
    """How each number is computed; the pages are about drinking, so for another trial they say how to read them."""
    terms = analyse.terms(now.trial, now.spec)
    if not terms.alcohol:
        st.markdown(f"These pages are written for alcohol: read {terms.use} for drinking, and {terms.many} for drinks.")
    method_panels.panels(now, names, key)


def downloads(
    now: Current,
    data: dict[str, pd.DataFrame],
    key: str,
    disclose_nobody: Collection[str],
) -> None:
    """The page's tables in full precision, one by one and together, and every result as JSON.

    Tables that are not among those that `disclose_nobody` are changed or left out while small counts are suppressed.
    """
    trial, chosen, suppressed = now.trial, now.chosen, privacy.suppressing()
    data = {name: tables.without_p(frame, now.view.p_values) for name, frame in data.items()}
    if suppressed:
        st.markdown(plain(small_cells.SUPPRESSION_NOTE))
        data = small_cells.tables(lambda: analysis(trial, chosen, small_cells.SECTIONS), data, disclose_nobody)
    _read(data, key)
    files = [
        File(f"{name} (CSV)", _file_name(name, "csv"), "text/csv", partial(_csv, frame)) for name, frame in data.items()
    ]
    if data:
        workbook = partial(_workbook, now, data)
        files.append(File("These tables (Excel)", _file_name(key, "xlsx"), sheets.EXCEL, workbook))
    hidden, heavy = now.view.p_values is PValues.HIDDEN, page_exports.heavy(now)
    every = partial(_json, trial, chosen, suppressed, hidden, heavy)
    files.append(File(EVERY_RESULT, "ketadash-results.json", "application/json", every, heavy=heavy))
    download.buttons(key, files)
    page_exports.page_downloads(now, key)
    toggles_file.of_page(now, key)


def _file_name(what: str, ending: str) -> str:
    """The name of a file of tables: words with hyphens between them."""
    return f"ketadash-{what.replace(' ', '-').replace('_', '-')}.{ending}"


def _csv(frame: pd.DataFrame, _: Progress) -> bytes:
    return sheets.csv(frame)


def _workbook(now: Current, data: dict[str, pd.DataFrame], _: Progress) -> bytes:
    return sheets.workbook({"about": _about(now), **data})


def _read(data: dict[str, pd.DataFrame], key: str) -> None:
    """The numbers behind each picture as a table on the page, for those who do not see the picture."""
    chosen = st.selectbox(
        "The numbers behind the pictures",
        list(data),
        index=None,
        key=f"read_{key}",
        placeholder="Choose a table to read it here",
        width=420,
    )
    if chosen in data:
        table(data[chosen].map(lambda x: f"{x:.4g}" if isinstance(x, float) else x), chosen, long=True)


def _json(trial: Trial, chosen: AnalysisSpec, suppressed: bool, hidden: bool, heavy: bool, progress: Progress) -> bytes:
    if heavy:
        return child_process.made(file_makers.every_result, trial, chosen, suppressed, hidden, progress=progress)
    return file_makers.every_result(trial, chosen, suppressed, hidden, progress.tell)


def _about(now: Current) -> pd.DataFrame:
    """What the tables of a workbook are of."""
    facts = {
        "trial": now.trial.title,
        **({"data": mark} if (mark := mark_of(now.trial)) else {}),
        "computed by": command(
            now.chosen, now.file, now.trial.declared.published, recipe=now.trial.recipe_given is not None
        ),
        "fingerprint of the data": now.trial.sha256,
    }
    return pd.DataFrame(list(facts.items()), columns=["about", "these tables"])
