"""How each kind of control is drawn, and what it says: buttons, lists, numbers, names from the data, free text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from itertools import groupby
from typing import Any

import streamlit as st

from ketadash.core.choices.control import Buttons, DataName, DataNames, NumberBox, OptionList, TextBox
from ketadash.core.choices.missing_choice import in_words
from ketadash.core.errors import SpecError
from ketadash.core.spec import CHOICES
from ketadash.core.terms import Terms
from ketadash.questions.shared.code_numbers import capital
from ketadash.trial import Trial
from ketadash.ui import address, column_list, linked_number
from ketadash.ui.adjust_button import why_off
from ketadash.ui.link_lists import KEPT, follow, in_link, named
from ketadash.ui.options import names_in

FIRST = "ketadash_first"  # in the session: what the controls say at first for the current trial


def draw(
    names: Iterable[str], trial: Trial, terms: Terms, refused: list[str], drawn: Mapping[str, Any], *, folded: bool
) -> dict[str, Any]:
    """The controls of the fields `names`, but for those `drawn` above the picture; narrow boxes share a line.

    Those that are `folded` away say what they say, and are not drawn: two in five parts of a page were such boxes.
    """
    chosen: dict[str, Any] = {}
    for narrow, group in groupby((name for name in names if name not in drawn), _is_narrow):
        fields = tuple(group)
        side_by_side = narrow and not folded
        columns = st.columns(min(len(fields), 2)) if side_by_side else []  # four would be too narrow for their labels
        for at, name in enumerate(fields):
            place: AbstractContextManager[Any] = columns[at % 2] if side_by_side else nullcontext()
            with place:
                chosen[name] = _value(name, trial, terms, refused, folded=folded)
    return chosen


def _is_narrow(name: str) -> bool:
    how = CHOICES[name].control
    return isinstance(how, NumberBox) and how.narrow


def _value(name: str, trial: Trial, terms: Terms, refused: list[str], *, folded: bool) -> Any:
    """Draw a field's control, by its kind, unless it is `folded` away; what it says."""
    choice = CHOICES[name]
    match choice.control:
        case Buttons():
            return _buttons(name, trial, terms, folded=folded)
        case NumberBox() as box:
            label, help_text = in_words(choice.label, terms) or name, in_words(choice.help, terms)
            return linked_number.box(label, choice.key, first_value(choice.key), box, folded=folded, help=help_text)
        case TextBox() as box:
            return _written(name, box, terms, refused, folded=folded)
        case DataName(placed=True):
            return above_picture(name, trial, terms, folded=folded)
        case DataName() as names:
            return names.read(_list(name, (names.unsaid, *names_in(trial)[name]), terms, folded=folded))
        case DataNames():
            label, help_text, first = choice.label, in_words(choice.help, terms), first_value(choice.key)
            return column_list.draw(label, names_in(trial)[name], choice.key, first, help_text, folded=folded)
        case OptionList() as options:
            return options.read(_list(name, options.offered, terms, folded=folded))
        case other:
            raise TypeError(f"the sidebar has no control of the kind {type(other).__name__}")


def above_picture(name: str, trial: Trial, terms: Terms, *, folded: bool = False) -> Any:
    """A control that stands above the picture on some pages, and under More choices on the others."""
    choice = CHOICES[name]
    if not isinstance(choice.control, DataName):
        return _buttons(name, trial, terms, folded=folded)
    names, first = (choice.control.unsaid, *names_in(trial)[name]), str(first_value(choice.key))
    return choice.control.read(named(choice.label, names, choice.key, first, choice.help, width=240, folded=folded))


def _buttons(name: str, trial: Trial, terms: Terms, *, folded: bool) -> Any:
    choice = CHOICES[name]
    label = capital(in_words(choice.label, terms) or name)
    if name == "adjust" and (reason := why_off(trial, st.session_state[FIRST])):
        follow(choice.key, choice.words, first_value(choice.key))  # what the link says of it holds for the next trial
        if not folded:
            words = list(choice.words)
            st.segmented_control(label, words, default=words[-1], disabled=True, key=f"{choice.key}_off", help=reason)
        return choice.words[st.session_state[choice.key]]
    return button_row(label, choice.words, choice.key, in_words(choice.help, terms), folded=folded)


def button_row(label: str, options: Mapping[str, Any], key: str, help_text: str | None, *, folded: bool = False) -> Any:
    """A row of buttons; an unknown word in the URL falls back to the default.

    Not bound to the link, as no control is: a bound one that is not drawn, or at another place, leaves the address.
    """
    first = first_value(key)
    follow(key, options, first)
    if folded:
        word = st.session_state[key]
    else:
        word = st.segmented_control(
            label, list(options), default=first, required=True, key=key, persist_state=KEPT, help=help_text
        )
    word = str(word) if word in options else first
    address.put(key, "" if word == first else word)
    return options[word]


def _list(name: str, options: tuple[str, ...], terms: Terms, *, folded: bool) -> str:
    """A list to pick from; an unknown word in the URL falls back to the default."""
    choice = CHOICES[name]
    label, help_text = in_words(choice.label, terms) or name, in_words(choice.help, terms)
    return named(label, options, choice.key, str(first_value(choice.key)), help_text, folded=folded)


def _written(name: str, box: TextBox, terms: Terms, refused: list[str], *, folded: bool) -> Any:
    """What a box to write in says; None, and why among the `refused`, for what cannot be read."""
    choice = CHOICES[name]
    key, first, label = choice.key, first_value(choice.key), in_words(choice.label, terms) or name
    in_link(key, first)
    if folded:
        text = st.session_state[key]
    else:
        help_text = in_words(choice.help, terms)
        text = st.text_input(label, first, key=key, persist_state=KEPT, placeholder=box.placeholder, help=help_text)
    address.put(key, "" if text == first else text)
    try:
        return box.read(text)
    except SpecError as error:
        refused.append(f"{label}: {error}. Until then {box.until}.")
        return box.empty


def first_value(key: str) -> Any:
    """What a control shows before anybody moves it."""
    return st.session_state[FIRST][key]
