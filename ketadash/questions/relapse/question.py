"""How long until relapse?"""

from __future__ import annotations

from collections.abc import Iterator

from ketadash import analyse
from ketadash.core.choices.endpoint import Endpoint, definition_of
from ketadash.core.families import TIME_TO_EVENT
from ketadash.core.spec import AnalysisSpec, ViewSpec
from ketadash.questions.overview import spark
from ketadash.questions.overview import words as overview_words
from ketadash.questions.question import (
    Answer,
    Block,
    Card,
    Data,
    Discloses,
    Doubts,
    Group,
    Material,
    Note,
    Notice,
    Part,
    Picture,
    Place,
    Question,
    RestsOn,
    Table,
    needed,
)
from ketadash.questions.relapse import code, document, figure, office_chart, proportional, tables, words
from ketadash.questions.shared import adjusted, estimand, holding, rule_matters
from ketadash.questions.shared import tables as shared_tables
from ketadash.questions.shared.theme import Figure
from ketadash.results import TimeToEvent
from ketadash.results.adjusted import AdjustedHazard


def blocks(m: Material) -> Iterator[Block]:
    """The endpoint that the reader chose, or each of them; the side-by-side table with the first."""
    every = analyse.time_to_event(m.trial, m.spec)
    shown = {name: result for name, result in every.items() if m.part in ("", name)}
    if m.part and every[m.part] is None:
        instead = next(name for name, result in every.items() if result is not None)
        yield Notice(words.instead(m.spec, definition_of(instead), on_page=m.on_page))
        shown = {instead: every[instead]}
    first = next((name for name, result in shown.items() if result is not None), None)
    for name, result in shown.items():
        if result is not None:
            yield Part(name, definition_of(name).title, Discloses.NOBODY, ("relapse",), heading=False)
            yield from _endpoint(m, name, result, every if name == first else {})


def _endpoint(m: Material, name: str, result: TimeToEvent, every: dict[str, TimeToEvent | None]) -> Iterator[Block]:
    in_words = name.replace("_", " ")
    yield Answer(words.answer(result))
    yield Picture(
        "survival",
        f"time-to-{name.replace('_', '-')}",
        lambda s, view: figure.plot(needed(analyse.time_to_event(m.trial, s)[name]), view, day_zero=m.day_zero),
        alt=words.alt(result),
        legend=words.legend(result),
        charts=lambda: (office_chart.survival(result),),
    )
    hazard = _hazard(m, name)
    if compared := words.ratios(result, hazard):
        yield Note(compared)
    if name == Endpoint.RELAPSE:
        yield from holding.line(m, "relapse")
    rests = f"{words.rests_on(result, m.spec)}{proportional.sentence(result)}"
    yield RestsOn(rests, estimand.of_times(m, result))
    yield Doubts(_doubts(m, name, result))
    yield Table(
        f"{name}-tests",
        f"Comparison of the arms, {in_words}",
        lambda: tables.tests(result, hazard),
        Discloses.NOBODY,
        place=Place.MODEL_TAB,
    )
    yield from _proportional(result, name)
    yield from _shares(m, name, in_words)
    yield Table(
        f"{name}-summary",
        f"Events, medians and event-free days, {in_words}",
        lambda: tables.summary(result),
        Discloses.NOBODY,
    )
    if every:
        yield Table(
            "endpoints",
            "The three endpoints side by side",
            lambda: tables.endpoints(every),
            Discloses.NOBODY,
            place=Place.MODEL_TAB,
            deep=True,
        )
    yield Data(f"{in_words} curve", lambda: shared_tables.full(result.curve), Discloses.NOBODY)


def _proportional(result: TimeToEvent, name: str) -> Iterator[Block]:
    """Whether the hazard ratio holds on all days, as a picture."""
    if result.cox.proportional is not None:
        yield Picture(
            f"{name}-log-log",
            f"log-log-{name.replace('_', '-')}",
            lambda _, view: proportional.plot(result, view),
            alt=proportional.alt(result),
            legend=proportional.legend(result),
            sentence=proportional.sentence(result).strip(),
            moves=False,
            place=Place.MODEL_TAB,
        )


def _hazard(m: Material, name: str) -> AdjustedHazard | None:
    both = analyse.adjusted_events(m.trial, m.spec).get(name)
    return None if both is None else both.hazard


def _shares(m: Material, name: str, in_words: str) -> Iterator[Block]:
    """The share with the event within strata and adjusted, where either is chosen."""
    shares = analyse.adjusted_events(m.trial, m.spec).get(name)
    if shares is not None:
        yield Table(
            f"{name}-adjusted",
            f"{adjusted.HEAD}, {in_words}",
            lambda: adjusted.table(shares),
            Discloses.NOBODY,
            place=Place.MODEL_TAB,
        )


def _doubts(m: Material, name: str, result: TimeToEvent) -> tuple[str, ...]:
    """What speaks against its numbers, and those within strata and adjusted, where there are such."""
    shares = analyse.adjusted_events(m.trial, m.spec).get(name)
    return (
        *result.logrank.messages,
        *result.cox.messages,
        *proportional.doubt(result),
        *result.rmst.messages,
        *result.warnings,
        *(adjusted.doubts(shares) if shares is not None else ()),
    )


def card(m: Material) -> Card:
    """How many relapsed, the test, and the two curves."""
    title, number, text = overview_words.card_relapse(analyse.time_to_event(m.trial, m.spec)["relapse"])

    def draw(spec: AnalysisSpec, view: ViewSpec) -> Figure:
        return spark.survival(needed(analyse.time_to_event(m.trial, spec)["relapse"]), view)

    return Card("relapse", title, number, text, draw)


RELAPSE = Question(
    key="relapse",
    title=Endpoint.RELAPSE.about.title,
    name="Time to relapse",
    group=Group.RESULTS,
    path="time-to-relapse",
    icon="timeline",
    help="Kaplan–Meier curves with numbers at risk.",
    blocks=blocks,
    beside=("missing", "dropout"),
    unmoved=("trend", "adjust", "estimand"),
    rule_idle=rule_matters.unless(TIME_TO_EVENT, words.RULE_IDLE),
    discloses=Discloses.NOBODY,
    methods=("time-to-event-definitions", "kaplan-meier", "log-rank", "cox", "rmst"),
    topic=("relapse",),
    card=card,
    numbers=code.numbers,
    document=document.document,
    only="time_to_event",
    choice="endpoint",
)
