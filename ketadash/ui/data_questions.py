"""Questions about a file: on the Data page each with its answers, on every other page a word on where to answer."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

import streamlit as st

from ketadash.core.findings import Answer, Check, ended, what_it_gives
from ketadash.questions.data import words as words_data
from ketadash.trial import Recipe, Trial
from ketadash.ui import data_link, navigation, show, state

OPEN = "ketadash_questions"  # those that stand against analysing the current trial; set anew in every run
PUT_AWAY = "Discard this file"


def put(questions: Sequence[Check]) -> None:
    """Keep the questions that this run found open."""
    st.session_state[OPEN] = tuple(questions)


def still_open() -> tuple[Check, ...]:
    """The questions that this run found open."""
    open_questions: tuple[Check, ...] = st.session_state.get(OPEN, ())
    return open_questions


def notice(title: str) -> None:
    """In place of results: what is asked, and the way to the page that takes the answers."""
    questions = still_open()
    st.title(words_data.questions_title(len(questions)))
    st.warning(words_data.before_anything(show.plain(title, 80), len(questions)), icon=":material/help:")
    st.markdown("\n".join(f"- {show.plain(ended(q.message))}" for q in questions))
    st.page_link(navigation.place("data"), label=words_data.ANSWER_ON_DATA_PAGE, icon=":material/arrow_forward:")


def form() -> None:
    """Every open question with its answers, and what each reading would give; nothing is chosen beforehand."""
    questions = still_open()
    if not questions:
        return
    turn = sha256(repr([(q.key, q.message, q.answers) for q in questions]).encode()).hexdigest()[:8]
    st.header(words_data.questions_title(len(questions)))
    st.markdown(words_data.QUESTIONS_SAY)
    with st.form(f"questions_{turn}"):
        chosen = {q.key: _radio(q, turn, i if len(questions) > 1 else None) for i, q in enumerate(questions, 1)}
        sent = st.form_submit_button(words_data.ANSWER, icon=":material/check:", type="primary")
        given = {key: value for key, value in chosen.items() if value is not None}
        if sent and not given:
            st.error(words_data.CHOOSE_FIRST, icon=":material/error:")
    if state.can_be_put_away():
        st.button(PUT_AWAY, on_click=state.put_away, icon=":material/close:", key="put_away_questions")
    if sent and given:
        _read_again(given)
        st.rerun()


def _radio(question: Check, turn: str, number: int | None) -> str | None:
    """One question and its answers.

    The question is no label: a screen reader would read out the backslashes by which a label's text stays plain.
    """
    by_value = {a.value: a for a in question.answers}
    st.markdown(f"**{f'{number}. ' if number else ''}{show.plain(ended(question.message))}**")
    chosen: str | None = st.radio(
        words_data.answer_to(number),
        list(by_value),
        index=None,
        label_visibility="collapsed",
        key=f"question_{question.key}_{turn}",
        format_func=lambda value: show.plain(by_value[value].label),
        captions=[_gives(a) for a in question.answers],
    )
    return chosen


def _gives(answer: Answer) -> str:
    return show.plain(show.sentence(what_it_gives(answer))) if what_it_gives(answer) else ""


def _read_again(answers: dict[str, str]) -> None:
    """Read the files with the answers; what was asked of them before stays."""
    recipe = state.recipe() or Recipe()
    for key, value in answers.items():
        recipe = recipe.with_answer(key, value)
    _use(recipe)


def answered(trial: Trial) -> None:
    """The answers given, in the words of the questions; each can be taken back."""
    recipe = state.recipe()
    if recipe is None or not recipe.answers:
        return
    st.markdown("**Answers you gave**")
    notes = {c.key: c for c in trial.checks if c.question}
    for key, value in recipe.answers:
        note = notes.get(key)
        question, meant = (note.question, note.answers[0].label) if note else (f"{key}: {value}", "")
        with st.container(horizontal=True, vertical_alignment="center"):
            words = [show.plain(question.strip()), f"**{show.plain(meant.strip())}**" if meant else ""]
            st.markdown(" ".join(words).strip(), width="content")
            st.button(
                words_data.ASK_AGAIN,
                on_click=_take_back,
                args=(key,),
                key=f"again_{key}",
                type="tertiary",
                icon=":material/undo:",
            )


def _take_back(key: str) -> None:
    recipe = state.recipe() or Recipe()
    _use(recipe.without_answer(key))


def _use(recipe: Recipe) -> None:
    state.use(state.given(), recipe if recipe != Recipe() else None, state.file())
    data_link.settled()
