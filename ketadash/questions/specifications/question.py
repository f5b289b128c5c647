"""Does the answer depend on our choices?"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ketadash.analyse.specifications import PROBLEMS
from ketadash.questions.abstinence import code as abstinence_code
from ketadash.questions.question import (
    Answer,
    Block,
    Data,
    Discloses,
    Group,
    Growing,
    Material,
    Note,
    Notice,
    Part,
    Picture,
    Place,
    Question,
    RestsOn,
    Table,
    WebOnly,
)
from ketadash.questions.shared import estimand, rule_matters
from ketadash.questions.shared import words as shared_words
from ketadash.questions.shared.code_numbers import capital
from ketadash.questions.specifications import document, figure, office_chart, tables, words
from ketadash.results.sensitivity import SpecificationCurve

TITLE = "Does the answer depend on our choices?"


def computation(outcome: str) -> str:
    """What the computation of an outcome's curve is called."""
    return f"specifications {outcome}"


def blocks(m: Material) -> Iterator[Block]:
    """The curve of the outcome that the reader chose, or each one that is computed."""
    if m.part and PROBLEMS[m.part](m.trial, m.spec) is None:
        yield Notice(shared_words.no_heavy(m.spec, on_page=m.on_page))
        return
    for outcome in (m.part,) if m.part else PROBLEMS:
        title = f"{TITLE} ({outcome.replace('_', ' ')})"
        yield Part(f"specifications_{outcome}", title, Discloses.NOBODY, (outcome,), heading=False)
        yield Growing(computation(outcome), partial(_curve, m))


def _curve(m: Material, result: SpecificationCurve) -> Iterator[Block]:
    """Sorted estimates over the matrix of choices, as far as they are computed; a click shows one of them."""
    yield Note(f"{capital(result.quantity)}. {words.NOTE}", Place.MODEL_TAB)
    if not result.rows:
        yield Note("The table comes once every specification is computed.", Place.TABLE_TAB)
        return
    yield Answer(words.answer(result))
    yield Picture(
        f"specifications_{result.outcome}",
        f"specifications-{result.outcome}",
        lambda _, view: figure.plot(result, view, analysis_name=m.analysis_name),
        alt=words.alt(result),
        legend=words.legend(result, m.arms),
        charts=lambda: (office_chart.specifications(result),),
        moves=False,
        click="specification",
        result=result,
    )
    yield WebOnly("chosen_specification")
    rests_on = (words.declared(result, m.analysis_name), words.kinds(result), words.left_out(result))
    yield RestsOn(" ".join(filter(None, rests_on)), estimand.named(estimand.VARIED))
    yield Table(
        f"specifications-{result.outcome}",
        capital(result.quantity),
        lambda: tables.table(result, m.analysis_name),
        Discloses.NOBODY,
        deep=True,
        long=True,
    )
    yield Data(computation(result.outcome), lambda: tables.full(result), Discloses.NOBODY)


SPECIFICATIONS = Question(
    key="specifications",
    title=TITLE,
    name="Every specification",
    group=Group.HOW_SURE,
    path="every-choice",
    icon="tune",
    help="The answer under every combination of choices.",
    blocks=blocks,
    discloses=Discloses.NOBODY,
    methods=("specification-curve", "imputation", "competing-risks"),
    # numbers of the first outcome; on the page, the Code tab has those of the outcome chosen
    numbers=abstinence_code.numbers,
    document=document.document,
    only="sensitivity",
    choice="outcome",
    rule_idle=rule_matters.nowhere,
    usual_in_report=False,
)
