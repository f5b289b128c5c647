"""The sections of *What else happened?*: each shows its part, or says which file or column would bring it."""

from __future__ import annotations

from functools import partial

import streamlit as st

from ketadash import analyse
from ketadash.questions.safety import figure as figures
from ketadash.questions.safety import measures as measure_figures
from ketadash.questions.safety import tables as tables_safety
from ketadash.questions.safety import words as words_safety
from ketadash.results.safety import AdverseEvents, Dissociation, FollowUp, Measure
from ketadash.ui import show
from ketadash.ui.state import Current


def _absent(part: str) -> None:
    st.info(show.plain(words_safety.WOULD_BRING[part]), icon=":material/info:")


def events(result: AdverseEvents | None, now: Current) -> None:
    """Adverse events by arm."""
    st.header("Which adverse events were there?")
    if result is None:
        _absent("events")
        return
    show.answer(words_safety.events(result))
    if result.events:
        show.picture(lambda v: figures.events(result, v), now.view, key="events", alt=words_safety.alt_events(result))
    show.rests_on(words_safety.events_rest_on(result))


def dissociation(result: Dissociation | None, now: Current) -> None:
    """CADSS by arm, and its association with abstinence."""
    st.header("How dissociated were they, and did it go with abstinence?")
    if result is None:
        _absent("cadss")
        return
    show.answer(words_safety.dissociation(result))
    show.picture(
        lambda v: figures.dissociation(result, v), now.view, key="cadss", alt=words_safety.dissociation(result)
    )
    show.rests_on(words_safety.dissociation_rests_on(result))


def measures(results: tuple[Measure, ...], now: Current) -> None:
    """Every visit measure by week, side by side."""
    st.header("What did the visits measure?")
    if not results:
        _absent("measures")
        return
    show.answer(words_safety.measures(results))
    with st.grid(3, min_column_width=320):
        for i, m in enumerate(results):
            name = i if "__" in m.measure or len(m.measure) > show.LONGEST_WORD else m.measure  # Streamlit's own sign
            show.picture(
                partial(measure_figures.panel, m),
                now.view,
                key=f"measure_{name}",
                alt=words_safety.alt_measure(m),
            )
    show.rests_on(words_safety.measures_rest_on(results))
    doubts = [text for m in results for text in (*m.warnings, *m.model.convergence.messages)]
    left_out = analyse.measures_left_out(now.trial)
    show.warn((*doubts, *([left_out] if left_out else [])))


def follow_up(result: FollowUp | None, now: Current) -> None:
    """The late follow-up, with those who were not reached."""
    st.header("And months later?")
    if result is None:
        _absent("follow_up")
        return
    show.answer(words_safety.follow_up(result))
    show.picture(
        lambda v: figures.follow_up(result, v), now.view, key="follow_up", alt=words_safety.alt_follow_up(result)
    )
    show.rests_on(words_safety.follow_up_rests_on(result))


def tables(
    events: AdverseEvents | None, score: Dissociation | None, results: tuple[Measure, ...], later: FollowUp | None
) -> None:
    """Every table of what there is."""
    if events is not None:
        show.table(tables_safety.events(events), "Adverse events: participants with the event")
    if score is not None:
        show.table(tables_safety.dissociation(score), "Dissociation (CADSS)")
    if results:
        show.table(tables_safety.means(results), "Visit measures: means by week")
    if later is not None:
        show.table(tables_safety.follow_up(later), "Late follow-up")


def models(score: Dissociation | None, results: tuple[Measure, ...]) -> None:
    """Every test and model of what there is."""
    if results:
        show.table(tables_safety.measures(results), "Visit measures: weekly change and the interaction")
        show.table(tables_safety.type_iii(results), "Type III tests of fixed effects")
        show.table(tables_safety.covariance(results), "Covariance parameters")
    if score is not None:
        show.table(tables_safety.association(score), "Dissociation: rank test and logistic regression")
    if score is None and not results:
        st.markdown("No model: neither visit measures nor a dissociation score are there.")
