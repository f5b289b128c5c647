"""Presenting: a page as a slide that fills the screen, turned and built by the arrow keys."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from pathlib import Path

import streamlit as st

from ketadash import analyse
from ketadash.core import p_values as words_guard
from ketadash.core.spec import PValues
from ketadash.questions.shared import words
from ketadash.ui import address, show
from ketadash.ui import presenting_words as words_presenting
from ketadash.ui.slides import ORDER, Slide, make
from ketadash.ui.state import Current

ON, STEP, GO, LAST = "present", "step", "ketadash_turn", 3
KEYS, ON_STAGE = "ketadash_turn_keys", "ketadash_on_stage"  # the arrows' component; the page whose slide is shown
_WORDS = {"previous": "Previous (left arrow)", "next": "Next (right arrow or space)", "leave": "End (Esc)"}
_HTML = """<nav class="ketadash-turn" aria-label="Presentation"><button type="button" data-go="previous">‹</button>
<span role="status"></span><button type="button" data-go="next">›</button>
<button type="button" data-go="leave">✕</button></nav>"""
_CSS = """
.ketadash-turn { display: flex; align-items: center; justify-content: flex-end; gap: .5vh; font-size: 2.1vh;
  color: var(--st-text-color); }
.ketadash-turn button { font: inherit; line-height: 1; width: 4vh; height: 4vh; cursor: pointer; border-radius: 50%;
  color: inherit; background: none; border: 1px solid transparent; opacity: .75; }
.ketadash-turn button:is(:hover, :focus-visible) { border-color: currentColor; opacity: 1; }
.ketadash-turn button:disabled { visibility: hidden; }
"""
_component = st.components.v2.component(
    "ketadash_turn", html=_HTML, css=_CSS, js=Path(__file__).with_name("presenting.js").read_text(encoding="utf-8")
)
# Everything is in parts of the screen's height, so that a slide looks the same at any size.
STYLE = """<style>
.stSidebar, header.stAppHeader, [data-testid="stSidebarCollapsedControl"], [data-testid="stExpandSidebarButton"],
[data-testid="stStatusWidget"], [data-testid="stToolbar"], .st-key-slide_unseen { display: none !important; }
.stMain { overflow: hidden !important; }
.stMainBlockContainer { padding: 0 !important; max-width: none !important; }
.st-key-slide { position: fixed; inset: 0; z-index: 1; box-sizing: border-box; padding: 3.2vh 3.4vh 1.6vh;
  width: 100vw !important; height: 100vh !important; display: grid !important; gap: 1.2vh !important;
  grid-template-rows: auto minmax(0, 1fr) auto; grid-template-columns: minmax(0, 1fr); overflow: hidden;
  align-items: stretch !important; }
.st-key-slide > * { min-height: 0; min-width: 0; height: auto !important; width: 100% !important; }
.st-key-slide > :has(> .st-key-slide_pictures) { position: relative; }
.st-key-slide_pictures { position: absolute !important; inset: 0; display: grid !important; grid-auto-flow: column;
  grid-auto-columns: minmax(0, 1fr); grid-template-rows: minmax(0, 1fr); gap: 2.4vh !important; height: auto !important;
  width: auto !important; align-items: stretch !important; }
.st-key-slide_pictures > * { position: relative; height: auto !important; width: auto !important; min-height: 0;
  min-width: 0; overflow: hidden; }
.st-key-slide_pictures .ketadash-plot { position: absolute; inset: 0 auto auto 0; }
.st-key-slide_foot { display: grid !important; grid-template-columns: minmax(0, 1fr) auto; align-items: end;
  gap: 2vh !important; width: 100% !important; }
