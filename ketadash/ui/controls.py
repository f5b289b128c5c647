"""Widgets → specs.  Every value lives in the URL under a short stable name; every default comes from the spec.

A bound widget writes its label to the URL, so labels here are the link's vocabulary: changing one breaks links.
All are drawn on every page, since a bound widget that is not drawn leaves the URL.
"""

from __future__ import annotations

import os
from typing import Any, NoReturn

import streamlit as st

from ketadash.core.errors import KetadashError, SpecError
from ketadash.core.spec import (
    AnalysisSpec,
    DropoutRule,
    Estimand,
    Estimator,
    MissingRule,
    PValues,
    Trend,
    ViewSpec,
    Window,
)
from ketadash.core.terms import Terms
from ketadash.trial import Trial, amount_columns, baseline_columns, resolve
from ketadash.trial.trial_terms import terms_of
from ketadash.ui import address, linked_number
from ketadash.ui.options import to_write, too_many
from ketadash.ui.plot import is_dark
from ketadash.ui.server.streamlit_seams.runs import went_back

DIAL, MORE = MissingRule.IMOR.about.link, "more"
MISSING: dict[str, MissingRule | None] = {
    **{rule.about.link: rule for rule in MissingRule if rule.about.own_button},
    MORE: None,
}
RULES = {rule.about.link: rule for rule in MissingRule if not rule.about.own_button}
# Stops of the dial: odds of abstinence on a missing day against a reported one.
STOPS = ("0", "0.02", "0.05", "0.1", "0.2", "0.33", "0.5", "0.67", "1", "1.5", "2", "3", "5", "10", "20", "50", "inf")
TREND = {"quadratic": Trend.QUADRATIC, "linear": Trend.LINEAR}
ADJUST = {"adjusted": True, "unadjusted": False}
CURVE = {"population": Estimand.POPULATION, "typical": Estimand.TYPICAL}
DROPOUT = {rule.value: rule for rule in DropoutRule}
FIT = {"quadrature": Estimator.QUADRATURE, "RSPL": Estimator.RSPL}
ETG = {"applied": True, "ignored": False}
PENALISED = {"off": False, "on": True}
P_VALUES = {"labelled": PValues.LABELLED, "hidden": PValues.HIDDEN}
POINTS = ("25", "51", "101", "201")
MORE_POINTS = "To begin with; raised by itself until the likelihood settles."
LEVELS = ("80%", "90%", "95%", "99%")
IMPUTATIONS = ("1", "5", "20", "50", "100", "200")
AUTO = "as the trial says"
MOST_SEED = 2**32 - 1
MOST = 1000.0  # of whatever is counted: grams have thresholds of 40 and 60


def _word(options: dict[str, Any], value: Any) -> str:
    return next(word for word, meant in options.items() if meant == value)


def words_of(spec: AnalysisSpec) -> dict[str, Any]:
    """What every control says for an analysis: the widgets' keys, which are the link's, and their values."""
    simple = spec.missing in MISSING.values()
    return {
        "missing": _word(MISSING, spec.missing) if simple else MORE,
        "rule": next(iter(RULES)) if simple else _word(RULES, spec.missing),
        "imor-control": stop(spec.imor_control),
        "imor-active": stop(spec.imor_active),
        "trend": _word(TREND, spec.trend),
        "baseline": _word(ADJUST, spec.adjust),
        "curve": _word(CURVE, spec.estimand),
        "dropout": _word(DROPOUT, spec.dropout),
        "fit": _word(FIT, spec.estimator),
        "penalised": _word(PENALISED, spec.penalised),
        "etg": _word(ETG, spec.etg),
        "men": spec.heavy_men,
        "women": spec.heavy_women,
        "days": str(spec.days or ""),
        "horizon": "" if spec.tau is None else str(spec.tau),
        "level": f"{100 * spec.confidence:g}%",
        "points": str(spec.quadrature_points),
        "imputations": str(spec.imputations),
        "seed": spec.seed,
        "control": spec.control or AUTO,
        "active": spec.active or AUTO,
        "amount": spec.amount or AUTO,
        "covariate": spec.baseline or AUTO,
        "pvalues": "labelled",
    }


