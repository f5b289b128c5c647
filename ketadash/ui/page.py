"""A question as a web page: its blocks one below the other, its tables, model, methods, code and downloads in tabs."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from ketadash import analyse
from ketadash.export.reproduction import reproduced
from ketadash.questions import question as blocks
from ketadash.questions.chance.question import INFLUENCE, SHUFFLES
from ketadash.questions.endpoints.question import ENDPOINT_SHUFFLES
from ketadash.questions.missing_days.question import ASSUMPTIONS, TIPPING
from ketadash.questions.overview.question import AGREEMENT
from ketadash.questions.paper.question import REPRODUCED
from ketadash.questions.question import Discloses, Material, Place, Question
from ketadash.questions.registry import question
from ketadash.questions.shared.theme import Figure
from ketadash.trial.population import analysis_set
from ketadash.trial.resolve import why_unadjusted
from ketadash.trial.several_arms import multiplicity
from ketadash.ui import (
    cards,
    code,
    controls,
    method_panels,
    page_controls,
    privacy,
    show,
    snapshots,
    state,
    status_line,
    tabs,
    unfolding,
)
from ketadash.ui.components import (
    chance,
    data,
    dial,
    endpoints,
    glossary,
    holding,
    imputing,
    overview,
    paper,
    participants,
    report,
    sensitivity,
    specifications,
)
from ketadash.ui.plot import plot
from ketadash.ui.state import Current

Component = Callable[[Current], None]


def _doubts_of_the_reading(now: Current) -> None:
    """What was doubtful when the trial was read and the choices resolved, but for what stands below the picture."""
    elsewhere = why_unadjusted(now.trial, now.chosen)
    show.warn(tuple(note for note in (*now.trial.warnings, *now.notes) if note != elsewhere))


def _code_of_the_overview(now: Current) -> None:
    """The Code tab's content under a lid: the page has no tabs."""
    draw = partial(code.draw, now, "overview")
    unfolding.folded("Code for these numbers", draw, key="overview_code", icon=":material/code:")


# The parts that only a web page can have, by the name that `WebOnly` blocks give them.
COMPONENTS: dict[str, Component] = {
    "overview_code": _code_of_the_overview,
    "reading_doubts": _doubts_of_the_reading,
    "chosen_specification": specifications.chosen,
    "dial": dial.dial,
    "how_far_results_hold": holding.compute_all,
    "number_needed_to_treat": dial.number_needed_to_treat,
    "glossary": glossary.every_term,
    "day_map": participants.every_day,
    "one_method": method_panels.one_method,
    "printed_by_section": paper.by_section,
    "one_record": participants.one_record,
    "report": report.whole,
    "own_trial": data.own_trial,
    "two_states": snapshots.two_states,
}
# What goes on in the background for a `Growing` block: it calls back with the result as far as it is there.
COMPUTATIONS: dict[str, Callable[[Current, Callable[[object], None]], None]] = {
    TIPPING: sensitivity.compute_map,
    ASSUMPTIONS: sensitivity.compute_assumptions,
    AGREEMENT: overview.compute_agreement,
    **holding.COMPUTATIONS,
    **specifications.COMPUTATIONS,
    SHUFFLES: chance.compute_shuffles,
    INFLUENCE: chance.compute_influence,
    ENDPOINT_SHUFFLES: endpoints.compute_shuffles,
    REPRODUCED: lambda now, show_rows: show_rows(reproduced(now.trial, now.trial.declared.published)),
}
# What a click on a picture does, by the name that the picture gives: it is given the figure as drawn, and the point.
CLICKS: dict[str, Callable[[Current, blocks.Picture, Figure, dict[str, Any]], None]] = {
    "odds_ratios": sensitivity.set_odds_ratios,
    "specification": specifications.choose,
}


