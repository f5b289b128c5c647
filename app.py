"""The dashboard: page set-up, the trial and the shared controls once, then the page asked for."""

import streamlit as st

from ketadash.core.errors import KetadashError
from ketadash.questions.registry import question
from ketadash.ui import (
    download,
    frame,
    navigation,
    page,
    prefetched_pictures,
    presenting,
    privacy,
    show,
    snapshots,
    state,
    tour,
)
from ketadash.ui.server import in_turn, logs, sign_in

st.set_page_config(page_title="ketadash", page_icon=frame.ICON, layout="wide")

begun = logs.clock()
user = sign_in.gate()  # before anything of the trial
with in_turn.turn():
    download.begin()
    privacy.begin_run()
    shown = frame.pages(page.run)
    stem = navigation.key_of(shown)
    on_stage = presenting.on(stem)
    end = frame.end_of_run()
    now = frame.open_trial(stem, line=not on_stage)
    if now is not None:
        snapshots.sidebar(now, stem)
    privacy.switches()
    presenting.button(stem)
    frame.link_bar(stem)
    sign_in.foot(user)
    if elsewhere := snapshots.where() or presenting.where(stem) or tour.where(stem):
        frame.turn_to(elsewhere)
    if trouble := st.session_state.pop(state.TROUBLE, None):
        st.error(show.plain(trouble), icon=":material/error:")
    if now is not None and not on_stage:
        tour.draw(now, stem)
    try:
        if now is not None and on_stage:
            presenting.slide(now, stem)
        elif now is not None or question(stem).without_trial:
            shown.run()
            if now is not None:
                prefetched_pictures.send(now)
    except KetadashError as error:
        st.error(show.plain(show.sentence(str(error))), icon=":material/error:")
    frame.ended(end)
    download.end()
    privacy.end_run()
    logs.note_run(shown.url_path, begun)
