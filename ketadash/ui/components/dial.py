"""The dial of the missing days: what they are taken to be, in each arm, and what follows on the spot."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np
import streamlit as st

from ketadash import analyse
from ketadash.core.choices import missing_choice
from ketadash.core.choices.control import odds_word
from ketadash.core.choices.missing_choice import at_stop
from ketadash.core.spec import CHOICES, AnalysisSpec, MissingRule
from ketadash.core.terms import Terms
from ketadash.questions.missing_days import rule as rules
from ketadash.questions.nnt import words as nnt_words
from ketadash.ui import controls, show
from ketadash.ui.state import Current


# The dial's named stops: what they are called, and what the sidebar's controls then say.
def _controls_say(rule: MissingRule) -> dict[str, str]:
    about = rule.about
    odds = {f"imor-{arm}": "1" for arm in ("control", "active")} if rule is MissingRule.IMOR else {}
    if about.own_button:
        return {"missing": about.link} | odds
    return {"missing": missing_choice.MORE, "rule": about.link}


# Those with a place on the dial first, the bounds last.
NAMED = {
    rule.about.stop: _controls_say(rule)
    for rule in sorted(MissingRule, key=lambda rule: (rule.bound, rule.about.dial is None))
}
STOP, LOCKED = "dial_stop", "dial_locked"
DRAWN = "ketadash_dial_drawn"  # what the controls that move the rule said when the stops were drawn last
MOVERS = ("missing", "rule", "imor-control", "imor-active", "dial_control", "dial_active")


def dial(now: Current) -> None:
    """The named stops, and a dial for each arm; moved here, the sidebar's controls and the link follow."""
    arms = {
        "control": (str(now.spec.control), moves(now, "control")),
        "active": (str(now.spec.active), moves(now, "active")),
    }
    now.pills.extend(NAMED.values())
    terms = analyse.terms(now.trial, now.spec)
    _stop_buttons(now, terms)
    for arm, column in zip(arms, st.columns(2, gap="medium"), strict=True):
        name, days = arms[arm]
        with column:
            key = f"dial_{arm}"
            if st.session_state.get(key) != position(now.spec)[arm]:  # being set takes the focus from the thumb
                st.session_state[key] = position(now.spec)[arm]
            days_text = f"{days:,} missing days" if days else "no missing day: nothing to move"
            st.select_slider(
                f"{show.plain(name)} ({days_text})",
                _stops(st.session_state[key]),
                key=key,
                format_func=partial(at_stop, terms=terms),
                on_change=turned,
                args=(arm,),
                disabled=not days,
                help="Odds of abstinence on a missing day against a reported one of the same person: 0 is "
                f"{terms.use}, 1 like reported days (missing at random), inf abstinent.",
            )
    if all(days for _, days in arms.values()):
        st.toggle("Move both arms together", key=LOCKED)
    st.session_state[DRAWN] = {key: st.session_state[key] for key in MOVERS if key in st.session_state}


def _stop_buttons(now: Current, terms: Terms) -> None:
    """The named stops, the one where the rule is pressed.

    They keep their key: drawn anew under another they would take the focus from the slider that is held.
    """
    st.session_state[STOP] = _named(now.spec)
    st.pills(CHOICES["missing"].label, list(NAMED), key=STOP, on_change=to_stop, format_func=terms.worded)


def moves(now: Current, arm: str) -> int:
    """Days without a report in an arm: with none its dial moves nothing."""
    panel = analyse.panel_of(now.trial, now.spec)
    return int(np.isnan(panel.amount[panel.active == (arm == "active")]).sum())


def _stops(at: str) -> list[str]:
    return sorted({*missing_choice.STOPS, at}, key=float)


def position(spec: AnalysisSpec) -> dict[str, str]:
    """Where on the dial a missing-day rule stands; those that have no place there stand at 1."""
    control, active = rules.odds_ratios(spec) or (1.0, 1.0)
    return {"control": odds_word(control), "active": odds_word(active)}


def _named(spec: AnalysisSpec) -> str | None:
    words_now = controls.words_of(spec)
    return next((name for name, words in NAMED.items() if all(words_now[k] == v for k, v in words.items())), None)


def to_stop() -> None:
    """Take the rule to the stop that was pressed.

    A browser sends what all controls say with each move: what it sent before it had the answer to the last holds the
    stop just left, as if it were pressed.  So where another control has moved since the stops were drawn, it is
    that one that the hand is on.
    """
    drawn = st.session_state.get(DRAWN, {})
    if any(st.session_state.get(key, value) != value for key, value in drawn.items()):
        return
    words = NAMED.get(str(st.session_state.get(STOP)))
    if words is not None:  # a quick second press may come when its buttons are gone
        controls.say(words)


def turned(arm: str) -> None:
    """Take over where an arm's slider was put; the other moves along where they are locked."""
    keys = {arm: f"dial_{arm}" for arm in ("control", "active")}
    if not all(key in st.session_state for key in keys.values()):  # a quick second press may come when the dial is gone
        return
    places = {arm: st.session_state[key] for arm, key in keys.items()}
    controls.say(turned_to(arm, places[arm], places, locked=bool(st.session_state.get(LOCKED))))


def turned_to(arm: str, value: str, places: Mapping[str, str], *, locked: bool) -> dict[str, str]:
    """What the controls say once an arm's dial is moved to `value`, from where both stood; locked, both move."""
    other = "active" if arm == "control" else "control"
    return {"missing": missing_choice.DIAL, f"imor-{arm}": value, f"imor-{other}": value if locked else places[other]}


def number_needed_to_treat(now: Current) -> None:
    """The number needed to treat where the dial stands."""
    show.answer(nnt_words.answer(analyse.nnt_result(now.trial, now.spec)))