def stop(imor: float) -> str:
    """An odds ratio as the dial and the link have it."""
    return "inf" if imor == float("inf") else f"{imor:g}"


def confidence(level: str) -> float:
    """``"95%"`` as 0.95."""
    return float(level.rstrip("%")) / 100


STRICT = "KETADASH_STRICT"  # 1: p-values of exploratory states are hidden, for every trial
REFUSED = "ketadash_refused"  # where what a link said in vain is kept until another choice is made
FIRST = "ketadash_first"  # what the controls say at first for the trial at hand
FRESH = "ketadash_fresh"  # set when another trial was loaded that declares an analysis of its own
SET_BEFORE_DRAWING = "ketadash_asked"  # controls to be set before they are drawn again


def read(trial: Trial) -> tuple[AnalysisSpec, tuple[str, ...]]:
    """Draw the shared controls in the sidebar; return what they say, and what could not be read and why.

    Raises
    ------
    SpecError
        For choices that contradict each other; the controls are drawn all the same.
    """
    before = st.session_state.get(FIRST)
    st.session_state[FIRST] = first = words_of(trial.declared.published)
    if st.session_state.pop(FRESH, False):
        reset()
    elif before is not None and before != first:  # another trial: what nobody has touched follows it
        say({key: value for key, value in first.items() if st.session_state.get(key, before[key]) == before[key]})
    say(st.session_state.pop(SET_BEFORE_DRAWING, {}))
    parameters, refused, terms_used = st.query_params.to_dict(), list[str](), terms(trial)
    with st.sidebar:
        chosen: dict[str, Any] = _missing(terms_used) | {
            "trend": _choice(
                "Time trend",
                TREND,
                "trend",
                "Whether modelled abstinence may bend over the days (quadratic, as published) or not (linear). "
                "This picks the model that curves, odds ratios and NNT come from; the *Model* tab has both.",
            ),
            "adjust": _choice(
                terms_used.baseline.capitalize(),
                ADJUST,
                "baseline",
                f"Whether the models allow for how much people {terms_used.used} before the trial.",
            ),
            "estimand": _choice(
                "Curve",
                CURVE,
                "curve",
                "*population*: the share of all participants expected to be abstinent, comparable with the observed "
                "points. *typical*: one participant in the middle of the range (random effect 0).",
            ),
        }
        with st.expander("More choices", expanded=_must_choose(trial)):
            chosen |= _more(trial, terms_used, refused)
    refused += _refused(parameters, chosen)
    return AnalysisSpec(**chosen), tuple(refused)


def terms(trial: Trial) -> Terms:
    """What the amounts and days are called, whether or not the trial can be analysed as chosen."""
    amount = st.session_state.get("amount", st.query_params.get("amount", AUTO))
    return terms_of(trial, None if amount == AUTO else str(amount))


def _missing(terms: Terms) -> dict[str, Any]:
    """The missing-day rule, and what else it asks for."""
    each = [f"*{terms.worded(word)}*: {rule.about.help}" for word, rule in MISSING.items() if rule is not None]
    rest = ", ".join(rule.about.label for rule in RULES.values())
    rule = _rule(terms, f"What a day without a report counts as. {' '.join(each)} *{MORE}*: {rest}.")
    if rule is MissingRule.IMOR:
        help_text = (
            f"Odds of abstinence on a missing day against a reported one. 0: {terms.use}; 1: like reported; inf: "
            "abstinent."
        )
        return {"missing": rule} | {
            f"imor_{arm}": float(_slider(f"{arm.capitalize()} arm's missing days", f"imor-{arm}", help_text))
            for arm in ("control", "active")
        }
    if rule is None:
        rule = RULES[_select("Rule", tuple(RULES), "rule", "What a day without a report is taken to be.")]
    return {"missing": rule}


