"""States kept under a name for as long as the session lasts: opened again, or set side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import streamlit as st

from ketadash import analyse
from ketadash.core.errors import KetadashError
from ketadash.core.spec import AnalysisSpec, ViewSpec
from ketadash.questions.compare import tables as tables_snapshots
from ketadash.questions.compare import words as compare_words
from ketadash.questions.shared import alt as words_alt
from ketadash.questions.shared import curve, words
from ketadash.questions.shared.theme import Figure
from ketadash.results import BinaryOutcome
from ketadash.trial import Trial, resolve
from ketadash.ui import address, controls, navigation, page_controls, show, state, state_link, unfolding
from ketadash.ui.state import Current

KEPT, GO, NAME = "ketadash_states", "ketadash_go", "ketadash_state_name"
MOST, LONGEST_NAME = 20, 60
DECLARED, NOW = "declared", "now"  # as the link has them


@dataclass(frozen=True, slots=True)
class Kept:
    """One state: where it was, what every choice was, what it said; never any of the data."""

    name: str
    page: str
    text: str
    own: Mapping[str, str]
    sha256: str
    title: str
    numbers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Side:
    """One of two states compared."""

    name: str
    spec: AnalysisSpec
    abstinence: BinaryOutcome
    numbers: Mapping[str, str]


def kept() -> list[Kept]:
    """This session's states, first kept first."""
    states_kept: list[Kept] = st.session_state.setdefault(KEPT, [])
    return states_kept


def where() -> str | None:
    """The page to open instead, if a state kept was asked for."""
    page: str | None = st.session_state.pop(GO, None)
    return page


def sidebar(now: Current, page: str) -> None:
    """Keep the current state under a name; open or drop those kept."""
    with st.sidebar, unfolding.standing(compare_words.KEEP, key="keep") as box:
        if unfolding.in_sight(box):
            _box(now, page)


def _box(now: Current, page: str) -> None:
    mine = kept()
    st.text_input("Name", key=NAME, placeholder=_default_name(now)[:LONGEST_NAME], max_chars=LONGEST_NAME)
    full = len(mine) >= MOST
    st.button(
        "Keep",
        on_click=_keep,
        args=(page,),
        icon=":material/bookmark_add:",
        disabled=full,
        help=f"Up to {MOST}; drop one to keep another." if full else None,
    )
    for i, one in enumerate(mine):
        ours = one.sha256 == now.trial.sha256
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(
                show.plain(one.name),
                key=f"ketadash_open_{i}",
                on_click=_open,
                args=(i,),
                disabled=not ours,
                type="tertiary",
                icon=":material/bookmark:",
                width="stretch",
                help=_help(one) if ours else show.plain(compare_words.forgotten(one.title)),
            )
            st.button(
                "",
                key=f"ketadash_drop_{i}",
                on_click=drop,
                args=(one.name,),
                type="tertiary",
                icon=":material/close:",
                help="Drop this state",
            )
    st.page_link(navigation.place("compare"), label="Compare two states", icon=":material/compare_arrows:")


def drop(name: str) -> None:
    """Drop the state of that name, which two quick presses may both ask for."""
    st.session_state[KEPT] = [one for one in kept() if one.name != name]


def _help(one: Kept) -> str:
    return show.plain("; ".join(f"{what}: {value}" for what, value in list(one.numbers.items())[:2]))


def _default_name(now: Current) -> str:
    declared = words.ANALYSIS_NAMES[now.trial.declared.analysis_name]
    return compare_words.state_name(analyse.exploratory(now.trial, now.spec), declared)


def _keep(page: str) -> None:
    now = state.current()
    name = " ".join(str(st.session_state.get(NAME, "")).split()) or _default_name(now)
    text = state_link.short(state_link.now(), state_link.first(now.trial))
    own = {key: str(st.session_state[key]) for key in page_controls.OWN.get(page, {}) if key in st.session_state}
    state_kept = Kept(
        name=_new(name[:LONGEST_NAME]),
        page=page,
        text=text,
        own=own,
        sha256=now.trial.sha256,
        title=now.trial.title,
        numbers=headline_numbers(now.trial, now.spec),
    )
    kept().append(state_kept)
    st.session_state[NAME] = ""


def _new(name: str) -> str:
    """The name, numbered if another state has it."""
    taken = {one.name for one in kept()}
    return next(n for n in (name, *(f"{name} ({k})" for k in range(2, MOST + 2))) if n not in taken)


def _open(at: int) -> None:
    one, now = kept()[at], state.current()
    st.session_state[controls.SET_BEFORE_DRAWING] = controls.words_of(state_link.spec_of(one.text, now.trial).spec)
    page_controls.remember(one.own)
    st.session_state[GO] = one.page


