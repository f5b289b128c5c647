"""How many to treat for one more abstinent participant?"""

from __future__ import annotations

from collections.abc import Iterator

from ketadash import analyse
from ketadash.questions.nnt import code, document, figure, office_chart, tables, words
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
    Picture,
    Place,
    Question,
    RestsOn,
    Table,
)
from ketadash.questions.shared import alt, estimand, holding, legends
from ketadash.questions.shared import tables as shared_tables
from ketadash.questions.shared import words as shared_words


def blocks(m: Material) -> Iterator[Block]:
    """The numbers on their scale, and day by day."""
    trial, spec = m.trial, m.spec
    result, abstinence = analyse.nnt_result(trial, spec), analyse.abstinence_result(trial, spec)
    yield Answer(words.answer(result))
    yield Picture(
        "nnt_scale",
        "number-needed-to-treat",
        lambda s, view: figure.plot(analyse.nnt_result(trial, s), view),
        alt=words.answer(result),
        legend=words.legend(result, spec, abstinence.terms),
        charts=lambda: (office_chart.nnt(result),),
    )
    yield from holding.line(m, "nnt")
    yield RestsOn(f"{shared_words.rests_on(abstinence, spec)} {words.MEANS}", estimand.of_every_day(m, abstinence))
    yield Doubts((*result.doubts, *shared_words.doubts(abstinence)), abstinence)
    if result.by_day:
        yield Picture(
            "nnt_by_day",
            "nnt-by-day",
            lambda s, view: figure.by_day(analyse.nnt_result(trial, s), view),
            alt=alt.difference(abstinence),
            legend=f"{legends.difference(abstinence, spec)} Right: number needed to treat.",
            sentence=shared_words.last_day(abstinence),
        )
    yield Table("nnt", "Risks, differences and numbers needed to treat", lambda: tables.table(result), Discloses.NOBODY)
    yield Table(
        "nnt-model",
        "Abstinence model",
        lambda: shared_tables.coefficients(abstinence.model, abstinence.confidence, m.terms),
        Discloses.NOBODY,
        place=Place.MODEL_TAB,
        deep=True,
    )
    three = (result.observed, result.observed_last_day, result.modelled)
    yield Data("nnt", lambda: shared_tables.full(three), Discloses.NOBODY)
    yield Data("difference by day", lambda: shared_tables.full(result.by_day), Discloses.NOBODY)


def card(m: Material) -> Card:
    """The observed number and its interval."""
    title, number, text = overview_words.card_nnt(analyse.nnt_result(m.trial, m.spec))
    return Card("nnt", title, number, text, lambda s, v: spark.difference(analyse.nnt_result(m.trial, s).observed, v))


NNT = Question(
    key="nnt",
    title="How many to treat for one more abstinent participant?",
    name=words.NAME,
    group=Group.RESULTS,
    path="number-needed-to-treat",
    icon="groups",
    help="How many to treat for one more.",
    blocks=blocks,
    beside=("missing",),
    discloses=Discloses.NOBODY,
    methods=("nnt", "population-average"),
    topic=("nnt",),
    card=card,
    numbers=code.numbers,
    document=document.document,
    only="nnt",
)