def _rule(terms: Terms, help_text: str) -> MissingRule | None:
    """Not bound to the link, since a bound widget writes its label there: links say drinking whatever is counted."""
    key, first = "missing", _first("missing")
    if key not in st.session_state or went_back():
        linked = st.query_params.get(key)
        st.session_state[key] = linked if linked in MISSING else first
    word = st.segmented_control(
        "Missing days are",
        list(MISSING),
        required=True,
        key=key,
        help=help_text,
        width="stretch",
        format_func=terms.worded,
    )
    word = word if word in MISSING else first
    address.put(key, "" if word == first else word)
    return MISSING[word]


def _slider(label: str, key: str, help_text: str) -> str:
    stops = sorted({*STOPS, _first(key)}, key=float)  # with what the trial declares, should it lie between them
    value = st.select_slider(label, stops, value=_first(key), key=key, bind="query-params", help=help_text)
    return str(value) if value in stops else str(_first(key))


def _first(key: str) -> Any:
    return st.session_state[FIRST][key]


def _must_choose(trial: Trial) -> bool:
    """Whether the trial cannot be analysed without a choice of arms, days or columns."""
    try:
        resolve(trial, trial.declared.published)
    except KetadashError:
        return True
    return False


def _refused(parameters: dict[str, str], chosen: dict[str, Any]) -> list[str]:
    """What the link asked for and no control knows: Streamlit drops it in silence on a session's first run."""
    if REFUSED not in st.session_state:
        kept = st.query_params.to_dict()
        lost = [
            key
            for key, first in st.session_state[FIRST].items()
            if key in parameters and key not in kept and parameters[key] != slug(first)
        ]
        warnings = [
            f"'{key}={parameters[key][:30]}' in the link is no choice here, so it is {_shown(key)}." for key in lost
        ]
        if (version := parameters.get(address.VERSION_KEY, address.VERSION)) != address.VERSION:
            warnings.append(
                f"The link is of a kind that this ketadash does not know (v={version[:10]}); it was read all the same."
            )
        st.session_state[REFUSED] = (warnings, chosen)
    warnings, then = st.session_state[REFUSED]
    return list(warnings) if then == chosen else []


def slug(value: Any) -> str:
    """A control's value as the link has it."""
    return f"{value:g}" if isinstance(value, float) else str(value)


def _shown(key: str) -> str:
    """What the control `key` says now, in the reader's words."""
    value = slug(st.session_state.get(key, _first(key)))
    return f"'{value}'" if value else "left empty"


def _more(trial: Trial, terms: Terms, refused: list[str]) -> dict[str, Any]:
    chosen: dict[str, Any] = {
        "dropout": _choice(
            "Dropout in time to relapse",
            DROPOUT,
            "dropout",
            " ".join(f"*{word}*: {rule.about.help}" for word, rule in DROPOUT.items()),
        ),
        "estimator": _choice(
            "Abstinence model fitted by",
            FIT,
            "fit",
            "*quadrature*: maximum likelihood. *RSPL*: restricted pseudo-likelihood, the default of SAS GLIMMIX.",
        ),
        "penalised": _choice(
            "Penalised fit",
            PENALISED,
            "penalised",
            "Keeps estimates finite where the data separate the arms completely; quadrature only.",
        ),
        "etg": _choice(
            "Positive EtG tests",
            ETG,
            "etg",
            "*applied*: a positive urine ethyl glucuronide test turns the days reported abstinent since the previous "
            f"visit into {terms.day}s.",
        ),
    }
    men, women = st.columns(2)  # the one pair short enough for the sidebar's width
    with men:
        chosen["heavy_men"] = _threshold("Heavy: men over", "men", terms)
    with women:
        chosen["heavy_women"] = _threshold("women over", "women", terms)
    chosen["days"] = _window(refused)
    chosen["tau"] = _horizon(refused)
    chosen["confidence"] = confidence(_select("Confidence", LEVELS, "level"))
    chosen["quadrature_points"] = int(_select("Quadrature points", POINTS, "points", MORE_POINTS))
    chosen["imputations"] = int(_select("Imputations", IMPUTATIONS, "imputations", "How often missing days are drawn."))
    chosen["seed"] = _seed()
    chosen["control"] = _named("Control arm", trial.arms, "control")
    chosen["active"] = _named("Active arm", trial.arms, "active")
    chosen["amount"] = _named("Amounts", amount_columns(trial), "amount")
    chosen["baseline"] = _named("Baseline", baseline_columns(trial), "covariate")
    _choice(
        "p-values of other analyses",
        P_VALUES,
        "pvalues",
        "Outside the declared analysis a p-value is one of many looks: it says so (†), or is hidden.",
    )
    return chosen