def run(key: str) -> None:
    """Show the page of a question; what each file in `pages/` does."""
    shown = question(key)
    now = (state.maybe_current() or state.unanalysed()) if shown.without_trial else state.current()
    with now.above or nullcontext():
        st.title(shown.title if shown.without_trial else analyse.terms(now.trial, now.spec).worded(shown.title))
        part = page_controls.BY_NAME[shown.choice]() if shown.choice else ""
    if not shown.without_trial and imputing.awaited(now, key):
        return
    page = _Page(now, shown)
    made_from = material(now, part)
    if shown.looks and shown.answerable(now.trial, now.spec, privacy.suppressing()):
        page.first = st.container()  # the picture; how it looks is chosen below it
        outcome = shown.looks(now.trial, now.spec)
        points, contrast = page_controls.looks([gap.day for gap in outcome.difference] if outcome else ())
        made_from = replace(made_from, points=points, contrast=contrast)
    for block in shown.blocks(made_from):
        page.put(block)
        page.note_once()
        page.tell_later()
    page.above = False
    page.note_once()
    page.draw_tabs()
    page.whole = True


def material(now: Current, part: str = "") -> Material:
    """What blocks are made from in the state of the page."""
    view = now.view
    return Material(
        now.trial,
        now.spec,
        view.p_values,
        privacy.suppressing(),
        look=view,
        part=part,
        on_page=True,
        p_values_outside=view.p_values_outside,
    )


_WORDS = blocks.Text  # sentences, not pictures or tables


