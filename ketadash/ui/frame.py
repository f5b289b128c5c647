"""What stands around every page: navigation, the trial, the controls, and the quiet line at the top."""

from __future__ import annotations

from base64 import b64encode
from contextlib import AbstractContextManager, suppress
from functools import partial
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlencode

import streamlit as st

from ketadash import analyse
from ketadash.core.errors import KetadashError, without_options
from ketadash.core.findings import UnansweredError
from ketadash.core.spec import AnalysisSpec
from ketadash.questions.data import words as words_data
from ketadash.questions.registry import question
from ketadash.results import Counts
from ketadash.trial import Trial, resolve
from ketadash.ui import (
    address,
    choose_arms,
    controls,
    data_link,
    data_questions,
    lost_trial,
    navigation,
    page_controls,
    presenting,
    privacy,
    show,
    state,
    state_link,
    status_line,
)
from ketadash.ui.missing_line import RuleLine
from ketadash.ui.server.streamlit_seams import page_turns
from ketadash.ui.state import Current

# In the page itself: a named icon would be fetched from another host, and a file of Streamlit's store can be gone at
# the moment at which a page of another session has begun a run.
ICON = f"data:image/png;base64,{b64encode(Path(__file__).with_name('icon.png').read_bytes()).decode()}"
STYLE = f"<style>{Path(__file__).with_name('style.css').read_text(encoding='utf-8')}</style>"
_whole_run = st.components.v2.component(
    "ketadash_whole_run", html="<i></i>", js=Path(__file__).with_name("whole_run.js").read_text(encoding="utf-8")
)
IMPUTE_TOO = "Count missing days like reported days, and impute both"
CARRIED = "ketadash_carried"  # what controls said when the server opened another page


def pages(run: navigation.Run) -> st.Page:
    """Every page, called after what the trial counts; returns the one asked for, which `run` shows by its key."""
    controls.say(st.session_state.pop(CARRIED, {}))
    return navigation.shown(controls.terms(state.trial()[0]), run)


def end_of_run() -> AbstractContextManager[Any]:
    """The place of what `ended` draws, the same in every run."""
    return st.container(key="page_end")


def ended(place: AbstractContextManager[Any]) -> None:
    """Draw what a run draws last: as long as it is of the run before, the browser knows that a run is under way."""
    with place:
        _whole_run(key="whole_run")


def turn_to(key: str) -> NoReturn:
    """Open another page in the current state.

    A page opened by the server, unlike one by a click on its link, makes every control forget what it said; so what
    they say is carried over.
    """
    keys = (*st.session_state[controls.FIRST], *privacy.USUAL)
    st.session_state[CARRIED] = {key: st.session_state[key] for key in keys if key in st.session_state}
    page_turns.opened_by_the_server()
    # with parameters, be they none: without, it refuses to leave an address that a control has written to
    st.switch_page(navigation.place(key), query_params={})


def open_trial(page: str, *, line: bool = True) -> Current | None:
    """Draw the sidebar, the quiet line, the choices; None, with the reason on screen, if it cannot be analysed so."""
    st.html(STYLE)
    above = st.container()
    row = st.container(key="choices") if question(page).beside else None
    with above:
        return _open(page, line, row, above)


