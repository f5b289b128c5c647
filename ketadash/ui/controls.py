"""Widgets → specs.  Every value lives in the URL under a short stable name; every default comes from the spec.

Their words are the link's vocabulary: changing one breaks links.  No widget is bound to the link by Streamlit, which
drops from the address what is not drawn: More choices are drawn while they stand open, and hold when they do not.
"""

from __future__ import annotations

import os
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, NoReturn

import streamlit as st

from ketadash.core.choices.control import AUTO, columns_named
from ketadash.core.choices.every_choice import IN_SIGHT, UNDER_MORE_CHOICES, WITH_OWN_CONTROL
from ketadash.core.choices.missing_choice import (
    DIAL,
    LIKE_REPORTED,
    MISSING,
    RATIOS,
    RULES,
    STOPS,
    at_stop,
    in_words,
    on_button,
    rule_help,
    word_for,
)
from ketadash.core.errors import KetadashError
from ketadash.core.spec import (
    CHOICES,
    AnalysisSpec,
    DropoutRule,
    Estimator,
    MissingRule,
    PValues,
    ViewSpec,
)
from ketadash.core.terms import Terms
from ketadash.questions.shared.words import analysis
from ketadash.trial import Trial, resolve
from ketadash.trial.covariates import ADJUST_FOR, STRATA, refusal
from ketadash.trial.trial_terms import terms_of
from ketadash.ui import address, unfolding
from ketadash.ui.adjust_button import ASKED as NEEDED
from ketadash.ui.adjust_button import chosen_so_far
from ketadash.ui.kinds_of_control import FIRST as FIRST
from ketadash.ui.kinds_of_control import above_picture, button_row, draw, first_value
from ketadash.ui.link_lists import KEPT, follow
from ketadash.ui.missing_line import RuleLine
from ketadash.ui.options import must_choose
from ketadash.ui.plot import is_dark

P_VALUES = {"labelled": PValues.LABELLED, "hidden": PValues.HIDDEN}


def words_of(spec: AnalysisSpec) -> dict[str, Any]:
    """What every control says for an analysis: the widgets' keys, which are the link's, and their values."""
    simple = spec.missing.about.own_button
    return {
        "missing": word_for(spec.missing),
        "rule": next(iter(RULES)) if simple else next(word for word, meant in RULES.items() if meant == spec.missing),
        **{CHOICES[name].key: CHOICES[name].control.word(getattr(spec, name)) for name in (*RATIOS, *WITH_OWN_CONTROL)},
        "pvalues": "labelled",
    }


STRICT = "KETADASH_STRICT"  # 1: p-values of exploratory states are hidden, for every trial
REFUSED = "ketadash_refused"  # where what a link said in vain is kept until another choice is made
FRESH = "ketadash_fresh"  # set when another trial was loaded that declares an analysis of its own
SET_BEFORE_DRAWING = "ketadash_asked"  # controls to be set before they are drawn again
MORE = "more_choices"  # whether More choices stand open
_OPENED = "ketadash_more_needed"  # whether they were opened since one of them is needed


