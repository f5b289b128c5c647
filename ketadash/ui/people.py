"""The participants page's own parts: its tabs, and one participant's record on demand."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from ketadash import analyse
from ketadash.questions.participants import day_map as daymap
from ketadash.questions.participants import record as participants_record
from ketadash.questions.participants import tables as tables_people
from ketadash.questions.participants import words as words_people
from ketadash.questions.shared import tables
from ketadash.results.people import Participants
from ketadash.trial.recognise import natural_order
from ketadash.ui import code, show, tabs
from ketadash.ui.options import matching
from ketadash.ui.plot import plot
from ketadash.ui.state import Current

METHODS = ("table-1", "participant-flow")


def details(now: Current, result: Participants) -> None:
    """The tabs under the pictures: Table 1 · Leaving · Method · Code · Download."""
    data = {"table 1": tables_people.table_one_full(result.table), "retention": tables.full(result.retention)}
    show.tabs_of(
        {
            "Table 1": lambda: table_one(result),
            "Leaving": lambda: leaving(result),
            "Method": lambda: tabs.methods(now, METHODS, "participants"),
            "Code": lambda: code.draw(now, "participants"),
            "Download": lambda: tabs.downloads(now, data, "participants"),
        },
        key="tabs_participants",
    )


def leaving(result: Participants) -> None:
    """Who left, when and why."""
    gone = tables_people.leaving(result)
    if not gone.empty:
        show.table(gone)
    st.markdown(show.plain(words_people.leaving(result)))


def table_one(result: Participants) -> None:
    """Table 1, or which file would bring it."""
    if not result.table.rows:
        such = "sex, age or baseline_drinks" if result.days.terms.alcohol else "sex or age"
        st.markdown(
            "The data hold nothing about who the participants were. A file `participants.csv` beside the days (or "
            f"columns of one value a participant, such as {such}) would bring Table 1."
        )
        return
    show.table(tables_people.table_one(result.table))
    st.markdown(show.plain(words_people.chance(result.table)))
    for said in show.first_of(result.warnings):
        st.markdown(f"Left out of {show.plain(said)}.")


def day_map(now: Current, result: Participants) -> None:
    """The map; a click on a row chooses whose record stands below it."""
    event, days, view = now.trial.declared.event, result.days, now.view
    figure = daymap.plot(days, view, day_zero=event)
    narrow = daymap.plot(days, replace(view, narrow=True), day_zero=event)
    clicked = plot(
        figure,
        narrow=narrow,
        key="map",
        alt=words_people.alt_map(result),
        clicks=True,
        light=show.in_the_light(lambda v: daymap.plot(days, v, day_zero=event), view),
    )
    chosen = None if clicked is None else daymap.participant_of(figure, days, clicked)
    if chosen is not None:
        st.session_state["record"] = chosen


def one_record(now: Current, result: Participants) -> None:
    """Choose a participant, see every day of theirs.

    The choice is not bound to the URL: a link must not carry an identifier out of somebody's own data.
    """
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
    said = words_people.record(record)
    st.markdown(show.plain(said))
    show.picture(
        lambda v: participants_record.plot(record, v, day_zero=now.trial.declared.event),
        now.view,
        key="person",
        alt=said,
    )
    st.markdown("; ".join(f"{show.plain(called)}: **{show.plain(value)}**" for called, value in record.baseline))
    with st.expander("Every day of this record"):
        show.table(tables_people.record(record))