.st-key-slide_foot > * { width: auto !important; }
.ketadash-slide p, .ketadash-slide h1 { margin: 0 !important; padding: 0 !important; letter-spacing: 0; }
.ketadash-slide .asked { font-size: 2.7vh; opacity: .8; }
.ketadash-slide h1 { font-weight: 600; line-height: 1.2; text-wrap: pretty; }
.ketadash-slide .more { font-size: 2.9vh; line-height: 1.3; margin-top: .8vh !important; text-wrap: pretty; }
.ketadash-slide .rests { font-size: 2.1vh; line-height: 1.3; opacity: .9; }
.ketadash-slide .marks { font-size: 2.1vh; line-height: 1.3; margin-bottom: .3vh !important; }
.ketadash-slide .synthetic { font-weight: 600; color: #9a5b00; }
.ketadash-dark .synthetic { color: #f0b35a !important; }
.ketadash-slide table { font-size: 2.7vh; border-collapse: collapse; margin: 0 auto; }
.ketadash-slide :is(th, td) { padding: .55vh 2.4vh; text-align: left; border-bottom: 1px solid #8884; }
.ketadash-slide td + td, .ketadash-slide th + th { text-align: right; font-variant-numeric: tabular-nums; }
.st-key-slide_pictures:has(.ketadash-cards) { grid-auto-flow: row; grid-template-rows: auto minmax(0, 1fr); }
.st-key-slide_pictures:has(table) { align-items: center !important; }
.ketadash-cards { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: 2.4vh; }
.ketadash-cards div { border: 1px solid #8886; border-radius: 1.2vh; padding: 2.4vh; }
.ketadash-cards .what { font-size: 2.5vh; opacity: .85; }
.ketadash-cards .number { font-size: 4.2vh; font-weight: 600; line-height: 1.15; white-space: nowrap;
  margin: 1.4vh 0 !important; }
.ketadash-cards .said { font-size: 2.4vh; line-height: 1.35; }
</style>"""


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
    return is_on


def where() -> str | None:
    """The page to turn to, if a key was pressed that leaves this one."""
    page: str | None = st.session_state.pop(GO, None)
    return page


def slide(now: Current, page: str) -> None:
    """The page as a slide: question, answer, picture, what it rests on, and the arrows."""
    shown = make(page, replace(now, view=replace(now.view, presenting=True)))
    step = int(address.follow(STEP, str(LAST), ("1", "2", "3").__contains__)) if shown.builds else LAST
    if not shown.builds:
        address.put(STEP, "")
    st.html(STYLE)
    with st.container(key="slide"):
        _head(shown)
        with st.container(key="slide_pictures"):
            shown.draw(step)
        with st.container(key="slide_foot"):
            _foot(now, shown)
            _turn(page, replace(shown, draw=_drawn), step)  # its callback outlives the trial that the slide draws


def _drawn(step: int) -> None:
    """A slide's picture that is on the page already."""


def _head(slide: Slide) -> None:
    first, more = (show.visible(show.guarded(text)) for text in words_presenting.headline(slide.answer))
    size = next(size for most, size in ((80, 5.2), (130, 4.4), (190, 3.8), (10**9, 3.2)) if len(first) <= most)
    rest = f'<p class="more">{escape(more)}</p>' if more else ""
    st.html(
        f'<div class="ketadash-slide"><p class="asked">{escape(slide.question)}</p>'
        f'<h1 style="font-size:{size}vh">{escape(first)}</h1>{rest}</div>'
    )


def _foot(now: Current, slide: Slide) -> None:
    marks = [f'<span class="synthetic">{show.SYNTHETIC}</span>'] if now.trial.synthetic else []
    differences = analyse.exploratory(now.trial, now.spec)
    marks.append(escape(show.visible(words.status(differences, now.trial.declared.analysis_name))))
    marks += [escape(show.visible(note)) for note in now.unread]
    note = f" {words_guard.NOTE[now.view.p_values]}" if now.view.p_values is not PValues.SHOWN else ""
    rests_on = show.visible(show.guarded(words_presenting.brief(slide.rests_on)))
    rests = escape(rests_on + note)
    st.html(
        f'<div class="ketadash-slide{" ketadash-dark" if now.view.dark else ""}">'
        f'<p class="marks">{" · ".join(marks)}</p><p class="rests">{rests}</p></div>'
    )


def _turn(page: str, slide: Slide, step: int) -> None:
    at = ORDER.index(page)
    first, last = at == 0 and (not slide.builds or step == 1), at == len(ORDER) - 1 and step == LAST
    ends = [where for where, end in (("previous", first), ("next", last)) if end]
    st.session_state[ON_STAGE] = page

    def turned() -> None:
        # A press may come from a slide that was left meanwhile, and the browser's message about it without a value.
        press = (st.session_state.get(KEYS) or {}).get("turned")
        where = press.get("turn") if isinstance(press, dict) else None
        if where == "leave" or (isinstance(press, dict) and press.get("from") == _place(page, step)):
            _go(str(where), at, step, slide.builds)
        else:
            _stay(page)

    _component(
        key=KEYS,
        on_turned_change=turned,
        data={"ends": ends, "at": _place(page, step), "place": f"{at + 1} / {len(ORDER)}", "words": _WORDS},
    )


def _place(page: str, step: int) -> str:
    """Where a presentation stands, as a press of a key says it."""
    return f"{page}/{step}"


def _stay(page: str) -> None:
    """Take a press for none; whoever pressed on a slide that was left is shown the one that was turned to."""
    shown = st.session_state.get(ON_STAGE)
    if shown in ORDER and shown != page:
        st.session_state[GO] = shown


def _go(where: str, at: int, step: int, builds: bool) -> None:
    """One step of the build, or a page, on or back; a page reached by going on begins its build."""
    if where == "leave":
        address.say(ON, "off")
        address.say(STEP, str(LAST))
    elif where == "next" and builds and step < LAST:
        address.say(STEP, str(step + 1))
    elif where == "previous" and builds and step > 1:
        address.say(STEP, str(step - 1))
    elif where in ("next", "previous"):
        to = at + (1 if where == "next" else -1)
        if 0 <= to < len(ORDER):
            address.say(STEP, "1" if where == "next" else str(LAST))
            st.session_state[GO] = st.session_state[ON_STAGE] = ORDER[to]
