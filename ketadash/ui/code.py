"""The Code tab: a number of the page, what it is in full, and the Python, command, R and SAS that give it."""

from __future__ import annotations

from html import escape
from typing import Any

import streamlit as st

from ketadash.core import paths
from ketadash.core.p_values import PValue
from ketadash.core.spec import PValues
from ketadash.export import code, code_data, code_r, code_sas
from ketadash.export.command import command
from ketadash.questions.registry import question
from ketadash.questions.shared import code_numbers, words
from ketadash.questions.shared.code_numbers import Number
from ketadash.ui import download, privacy
from ketadash.ui.download import File
from ketadash.ui.state import Current

SAMPLE = "The data are the synthetic sample: invented people."
UNRUN = "Not run by us: written from the SAS manual, step by step the same as the R, which was run and compared."
RUN = "These lines are made by a program whose output is run in the tests, and gives the number on screen."
R_RUN = "Programs like this one were run in R 4.2.2 for each choice and compared with ketadash (docs/code.md)."
FIELD_LABELS = {
    "probability": "estimate",
    "ci_low": "from",
    "ci_high": "to",
    "chi2": "χ²",
    "df_den": "df",
    "minus2ll": "−2 log L",
    "aic": "AIC",
    "bic": "BIC",
    "se": "SE",
    "f": "F",
    "hr": "hazard ratio",
    "risk_difference": "difference",
    "nnt": "NNT",
    "rho": "ρ",
    "scale": "φ",
    "completed": "known to the last day",
}
EXAMPLE = "The data come with the program: a real, public trial."
SESSION = "The code wants the file under this name; and, where it names a recipe, the recipe.toml of the Data page."


def draw(now: Current, page: str) -> None:
    """The tab of a page (the key of its tabs); choosing another number runs only this part again."""
    of_page = question(_page(page)).numbers
    numbers = () if of_page is None else of_page(now.trial, now.spec)
    if not numbers:
        st.markdown("This command computes every number of this state of the dashboard, in full precision:")
        command_line = command(
            now.chosen, now.file, now.trial.declared.published, recipe=now.trial.recipe_given is not None
        )
        st.code(command_line, language="bash", wrap_lines=True)
        return
    _one(now, page, numbers)


def _data(now: Current) -> str:
    """Where the code finds the data."""
    if now.file is None:
        return SAMPLE
    return EXAMPLE if now.file in paths.examples() else SESSION


def _page(page: str) -> str:
    """Every specification is an analysis of its outcome; the code is that of the current state."""
    if page != "specifications":
        return page
    return {"heavy days": "heavy_drinking", "relapse": "relapse"}.get(
        str(st.session_state.get("outcome")), "abstinence"
    )


@st.fragment
def _one(now: Current, page: str, numbers: tuple[Number, ...]) -> None:
    kept = f"ketadash_kept_code_{page}"  # Streamlit forgets the widgets of a tab that is not shown
    first = min(st.session_state.get(kept, 0), len(numbers) - 1)
    at = st.selectbox(
        "Which number?", range(len(numbers)), first, format_func=lambda k: numbers[k].label, key=f"code_{page}"
    )
    st.session_state[kept] = at
    number = numbers[at]
    values = code_numbers.value(number, now.trial, now.spec)
    analysis = words.analysis(now.trial.declared.analysis_name)
    why = f"hidden (this is not {analysis})" if now.view.p_values is PValues.HIDDEN else ""
    shown = [f"{FIELD_LABELS.get(n, n)} {_shown(v, why)}" for n, v in zip(number.names, values, strict=True)]
    st.html(f'<p style="margin:0"><strong>Here:</strong> {escape("; ".join(shown))}</p>')
    if number.part == "sensitivity":
        st.markdown(":small[The command of this section takes minutes: it computes the map and the curves too.]")
    python, shell, r, sas = st.tabs(["Python", "Command", "R", "SAS"], key=f"language_{page}")
    with python:
        recipe = now.trial.recipe_given is not None
        st.code(code.python(number, now.chosen, now.file, recipe=recipe), language="python", wrap_lines=True)
        st.markdown(f":small[{RUN} {_data(now)}]")
    with shell:
        st.code(
            code.shell(number, now.chosen, now.file, now.trial.declared.published, recipe=recipe),
            language="bash",
            wrap_lines=True,
        )
        st.markdown(f":small[Everything at once, for a file: `ketadash analyze … --json results.json`. {RUN}]")
    state = code_data.state_of(now.trial, now.spec, fitted=number.part in ("abstinence", "nnt"))
    with r:
        _program(code_r.program(number, state), code_r.why_not(number, state), "r", R_RUN)
    with sas:
        _program(code_sas.program(number, state), code_sas.why_not(number, state), "sas", UNRUN)
    if privacy.suppressing():
        st.markdown(
            "The days that the R and SAS read are rows of single people: not offered while small cells are suppressed."
        )
        return
    trial, spec = now.trial, now.spec
    days = File(
        "The days that the R and SAS read (CSV, before any rule)",
        code_data.FILE,
        "text/csv",
        download.at_once(lambda: code_data.csv(trial, spec)),
    )
    download.buttons(f"days_{page}", [days])


def _program(text: str | None, why_not: str, language: str, heading: str) -> None:
    if text is None:
        st.markdown(why_not)
        return
    st.markdown(f":small[{heading}]")
    st.code(text, language=language, height=460)


def _shown(value: Any, hidden: str) -> str:
    """A number as it is printed; what tells a p-value is as `hidden` says, "" where none is."""
    if hidden and isinstance(value, PValue):
        return hidden
    if value is None:
        return "not estimable"
    return f"{value:.10g}" if isinstance(value, float) else str(value)
