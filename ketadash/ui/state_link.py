"""A state of the dashboard as text, as links and kept states have it, and back: by the tables of `controls`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

import streamlit as st

from ketadash.core.choices import missing_choice
from ketadash.core.choices.choice import Choice
from ketadash.core.choices.control import Control, DataName, DataNames, NumberBox, OptionList
from ketadash.core.choices.every_choice import WITH_OWN_CONTROL
from ketadash.core.errors import SpecError
from ketadash.core.spec import CHOICES, AnalysisSpec
from ketadash.trial import Trial
from ketadash.ui import controls
from ketadash.ui.linked_number import within
from ketadash.ui.options import names_in

LONGEST, MOST = 1500, 40  # characters and parameters of a state in a link


@dataclass(frozen=True, slots=True)
class ParsedState:
    """What a text says: the analysis, and in words what of it could not be read."""

    spec: AnalysisSpec
    refused: tuple[str, ...] = ()


def now() -> dict[str, str]:
    """What every control drawn in this run says, as text."""
    return drawn(every())


def every() -> dict[str, str]:
    """The same with what the others would say, were they drawn."""
    first = st.session_state[controls.FIRST]
    return {key: controls.slug(st.session_state.get(key, value)) for key, value in first.items()}


def drawn(words: Mapping[str, str]) -> dict[str, str]:
    """Without the controls that the missing-day rule does not ask for."""
    moot = {"rule"} if words["missing"] != missing_choice.MORE else set()
    moot |= {"imor-control", "imor-active"} if words["missing"] != missing_choice.DIAL else set()
    return {key: value for key, value in words.items() if key not in moot}


def first(trial: Trial) -> dict[str, str]:
    """What every control says at first for a trial, as text."""
    return {key: controls.slug(value) for key, value in controls.words_of(trial.declared.published).items()}


def short(words: Mapping[str, str], start: Mapping[str, str]) -> str:
    """A state as text: only what differs from the start."""
    return urlencode({key: value for key, value in words.items() if value != start[key]})


def spec_of(text: str, trial: Trial) -> ParsedState:
    """The analysis that a text from a link says; what cannot be read is as the trial declares, and said.

    Raises
    ------
    SpecError
        For choices that contradict each other.
    """
    refused: list[str] = []
    start, words = trial.declared.published, first(trial)
    for key, value in _pairs(text, refused):
        if key not in words:
            refused.append(f"'{key[:30]}' is no choice here and was left out")
            continue
        try:
            _choices(words | {key: value}, trial)
        except (KeyError, ValueError, OverflowError, SpecError):
            refused.append(f"'{key}={value[:30]}' is no choice here, so it is '{words[key]}'")
        else:
            words[key] = value
    return ParsedState(analysis(words, trial) if words != first(trial) else start, tuple(refused))


def analysis(words: Mapping[str, str], trial: Trial) -> AnalysisSpec:
    """What the controls hand to the spec when each says its word.

    Raises
    ------
    SpecError
        For choices that contradict each other, and for a word that no control has.
    """
    try:
        return AnalysisSpec(**_choices(words, trial))
    except (KeyError, ValueError, OverflowError) as error:
        raise SpecError(f"{error} is no choice here") from error


def _pairs(text: str, refused: list[str]) -> list[tuple[str, str]]:
    if len(text) > LONGEST:
        refused.append(f"a state of {len(text):,} characters is longer than any ({LONGEST:,}) and was not read")
        return []
    try:
        return parse_qsl(text, keep_blank_values=True, max_num_fields=MOST)
    except ValueError:
        refused.append(f"a state of more than {MOST} choices was not read")
        return []


def _choices(words: Mapping[str, str], trial: Trial) -> dict[str, Any]:
    """What the controls would hand to the spec; KeyError or ValueError for a word that none of them has."""
    start, names = first(trial), names_in(trial)
    values: dict[str, Any] = {}
    for field in WITH_OWN_CONTROL:
        choice = CHOICES[field]
        values[field] = _value(choice.control, words[choice.key], _names(choice, start[choice.key], names.get(field)))
    if words["pvalues"] not in controls.P_VALUES:
        raise KeyError(words["pvalues"])
    rule, odds = missing_choice.MISSING[words["missing"]], ("imor-control", "imor-active")
    named = missing_choice.RULES[words["rule"]]
    ratios = [_within(float(words[key]), math.inf) for key in odds]
    values["missing"] = named if rule is None else rule
    if words["missing"] == missing_choice.DIAL:
        values |= {"imor_control": ratios[0], "imor_active": ratios[1]}
    return values


def _names(choice: Choice, first: str, offered: tuple[str, ...] | None) -> tuple[str, ...]:
    """The words that a control offers where the data name them."""
    if offered is None:
        return ()
    if isinstance(choice.control, DataNames):
        return (*choice.control.parse(first), *offered)
    return (choice.control.word(None), first, *offered)


def _value(control: Control, word: str, names: tuple[str, ...]) -> Any:
    """What a control makes of a word; `names`: those that it offers where the data name them."""
    if isinstance(control, DataName):
        _one_of(word, names)
    elif isinstance(control, DataNames):
        for name in control.parse(word):
            _one_of(name, names)
    elif isinstance(control, OptionList):
        _one_of(word, control.offered)
    elif isinstance(control, NumberBox):
        within(word, control.least, control.most)
    return control.read(word)


def _one_of(word: str, words: tuple[str, ...]) -> str:
    if word not in words:
        raise KeyError(word)
    return word


def _within(number: float, most: float) -> float:
    if not 0 <= number <= most:
        raise ValueError(number)
    return number
