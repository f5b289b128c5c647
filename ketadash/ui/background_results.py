"""Parts of the "How sure" pages: the dial, computations that go on in the background, and what they show so far."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from weakref import ref

import numpy as np
import streamlit as st

from ketadash import analyse
from ketadash.analyse.jobs import Job
from ketadash.core.spec import AnalysisSpec, MissingRule
from ketadash.core.terms import Terms
from ketadash.ui import controls, show
from ketadash.ui.state import Current


# The dial's named stops: what they are called, and what the sidebar's controls then say.
def _controls_say(rule: MissingRule) -> dict[str, str]:
    about = rule.about
    odds = {f"imor-{arm}": "1" for arm in ("control", "active")} if rule is MissingRule.IMOR else {}
    if about.own_button:
        return {"missing": about.link} | odds
    return {"missing": controls.MORE, "rule": about.link}


# Those with a place on the dial first, the bounds last.
NAMED = {
    rule.about.stop: _controls_say(rule)
    for rule in sorted(MissingRule, key=lambda rule: (rule.bound, rule.about.dial is None))
}
STOP, STOPS_DRAWN, LOCKED = "dial_stop", "ketadash_dial_stops", "dial_locked"
EVERY_S = 1.0  # between two looks at a computation that goes on


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
                on_change=_turned,
                args=(arm,),
                disabled=not days,
                help="Odds of abstinence on a missing day against a reported one of the same person: 0 is "
                f"{terms.use}, 1 like reported days (missing at random), inf abstinent.",
            )
    if all(days for _, days in arms.values()):
        st.toggle("Move both arms together", key=LOCKED)


def stop_key() -> str:
    """The key of the named stops' buttons as they were drawn last."""
    return f"{STOP}_{st.session_state.get(STOPS_DRAWN, 0)}"


def _stop_buttons(now: Current, terms: Terms) -> None:
    """The named stops, the one where the rule is pressed.

    Where something else has moved the rule they are drawn anew, under another key, and not set.  A browser sends what
    all controls say with each move: one that it sent before it had the answer to the last would press the stop that was
    just left, and the slider that is held would go back, or go.
    """
    named = _named(now.spec)
    if st.session_state.get(stop_key(), named) != named:
        st.session_state[STOPS_DRAWN] = st.session_state.get(STOPS_DRAWN, 0) + 1
    if (key := stop_key()) not in st.session_state:
        st.session_state[key] = named
    st.pills(
        "Missing days are",
        list(NAMED),
        key=key,
        required=True,
        on_change=_to_stop,
        args=(key,),
        format_func=terms.worded,
    )


def moves(now: Current, arm: str) -> int:
    """Days without a report in an arm: with none its dial moves nothing."""
    panel = analyse.panel_of(now.trial, now.spec)
    return int(np.isnan(panel.amount[panel.active == (arm == "active")]).sum())


def _stops(at: str) -> list[str]:
    return sorted({*controls.STOPS, at}, key=float)


def position(spec: AnalysisSpec) -> dict[str, str]:
    """Where on the dial a missing-day rule stands; those that have no place there stand at 1."""
    control, active = spec.missing.about.dial or ("1", "1")
    if spec.missing is MissingRule.IMOR:
        control, active = controls.stop(spec.imor_control), controls.stop(spec.imor_active)
    return {"control": control, "active": active}


def dial_odds_ratios(spec: AnalysisSpec) -> tuple[float, float] | None:
    """The dial's position as odds ratios, None for a rule that has none."""
    if spec.missing.about.dial is None:
        return None
    control, active = (float(x) for x in position(spec).values())
    return control, active


def _named(spec: AnalysisSpec) -> str | None:
    words_now = controls.words_of(spec)
    return next((name for name, words in NAMED.items() if all(words_now[k] == v for k, v in words.items())), None)


def _to_stop(key: str) -> None:
    words = NAMED.get(str(st.session_state.get(key)))
    if words is not None:  # a press in haste may come when its buttons are no longer drawn
        controls.say(words)


def _turned(arm: str) -> None:
    keys = {arm: f"dial_{arm}" for arm in ("control", "active")}
    if not all(key in st.session_state for key in keys.values()):  # a press in haste: the dial is no longer drawn
        return
    places = {arm: st.session_state[key] for arm, key in keys.items()}
    controls.say(turned_to(arm, places[arm], places, locked=bool(st.session_state.get(LOCKED))))


def turned_to(arm: str, value: str, places: Mapping[str, str], *, locked: bool) -> dict[str, str]:
    """What the controls say once an arm's dial is moved to `value`, from where both stood; locked, both move."""
    other = "active" if arm == "control" else "control"
    return {"missing": controls.DIAL, f"imor-{arm}": value, f"imor-{other}": value if locked else places[other]}


def going_on(job: Job[Any, Any], what: str, draw: Callable[[list[tuple[Any, Any]]], None], *, at_once: bool) -> None:
    """What a computation in the background has so far, how far it is, and buttons to stop it and to go on.

    It starts by itself if `at_once`; else a press starts it.  Nothing else on the page waits for it.
    """
    st.session_state[_looked_at(what)] = ref(job)  # it lives beside its trial, and goes with it
    if at_once and not job.n_done and job.trouble is None:
        job.start()

    @st.fragment(run_every=EVERY_S if job.running else None)
    def part() -> None:
        running = job.running
        ended = st.session_state.get(_watched(what), False) and not running
        st.session_state[_watched(what)] = running
        if ended:
            st.rerun()  # the rest of the page speaks of the whole, and nothing needs to be looked at any more
        with st.container():  # a place of its own: what follows stays where it is when this goes
            if not job.finished:
                _progress(job, what, running)
        draw(job.results)

    part()


def _cancel(what: str) -> None:
    job = st.session_state.get(_looked_at(what), lambda: None)()
    if job is not None:
        job.cancel()


def _looked_at(what: str) -> str:
    return f"ketadash_job_{what}"


def _watched(what: str) -> str:
    return f"ketadash_watched_{what}"


def _progress(job: Job[Any, Any], what: str, running: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if running:
            st.progress(job.n_done / job.n_tasks, f"{what}: {job.n_done} of {job.n_tasks} done; the page stays usable")
            st.button("Stop", on_click=_cancel, args=(what,), key=f"stop_{what}", icon=":material/stop:")
        else:
            label = "Go on" if job.n_done else f"Compute {what.lower()}"
            if st.button(label, key=f"start_{what}", icon=":material/play_arrow:"):
                job.start()
                st.rerun()  # from now on it is looked at
            st.markdown(f"{job.n_done} of {job.n_tasks} done." if job.n_done else "")
    if job.trouble is not None:
        st.warning(show.plain(show.sentence(job.trouble)), icon=":material/warning:")
