"""Do we get what was printed?"""

from __future__ import annotations

from collections.abc import Iterator

from ketadash.questions.paper import tables, words
from ketadash.questions.paper.printed import Report, Reproduced, report_of
from ketadash.questions.question import (
    Answer,
    Block,
    Data,
    Discloses,
    Group,
    Growing,
    Material,
    Notice,
    Place,
    Question,
    RestsOn,
    Table,
    WebOnly,
)
from ketadash.questions.shared import rule_matters


def blocks(m: Material) -> Iterator[Block]:
    """Every printed number beside ours, for a trial whose report is known.

    Ours are looked up in the JSON document, which whoever renders the blocks can make: `REPRODUCED` asks for them.
    """
    printed = report_of(m.trial)
    if printed is None:
        yield Notice(words.NO_REPORT)
        return
    yield Growing(REPRODUCED, lambda rows: _compared(m, printed, rows))


REPRODUCED = "reproduced"


def _compared(m: Material, printed: Report, rows: tuple[Reproduced, ...]) -> Iterator[Block]:
    yield Answer(words.answer(rows, m.p_values))
    yield RestsOn(f"{words.HOW} Printed in: {printed.source}.", of_set=False)
    yield Table(
        "printed-and-ours",
        "Printed and ours",
        lambda: tables.table(rows, m.p_values),
        Discloses.NOBODY,
        place=Place.FILES_ONLY,  # the page has one for each section of the report
    )
    yield WebOnly("printed_by_section")
    yield Data("printed and ours", lambda: tables.table(rows, m.p_values), Discloses.NOBODY)


PAPER = Question(
    key="paper",
    title="Do we get what was printed?",
    name="Paper and app",
    group=Group.THE_TRIAL,
    path="printed-and-ours",
    icon="fact_check",
    help="Every printed number beside ours.",
    blocks=blocks,
    discloses=Discloses.NOBODY,
    answerable=lambda trial, spec, suppress: trial.published is not None,
    rule_idle=rule_matters.nowhere,
    usual_in_report=False,
)
