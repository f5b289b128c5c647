"""The mapping step: how a file was read as a form, and the file read again as the form says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from hashlib import sha256
from typing import Any

import streamlit as st

from ketadash.core.errors import SpecError
from ketadash.questions.data import words as words_data
from ketadash.questions.data.words import FIELDS, RECOGNISE
from ketadash.trial import Recipe, Trial
from ketadash.trial.recipe import DateOrder, Mark, Outcome, Shape
from ketadash.trial.recognise import READING
from ketadash.trial.roles import ABSENT, find
from ketadash.trial.sources import Given, table_names
from ketadash.trial.units import UNITS
from ketadash.ui import data_link, show, state
from ketadash.ui.options import to_write, too_many

MOST_CHARS, MOST_LINES = 200, 4_000  # characters of a field
TOO_LONG = "too long to be shown here: change it in recipe.toml"
_ANY = ""  # stands for "any", since a widget takes None for no answer
_OPEN = "none of them"


def form(given: Given, recipe_given: Recipe | None, shown: Recipe | None, file: str, *, open_: bool = False) -> None:
    """A form with every field of the recipe; a field left alone stays as it was answered or recognised.

    Parameters
    ----------
    given, file
        The files to read again, and the name shown for them.
    recipe_given, shown
        What the user has answered so far (None: nothing), and the recipe with which the files were read.
    open_
        Whether to begin unfolded, as for a file that cannot be read.
    """
    before = shown or Recipe()
    # New widgets whenever the reading is another, or they would keep the old one's answers.
    turn = sha256(repr((table_names(given), before, open_)).encode()).hexdigest()[:8]
    with (
        st.expander(words_data.CHANGE, expanded=open_, icon=":material/edit:"),
        st.form(f"reading_{turn}", border=False),
    ):
        answers = _tables(given, before, turn) | _choices(given, before, turn)
        columns = _columns(given, before, turn)
        if st.form_submit_button("Read it this way", icon=":material/refresh:", type="primary"):
            read_again(given, recipe_given or Recipe(), before, answers, columns, file)
    if recipe_given is not None and recipe_given != Recipe():
        st.button(
            "Back to what is recognised",
            on_click=_as_recognised,
            args=(file,),
            key=f"recognise_{turn}",
            icon=":material/undo:",
        )


def _tables(given: Given, before: Recipe, turn: str) -> dict[str, Any]:
    """Which table is which, where there are several."""
    names = list(table_names(given))
    if len(names) < 2:
        return {}
    days = st.multiselect(
        FIELDS["days"][0],
        names,
        [n for n in before.days if n in names],
        key=f"days_{turn}",
        help=FIELDS["days"][1],
        placeholder=RECOGNISE,
    )
    answers: dict[str, Any] = {"days": tuple(days)}
    with st.container(horizontal=True):
        for role in ("participants", "visits", "adverse_events"):
            options: dict[Any, str] = {_ANY: RECOGNISE, ABSENT: _OPEN} | {n: n for n in names}
            answers[role] = _select(role, options, getattr(before, role), turn)
    return answers


def _choices(given: Given, before: Recipe, turn: str) -> dict[str, Any]:
    kinds: dict[str, Mapping[Any, str]] = {
        "shape": {s: words_data.SHAPES[s] for s in Shape},
        "outcome": {o: words_data.OUTCOMES[o] for o in Outcome},
        "start_day": {0: "0", 1: "1"},
        "date_order": {o: words_data.ORDERS[o] for o in DateOrder},
        "decimal": {m: words_data.MARKS[m] for m in Mark},
        "unit": {key: unit.name for key, unit in UNITS.items()},
    }
    if parameters := parameters_of(given):
        kinds["parameter"] = {p: p for p in parameters}
    with st.container(horizontal=True):
        answers = {name: _select(name, {_ANY: RECOGNISE, **kinds[name]}, getattr(before, name), turn) for name in kinds}
    with st.container(horizontal=True):
        texts = {
            "start_date": before.start_date.isoformat() if before.start_date else "",
            "unknown": " ".join(before.unknown),
            "substance": before.substance or "",
        }
        for name, text in texts.items():
            if len(text) <= MOST_CHARS:
                answers[name] = st.text_input(
                    FIELDS[name][0],
                    text,
                    key=f"{name}_{turn}",
                    help=FIELDS[name][1],
                    placeholder=RECOGNISE,
                    max_chars=MOST_CHARS,
                ).strip()
            else:  # no answer, no change
                st.text_input(
                    FIELDS[name][0], key=f"{name}_{turn}", help=FIELDS[name][1], placeholder=TOO_LONG, disabled=True
                )
    arms = "\n".join(f"{a} = {b}" for a, b in before.arms)
    if len(arms) <= MOST_LINES:
        answers["arms"] = st.text_area(
            FIELDS["arms"][0],
            arms,
            key=f"arms_{turn}",
            help=FIELDS["arms"][1],
            height=80,
            placeholder="Placbo = Placebo",
            max_chars=MOST_LINES,
        ).strip()
    else:
        st.text_area(FIELDS["arms"][0], key=f"arms_{turn}", help=FIELDS["arms"][1], placeholder=TOO_LONG, disabled=True)
    return answers


def _columns(given: Given, before: Recipe, turn: str) -> dict[str, str | None]:
    """Which column is which."""
    headers = list(dict.fromkeys(str(c) for _, t in given.tables for c in t.frame.columns))
    options: dict[str, str] = {_ANY: RECOGNISE, **{h: h for h in headers}}
    st.markdown("**Columns of the file**")
    with st.container(horizontal=True):
        return {
            name: _select(f"column {name}", options, before.column(name), turn, label)
            for name, label in words_data.COLUMNS.items()
        }


def _select(name: str, options: Mapping[Any, str], now: Any, turn: str, label: str | None = None) -> Any:
    label_and_help = FIELDS.get(name, (label, None))
    keys = list(options)
    if too_many(keys):
        written = st.text_input(
            label_and_help[0] or name,
            now or "",
            key=f"{name}_{turn}",
            help=to_write(keys),
            width=230,
            placeholder=RECOGNISE,
        )
        return written.strip() or None
    answer = st.selectbox(
        label_and_help[0] or name,
        keys,
        keys.index(now) if now in keys else 0,
        key=f"{name}_{turn}",
        format_func=lambda k: options.get(k, str(k)),
        help=label_and_help[1],
        width=230,
    )
    return None if answer == _ANY else answer


def parameters_of(given: Given) -> list[str]:
    """The codes of the files' parameter columns, each once."""
    names = dict.fromkeys(
        str(code)
        for _, t in given.tables
        if (column := find(t, READING["parameter"])) is not None
        for code in t.frame[column].cat.categories
        if str(code).strip()
    )
    return list(names)


