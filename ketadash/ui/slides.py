"""What each page's slide is made of: the sections that exports have, and a few pictures of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from html import escape
from itertools import groupby
from typing import Any

import streamlit as st

from ketadash import analyse
from ketadash.analyse.specifications import PROBLEMS, specification_curve
from ketadash.export import catalogue
from ketadash.export.reproduction import reproduced
from ketadash.export.sections import Material, Picture, Section
from ketadash.questions import registry
from ketadash.questions.overview import agreement
from ketadash.questions.overview import words as say
from ketadash.questions.overview.question import AGREEMENT
from ketadash.questions.overview.standing import how_it_stands
from ketadash.questions.shared import alt as words_alt
from ketadash.questions.shared import curve, words
from ketadash.questions.shared.theme import Figure
from ketadash.questions.specifications import figure as specification_figure
from ketadash.questions.specifications import words as words_specifications
from ketadash.ui import page_controls, privacy, show
from ketadash.ui import presenting_words as words_presenting
from ketadash.ui.components import imputing, overview, sensitivity, specifications
from ketadash.ui.plot import fitted
from ketadash.ui.state import Current

NOTHING_LONG: Mapping[str, object] = {}
LAST = 3  # step of a build: points, lines, bands
ORDER = tuple(chapter.page for chapter in catalogue.CHAPTERS)


@dataclass(frozen=True, slots=True)
class Fitted:
    """A picture of a slide, as wide as a desk has it and as narrow as a phone does."""

    key: str
    wide: Figure
    narrow: Figure
    alt: str


Part = Fitted | str  # a string is HTML


@dataclass(frozen=True, slots=True)
class Slide:
    """A page as a slide; `parts` are its pictures at a step of the build, if it `builds`.

    What `goes_on` is computed while it is shown, and may draw a picture of its own.
    """

    question: str
    answer: str
    rests_on: str
    parts: Callable[[int], tuple[Part, ...]]
    builds: bool = False
    goes_on: Callable[[], None] | None = None

    def draw(self, step: int) -> None:
        """Show its pictures."""
        for part in self.parts(step):
            if isinstance(part, Fitted):
                fitted(part.wide, part.narrow, key=part.key, alt=part.alt)
            else:
                st.html(part)
        if self.goes_on is not None:
            self.goes_on()


def make(page: str, now: Current) -> Slide:
    """The slide of a page in the current state."""
    if page in OWN_CHOICES:
        # where the page's own control stands: not shown, but drawn, since what is not drawn leaves the link
        with st.container(key="slide_unseen"):
            OWN_CHOICES[page]()
    if outcomes := imputing.outstanding(now, page):
        return _imputed_first(page, now, outcomes)
    return unasked(page, now)


def _imputed_first(page: str, now: Current, outcomes: tuple[str, ...]) -> Slide:
    """A slide that rests on days which a large trial's thread is still imputing; it is made once they are there."""

    def goes_on() -> None:
        if not imputing.drawing(now, outcomes):
            st.rerun()

    title = analyse.terms(now.trial, now.spec).worded(registry.question(page).title)
    return Slide(title, words_presenting.IMPUTING, "", _nothing, goes_on=goes_on)


def unasked(page: str, now: Current) -> Slide:
    """The slide of a page in any state, while another is on screen."""
    return MAKERS.get(page, _from_section)(page, now)


def goes_on(page: str, now: Current) -> bool:
    """Whether a page's slide would have something to compute while it is shown: told without making it."""
    return page == "specifications" or (page == "overview" and overview.agreement_so_far(now).n_open > 0)


def answerable(now: Current) -> tuple[str, ...]:
    """The pages whose slides have something to show in this trial, in order."""
    suppress = privacy.suppressing()
    return tuple(page for page in ORDER if registry.question(page).answerable(now.trial, now.spec, suppress))


def _material(now: Current) -> Material:
    view = now.view
    outside = view.p_values_outside
    return Material(now.trial, now.spec, view.p_values, privacy.suppressing(), look=view, p_values_outside=outside)


def _sections(
    page: str,
    now: Current,
    wanted: Callable[[Section], bool] = lambda s: True,
    ready: Mapping[str, object] = NOTHING_LONG,
) -> Section | None:
    """The first section of a page that is wanted, given what is `ready` of long work; those behind are not computed."""
    m = replace(_material(now), ready=ready)
    return next((s for s in catalogue.chapter(page).make(m) if wanted(s)), None)


def _from_section(page: str, now: Current) -> Slide:
    """A page whose first section says it."""
    return _slide(page, _sections(page, now))


def _slide(page: str, section: Section | None, which: int = 0) -> Slide:
    """A section with one of its pictures."""
    if section is None:
        title = catalogue.chapter(page).title
        return Slide(title, words_presenting.NOTHING, "", _nothing)
    pictures = section.pictures[which : which + 1]
    return Slide(section.question, section.answer, section.rests_on, lambda step: tuple(map(_fitted, pictures)))


def _nothing(step: int) -> tuple[Part, ...]:
    return ()


def _fitted(one: Picture) -> Fitted:
    return Fitted(f"slide_{one.name}", one.figure, one.narrow, show.guarded(one.alt))