def read(
    trial: Trial,
    row: AbstractContextManager[Any] | None = None,
    beside: tuple[str, ...] = (),
    unmoved: tuple[str, ...] = (),
    line: RuleLine | None = None,
) -> tuple[AnalysisSpec, tuple[str, ...]]:
    """Draw the shared controls; return what they say, and what could not be read and why.

    Those of the fields `beside` stand in `row`, above the page's picture, all others in the sidebar: those of fields
    `unmoved`, which change nothing on the page, under More choices; `line` is given its place.

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
        in_sight = st.container()  # one place, however many are in it: else the boxes below shut when a page is turned
    chosen = _beside(trial, terms_used, row or in_sight, beside, line or RuleLine())
    with in_sight:
        in_view = [name for name in IN_SIGHT if name not in unmoved]
        chosen |= draw(in_view, trial, terms_used, refused, chosen, folded=False)
    with st.sidebar, _more(trial, first) as box:
        folded = not unfolding.in_sight(box)
        chosen |= draw((*unmoved, *UNDER_MORE_CHOICES), trial, terms_used, refused, chosen, folded=folded)
        button_row(
            "p-values of other analyses",
            P_VALUES,
            "pvalues",
            f"Outside {analysis(trial.declared.analysis_name)} a p-value is one of many looks: it says so (†), or is "
            "hidden, and with it the statistic that would tell it.",
            folded=folded,
        )
    refused += _refused(trial, parameters, chosen)
    # the list of other rules is not drawn, so the link does not speak of it
    if MISSING[st.session_state["missing"]] is not None:
        address.put("rule", "")
    if st.session_state["missing"] != DIAL:  # their sliders are not drawn, so the link does not speak of them
        for name in RATIOS:
            address.put(CHOICES[name].key, "")
    return AnalysisSpec(**chosen), tuple(refused)


def _more(trial: Trial, first: dict[str, Any]) -> Any:
    """The box of More choices: it opens by itself where the trial needs one, and shuts once that is made."""
    needed = _needed(trial, first)
    if needed != st.session_state.get(_OPENED, False):
        st.session_state[MORE] = st.session_state[_OPENED] = needed
    return unfolding.standing("More choices", key=MORE)


def _needed(trial: Trial, first: dict[str, Any]) -> bool:
    """Whether arms or columns that the trial needs are not chosen."""
    if not must_choose(trial):
        return False
    try:
        resolve(trial, trial.declared.published.replace(**{name: chosen_so_far(name, first) for name in NEEDED}))
    except (KetadashError, KeyError, ValueError, OverflowError):
        return True
    return False


def terms(trial: Trial) -> Terms:
    """What the amounts and days are called, whether or not the trial can be analysed as chosen."""
    amount = st.session_state.get("amount", st.query_params.get("amount", AUTO))
    return terms_of(trial, None if amount == AUTO else str(amount))


def _beside(
    trial: Trial, terms: Terms, place: AbstractContextManager[Any], beside: tuple[str, ...], line: RuleLine
) -> dict[str, Any]:
    """The choices above the page's picture; the missing-day rule is at the top of the sidebar on other pages."""
    with place:
        rule = _rule(terms)
        if not beside:
            return _asked_by(rule, terms, line)
        with st.container(key="choices_more", horizontal=True, vertical_alignment="bottom"):
            chosen = _asked_by(rule, terms, line)
            return chosen | {name: above_picture(name, trial, terms) for name in beside if name != "missing"}


def _asked_by(rule: MissingRule | None, terms: Terms, line: RuleLine) -> dict[str, Any]:
    """What a rule asks for, in a box as high whatever that is: the picture below must not jump."""
    with st.container(key="missing_detail"):
        if st.session_state["missing"] == DIAL:
            with st.container(horizontal=True):
                return {"missing": MissingRule.IMOR} | {name: float(_slider(name, terms)) for name in RATIOS}
        if rule is None:
            return {"missing": RULES[_other_rule(terms)]}
        line.stands_here()
    return {"missing": rule}


def _rule(terms: Terms) -> MissingRule | None:
    """Not bound to the link, since a bound widget writes its label there: links say drinking whatever is counted."""
    key, first = "missing", first_value("missing")
    follow(key, MISSING, first_value(key))
    word = st.segmented_control(
        CHOICES["missing"].label,
        list(MISSING),
        required=True,
        key=key,
        persist_state=KEPT,
        help=rule_help(terms),
        format_func=partial(on_button, terms=terms),
    )
    word = word if word in MISSING else first
    address.put(key, "" if word == first else word)
    return MISSING[word]


def _other_rule(terms: Terms) -> str:
    """The word of a rule from the list.  Not bound to the link, where its word may differ from the name on screen."""
    key, first = "rule", first_value("rule")
    follow(key, RULES, first_value(key))
    named = {word: terms.worded(rule.about.label) for word, rule in RULES.items()}
    help_text = "How a day without a report is counted."
    word = str(st.selectbox("Rule", list(RULES), key=key, help=help_text, format_func=lambda word: named[word]))
    address.put(key, "" if word == first else word)
    return word


