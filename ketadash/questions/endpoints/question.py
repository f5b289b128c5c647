"""What do the endpoints say that alcohol trials are judged by?"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ketadash import analyse
from ketadash.questions.endpoints import code, document, figure, office_chart, tables, words
from ketadash.questions.question import (
    Answer,
    Block,
    Data,
    Discloses,
    Doubts,
    Group,
    Heading,
    Material,
    Picture,
    Place,
    Question,
    RestsOn,
    Table,
)
from ketadash.questions.shared import estimand


def blocks(m: Material) -> Iterator[Block]:
    """The answer, a forest, all of them as a table, and each one's definition."""
    result = analyse.endpoints(m.trial, m.spec)
    yield Answer(words.answer(result, m.trial.declared.primary))
    yield Picture(
        "endpoints",
        "endpoints",
        lambda s, view: figure.plot(analyse.endpoints(m.trial, s), view),
        alt=words.alt(result),
        legend=words.legend(result),
        charts=lambda: office_chart.endpoints(result),
    )
    yield RestsOn(words.rests_on(result, m.spec), estimand.of_endpoints(m))
    yield Doubts(words.doubts(result, m.trial.declared.primary))
    yield Table("endpoints", words.NAME, lambda: tables.table(result), Discloses.NOBODY, place=Place.PAGE)
    yield Heading("What each of them is")
    for e in result.each:
        yield Table(
            f"endpoint-{e.key}", e.label, partial(tables.details, e), Discloses.NOBODY, place=Place.FOLDED, deep=True
        )
    yield Data("endpoints", lambda: tables.full(result.each), Discloses.NOBODY)


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
    only="endpoints",
)
