"""Widgets → specs.  Every value lives in the URL under a short stable name; every default comes from the spec.

A bound widget writes its label to the URL, so labels here are the link's vocabulary: changing one breaks links.
All are drawn on every page, since a bound widget that is not drawn leaves the URL.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from itertools import groupby
from typing import Any, NoReturn

import streamlit as st

from ketadash.core.choices.control import AUTO, Buttons, DataName, DataNames, NumberBox, OptionList, TextBox
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
from ketadash.core.errors import SpecError
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
from ketadash.questions.shared.code_numbers import capital
from ketadash.trial import Trial, baseline_columns
from ketadash.trial.trial_terms import terms_of
from ketadash.ui import address, column_list, linked_number
from ketadash.ui.link_lists import NO_SUCH_NAME, follow, placed
from ketadash.ui.missing_line import RuleLine
from ketadash.ui.options import must_choose, names_in, to_write, too_many
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
FIRST = "ketadash_first"  # what the controls say at first for the current trial
FRESH = "ketadash_fresh"  # set when another trial was loaded that declares an analysis of its own
SET_BEFORE_DRAWING = "ketadash_asked"  # controls to be set before they are drawn again


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
        chosen |= _draw([name for name in IN_SIGHT if name not in unmoved], trial, terms_used, refused, chosen)
    with st.sidebar, st.expander("More choices", expanded=must_choose(trial)):
        chosen |= _draw((*unmoved, *UNDER_MORE_CHOICES), trial, terms_used, refused, chosen)
        _button_row(
            "p-values of other analyses",
            P_VALUES,
            "pvalues",
            "Outside the declared analysis a p-value is one of many looks: it says so (†), or is hidden.",
        )
    refused += _refused(parameters, chosen)
    if MISSING[st.session_state["missing"]] is not None:  # nor is the list of rules
        address.put("rule", "")
    if st.session_state["missing"] != DIAL:  # their sliders are not drawn, so the link does not speak of them
        for name in RATIOS:
            address.put(CHOICES[name].key, "")
    return AnalysisSpec(**chosen), tuple(refused)


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
            return chosen | {name: _placed(name, trial, terms) for name in beside if name != "missing"}


def _placed(name: str, trial: Trial, terms: Terms) -> Any:
    """A control that stands above the picture on some pages, and under More choices on the others."""
    choice = CHOICES[name]
    if not isinstance(choice.control, DataName):
        return _buttons(name, trial, terms)
    names, first = (choice.control.unsaid, *names_in(trial)[name]), str(_first(choice.key))
    return choice.control.read(placed(choice.label, names, choice.key, first, choice.help))


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
    key, first = "missing", _first("missing")
    follow(key, MISSING, _first(key))
    word = st.segmented_control(
        CHOICES["missing"].label,
        list(MISSING),
        required=True,
        key=key,
        help=rule_help(terms),
        format_func=partial(on_button, terms=terms),
    )
    word = word if word in MISSING else first
    address.put(key, "" if word == first else word)
    return MISSING[word]


def _other_rule(terms: Terms) -> str:
    """The word of a rule from the list.  Not bound to the link, where its word may differ from the name on screen."""
    key, first = "rule", _first("rule")
    follow(key, RULES, _first(key))
    named = {word: terms.worded(rule.about.label) for word, rule in RULES.items()}
    help_text = "What a day without a report is taken to be."
    word = str(st.selectbox("Rule", list(RULES), key=key, help=help_text, format_func=lambda word: named[word]))
    address.put(key, "" if word == first else word)
    return word


def _slider(name: str, terms: Terms) -> str:
    """One arm's ratio on the dial.  Not bound to the link: a bound widget that is drawn for the first time is written
    there a run later, and a link copied in between would lack it.
    """
    choice = CHOICES[name]
    key, first = choice.key, _first(choice.key)
    stops = {*STOPS, first}  # with what the trial declares, should it lie between them
    follow(key, stops, _first(key))
    help_text = in_words(choice.help, terms)
    named = partial(at_stop, terms=terms)
    value = str(st.select_slider(choice.label, sorted(stops, key=float), key=key, help=help_text, format_func=named))
    address.put(key, "" if value == first else value)
    return value


def _first(key: str) -> Any:
    return st.session_state[FIRST][key]


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
    if isinstance(value, list | tuple):
        return ",".join(value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _shown(key: str) -> str:
    """What the control `key` says now, in the reader's words."""
    value = slug(st.session_state.get(key, _first(key)))
    return f"'{value}'" if value else "left empty"