def _open(
    page: str,
    line: bool,
    row: AbstractContextManager[Any] | None,
    above: AbstractContextManager[Any],
) -> Current | None:
    """The same, above the choices but for those themselves."""
    data_link.read()
    trial, file = state.trial()
    unlike = data_link.keep(trial)
    if data_link.lost(trial):
        _lost(trial, page, unlike)
        return None
    with st.sidebar:
        st.markdown(f"**{show.plain(trial.title, 120)}**")
    rule_line = RuleLine()
    data_questions.put(open_questions := [c for c in trial.checks if c.severity == "question"])
    refused = tuple[str, ...]()
    try:
        chosen, refused = controls.read(trial, row, question(page).beside, question(page).unmoved, rule_line)
        spec, notes = resolve(trial, chosen)
        if open_questions:
            raise UnansweredError(open_questions)
        counts = counts_used(trial, spec)
    except UnansweredError as error:
        data_questions.put(list(dict.fromkeys((*open_questions, *error.questions))))
        show.warn((*refused, *unlike))
        if page != "data":
            data_questions.notice(trial.title)
        state.put(None)
        return None
    except KetadashError as error:
        if open_questions:
            show.warn((*refused, *unlike))
            if page != "data":
                data_questions.notice(trial.title)
            state.put(None)
            return None
        if not line and choose_arms.wanted(trial):  # a slide cannot send its reader to the sidebar
            show.warn((*refused, *unlike))
            presenting.ask(trial, page, choose_arms.ASKED, partial(choose_arms.boxes, trial))
        else:
            _refused(trial, (*refused, *unlike), error)
        state.put(None)
        return None
    rule_line.write(page, trial, spec)
    differences = (*analyse.exploratory(trial, spec), *question(page).departure(spec))
    unread = (*refused, *unlike)
    current = Current(trial, chosen, spec, notes, controls.view(trial, bool(differences)), file, unread, above=above)
    with st.sidebar:
        st.markdown(f"n = {counts.n_participants + counts.n_without:,}: " + "; ".join(_arms(trial, spec)))
    if line:
        with st.container():  # one part of the page, however much is in it: else what is below loses the focus
            status_line.draw(current, counts, differences)
            show.warn(unread)
    state.put(current)
    return current


def _refused(trial: Trial, unread: tuple[str, ...], error: KetadashError) -> None:
    """Why the choices give no analysis, what of the link was not read, and the ways out."""
    status_line.badge(trial)
    show.warn(unread)
    text = show.plain(show.sentence(without_options(str(error))))
    if choose_arms.wanted(trial):
        st.info(text, icon=":material/help:")  # nothing is wrong: it is a question
        choose_arms.draw(trial)
        return
    st.error(text, icon=":material/error:")
    if controls.imputed_without_rule():
        st.button(IMPUTE_TOO, on_click=controls.impute, icon=":material/healing:")
    else:
        st.markdown(
            "Choose arms, days, amounts, baseline, analysis set, relapse under **More choices** at the left "
            "(phone: behind »)."
        )
    if controls.touched():
        status_line.back(trial)


def _lost(trial: Trial, page: str, unlike: tuple[str, ...]) -> None:
    """The page while the file that it was about is gone; controls are drawn aside, or they would leave the link."""
    with st.sidebar:
        st.markdown(f"**{words_data.NOT_LOADED}**")
    with suppress(KetadashError):
        controls.read(trial)
    show.warn(unlike)
    if page != "data":
        lost_trial.notice(trial, page)
    data_questions.put(())
    state.put(None)


def link_bar(page: str) -> None:
    """The button that copies the link, below the choices; it also keeps the browser's history."""
    state_now, first = state_link.now(), st.session_state[controls.FIRST]
    start = {key: controls.slug(value) for key, value in first.items()}
    shown = {key: str(st.session_state.get(key, usual)) for key, usual in privacy.USUAL.items()}
    parameters = {key: st.query_params.get(key, "") for key in (data_link.DATA, data_link.RECIPE, presenting.ON)}
    differs = {key: value for key, value in (shown | parameters).items() if value != privacy.USUAL.get(key, "")}
    with st.sidebar:
        address.bar(
            page,
            "&".join((state_link.short(state_now, start), urlencode(differs))),
            [*first, *shown, *parameters, address.VERSION_KEY, presenting.STEP],
            urlencode({address.VERSION_KEY: address.VERSION} | state_now | shown),
            page_controls.OWN.get(page, {}),
            (data_link.KEPT, data_link.kept(state.trial()[0])),
        )


def counts_used(trial: Trial, spec: AnalysisSpec) -> Counts:
    """How many participants and days the models use, and how many of the days were filled in."""
    p = analyse.panel_of(trial, spec)
    missing = p.n_missing
    filled = missing if spec.missing.fills else 0
    without = 0 if spec.missing.fills else int((p.amount != p.amount).all(axis=1).sum())
    used = p.amount.size - missing + filled
    return Counts(len(p.active) - without, used, filled, missing, n_without=without)


def _arms(trial: Trial, spec: AnalysisSpec) -> list[str]:
    p = analyse.panel_of(trial, spec)
    return [f"{int((p.active == k).sum()):,} {show.plain(arm)}" for k, arm in enumerate(p.arms)]
