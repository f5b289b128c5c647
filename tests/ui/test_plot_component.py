import re
from pathlib import Path

import pytest
from figure_of import figure_of, shown
from streamlit.testing.v1 import AppTest
from waiting import HANG_S

from ketadash.export import plotly_js
from ketadash.ui import plot


def page():
    import streamlit as st

    from ketadash.core.spec import ViewSpec
    from ketadash.questions.shared import theme
    from ketadash.ui.plot import is_dark, plot

    top = st.slider("Top", 1, 9, 3)
    figure = {
        "data": [{"type": "scatter", "x": [1, 2], "y": [0, top]}],
        "layout": theme.layout(ViewSpec(dark=is_dark()), height=222, margin=(1, 2, 3, 4)),
    }
    plot(figure, key="first", alt=f"Up to {top}")
    plot(figure, key="second-one", alt="Again", narrow=figure, height=99)


def test_a_page_test_sees_what_was_drawn_and_that_a_control_changes_it():
    at = AppTest.from_function(page, default_timeout=HANG_S).run()
    assert not at.exception
    assert figure_of(at, "first")["data"][0]["y"] == [0, 3]
    assert shown(at, "first")["alt"] == "Up to 3"
    at.slider[0].set_value(7).run()
    assert figure_of(at, "first")["data"][0]["y"] == [0, 7]
    assert shown(at, "first")["alt"] == "Up to 7"


def test_height_is_the_figures_own_and_can_be_overruled_for_both_layouts():
    at = AppTest.from_function(page, default_timeout=HANG_S).run()
    second = shown(at, "second-one")
    assert second["figure"]["layout"]["height"] == second["narrow"]["layout"]["height"] == 99
    assert figure_of(at, "first")["layout"]["height"] == 222


def test_an_unknown_key_says_which_there_are():
    at = AppTest.from_function(page, default_timeout=HANG_S).run()
    with pytest.raises(KeyError, match="first"):
        figure_of(at, "third")


def test_the_readers_identity_does_not_change_with_the_data():
    at = AppTest.from_function(page, default_timeout=HANG_S).run()
    before = [e.proto.id for e in at.get("bidi_component")]
    at.slider[0].set_value(7).run()
    assert [e.proto.id for e in at.get("bidi_component")] == before  # else the node is made anew, the zoom lost


def test_nothing_is_sent_elsewhere():
    assert plot.CONFIG["showSendToCloud"] is False
    assert plot.CONFIG["plotlyServerURL"] == ""
    script = Path(plot.__file__).with_name("plot.js").read_text(encoding="utf-8")
    assert not re.search(r"https?://", script)


def test_the_library_is_where_the_component_serves_it_from():
    assert plotly_js.SCRIPT.is_file()
    assert plot.serve_plotly() is True  # False would mean st.plotly_chart: this Streamlit has moved its manager