def headline_numbers(trial: Trial, spec: AnalysisSpec) -> dict[str, str]:
    """The headline numbers of a state with their intervals, by what they are."""
    return compare_words.numbers(
        analyse.abstinence_result(trial, spec),
        analyse.heavy_result(trial, spec),
        analyse.time_to_event(trial, spec)["relapse"],
        analyse.nnt_result(trial, spec),
        analyse.terms(trial, spec),
    )


# --- side by side ----------------------------------------------------------------------------------------------------


def two_states(now: Current) -> None:
    """Two states side by side: in what they differ, and what that changes."""
    if not kept():
        st.markdown(compare_words.EMPTY)
    sides = pick(now)
    if sides is not None:
        side_by_side(now, sides)


def pick(now: Current) -> tuple[Side, Side] | None:
    """The two states to compare, chosen from those kept or given by the link; None if one cannot be analysed."""
    options = {f"{_declared(now)}": DECLARED, "Now": NOW}
    options |= {one.name: one.text or DECLARED for one in kept() if one.sha256 == now.trial.sha256}
    sides = []
    for column, (key, label, usual) in zip(
        st.columns(2), (("a", "First state", DECLARED), ("b", "Second state", NOW)), strict=True
    ):
        with column:
            sides.append(_side(now, key, label, usual, dict(options)))
    a, b = sides
    return None if a is None or b is None else (a, b)


def _declared(now: Current) -> str:
    name = words.analysis(now.trial.declared.analysis_name)
    return name[:1].upper() + name[1:]


def _side(now: Current, key: str, label: str, usual: str, options: dict[str, str]) -> Side | None:
    text = address.follow(key, usual, lambda query: len(query) <= state_link.LONGEST)
    parsed = state_link.spec_of("" if text in (DECLARED, NOW) else text, now.trial)
    known = {NOW: now.chosen, DECLARED: analyse.declared_beside(now.trial, now.spec)}
    try:
        chosen = known.get(text, parsed.spec)
        spec, _ = resolve(now.trial, chosen)
        if text not in options.values():
            options = {f"{label}, from the link": text} | options
        name = _chosen(key, label, text, options)
        show.warn(tuple(f"{problem}." for problem in parsed.refused))
        return Side(name, spec, analyse.abstinence_result(now.trial, spec), headline_numbers(now.trial, spec))
    except KetadashError as error:
        _chosen(key, label, text, {"As in the link": text} | options)
        st.error(show.plain(show.sentence(str(error))), icon=":material/error:")
        return None


def _chosen(key: str, label: str, text: str, options: dict[str, str]) -> str:
    names = list(options)
    widget = f"ketadash_compare_{key}"
    at = st.session_state.get(widget)
    if options.get(str(at)) != text:  # the link moved it, or it is drawn for the first time
        st.session_state[widget] = next(name for name in names if options[name] == text)
    st.selectbox(label, names, key=widget, on_change=_moved, args=(key, widget, options))
    return str(st.session_state[widget])


def _moved(key: str, widget: str, options: dict[str, str]) -> None:
    address.say(key, options.get(str(st.session_state.get(widget)), DECLARED))


def side_by_side(now: Current, sides: tuple[Side, Side]) -> None:
    """In what they differ, both curves on the same axes, and the headline numbers."""
    a, b = sides
    names = (a.name, b.name)
    differences = compare_words.differ(a.spec, b.spec, analyse.terms(now.trial, a.spec))
    show.answer(compare_words.answer(differences, a.numbers, b.numbers))
    if differences:
        show.table(tables_snapshots.choices(differences, names))
    ends = [_curve(now, side, None, now.view)["layout"]["xaxis"]["range"] for side in sides]
    reach = (min(low for low, _ in ends), max(high for _, high in ends))
    for column, side, key in zip(st.columns(2), sides, ("first", "second"), strict=True):
        with column:
            st.markdown(f"**{show.plain(side.name)}**")
            show.picture(
                partial(_curve, now, side, reach), now.view, key=f"compare_{key}", alt=words_alt.curve(side.abstinence)
            )
            show.rests_on(words.rests_on(side.abstinence, side.spec))
    show.table(tables_snapshots.numbers(a.numbers, b.numbers, names), "The headline numbers of both")


def _curve(now: Current, side: Side, reach: tuple[float, float] | None, view: ViewSpec) -> Figure:
    """The abstinence curve over the days of both, so that the two can be laid over each other."""
    figure = curve.plot(side.abstinence, view, day_zero=now.trial.declared.event)
    if reach is not None:
        figure["layout"]["xaxis"]["range"] = list(reach)
    return figure