def _daily(page: str, now: Current) -> Slide:
    """A daily outcome, built from points to lines to bands."""
    result_of = analyse.abstinence_result if page == "abstinence" else analyse.heavy_result
    usual, result = _slide(page, _sections(page, now)), result_of(now.trial, now.spec)
    if result is None or not result.modelled:
        return usual

    def parts(step: int) -> tuple[Part, ...]:
        wide, narrow = (
            curve.plot(result, view, day_zero=now.trial.declared.event, step=step) for view in show.both(now.view)
        )
        return (Fitted(f"slide_{page}", wide, narrow, show.guarded(words_alt.curve(result))),)

    return replace(usual, parts=parts, builds=True)


def _missing(page: str, now: Current) -> Slide:
    """Every assumption side by side; the current curve where there is none missing, or they take minutes."""
    section = None if not sensitivity.is_short(now) else _sections(page, now, lambda s: s.key == "assumptions")
    first = _sections(page, now)
    if section is None or first is None:
        return _slide(page, first)
    return replace(_slide(page, section), question=first.question)


def _relapse(page: str, now: Current) -> Slide:
    """The endpoint that the page itself shows."""
    endpoint = page_controls.endpoint_shown()
    # heavy days may be unknown: then what does not need them
    return _slide(page, _sections(page, now, lambda s: s.key == endpoint) or _sections(page, now))


def _participants(page: str, now: Current) -> Slide:
    """Who stayed; nobody in a room could read the boxes of the flow, and the answer has their numbers."""
    return _slide(page, _sections(page, now), which=1)


def _overview(page: str, now: Current) -> Slide:
    """The four cards, without their pictures, and how many specifications agree."""
    trial, spec = now.trial, now.spec
    abstinence = analyse.abstinence_result(trial, spec)
    cards = (
        say.card_abstinence(abstinence),
        say.card_heavy(analyse.heavy_result(trial, spec), analyse.terms(trial, spec)),
        say.card_relapse(analyse.time_to_event(trial, spec)["relapse"]),
        say.card_nnt(analyse.nnt_result(trial, spec)),
    )
    every = overview.agreement_so_far(now)
    usual = _slide(page, _sections(page, now, ready={AGREEMENT: every}))

    def parts(step: int) -> tuple[Part, ...]:
        cards_html = "".join(_card(*(show.visible(show.guarded(text)) for text in card)) for card in cards)
        return f'<div class="ketadash-slide ketadash-cards">{cards_html}</div>', *usual.parts(step)

    agree = agreement.agreement(every)
    stands = how_it_stands(trial, spec, abstinence, now.view.p_values)
    answer = say.overview(abstinence, analyse.percent_days_abstinent(trial, spec), stands)
    goes_on = partial(overview.compute_agreement, now, lambda so_far: None) if every.n_open else None
    return Slide(usual.question, answer, agree, parts, goes_on=goes_on)  # and drawn again at the end


def _card(title: str, number: str, sentence: str) -> str:
    return (
        f'<div><p class="what">{escape(title)}</p><p class="number">{escape(number)}</p>'
        f'<p class="said">{escape(sentence)}</p></div>'
    )


def _specifications(page: str, now: Current) -> Slide:
    """The specification curve as far as it is computed; it goes on while it is shown."""
    outcome = page_controls.outcome_shown()
    problem, question = PROBLEMS[outcome](now.trial, now.spec), registry.question(page).title
    if problem is None:
        return Slide(question, words.no_heavy(now.spec), "", _nothing)
    work = specifications.work(now, problem)
    result = specification_curve(problem, [row for _, some in work.results for row in some])
    name = now.trial.declared.analysis_name or "default"

    def so_far(some: Any) -> None:
        if some.rows:
            wide, narrow = (specification_figure.plot(some, view, analysis_name=name) for view in show.both(now.view))
            fitted(wide, narrow, key="slide_specifications", alt=words_specifications.alt(some))

    def goes_on() -> None:
        specifications.compute_curve(outcome, now, so_far)

    done = work.finished and result.rows
    answer = words_specifications.answer(result) if done else words_presenting.COMPUTING
    rests = words_specifications.declared(result, name) if done else words_presenting.ON_THE_PAGE
    return Slide(question, answer, rests, _nothing, goes_on=goes_on)


def _paper(page: str, now: Current) -> Slide:
    """How many numbers of each section of the report agree."""
    section = _sections(page, now)
    usual = _slide(page, section)
    if section is None:
        return usual
    reproduced_rows = reproduced(now.trial, now.trial.declared.published)
    groups = [(name, list(members)) for name, members in groupby(reproduced_rows, key=lambda r: r.printed.section)]

    def parts(step: int) -> tuple[Part, ...]:
        head = "".join(f'<th scope="col">{escape(h)}</th>' for h in words_presenting.AGREE)
        rows = "".join(
            f"<tr><td>{escape(name)}</td><td>{len(members)}</td><td>{sum(r.agrees for r in members)}</td></tr>"
            for name, members in groups
        )
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
        return (f'<div class="ketadash-slide">{table}</div>',)

    return replace(usual, parts=parts)


UNMOVED = frozenset({"participants"})  # the rule changes what these pages say, and nothing that their slides show
OWN_CHOICES = {"relapse": page_controls.endpoint, "specifications": page_controls.outcome}
MAKERS: dict[str, Callable[[str, Current], Slide]] = {
    "overview": _overview,
    "abstinence": _daily,
    "heavy_drinking": _daily,
    "relapse": _relapse,
    "missing_days": _missing,
    "specifications": _specifications,
    "participants": _participants,
    "paper": _paper,
}
