"""The missing-day rule flipped on a slide: left out, and back.

Once a slide is drawn, the same slide under the other rule is sent after it, headline, pictures and foot together, so
that the key M shows it at once (`flip.js`); the server's answer then confirms it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Any

import streamlit as st

from ketadash import analyse
from ketadash.core.choices import missing_choice
from ketadash.core.errors import KetadashError
from ketadash.core.spec import AnalysisSpec, PValues
from ketadash.questions.registry import question
from ketadash.ui import controls, prefetched_pictures, slides, state, state_link
from ketadash.ui import presenting_words as words_presenting
from ketadash.ui.missing_line import idle
from ketadash.ui.slides import Fitted, Slide
from ketadash.ui.state import Current

BEFORE = "ketadash_before_left_out"  # what the missing-day controls said before they were flipped on a slide
LEFT_OUT = "missing"  # the word of the buttons
Sent = dict[str, Any]
Face = Callable[[Current, str, Slide], tuple[str, str]]  # what stands above and below a slide's pictures, as HTML
_component = st.components.v2.component(
    "ketadash_flip", html="<i></i>", js=Path(__file__).with_name("flip.js").read_text(encoding="utf-8")
)


def rule(now: Current, word: str | None = None) -> str:
    """The button's words: how missing days are counted, by what the controls say or by `word`."""
    word = str(st.session_state["missing"]) if word is None else word
    terms = analyse.terms(now.trial, now.spec)
    return words_presenting.rule(missing_choice.in_short(word, now.spec.missing, terms))


def flipped(now: Current, page: str) -> dict[str, str] | None:
    """What the missing-day controls say once they are flipped: left out, or as before; None if that is refused, or
    would change nothing on the slide.
    """
    if idle(page, now.trial, now.spec) or page in slides.UNMOVED or page not in slides.answerable(now):
        return None
    if st.session_state["missing"] != LEFT_OUT:
        words: dict[str, str] = {"missing": LEFT_OUT}
    else:
        usual = str(st.session_state[controls.FIRST]["missing"])
        other = next(word for word in (usual, *missing_choice.MISSING) if word != LEFT_OUT)
        words = st.session_state.get(BEFORE) or {"missing": other}
    return words if prefetched_pictures.spec_of(now, words) is not None else None


def flip(words: dict[str, str] | None) -> None:
    """Set the controls, which are those above a page's picture, and keep what they were."""
    if words is None:
        return
    if words["missing"] == LEFT_OUT:
        every = state_link.every()
        st.session_state[BEFORE] = {key: every[key] for key in ("missing", "rule", "imor-control", "imor-active")}
    controls.say(dict(words))


def forget() -> None:
    """Nobody presents any more."""
    st.session_state.pop(BEFORE, None)


def send_ahead(now: Current, page: str, step: int, token: str, face: Face) -> None:
    """Send the slide as a flip would leave it, once the slide is drawn; `token` says from where that is."""
    words = flipped(now, page)
    spec = prefetched_pictures.spec_of(now, words) if words is not None else None
    if words is None or spec is None or spec == now.spec or not prefetched_pictures.light(now, spec):
        return
    # where p-values are hidden none is sent, not even those that the declared analysis may show
    if now.view.p_values is PValues.HIDDEN or prefetched_pictures.busy(monotonic()):
        return
    with suppress(KetadashError), st.container(key="ahead"):
        if other := _other(now, page, step, words, spec, face):
            _component(key="flip", data={"at": token, **other})


def _other(now: Current, page: str, step: int, words: dict[str, str], spec: AnalysisSpec, face: Face) -> Sent | None:
    """What stands on the slide once it is flipped; None while that is not all computed."""
    chosen = state_link.analysis(state_link.every() | dict(words), now.trial)
    differs = (*analyse.exploratory(now.trial, spec), *question(page).departure(spec))
    view = replace(controls.view(now.trial, bool(differs)), presenting=True)
    other = replace(now, chosen=chosen, spec=spec, view=view)
    with state.seen_as(other):
        if slides.goes_on(page, other):  # before its fits are made, which nobody would see
            return None
        slide = slides.unasked(page, other)
        if slide.goes_on is not None:
            return None
        parts = slide.parts(step if slide.builds else slides.LAST)
        above, below = face(other, page, slide)
        return {
            "rule": rule(other, words["missing"]),
            "texts": [above, *(part for part in parts if isinstance(part, str)), below],
            "pictures": [
                {"key": one.key, "figure": json.dumps(one.wide), "narrow": json.dumps(one.narrow)}
                for one in parts
                if isinstance(one, Fitted)
            ],
        }
