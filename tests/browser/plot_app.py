"""A page with one picture and one control, for `test_plot.py`."""

import streamlit as st

from ketadash.core.spec import ViewSpec
from ketadash.questions.shared import theme
from ketadash.ui.plot import is_dark, plot


def figure(top: float, **view: bool) -> theme.Figure:
    spec = ViewSpec(dark=is_dark(), **view)
    data = [{"type": "scatter", "x": list(range(22)), "y": [top * day for day in range(22)]}]
    return {"data": data, "layout": theme.layout(spec, height=300, margin=(40, 10, 10, 40), meta={"view": view})}


slope = st.slider("Slope", 1, 9, 3)
alt = f"A line of slope {slope}"
clicked = plot(figure(slope), narrow=figure(slope, narrow=True), key="line", alt=alt, clicks=True)
st.caption(f"clicked {clicked['trace']} {clicked['point']}" if clicked else "below")