def _draw(
    names: Iterable[str], trial: Trial, terms: Terms, refused: list[str], drawn: Mapping[str, Any]
) -> dict[str, Any]:
    """The controls of the fields `names`, but for those `drawn` above the picture; narrow boxes share a line."""
    chosen: dict[str, Any] = {}
    for narrow, group in groupby((name for name in names if name not in drawn), _is_narrow):
        fields = tuple(group)
        columns = st.columns(min(len(fields), 2)) if narrow else []  # of four no label could be read
        for at, name in enumerate(fields):
            place: AbstractContextManager[Any] = columns[at % 2] if narrow else nullcontext()
            with place:
                chosen[name] = _value(name, trial, terms, refused)
    return chosen


def _is_narrow(name: str) -> bool:
    how = CHOICES[name].control
    return isinstance(how, NumberBox) and how.narrow


def _value(name: str, trial: Trial, terms: Terms, refused: list[str]) -> Any:
    """Draw a field's control, by its kind; what it says."""
    choice = CHOICES[name]
    match choice.control:
        case Buttons():
            return _buttons(name, trial, terms)
        case NumberBox() as box:
            label, help_text = in_words(choice.label, terms) or name, in_words(choice.help, terms)
            return linked_number.box(label, choice.key, _first(choice.key), box, help=help_text)
        case TextBox() as box:
            return _written(name, box, terms, refused)
        case DataName(placed=True):
            return _placed(name, trial, terms)
        case DataName() as names:
            return names.read(_select(name, (names.unsaid, *names_in(trial)[name]), terms))
        case DataNames():
            label, help_text, first = choice.label, in_words(choice.help, terms), _first(choice.key)
            return column_list.draw(label, names_in(trial)[name], choice.key, first, help_text)
        case OptionList() as options:
            return options.read(_select(name, options.offered, terms))
        case other:
            raise TypeError(f"the sidebar has no control of the kind {type(other).__name__}")


def _buttons(name: str, trial: Trial, terms: Terms) -> Any:
    choice = CHOICES[name]
    label = capital(in_words(choice.label, terms) or name)
    if name == "adjust" and not baseline_columns(trial):
        follow(choice.key, choice.words, _first(choice.key))  # what the link says of it holds for the next trial
        words = list(choice.words)
        st.segmented_control(label, words, default=words[-1], disabled=True, key=f"{choice.key}_off")
        return choice.words[st.session_state[choice.key]]
    return _button_row(label, choice.words, choice.key, in_words(choice.help, terms))


def _button_row(label: str, options: Mapping[str, Any], key: str, help_text: str | None) -> Any:
    """A row of buttons; an unknown word in the URL falls back to the default.

    Not bound to the link: pages draw some rows at places of their own, and a bound row that has moved is written into
    the address no more.
    """
    first = _first(key)
    follow(key, options, _first(key))
    word = st.segmented_control(label, list(options), default=first, required=True, key=key, help=help_text)
    word = str(word) if word in options else first
    address.put(key, "" if word == first else word)
    return options[word]


def _select(name: str, options: tuple[str, ...], terms: Terms) -> str:
    choice = CHOICES[name]
    return _list(in_words(choice.label, terms) or name, options, choice.key, in_words(choice.help, terms))


def _list(label: str, options: tuple[str, ...], key: str, help_text: str | None = None) -> str:
    """A list to pick from; an unknown word in the URL falls back to the default."""
    first = str(_first(key))
    if first not in options:
        options = (*options, first)
    if too_many(options):
        word = st.text_input(label, first, key=key, bind="query-params", help=to_write(options))
        if word not in options:
            st.markdown(NO_SUCH_NAME.format(first))
        return word if word in options else first
    word = st.selectbox(label, options, index=options.index(first), key=key, bind="query-params", help=help_text)
    return str(word) if word in options else first


def _written(name: str, box: TextBox, terms: Terms, refused: list[str]) -> Any:
    """What a box to write in says; None, and why among the `refused`, for what cannot be read."""
    choice = CHOICES[name]
    label = in_words(choice.label, terms) or name
    text = st.text_input(
        label,
        _first(choice.key),
        key=choice.key,
        bind="query-params",
        placeholder=box.placeholder,
        help=in_words(choice.help, terms),
    )
    try:
        return box.read(text)
    except SpecError as error:
        refused.append(f"{label}: {error}. Until then {box.until}.")
        return box.empty


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