def _seed() -> int:
    help_text = "Another seed, other draws: what changes is Monte Carlo error."
    return int(linked_number.box("Random seed", "seed", _first("seed"), (0, MOST_SEED), 1, help=help_text))


def _choice(label: str, options: dict[str, Any], key: str, help_text: str) -> Any:
    """A row of buttons; an unknown word in the URL falls back to the default."""
    word = st.segmented_control(
        label,
        list(options),
        default=_first(key),
        required=True,
        key=key,
        bind="query-params",
        help=help_text,
        width="stretch",
    )
    return options[str(word) if word in options else _first(key)]


def _select(label: str, options: tuple[str, ...], key: str, help_text: str | None = None) -> str:
    """A list to pick from; an unknown word in the URL falls back to the default."""
    first = str(_first(key))
    if first not in options:
        options = (*options, first)
    if too_many(options):
        word = st.text_input(label, first, key=key, bind="query-params", help=to_write(options))
        if word not in options:
            st.markdown(f":small[No such name is in the file; until it is mended this is '{first}'.]")
        return word if word in options else first
    word = st.selectbox(label, options, index=options.index(first), key=key, bind="query-params", help=help_text)
    return str(word) if word in options else first


def _threshold(label: str, key: str, terms: Terms) -> float:
    help_text = f"A {terms.heavy_day} is more {terms.measure} than this."
    return linked_number.box(label, key, _first(key), (0.0, MOST), 1.0, format="%g", help=help_text)


def _window(refused: list[str]) -> Window | None:
    text = st.text_input(
        "Days",
        _first("days"),
        key="days",
        bind="query-params",
        placeholder="as the trial",
        help="First and last day analysed, such as 1:21. Empty: the trial's own window.",
    )
    try:
        return Window.parse(text) if text else None
    except SpecError as error:
        refused.append(f"Days: {error}. Until then the trial's own window is used.")
        return None


def _horizon(refused: list[str]) -> int | None:
    text = st.text_input(
        "Horizon day",
        _first("horizon"),
        key="horizon",
        bind="query-params",
        placeholder="last day",
        help="Up to which day event-free days are averaged. Empty: the last day.",
    )
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


def view(trial: Trial, exploratory: bool) -> ViewSpec:
    """How the reader's page looks; p-values are guarded outside the declared analysis."""
    how = PValues.SHOWN
    if exploratory:
        strict = trial.declared.strict or os.environ.get(STRICT) == "1"
        how = PValues.HIDDEN if strict else P_VALUES.get(str(st.session_state.get("pvalues")), PValues.LABELLED)
    return ViewSpec(dark=is_dark(), p_values=how)


def reset() -> None:
    """Back to the declared analysis: every control to what it says at first (a button's callback)."""
    say(st.session_state[FIRST])


def ask(words: dict[str, Any]) -> NoReturn:
    """Set controls from the middle of a page, where they are already drawn: the page is run again."""
    st.session_state[SET_BEFORE_DRAWING] = words
    st.rerun()


def say(words: dict[str, Any]) -> None:
    """Set controls (in a callback, before they are drawn)."""
    for key, value in words.items():
        st.session_state[key] = value


def penalise() -> None:
    """Turn the penalised fit on, and quadrature with it, which it needs (a button's callback)."""
    st.session_state["penalised"] = _word(PENALISED, True)
    st.session_state["fit"] = _word(FIT, Estimator.QUADRATURE)


def touched() -> bool:
    """Whether any control says other than at first."""
    return any(st.session_state.get(key, first) != first for key, first in st.session_state[FIRST].items())