class _Page:
    """A page while it is drawn: what belongs into its tabs is kept until the end."""

    def __init__(self, now: Current, question: Question) -> None:
        self.now, self.question = now, question
        self.tabs: dict[Place, list[blocks.Table | blocks.Picture | blocks.Note]] = {}
        self.data: list[blocks.Data] = []
        self.above = True  # nothing but words so far
        self.noted = False
        self.first: AbstractContextManager[Any] | None = None  # where the first picture stands, if not here
        self.set_named = False  # who is analysed, in the first of what the page's answers rest on
        self.later: list[tuple[AbstractContextManager[Any], blocks.Later]] = []  # and where it is told
        self.whole = False  # what a computation brings later is for the tabs of the next run

    def with_context(self, block: blocks.RestsOn) -> blocks.RestsOn:
        """What an answer rests on, with who is analysed and of how many arms two are compared."""
        trial, spec = self.now.trial, self.now.spec
        return block.with_set(analysis_set(trial, spec), multiplicity(trial, spec))

    def put(self, block: blocks.Block) -> None:
        """Draw a block: what is said before the first picture above the choices, all else below them."""
        if isinstance(block, blocks.Later):
            self._keep_place(block)
            return
        self.above = self.above and (
            isinstance(block, _WORDS | blocks.Data) or getattr(block, "place", None) not in (None, Place.PAGE)
        )
        place = self.now.above if self.above else self.first
        if not self.above:
            self.first = None
        with place or nullcontext():
            self.draw(block)

    def _keep_place(self, block: blocks.Later) -> None:
        """Keep the place of what is told later; where nobody would notice, it is told now, so that nothing moves."""
        with (self.now.above if self.above else None) or nullcontext():
            self.later.append((st.container(), block))
        if overview.is_short(self.now):
            self.tell_later(at_once=True)

    def tell_later(self, *, at_once: bool = False) -> None:
        """Tell what has waited for the first picture, once that is drawn."""
        while self.later and (at_once or not self.above):
            place, block = self.later.pop(0)
            with place:
                self._all(block.blocks())

    def note_once(self) -> None:
        """What else holds in the state, once the first picture is drawn."""
        if not (self.above or self.noted or self.question.without_trial):
            self.noted = True
            status_line.notes(self.now)

    def draw(self, block: blocks.Block) -> None:
        """Draw a block where the page shows it, or keep it for the tabs."""
        now = self.now
        place = getattr(block, "place", Place.PAGE)
        match block:
            case blocks.Table(place=Place.FILES_ONLY) | blocks.Picture(place=Place.FILES_ONLY):
                pass
            case blocks.Table(place=Place.FOLDED, key=key, caption=caption, make=make):
                unfolding.folded(caption, lambda: show.table(make()), key=f"folded_{key}")
            case blocks.Table() | blocks.Picture() | blocks.Note() if place is not Place.PAGE:
                if not self.whole:
                    self.tabs.setdefault(place, []).append(block)
            case blocks.Part(title=title, heading=heading):
                if heading:
                    st.header(analyse.terms(now.trial, now.spec).worded(title))
            case blocks.Heading(text=text):
                st.header(analyse.terms(now.trial, now.spec).worded(text))
            case blocks.Answer(text=text) | blocks.Summary(text=text):
                show.answer(text)
            case blocks.Notice(text=text):
                st.info(show.plain(text), icon=":material/info:")
            case blocks.Holds(text=text):
                show.holds(text)
            case blocks.RestsOn():
                block = block if self.set_named else self.with_context(block)
                self.set_named = True
                show.rests_on(block.text, block.estimand)
            case blocks.Doubts(messages=messages, fit=fit):
                show.doubts(fit, messages, controls.penalise) if fit is not None else show.warn(messages)
            case blocks.Row():
                self._row(block)
            case blocks.Data():
                if block.offered and not self.whole:
                    self.data.append(block)
            case blocks.Cards(makers=makers):
                cards.draw(now, makers, then=partial(overview.begin, now))
            case blocks.Tabs():
                self.draw_tabs()
            case blocks.WebOnly(component=name):
                COMPONENTS[name](now)
            case blocks.Growing():
                COMPUTATIONS[block.key](now, lambda result: self._all(block.blocks(result)))
            case _:
                self._one(block)

    def _all(self, blocks: object) -> None:
        for block in blocks:  # type: ignore[attr-defined]
            self.draw(block)

    def _one(self, block: blocks.Block) -> None:
        """A table, a picture or a note, wherever it stands."""
        match block:
            case blocks.Table():
                caption = block.caption if block.place is not Place.PAGE else None
                show.table(block.make(), caption, long=block.long)
            case blocks.Note(text=text):
                st.markdown(show.plain(text))
            case blocks.Picture(click=""):
                if block.moves:
                    show.moving(block.draw, self.now, key=block.key, alt=block.alt)
                else:
                    show.picture(partial(block.draw, self.now.spec), self.now.view, key=block.key, alt=block.alt)
            case blocks.Picture():
                self._clicked(block)

    def _clicked(self, block: blocks.Picture) -> None:
        """A picture in which a click does something."""
        now, draw = self.now, partial(block.draw, self.now.spec)
        if block.moves:
            now.moving[block.key] = block.draw
        wide, narrow = (draw(view) for view in show.both(now.view))
        light = show.in_the_light(draw, now.view)
        clicked = plot(
            wide, narrow=narrow, key=block.key, alt=show.visible(show.guarded(block.alt)), clicks=True, light=light
        )
        if clicked is not None:
            CLICKS[block.click](now, block, wide, clicked)

    def _row(self, row: blocks.Row) -> None:
        if row.widths:
            for column, one in zip(st.columns(row.widths, gap="medium"), row.pictures, strict=True):
                with column:
                    self.draw(one)
            return
        with st.grid(3, min_column_width=320):
            for one in row.pictures:
                self.draw(one)

    def draw_tabs(self) -> None:
        """Tables, models, methods, code and downloads; no tabs where there is nothing, or but one thing, to show."""
        self._draw_tabs()
        self.tabs, self.data = {}, []

    def _draw_tabs(self) -> None:
        if not (self.tabs or self.data):
            return
        now, key = self.now, self.question.key
        parts: dict[str, Callable[[], None]] = {}
        for place, label in ((Place.TABLE_TAB, "Table"), (Place.MODEL_TAB, "Model")):
            if place in self.tabs:
                parts[label] = partial(self._tab, place)
        if self.question.methods:
            parts["Method"] = lambda: tabs.methods(now, self.question.methods, key)
        if self.question.numbers is not None:
            parts["Code"] = lambda: code.draw(now, key)
        if not parts:
            self._downloads()
            return
        parts["Download"] = self._downloads
        unfolding.tabs_of(parts, key=f"tabs_{key}")

    def _downloads(self) -> None:
        open_tables = {one.key for one in self.data if one.discloses is Discloses.NOBODY}
        data = {one.key: one.make() for one in self.data}
        tabs.downloads(self.now, data, self.question.key, open_tables)

    def _tab(self, place: Place) -> None:
        for block in self.tabs[place]:
            self._one(block)