def read_again(
    given: Given,
    recipe_given: Recipe,
    before: Recipe,
    answers: dict[str, Any],
    columns: dict[str, str | None],
    file: str,
) -> None:
    """Read the files as the form says: what was changed in it, and what was said before."""
    try:
        changed = {
            name: value
            for name, answer in answers.items()
            if (value := _PARSED.get(name, _as_is)(answer)) != getattr(before, name)
        }
        mapped = dict(recipe_given.columns)
        for name, header in columns.items():
            if header != before.column(name):
                mapped.pop(name, None)
                if header is not None:
                    mapped[name] = header
        recipe = replace(recipe_given, **changed, columns=tuple(mapped.items()))
    except SpecError as error:
        st.error(show.plain(f"{show.sentence(str(error))}."), icon=":material/error:")
        return
    _read(given, recipe if recipe != Recipe() else None, file)
    st.rerun()


def _as_recognised(file: str) -> None:
    refused = state.refused()
    _read(refused.given if refused is not None else state.given(), None, file)


def _read(given: Given, recipe: Recipe | None, file: str) -> None:
    state.use(given, recipe, file)
    data_link.settled()


def _as_is(answer: Any) -> Any:
    return answer


def day_of(text: str) -> date | None:
    """A date as it was typed; None for nothing."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise SpecError(
            f"'{text}' is no date such as 2024-03-01; correct it under '{FIELDS['start_date'][0]}'"
        ) from None


def pairs_of(text: str) -> tuple[tuple[str, str], ...]:
    """Lines such as ``A = ketamine`` as pairs of what the file has and what is meant."""
    pairs = list[tuple[str, str]]()
    for line in text.splitlines():
        name, sign, meant = (part.strip() for part in line.partition("="))
        if not line.strip():
            continue
        if not (name and sign and meant):
            raise SpecError(
                f"'{line[:60]}' is not of the form name in the file = name meant; correct it under "
                f"'{FIELDS['arms'][0]}'"
            )
        pairs.append((name, meant))
    return tuple(pairs)


_PARSED: dict[str, Callable[[Any], Any]] = {
    "start_date": day_of,
    "unknown": lambda text: tuple(text.replace(",", " ").split()),
    "substance": lambda text: text or None,
    "arms": pairs_of,
}


def has(trial: Trial, wanted: words_data.Unlocked) -> bool:
    """Whether the trial has the file or column."""
    if wanted.column is None:
        present = {
            "visits": trial.visits,
            "adverse_events": trial.adverse_events,
            "participants": trial.recipe.participants,
        }
        return present[wanted.role] is not None
    columns = [*trial.days.columns, *trial.participants.columns]
    return any(c == wanted.column or (wanted.column == "baseline" and str(c).startswith("baseline")) for c in columns)