def _slider(name: str, terms: Terms) -> str:
    """One arm's ratio on the dial.  Not bound to the link: a bound widget that is drawn for the first time is written
    there a run later, and a link copied in between would lack it.
    """
    choice = CHOICES[name]
    key, first = choice.key, first_value(choice.key)
    stops = {*STOPS, first}  # with what the trial declares, should it lie between them
    follow(key, stops, first_value(key))
    help_text = in_words(choice.help, terms)
    named = partial(at_stop, terms=terms)
    value = str(st.select_slider(choice.label, sorted(stops, key=float), key=key, help=help_text, format_func=named))
    address.put(key, "" if value == first else value)
    return value


def _refused(trial: Trial, parameters: dict[str, str], chosen: dict[str, Any]) -> list[str]:
    """What the link asked for and no control knows: Streamlit drops it in silence on a session's first run."""
    if REFUSED not in st.session_state:
        kept = st.query_params.to_dict()
        lost = [
            key
            for key, first in st.session_state[FIRST].items()
            if key in parameters and key not in kept and parameters[key] != slug(first)
        ]
        warnings = [
            f"'{key}={parameters[key][:30]}' in the link is no "
            f"{'arm of this trial' if key in ARMS else 'choice here'}, so it is {_shown(key, trial)}."
            f"{_why_no_column(trial, key, parameters[key])}"
            for key in lost
        ]
        if (version := parameters.get(address.VERSION_KEY, address.VERSION)) != address.VERSION:
            warnings.append(
                f"The link is of a kind that this ketadash does not know (v={version[:10]}); it was read all the same."
            )
        st.session_state[REFUSED] = (warnings, chosen)
    warnings, then = st.session_state[REFUSED]
    return list(warnings) if then == chosen else []


def _why_no_column(trial: Trial, key: str, value: str) -> str:
    """Why columns that the file has cannot be strata or covariates, a sentence each; empty for other choices."""
    kind = next((kind for kind in (STRATA, ADJUST_FOR) if CHOICES[kind].key == key), None)
    if kind is None:
        return ""
    reasons = [refusal(trial, kind, name) for name in columns_named(value)]
    return "".join(f" {reason}." for reason in reasons if reason)


def slug(value: Any) -> str:
    """A control's value as the link has it."""
    if isinstance(value, list | tuple):
        return ",".join(value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _shown(key: str, trial: Trial) -> str:
    """What the control `key` says now, in the reader's words."""
    if key in ARMS and len(trial.arms) > 2 and st.session_state.get(key) not in trial.arms and must_choose(trial):
        return "still to be chosen"
    value = slug(st.session_state.get(key, first_value(key)))
    return f"'{value}'" if value else "left empty"


def view(trial: Trial, exploratory: bool) -> ViewSpec:
    """How the reader's page looks; p-values are guarded outside the declared analysis."""
    strict = trial.declared.strict or os.environ.get(STRICT) == "1"
    outside = PValues.HIDDEN if strict else P_VALUES.get(str(st.session_state.get("pvalues")), PValues.LABELLED)
    return ViewSpec(dark=is_dark(), p_values=outside if exploratory else PValues.SHOWN, p_values_outside=outside)


ARMS = tuple(CHOICES[name].key for name in ("control", "active"))


def reset(kept: tuple[str, ...] = ()) -> None:
    """Back to the declared analysis: every control but those `kept` to what it says at first (a button's callback)."""
    say({key: word for key, word in st.session_state[FIRST].items() if key not in kept})


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
    st.session_state[CHOICES["penalised"].key] = CHOICES["penalised"].control.word(True)
    st.session_state[CHOICES["estimator"].key] = CHOICES["estimator"].control.word(Estimator.QUADRATURE)


def imputed_without_rule() -> bool:
    """Whether dropout is to be imputed under a missing-day rule that imputes nothing."""
    dropout = CHOICES["dropout"]
    if dropout.words.get(str(st.session_state.get(dropout.key))) is not DropoutRule.IMPUTED:
        return False
    rule = MISSING[st.session_state["missing"]] or RULES.get(str(st.session_state.get("rule")))
    return rule is not None and not rule.imputed


def impute() -> None:
    """Take missing days to be like reported ones, which dropout needs to be imputed (a button's callback)."""
    st.session_state["missing"] = LIKE_REPORTED


def touched() -> bool:
    """Whether any control says other than at first."""
    return any(st.session_state.get(key, first) != first for key, first in st.session_state[FIRST].items())
