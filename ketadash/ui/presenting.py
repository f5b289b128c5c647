"""Presenting: a page as a slide that fills the screen, turned and built by keys and a few small buttons."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any

import streamlit as st

from ketadash import analyse
from ketadash.core import p_values
from ketadash.export import catalogue
from ketadash.questions.registry import question
from ketadash.questions.shared import words
from ketadash.trial import Trial
from ketadash.ui import address, flip, show, slides
from ketadash.ui import presenting_words as words_presenting
from ketadash.ui.slides import LAST, ORDER, Slide, make
from ketadash.ui.state import Current

ON, STEP, GO = "present", "step", "ketadash_turn"
KEYS, ON_STAGE = "ketadash_turn_keys", "ketadash_on_stage"  # the keys' component; the page whose slide is shown
TAKEN = "ketadash_presses_taken"  # how many presses have turned something
LONG = 280  # letters after the headline, which smaller type then leaves room for the picture
_LIST = '<svg viewBox="0 0 16 16" aria-hidden="true"><path d="M2 4h12M2 8h12M2 12h12"/></svg>'
_FULL = '<svg viewBox="0 0 16 16" aria-hidden="true"><path d="M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4"/></svg>'
HTML = f"""<nav class="ketadash-turn" aria-label="Presentation"><button type="button" data-go="rule"></button><div>
<button type="button" data-go="previous">‹</button><span role="status"></span>
<button type="button" data-go="next">›</button><button type="button" data-go="list">{_LIST}</button>
<button type="button" data-go="full">{_FULL}</button><button type="button" data-go="keys">?</button>
<button type="button" data-go="leave">✕</button></div></nav>
<div class="ketadash-over list" role="dialog" aria-modal="true" hidden><h2></h2><ol></ol></div>
<div class="ketadash-over keys" role="dialog" aria-modal="true" tabindex="-1" hidden><h2></h2><dl></dl></div>
<div class="ketadash-over blank" role="dialog" aria-modal="true" tabindex="-1" hidden></div>"""


def _beside(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


_component = st.components.v2.component(
    "ketadash_turn", html=HTML, css=_beside("presenting_keys.css"), js=_beside("presenting.js")
)
_early = st.components.v2.component("ketadash_early_keys", html="<i></i>", js=_beside("early_keys.js"))
STYLE = f"<style>{_beside('presenting.css')}</style>"


def begin() -> None:
    """Start presenting (a button's callback)."""
    address.say(ON, "on")
    address.say(STEP, str(LAST))


def button(page: str) -> None:
    """The way in, in the sidebar of every page that has a slide."""
    if page in ORDER:
        with st.sidebar:
            st.button(
                words_presenting.BEGIN,
                on_click=begin,
                icon=":material/slideshow:",
                width="stretch",
                help=words_presenting.BEGIN_HELP,
            )


def on(page: str) -> bool:
    """Whether this page is shown as a slide; the link says so, and a page that has none says that."""
    is_on = address.follow(ON, "off", ("on", "off").__contains__) == "on"
    if is_on and page not in ORDER:
        address.say(ON, "off")
        address.put(ON, "")
        show.warn((words_presenting.NO_SLIDE,))
        return False
    if not is_on:
        flip.forget()
        st.session_state.pop(GO, None)
    return is_on


def where(page: str) -> str | None:
    """The page to turn to from `page`, if a key was pressed that leaves it.

    It is asked for until it is there: a message that the browser sent from the slide before would end the turn.
    """
    wanted: str | None = st.session_state.get(GO)
    if wanted == page:
        del st.session_state[GO]
        return None
    return wanted


def slide(now: Current, page: str) -> None:
    """The page as a slide: question, answer, picture, what it rests on, and the arrows."""
    st.html(STYLE)  # before the first fit, which may take seconds: until then the page itself would stand there
    with st.container(key="early_keys"):
        _early(key="early")
    shown = make(page, replace(now, view=replace(now.view, presenting=True)))
    step = int(address.follow(STEP, str(LAST), ("1", "2", "3").__contains__)) if shown.builds else LAST
    if not shown.builds:
        address.put(STEP, "")
    with st.container(key="slide"):
        above, below = _face(now, page, shown)
        st.html(above)
        with st.container(key="slide_pictures"):
            shown.draw(step)
        with st.container(key="slide_foot"):
            st.html(below)
            token = _turn(now, page, step, shown.builds)
    flip.send_ahead(now, page, step, token, _face)


def ask(trial: Trial, page: str, text: str, answers: Callable[[], None]) -> None:
    """A question that must be answered before there is a slide, asked as one; Esc ends it as it ends any."""
    st.html(STYLE)
    mark = show.mark_of(trial)
    with st.container(key="slide"):
        st.html(
            f'<div class="ketadash-slide"><p class="asked">{escape(question(page).title)}</p>'
            f'<h1 style="--size:4.4">{escape(text)}</h1></div>'
        )
        with st.container(key="slide_asked"):
            answers()
        with st.container(key="slide_foot"):
            st.html(f'<div class="ketadash-slide"><p class="marks">{escape(show.visible(mark or ""))}</p></div>')
            data = {
                "at": f"{page}/asked",
                "stands": f"{page}/asked",
                "page": page,
                "ends": ["previous", "next"],
                "place": "–",
                "slides": [],
                "rule": None,
                "words": words_presenting.BUTTONS,
                "keys": words_presenting.KEYS,
            }
            _component(key=KEYS, on_turned_change=_left, data=data)


def _left() -> None:
    """A press on a slide that asks: nothing but its end can be turned to."""
    press = (st.session_state.get(KEYS) or {}).get("turned")
    if isinstance(press, dict) and press.get("turn") == "leave":
        _leave()


def _face(now: Current, page: str, slide: Slide) -> tuple[str, str]:
    """What stands above and below a slide's pictures, as HTML."""
    return _head(slide), _foot(now, page, slide)


def _head(slide: Slide) -> str:
    first, more = (show.visible(show.guarded(text)) for text in words_presenting.headline(slide.answer))
    size = next(size for most, size in ((80, 5.2), (130, 4.4), (190, 3.8), (10**9, 3.2)) if len(first) <= most)
    rest = f'<p class="more{" long" if len(more) > LONG else ""}">{escape(more)}</p>' if more else ""
    return (
        f'<div class="ketadash-slide"><p class="asked">{escape(slide.question)}</p>'
        f'<h1 style="--size:{size}">{escape(first)}</h1>{rest}</div>'
    )


def _foot(now: Current, page: str, slide: Slide) -> str:
    mark, kind = show.mark_of(now.trial), "synthetic" if now.trial.synthetic else "source"
    marks = [f'<span class="{kind}">{escape(show.visible(mark or ""))}</span>'] if mark else []
    differences = (*analyse.exploratory(now.trial, now.spec), *question(page).departure(now.spec))
    marks.append(escape(show.visible(words.status(differences, now.trial.declared.analysis_name))))
    marks += [escape(show.visible(note)) for note in now.unread]
    note = p_values.note(now.view.p_values, words.analysis(now.trial.declared.analysis_name))
    rests_on = show.visible(show.guarded(words_presenting.brief(slide.rests_on)))
    rests = escape(f"{rests_on} {note}".strip())
    return (
        f'<div class="ketadash-slide{" ketadash-dark" if now.view.dark else ""}">'
        f'<p class="marks">{" · ".join(marks)}</p><p class="rests">{rests}</p></div>'
    )


def _turn(now: Current, page: str, step: int, builds: bool) -> str:
    """The keys and buttons; what they may ask for is settled here, since the callback must not hold the trial.

    Returns where the presentation stands, as a press says it.
    """
    shown, flipped = slides.answerable(now), flip.flipped(now, page)
    stands = f"{page}/{step}/{st.session_state['missing']}"
    token = f"{stands}/{st.session_state.get(TAKEN, 0)}"  # after so many presses, as the next one says it
    before, after = _neighbours(page, shown)
    first, last = before is None and not (builds and step > 1), after is None and not (builds and step < LAST)
    st.session_state[ON_STAGE] = page

    def turned() -> None:
        # A press may come from a slide that was left meanwhile, and the browser's message about it without a value.
        press = (st.session_state.get(KEYS) or {}).get("turned")
        press = press if isinstance(press, dict) else {}
        if press.get("turn") == "leave":
            _leave()
            return
        if press.get("from") != token:
            stay()
            return
        st.session_state[TAKEN] = st.session_state.get(TAKEN, 0) + 1  # so that this one, sent again, is taken for none
        if press.get("turn") == "rule":
            flip.flip(flipped)
        else:
            _go(press, page, step if builds else None, shown)

    data = {
        "at": token,
        "stands": stands,
        "page": page,
        "ends": [where for where, end in (("previous", first), ("next", last)) if end],
        "place": f"{shown.index(page) + 1 if page in shown else '–'} / {len(shown)}",
        "slides": [{"page": one, "name": _name(now, one)} for one in shown],
        "rule": None if flipped is None else flip.rule(now),
        "words": words_presenting.BUTTONS,
        "keys": words_presenting.KEYS,
    }
    _component(key=KEYS, on_turned_change=turned, data=data)
    return token


def _name(now: Current, page: str) -> str:
    return analyse.terms(now.trial, now.spec).worded(catalogue.chapter(page).title)


def _neighbours(page: str, shown: tuple[str, ...]) -> tuple[str | None, str | None]:
    """The slides before and after a page, be it a slide itself or not."""
    at = ORDER.index(page)
    before = [one for one in shown if ORDER.index(one) < at]
    after = [one for one in shown if ORDER.index(one) > at]
    return before[-1] if before else None, after[0] if after else None


def stay() -> None:
    """Take a press for none; whoever pressed on a slide that was left is shown the one that was turned to."""
    if (shown := st.session_state.get(ON_STAGE)) in ORDER:
        st.session_state[GO] = shown


def _leave() -> None:
    st.session_state.pop(GO, None)
    address.say(ON, "off")
    address.say(STEP, str(LAST))


def _go(press: dict[str, Any], page: str, step: int | None, shown: tuple[str, ...]) -> None:
    """One `step` of a build, or a slide, on or back; a slide reached by going on begins its build."""
    where = press.get("turn")
    if step is not None and where == "next" and step < LAST:
        address.say(STEP, str(step + 1))
        return
    if step is not None and where == "previous" and step > 1:
        address.say(STEP, str(step - 1))
        return
    before, after = _neighbours(page, shown)
    wanted = {"next": after, "previous": before, "to": press.get("to")}
    to = wanted.get(where) if isinstance(where, str) else None
    if to in shown and to != page:
        address.say(STEP, "1" if ORDER.index(str(to)) > ORDER.index(page) else str(LAST))
        st.session_state[GO] = st.session_state[ON_STAGE] = to
