"""The overview's cards: a question, a number, its interval, a tiny picture, and the way to the page."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from html import escape

import streamlit as st

from ketadash import analyse
from ketadash.core.errors import KetadashError
from ketadash.core.spec import AnalysisSpec, ViewSpec
from ketadash.questions.overview import spark
from ketadash.questions.question import Card
from ketadash.questions.shared.theme import Figure
from ketadash.results import BinaryOutcome
from ketadash.ui import frame, show
from ketadash.ui.plot import plot
from ketadash.ui.state import Current

NUMBER = "font-size:1.45rem;font-weight:600;line-height:1.2;margin:0;text-wrap:balance"
Draw = Callable[[Current, AnalysisSpec, ViewSpec], Figure]


def card(now: Current, page: str, title: str, number: str, sentence: str, draw: Draw) -> None:
    """One tile; where there is nothing to draw, `sentence` says why."""

    def drawn(spec: AnalysisSpec, view: ViewSpec) -> Figure:
        return draw(now, spec, replace(view, narrow=now.view.narrow))  # as small on every screen

    with st.container(border=True, height="stretch", gap="small"):
        frame.link(page, f"**{title}**")
        st.html(f'<p style="{NUMBER}">{escape(number)}</p>')
        with suppress(KetadashError):
            plot(drawn(now.spec, now.view), key=f"spark_{page}", alt=f"{title}: {number}. {sentence}")
            now.moving[f"spark_{page}"] = drawn
        st.markdown(show.plain(show.guarded(sentence)))


def abstinence(now: Current, spec: AnalysisSpec, view: ViewSpec) -> Figure:
    """The two curves of abstinence."""
    return _curves(analyse.abstinence_result(now.trial, spec), view)


def heavy(now: Current, spec: AnalysisSpec, view: ViewSpec) -> Figure:
    """The two curves of heavy days."""
    return _curves(analyse.heavy_result(now.trial, spec), view)


def relapse(now: Current, spec: AnalysisSpec, view: ViewSpec) -> Figure:
    """The two Kaplan–Meier curves."""
    result = analyse.time_to_event(now.trial, spec)["relapse"]
    if result is None:
        raise KetadashError("nobody's time to relapse is known")
    return spark.survival(result, view)


def nnt(now: Current, spec: AnalysisSpec, view: ViewSpec) -> Figure:
    """The risk difference and its interval."""
    return spark.difference(analyse.nnt_result(now.trial, spec).observed, view)


def _curves(result: BinaryOutcome | None, view: ViewSpec) -> Figure:
    if result is None or not result.modelled:
        raise KetadashError("there is no modelled curve")
    return spark.binary(result, view)


def draw(now: Current, cards: tuple[Card, ...]) -> None:
    """The questions in short, side by side."""
    with st.grid(4, min_column_width=200):
        for one in cards:
            card(now, one.question, one.title, one.number, one.text, partial(_drawn, one))


def _drawn(one: Card, now: Current, spec: AnalysisSpec, view: ViewSpec) -> Figure:
    return one.draw(spec, view)
