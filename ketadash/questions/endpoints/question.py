"""What do the endpoints say that alcohol trials are judged by?"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ketadash import analyse
from ketadash.core.spec import AnalysisSpec, PValues, ViewSpec
from ketadash.questions.endpoints import code, document, figure, office_chart, tables, words
from ketadash.questions.missing_days import alt, legends, tipping_strip
from ketadash.questions.missing_days import words as missing_words
from ketadash.questions.question import (
    Answer,
    Block,
    Data,
    Discloses,
    Doubts,
    Group,
    Growing,
    Heading,
    Material,
    Note,
    Picture,
    Place,
    Question,
    RestsOn,
    Table,
)
from ketadash.questions.shared import adjusted, estimand
from ketadash.questions.shared.theme import Figure
from ketadash.results.endpoints import Endpoints, ShuffledEndpoints
from ketadash.results.sensitivity import Strip


def blocks(m: Material) -> Iterator[Block]:
    """The answer, a forest, all of them as a table, and each one's definition."""
    result = analyse.endpoints(m.trial, m.spec)
    yield Answer(words.answer(result, m.trial.declared.primary))
    yield Picture(
        "endpoints",
        "endpoints",
        lambda s, view: figure.plot(analyse.endpoints(m.trial, s), view),
        alt=words.alt(result),
        legend=words.legend(result, m.arms),
        charts=lambda: office_chart.endpoints(result),
    )
    yield RestsOn(words.rests_on(m.spec), estimand.of_endpoints(m))
    yield Doubts(words.doubts(result, m.trial.declared.primary))
    yield Table("endpoints", words.NAME, lambda: tables.table(result), Discloses.NOBODY, place=Place.PAGE)
    for text in words.notes(result, m.trial.declared.primary):
        yield Note(text)
    yield from _adjusted(m)
    if m.p_values is not PValues.HIDDEN:
        yield Heading("Could chance alone have given them?")
        yield Growing(ENDPOINT_SHUFFLES, partial(_shuffled, result))
    yield Heading("What each of them is")
    for e in result.each:
        yield Table(
            f"endpoint-{e.key}", e.label, partial(tables.details, e), Discloses.NOBODY, place=Place.FOLDED, deep=True
        )
    yield from _strips(m)
    yield Data("endpoints", lambda: tables.full(result.each), Discloses.NOBODY)


def _adjusted(m: Material) -> Iterator[Block]:
    """The endpoints within strata and adjusted, where either is chosen."""
    result = analyse.adjusted_endpoints(m.trial, m.spec)
    if result is None:
        return
    yield Heading(adjusted.HEAD)
    yield RestsOn(adjusted.sentence(result, m.terms))
    yield Doubts(adjusted.doubts(result))
    yield Table("endpoints-adjusted", adjusted.HEAD, lambda: adjusted.table(result), Discloses.NOBODY, place=Place.PAGE)


ENDPOINT_SHUFFLES = "endpoint shuffles"


def _shuffled(result: Endpoints, shuffled: ShuffledEndpoints) -> Iterator[Block]:
    """Each endpoint's p by shuffling, as far as it is."""
    yield Answer(words.shuffled(shuffled))
    if shuffled.n_done:
        yield Table(
            "endpoints-shuffled",
            "Endpoints by shuffling",
            lambda: tables.shuffled(result, shuffled),
            Discloses.NOBODY,
            place=Place.PAGE,
        )


def _strips(m: Material) -> Iterator[Block]:
    """Each count of people under every outcome of those who are unknown, exactly."""
    for one in analyse.endpoint_strips(m.trial, m.spec):
        yield Note(missing_words.strip(one), place=Place.TABLE_TAB)
        yield Picture(
            f"endpoint_strip_{one.endpoint}",
            f"endpoint-strip-{one.endpoint.replace('_', '-')}",
            partial(_strip, one),
            alt=alt.tipping_strip(one),
            legend=words.strip_legend(one),
            sentence=missing_words.strip(one),
            moves=False,
            place=Place.TABLE_TAB,
        )
        if drawn := legends.drawn(one):
            yield Note(drawn, place=Place.TABLE_TAB)


def _strip(one: Strip, _: AnalysisSpec, view: ViewSpec) -> Figure:
    return tipping_strip.plot(one, view)


ENDPOINTS = Question(
    key="endpoints",
    title=words.TITLE,
    name=words.NAME,
    group=Group.RESULTS,
    path="endpoints",
    icon="fact_check",
    help="The endpoints that alcohol trials are judged by, each with its definition.",
    blocks=blocks,
    beside=("missing",),
    unmoved=("estimand",),
    discloses=Discloses.NOBODY,
    methods=("endpoints",),
    topic=("endpoints",),
    numbers=code.numbers,
    document=document.document,
    documents=document.DOCUMENTS,
    only="endpoints",
)
