"""Who were they, and who stayed?"""

from __future__ import annotations

from collections.abc import Iterator

from ketadash import analyse
from ketadash.questions.participants import code, document, office_chart, staying, tables, words
from ketadash.questions.question import (
    Answer,
    Block,
    Data,
    Discloses,
    Group,
    Material,
    Note,
    Part,
    Picture,
    Place,
    Question,
    RestsOn,
    Row,
    SlidePlan,
    Table,
    Tabs,
    WebOnly,
)
from ketadash.questions.shared import tables as shared_tables
from ketadash.results.people import Participants


def blocks(m: Material) -> Iterator[Block]:
    """Flow, retention, Table 1; on the page alone, every day of everyone: files show groups, not people."""
    result = analyse.participants_result(m.trial, m.spec)
    yield Answer(words.answer(result))
    yield Row((_flow(result), _retention(result)), widths=(3, 2))
    yield RestsOn(words.rests_on(result, m.spec))
    yield from _table_one(result)
    if not tables.leaving(result).empty:
        yield Table("leaving", "Who left", lambda: tables.leaving(result), Discloses.PEOPLE, deep=True)
    yield Note(words.leaving(result), Place.TABLE_TAB)
    yield Data("table 1", lambda: tables.table_one_full(result.table), Discloses.PEOPLE)
    yield Data("retention", lambda: shared_tables.full(result.retention), Discloses.PEOPLE)
    yield Tabs()
    yield Part("day_map", "Every day of every participant", Discloses.PEOPLE)
    yield WebOnly("day_map")
    yield RestsOn(words.map_rests_on(result.days, m.spec))
    yield WebOnly("one_record")


def _flow(result: Participants) -> Picture:
    return Picture(
        "flow",
        "flow",
        lambda _, view: staying.flow(result.flow, view),
        alt=words.alt_flow(result),
        legend=words.legend_flow(result),
        moves=False,
    )


def _retention(result: Participants) -> Picture:
    return Picture(
        "retention",
        "retention",
        lambda _, view: staying.retention(result, view),
        alt=words.alt_retention(result),
        legend=words.legend_retention(result),
        charts=lambda: (office_chart.retention(result),),
        moves=False,
    )


def _table_one(result: Participants) -> Iterator[Block]:
    """Table 1, or which file would bring it."""
    if not result.table.rows:
        yield Note(words.would_bring_table_one(result.days.terms), Place.TABLE_TAB)
        return
    yield Table(
        "table-1", "Table 1. Baseline characteristics", lambda: tables.table_one(result.table), Discloses.PEOPLE
    )
    yield Note(words.chance(result.table), Place.TABLE_TAB)
    for text in words.left_out(result):
        yield Note(text, Place.TABLE_TAB)


PARTICIPANTS = Question(
    key="participants",
    title="Who were they, and who stayed?",
    name="Participants",
    group=Group.THE_TRIAL,
    path="who-they-were",
    icon="badge",
    help="Table 1, who stayed, and every day of everyone.",
    blocks=blocks,
    discloses=Discloses.PEOPLE,
    methods=("table-1", "participant-flow"),
    topic=("table_one",),
    numbers=code.numbers,
    document=document.document,
    only="participants",
    answerable=lambda trial, spec, suppress: not suppress,
    slide=SlidePlan(picture=1),  # nobody in a room could read the boxes of the flow; the answer has their numbers
)
