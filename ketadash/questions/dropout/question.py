"""What if dropout is not relapse?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ketadash import analyse
from ketadash.core.families import DROPOUT_WAYS
from ketadash.core.spec import AnalysisSpec
from ketadash.questions.dropout import code, document, figure, tables, words
from ketadash.questions.question import (
    Answer,
    Block,
    Data,
    Discloses,
    Doubts,
    Group,
    Heading,
    Material,
    Notice,
    Picture,
    Place,
    Question,
    RestsOn,
    Table,
    needed,
)
from ketadash.questions.relapse import office_chart as relapse_chart
from ketadash.questions.relapse import tables as relapse_tables
from ketadash.questions.shared import estimand, rule_matters
from ketadash.questions.shared import tables as shared_tables
from ketadash.questions.shared import words as shared_words
from ketadash.questions.shared.answerable import tells_relapse
from ketadash.questions.shared.office_chart import Chart
from ketadash.results import TimeToEvent
from ketadash.results.sensitivity import DropoutWays


def blocks(m: Material) -> Iterator[Block]:
    """Relapse under each reading of dropout, and under every number of dropouts who relapsed."""
    result = analyse.dropout_ways(m.trial, m.spec)
    if result is None:
        yield Notice(shared_words.no_heavy(m.spec, on_page=m.on_page))
        return
    yield Answer(words.answer(result))
    yield Picture(
        "dropout_ways",
        "dropout-three-ways",
        lambda s, view: figure.plot(needed(analyse.dropout_ways(m.trial, s)), view),
        alt=words.alt(result),
        legend=words.legend(result),
        charts=lambda: tuple(_chart(way) for way in result.ways),
        moves=False,
    )
    yield RestsOn(words.rests_on(result, m.spec), estimand.of_dropout(m, result.ways[0].window[1]))
    yield Table(
        "dropout",
        "Relapse under each reading of dropout",
        lambda: tables.readings(result),
        Discloses.NOBODY,
        place=Place.PAGE,
    )
    yield Doubts(tuple(message for way in result.ways for message in (*way.rmst.messages, *way.warnings)))
    for way in result.ways:
        yield from _reading(way)
    yield from _counted(result, m.spec)


def _chart(way: TimeToEvent) -> Chart:
    """A reading's curves, which say whose they are."""
    drawn = relapse_chart.survival(way)
    return replace(drawn, key=f"{words.head(way)}. {drawn.key}")


def _reading(way: TimeToEvent) -> Iterator[Block]:
    name = words.reading_name(way)
    yield Table(
        f"dropout-{way.dropout}-summary",
        f"Events, medians and event-free days, dropout {name}",
        lambda: relapse_tables.summary(way),
        Discloses.NOBODY,
        deep=True,
    )
    yield Table(
        f"dropout-{way.dropout}",
        f"Comparison of the arms, dropout {name}",
        lambda: relapse_tables.tests(way),
        Discloses.NOBODY,
        place=Place.MODEL_TAB,
        deep=True,
    )
    yield Data(f"dropout {way.dropout}", lambda: shared_tables.full(way.curve), Discloses.NOBODY)


def _counted(result: DropoutWays, spec: AnalysisSpec) -> Iterator[Block]:
    text = words.counted(result, spec)
    if text is None:
        return
    yield Heading("What if only some of the dropouts relapsed?")
    yield Answer(text)
    if result.counted:
        yield Table(
            "dropouts-counted",
            "Hazard ratio by how many of the dropouts relapsed",
            lambda: tables.counted(result),
            Discloses.NOBODY,
            place=Place.PAGE,
            deep=True,
        )
        yield RestsOn(words.COUNTED_RESTS_ON)


DROPOUT = Question(
    key="dropout",
    title="What if dropout is not relapse?",
    name="Dropout",
    group=Group.HOW_SURE,
    path="if-dropout-is-not-relapse",
    icon="logout",
    help="Relapse with dropout taken three ways.",
    blocks=blocks,
    unmoved=("trend", "adjust", "estimand"),
    rule_idle=rule_matters.unless(DROPOUT_WAYS, rule_matters.NOTHING_HERE),
    discloses=Discloses.NOBODY,
    methods=("competing-risks", "time-to-event-definitions", "log-rank"),
    topic=("relapse",),
    numbers=code.numbers,
    document=document.document,
    only="sensitivity",
    answerable=tells_relapse,
)
