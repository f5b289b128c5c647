"""Does the effect differ between kinds of people?"""

from __future__ import annotations

from collections.abc import Iterator

from ketadash import analyse
from ketadash.core.spec import AnalysisSpec, SubgroupEndpoint
from ketadash.questions.question import (
    Answer,
    Block,
    Data,
    Discloses,
    Doubts,
    Group,
    Material,
    Notice,
    Picture,
    Place,
    Question,
    RestsOn,
    Table,
)
from ketadash.questions.relapse.question import RELAPSE
from ketadash.questions.shared import estimand
from ketadash.questions.subgroups import code, document, figure, office_chart, tables, words
from ketadash.trial import Trial


def blocks(m: Material) -> Iterator[Block]:
    """The forest, what it rests on, and the one test; a notice where there is nothing to show."""
    result = analyse.subgroups_result(m.trial, m.spec)
    if result is None or m.suppress or result.trouble:
        yield Notice(words.CHOOSE if result is None else words.SMALL_CELLS if m.suppress else f"{result.trouble}.")
        return
    yield Answer(words.answer(result))
    if any(one.shown for one in result.levels):
        yield Picture(
            "subgroups",
            "subgroups",
            lambda spec, view: figure.plot(analyse.subgroups_result(m.trial, spec) or result, view),
            alt=words.alt(result),
            legend=words.legend(result),
            charts=lambda: (office_chart.forest(result),),
            moves=False,
        )
    yield RestsOn(words.rests_on(result), estimand.of_subgroups(m, words.what(result)))
    yield Doubts(result.warnings)
    yield Table(
        "subgroups",
        f"Effect by {words.name(result)}",
        lambda: tables.effects(result),
        Discloses.PEOPLE,
    )
    yield Table(
        "subgroups-interaction",
        "Test of interaction",
        lambda: tables.interaction(result),
        Discloses.NOBODY,
        place=Place.MODEL_TAB,
    )
    yield Data("subgroups", lambda: tables.full(result), Discloses.PEOPLE)


def rule_idle(spec: AnalysisSpec) -> str:
    """Relapse depends on missing days no more than on its own page; days abstinent do."""
    return RELAPSE.rule_idle(spec) if spec.subgroup_endpoint is SubgroupEndpoint.RELAPSE else ""


def answerable(trial: Trial, spec: AnalysisSpec, suppress: bool) -> bool:
    """Whether a characteristic is chosen that makes groups, and small groups may be shown."""
    result = None if suppress else analyse.subgroups_result(trial, spec)
    return result is not None and not result.trouble


SUBGROUPS = Question(
    key="subgroups",
    title="Does the effect differ between kinds of people?",
    name="Subgroups",
    group=Group.HOW_SURE,
    path="by-subgroup",
    icon="groups",
    help="The effect by a characteristic, with one test.",
    blocks=blocks,
    beside=("missing", "subgroup", "subgroup_endpoint"),
    unmoved=("trend", "adjust", "estimand"),
    discloses=Discloses.PEOPLE,
    methods=("subgroups", "nnt"),
    topic=("subgroups",),
    numbers=code.numbers,
    document=document.document,
    only="subgroups",
    answerable=answerable,
    rule_idle=rule_idle,
    exploratory="subgroup",
)
