"""How is this computed?  A method's page, with the counts that enter here and our answer beside R's."""

from __future__ import annotations

import json
import re
from typing import Any

import streamlit as st

from ketadash import analyse
from ketadash.analyse import comparison_with_r
from ketadash.core.choices.dropout import DropoutRule
from ketadash.core.choices.endpoint import Endpoint
from ketadash.core.paths import home
from ketadash.questions.methods import tables as methods_tables
from ketadash.questions.methods import words as methods_words
from ketadash.results.comparison_with_r import Comparison
from ketadash.ui import page_controls, show
from ketadash.ui.state import Current

FIRST = ("Question", "Questions", "Formula")
LAST = ("Oracle", "What could mislead", "Source")
BINARY = (
    "logistic-mixed-model",
    "random-slopes",
    "population-average",
    "containment-df",
    "separation",
    "imputation",
    "outcomes",
)
SURVIVAL = ("time-to-event-definitions", "kaplan-meier", "log-rank", "cox", "rmst", "competing-risks")
HEAD = re.compile(r"^\*\*([A-Z][^*]*?)\.?\*\*", re.MULTILINE)


def one_method(_: Current) -> None:
    """One method, chosen from all of them; which one is in the link."""
    methods = methods_words.METHODS
    chosen = st.selectbox("Method", list(methods), key="method", bind="query-params")
    panel(methods.get(str(chosen), "outcomes"))


def panels(now: Current, names: tuple[str, ...], page: str) -> None:
    """Every method behind a page's numbers, the first one open."""
    for k, name in enumerate(names):
        with st.expander(f"How is this computed? **{title(name)}**", expanded=k == 0):
            panel(name, counts(now, page, name))


def panel(name: str, counts: str | None = None) -> None:
    """One method: question, formula, counts, our answer beside R's, what could mislead, source; then the rest."""
    text = page(name)
    if text is None:  # a text that is missing must not take the results above with it
        st.markdown(missing(name))
        return
    parts = sections(text)
    for key in FIRST:
        _section(parts, key)
    if counts:
        st.markdown(f"**What enters here.** {show.plain(counts)}")
    _beside(name)
    for key in LAST:
        _section(parts, key)
    rest = "\n\n".join(body for key, body in parts.items() if key and key not in (*FIRST, *LAST))
    if rest:
        st.markdown(rest)


def _section(parts: dict[str, str], key: str) -> None:
    if key in parts:
        st.markdown(parts[key])


def _beside(name: str) -> None:
    comparison = compared(name)
    if comparison is None:
        st.markdown(f"**Our answer beside R's.** {methods_words.NONE}")
        return
    show.table(methods_tables.beside(comparison), "Our answer beside R's")
    st.markdown(f":small[{methods_words.comparison(comparison)}]")


def sections(text: str) -> dict[str, str]:
    """A page's parts by their bold first words, in order; what comes before the first is under ``""``."""
    marks = list(HEAD.finditer(text))
    ends = [*(m.start() for m in marks[1:]), len(text)]
    parts = {"": text[: marks[0].start()].strip() if marks else text.strip()}
    for mark, end in zip(marks, ends, strict=True) if marks else ():
        parts[mark.group(1)] = text[mark.start() : end].strip()
    return parts


def missing(name: str) -> str:
    """What stands where a page should."""
    return f"docs/methods/{name}.md is missing from this installation; install ketadash again."


@st.cache_data(show_spinner=False)
def page(name: str) -> str | None:
    """A page of docs/methods as it is written; None where it is not there."""
    path = home() / "docs" / "methods" / f"{name}.md"
    return path.read_text(encoding="utf-8") if path.is_file() else None


def title(name: str) -> str:
    """A page's heading."""
    first = (page(name) or name).split("\n", 1)[0]
    return first.removeprefix("# ")


@st.cache_resource(show_spinner=False)
def _r_answers() -> dict[str, Any]:
    path = home() / "docs" / "methods" / "oracle.json"
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else {}


@st.cache_resource(show_spinner=False)
def compared(name: str) -> Comparison | None:
    """Our answers, computed once a server, beside R's; None for a method that R was not asked about."""
    entry = _r_answers().get(name)
    return None if entry is None else comparison_with_r.comparison(name, entry)


def counts(now: Current, page: str, method: str) -> str | None:
    """What enters a method on a page (the key of its tabs), in words; None where the page's own lines say it."""
    trial, spec = now.trial, now.spec
    if page == "heavy_drinking" or (method == "rspl" and page != "abstinence"):
        heavy = analyse.heavy_result(trial, spec)
        return None if heavy is None else methods_words.binary(heavy)
    if method == "nnt":
        result = analyse.nnt_result(trial, spec)
        return methods_words.nnt((result.observed, result.observed_last_day))
    if method in SURVIVAL and page == "dropout":
        ways = analyse.dropout_ways(trial, spec)
        competes = method == "competing-risks"
        shown = [] if ways is None else [w for w in ways.ways if DropoutRule(w.dropout).about.competes is competes]
        return methods_words.survival(shown[0]) if shown else None
    if method in SURVIVAL and page == "relapse":
        chosen = page_controls.ENDPOINTS.get(str(st.session_state.get("endpoint")), Endpoint.RELAPSE.value)
        endpoint = analyse.time_to_event(trial, spec)[chosen]
        return None if endpoint is None else methods_words.survival(endpoint)
    return methods_words.binary(analyse.abstinence_result(trial, spec)) if method in BINARY else None
