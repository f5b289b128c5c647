"""Parts of the participants page that no file has: the map of every day, and one participant's record on demand."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from ketadash import analyse
from ketadash.questions.participants import day_map, tables, words
from ketadash.questions.participants import record as record_figure
from ketadash.trial.recognise import natural_order
from ketadash.ui import show
from ketadash.ui.options import matching
from ketadash.ui.plot import plot
from ketadash.ui.state import Current


def every_day(now: Current) -> None:
    """The map; a click on a row chooses whose record stands below it."""
    result = analyse.participants_result(now.trial, now.spec)
    event, days, view = now.trial.declared.event, result.days, now.view
    figure = day_map.plot(days, view, day_zero=event)
    narrow = day_map.plot(days, replace(view, narrow=True), day_zero=event)
    clicked = plot(
        figure,
        narrow=narrow,
        key="map",
        alt=words.alt_map(result),
        clicks=True,
        light=show.in_the_light(lambda v: day_map.plot(days, v, day_zero=event), view),
    )
    chosen = None if clicked is None else day_map.participant_of(figure, days, clicked)
    if chosen is not None:
        st.session_state["record"] = chosen


def one_record(now: Current) -> None:
    """Choose a participant, see every day of theirs.

    The choice is not bound to the URL: a link must not carry an identifier out of somebody's own data.
    """
    result = analyse.participants_result(now.trial, now.spec)
    names = sorted(result.days.participant_ids, key=natural_order)
    chosen = st.selectbox(
        "One participant's record",
        matching("Find a participant", names, st.session_state.get("record"), key="record_part"),
        index=None,
        key="record",
        placeholder="Choose, or click a row of the map",
        width=320,
    )
    if chosen is None:
        return
    record = analyse.person_record(now.trial, now.spec, chosen)
    text = words.record(record)
    st.markdown(show.plain(text))
    show.picture(
        lambda v: record_figure.plot(record, v, day_zero=now.trial.declared.event), now.view, key="person", alt=text
    )
    st.markdown("; ".join(f"{show.plain(name)}: **{show.plain(value)}**" for name, value in record.baseline))
    with st.expander("Every day of this record"):
        show.table(tables.record(record))
