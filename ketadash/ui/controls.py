"""Widgets → specs.  Every value lives in the URL under a short stable name; every default comes from the spec.

A bound widget writes its label to the URL, so labels here are the link's vocabulary: changing one breaks links.
All are drawn on every page, since a bound widget that is not drawn leaves the URL.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from ketadash.errors import KetadashError, SpecError
from ketadash.spec import AnalysisSpec, DropoutRule, Estimand, Estimator, MissingRule, Trend, ViewSpec, Window
from ketadash.trial import Trial, amount_columns, baseline_columns, resolve
from ketadash.ui.plot import is_dark

MISSING = {"drinking": MissingRule.NONABSTINENT, "missing": MissingRule.MISSING}
TREND = {"quadratic": Trend.QUADRATIC, "linear": Trend.LINEAR}
ADJUST = {"adjusted": True, "unadjusted": False}
CURVE = {"population": Estimand.POPULATION, "typical": Estimand.TYPICAL}
DROPOUT = {"event": DropoutRule.EVENT, "censored": DropoutRule.CENSORED}
FIT = {"quadrature": Estimator.QUADRATURE, "RSPL": Estimator.RSPL}
ETG = {"applied": True, "ignored": False}
PENALISED = {"off": False, "on": True}
POINTS = ("25", "51", "101", "201")
MORE_POINTS = "To begin with; raised by itself until the likelihood settles."
LEVELS = ("80%", "90%", "95%", "99%")
AUTO = "as the trial says"
DEFAULT = AnalysisSpec()


def _word(options: dict[str, Any], value: Any) -> str:
    return next(word for word, meant in options.items() if meant == value)


# What every control says when nothing was chosen: the published analysis.
FIRST: dict[str, Any] = {
    "missing": _word(MISSING, DEFAULT.missing),
    "trend": _word(TREND, DEFAULT.trend),
    "baseline": _word(ADJUST, DEFAULT.adjust),
    "curve": _word(CURVE, DEFAULT.estimand),
    "dropout": _word(DROPOUT, DEFAULT.dropout),
    "fit": _word(FIT, DEFAULT.estimator),
    "penalised": _word(PENALISED, DEFAULT.penalised),
    "etg": _word(ETG, DEFAULT.etg),
    "men": DEFAULT.heavy_men,
    "women": DEFAULT.heavy_women,
    "days": "",
    "horizon": "",
    "level": f"{100 * DEFAULT.confidence:g}%",
    "points": str(DEFAULT.quadrature_points),
    "control": AUTO,
    "active": AUTO,
    "amount": AUTO,
    "covariate": AUTO,
}


REFUSED = "ketadash_refused"  # where what a link said in vain is kept until another choice is made


def read(trial: Trial) -> tuple[AnalysisSpec, tuple[str, ...]]:
    """Draw the shared controls in the sidebar; return what they say, and what could not be read and why.

    Raises
    ------
    SpecError
        For choices that contradict each other; the controls are drawn all the same.
    """
    asked, refused = st.query_params.to_dict(), list[str]()
    with st.sidebar:
        chosen: dict[str, Any] = {
            "missing": _choice(
                "Missing days are", MISSING, "missing",
                "What a day without a report counts as. *drinking*: not abstinent (and a heavy day), the published "
                "rule. *missing*: left out of the analysis.",
            ),
            "trend": _choice(
                "Time trend", TREND, "trend",
                "Whether modelled abstinence may bend over the days (quadratic, as published) or not (linear). "
                "Both models are always fitted; this picks the one that curves, odds ratios and NNT come from.",
            ),
            "adjust": _choice(
                "Baseline drinks", ADJUST, "baseline",
                "Whether the models allow for how much people drank before the trial.",
            ),
            "estimand": _choice(
                "Curve", CURVE, "curve",
                "*population*: the share of all participants expected to be abstinent, comparable with the observed "
                "points. *typical*: one participant in the middle of the range (random effect 0).",
            ),
        }  # fmt: skip
        with st.expander("More choices", expanded=_must_choose(trial)):
            chosen |= _more(trial, refused)
    refused += _refused(asked, chosen)
    return AnalysisSpec(**chosen), tuple(refused)


def _must_choose(trial: Trial) -> bool:
    """Whether the trial cannot be analysed without a choice of arms, days or columns."""
    try:
        resolve(trial, DEFAULT)
    except KetadashError:
        return True
    return False


def _refused(asked: dict[str, str], chosen: dict[str, Any]) -> list[str]:
    """What the link asked for and no control knows: Streamlit drops it in silence on a session's first run."""
    if REFUSED not in st.session_state:
        kept = st.query_params.to_dict()
        lost = [key for key, first in FIRST.items() if key in asked and key not in kept and asked[key] != _slug(first)]
        said = [f"'{key}={asked[key][:30]}' in the link is no choice here, so it is {_shown(key)}." for key in lost]
        st.session_state[REFUSED] = (said, chosen)
    said, then = st.session_state[REFUSED]
    return list(said) if then == chosen else []


