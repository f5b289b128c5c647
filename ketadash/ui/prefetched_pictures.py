"""The pictures of states one choice away, sent to the browser before anybody asks, so that a curve follows the hand.

They are drawn by the page's own functions from the specs that the controls would give, so nothing is known twice: the
browser shows one of them (`prefetched_pictures.js`) until the server has answered (`plot.js`).
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Any

import streamlit as st

from ketadash import analyse
from ketadash.analyse import jobs
from ketadash.core.choices import missing_choice
from ketadash.core.choices.missing_choice import at_stop
from ketadash.core.errors import KetadashError
from ketadash.core.spec import CHOICES, AnalysisSpec, ViewSpec
from ketadash.trial import resolve
from ketadash.ui import state_link
from ketadash.ui.components import dial
from ketadash.ui.state import Current

MOST_DAYS = 20_000  # participant-days, times how often they are drawn: a tenth of a second, which a click may wait
# For all that is not known yet; a stop of a dial takes up to a tenth of a second.  While a map or the like is under way
# its first cells wait for the end of the run, and when it is done the page runs again.
PATIENCE_S, AT_WORK_S = 1.5, 0.3
TOGETHER = 4  # stops of a dial in one message: between two messages a click can break off the run
# pages of everybody in so many seconds: beyond, thirty readers would wait twice as long (benchmarks/app.md)
BUSY_PAGES, BUSY_S = 8, 2.0
lately: deque[float] = deque(maxlen=BUSY_PAGES)
ROWS = {
    "missing": missing_choice.MISSING,
    **{CHOICES[name].key: CHOICES[name].words for name in ("trend", "adjust", "estimand", "dropout", "estimator")},
}
Options = dict[str, Mapping[str, Any]]  # by a button's place or a slider's stop: what controls then say
_component = st.components.v2.component(
    "ketadash_ahead", html="<i></i>", js=Path(__file__).with_name("prefetched_pictures.js").read_text(encoding="utf-8")
)


def send(now: Current) -> None:
    """Send what the page's pictures become by one choice more, nearest first; called once the page is drawn."""
    if not now.moving or busy(monotonic()):
        return
    until, view = monotonic() + (AT_WORK_S if jobs.running() else PATIENCE_S), _view(now)
    own, state = _pictures(now, now.spec, view), str(hash((now.trial.sha256, now.spec, view)))
    words = state_link.every()  # once: each of them is looked up in Streamlit's state
    with st.container(key="ahead"):
        for part, (keys, options) in enumerate(_groups(now)):
            specs = {at: _spec(now, words | dict(choices)) for at, choices in options.items()}
            current = [at for at, spec in specs.items() if spec == now.spec]
            pictures = {
                at: {key: text for key, text in _pictures(now, spec, view).items() if text != own.get(key)}
                for at, spec in specs.items()
                if spec is not None and spec != now.spec and light(now, spec) and monotonic() < until
            }
            if any(pictures.values()):
                data = {"state": state, "controls": keys, "here": current, "states": pictures, "narrow": view.narrow}
                _component(key=f"ahead_{part}", data=[data])


def busy(at: float) -> bool:
    """Whether so many pages are being asked for that each has to be answered before any is foreseen."""
    lately.append(at)
    return len(lately) == BUSY_PAGES and lately[-1] - lately[0] < BUSY_S


def _groups(now: Current) -> Iterator[tuple[list[str], Options]]:
    """Controls that are moved alike, and what all of them say by each of their words."""
    for key, words in ROWS.items():
        yield [key], {str(at): {key: word} for at, word in enumerate(words)}
    if now.pills:
        yield [dial.STOP], {str(at): choices for at, choices in enumerate(now.pills)}
    terms = analyse.terms(now.trial, now.spec)
    places, locked = dial.position(now.spec), bool(now.pills and st.session_state.get(dial.LOCKED))
    for arm, place in places.items():
        keys = [
            *([f"dial_{arm}"] if now.pills else ()),
            *([f"imor-{arm}"] if st.session_state.get("missing") == missing_choice.DIAL and not locked else ()),
        ]
        stops = sorted(missing_choice.STOPS, key=lambda stop: abs(rank(stop) - rank(place)))
        for first in range(0, len(stops) if keys and dial.moves(now, arm) else 0, TOGETHER):
            group = stops[first : first + TOGETHER]
            yield keys, {at_stop(stop, terms): dial.turned_to(arm, stop, places, locked=locked) for stop in group}


def rank(stop: str) -> float:
    """Among the stops, with what lies between two of them between."""
    return sum((float(other) < float(stop)) + (float(other) <= float(stop)) for other in missing_choice.STOPS) / 2


def spec_of(now: Current, choices: Mapping[str, Any]) -> AnalysisSpec | None:
    """The analysis if the controls were changed to `choices` and otherwise left alone; None if that is no valid one."""
    return _spec(now, state_link.every() | dict(choices))


def _spec(now: Current, words: Mapping[str, Any]) -> AnalysisSpec | None:
    try:
        return resolve(now.trial, state_link.analysis(words, now.trial))[0]
    except KetadashError:
        return None


def light(now: Current, spec: AnalysisSpec) -> bool:
    """Whether an analysis takes so little time that nobody has asked for it yet."""
    draws = spec.imputations if spec.missing.imputed else 1
    return int(analyse.panel_of(now.trial, spec).amount.size) * draws <= MOST_DAYS


def _view(now: Current) -> ViewSpec:
    """As narrow as a phone has it on a phone, which says so, and else as a desk has it."""
    return replace(now.view, narrow="Mobi" in st.context.headers.get("User-Agent", ""))


def _pictures(now: Current, spec: AnalysisSpec, view: ViewSpec) -> dict[str, str]:
    """The page's pictures under an analysis, as JSON; those that can be drawn."""
    drawn: dict[str, str] = {}
    for key, draw in now.moving.items():
        with suppress(KetadashError):
            drawn[key] = json.dumps(draw(spec, view))
    return drawn