def _slug(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _shown(key: str) -> str:
    """What the control `key` says now, in the reader's words."""
    value = _slug(st.session_state.get(key, FIRST[key]))
    return f"'{value}'" if value else "left empty"


def _more(trial: Trial, refused: list[str]) -> dict[str, Any]:
    chosen: dict[str, Any] = {
        "dropout": _choice(
            "Dropout in time to relapse", DROPOUT, "dropout",
            "*event*: leaving counts as relapse on the first missing day, as published. *censored*: follow-up ends "
            "there without a relapse.",
        ),
        "estimator": _choice(
            "Abstinence model fitted by", FIT, "fit",
            "*quadrature*: maximum likelihood. *RSPL*: restricted pseudo-likelihood, the default of SAS GLIMMIX.",
        ),
        "penalised": _choice(
            "Penalised fit", PENALISED, "penalised",
            "Keeps estimates finite where the data separate the arms completely; quadrature only.",
        ),
        "etg": _choice(
            "Positive EtG tests", ETG, "etg",
            "*applied*: a positive urine ethyl glucuronide test turns the days reported abstinent since the previous "
            "visit into drinking days.",
        ),
    }  # fmt: skip
    men, women = st.columns(2)  # the one pair short enough for the sidebar's width
    with men:
        chosen["heavy_men"] = _drinks("Heavy: men over", "men")
    with women:
        chosen["heavy_women"] = _drinks("women over", "women")
    chosen["days"] = _window(refused)
    chosen["tau"] = _horizon(refused)
    chosen["confidence"] = float(_select("Confidence", LEVELS, "level").rstrip("%")) / 100
    chosen["quadrature_points"] = int(_select("Quadrature points", POINTS, "points", MORE_POINTS))
    chosen["control"] = _named("Control arm", trial.arms, "control")
    chosen["active"] = _named("Active arm", trial.arms, "active")
    chosen["amount"] = _named("Amounts", amount_columns(trial), "amount")
    chosen["baseline"] = _named("Baseline", baseline_columns(trial), "covariate")
    return chosen


def _choice(label: str, options: dict[str, Any], key: str, said: str) -> Any:
    """A row of buttons; an unknown word in the URL falls back to the default."""
    word = st.segmented_control(
        label, list(options), default=FIRST[key], required=True, key=key, bind="query-params", help=said,
        width="stretch",
    )  # fmt: skip
    return options[str(word) if word in options else FIRST[key]]


def _select(label: str, options: tuple[str, ...], key: str, said: str | None = None) -> str:
    """A list to pick from; an unknown word in the URL falls back to the default."""
    word = st.selectbox(label, options, index=options.index(FIRST[key]), key=key, bind="query-params", help=said)
    return str(word) if word in options else str(FIRST[key])


def _drinks(label: str, key: str) -> float:
    value = st.number_input(label, 0.0, 50.0, FIRST[key], 1.0, format="%g", key=key, bind="query-params",
                            help="A heavy drinking day is more standard drinks than this.")  # fmt: skip
    return float(FIRST[key] if value is None else value)


def _window(refused: list[str]) -> Window | None:
    text = st.text_input("Days", "", key="days", bind="query-params", placeholder="as the trial",
                         help="First and last day analysed, such as 1:21. Empty: the trial's own window.")  # fmt: skip
    try:
        return Window.parse(text) if text else None
    except SpecError as error:
        refused.append(f"Days: {error}. Until then the trial's own window is used.")
        return None


def _horizon(refused: list[str]) -> int | None:
    text = st.text_input("Horizon day", "", key="horizon", bind="query-params", placeholder="last day",
                         help="Up to which day event-free days are averaged. Empty: the last day.")  # fmt: skip
    if not text:
        return None
    try:
        return int(text)
    except ValueError:
        refused.append(
            f"Horizon day: '{text[:20]}' is not a day; write a whole number such as 21. Until then it is the last day."
        )
        return None


def _named(label: str, names: tuple[str, ...], key: str) -> str | None:
    """One of the data's own names, or None for "as the trial says"."""
    name = _select(label, (AUTO, *names), key)
    return None if name == AUTO else name


def view() -> ViewSpec:
    """How the reader's page looks."""
    return ViewSpec(dark=is_dark())


def reset() -> None:
    """Back to the published analysis: every control to what it says at first (a button's callback)."""
    for key, value in FIRST.items():
        st.session_state[key] = value


def penalise() -> None:
    """Turn the penalised fit on, and quadrature with it, which it needs (a button's callback)."""
    st.session_state["penalised"] = _word(PENALISED, True)
    st.session_state["fit"] = _word(FIT, Estimator.QUADRATURE)


def touched() -> bool:
    """Whether any control says other than at first."""
    return any(st.session_state.get(key, first) != first for key, first in FIRST.items())


def endpoint() -> str:
    """Which time-to-event endpoint the relapse page shows."""
    words = {"relapse": "relapse", "first use": "first_use", "first heavy day": "first_heavy_day"}
    word = st.segmented_control(
        "Time to", list(words), default="relapse", required=True, key="endpoint", bind="query-params"
    )
    return words.get(str(word), "relapse")
