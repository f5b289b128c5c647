"""Who responded, by every usual definition?"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ketadash import analyse
from ketadash.core.errors import SpecError
from ketadash.core.spec import AnalysisSpec, ViewSpec
from ketadash.questions.question import (
    Answer,
    Block,
    Data,
    Discloses,
    Doubts,
    Group,
    Material,
    Notice,
    Part,
    Picture,
    Place,
    Question,
    RestsOn,
    Row,
    Table,
)
from ketadash.questions.responders import code, figure, office_chart, streams, tables, words
from ketadash.questions.shared import estimand
from ketadash.questions.shared.legends import arm_sizes
from ketadash.questions.shared.theme import Figure
from ketadash.results.endpoints import Flow, ResponderCurve, Responders


def blocks(m: Material) -> Iterator[Block]:
    """The ladder, the share at every cut, and the levels before and after."""
    who = analyse.responders(m.trial, m.spec)
    yield Part("responders", words.TITLE, Discloses.NOBODY, ("responders",), heading=False)
    yield from _ladder(m, who)
    yield Part("responders_curves", words.CURVES_TITLE, Discloses.PEOPLE, ("responders",))
    yield from _hidden() if m.suppress else _curves(m, who)
    yield Part("responders_levels", words.LEVELS_TITLE, Discloses.PEOPLE, ("responders",))
    yield from _hidden() if m.suppress else _levels(m, who)


def _hidden() -> Iterator[Block]:
    yield Notice(words.SUPPRESSED)


def _ladder(m: Material, who: Responders) -> Iterator[Block]:
    ladder = who.ladder
    yield Answer(words.ladder_answer(ladder))
    if not ladder.rungs:
        yield Doubts(ladder.messages)
        return
    yield Picture(
        "responders_ladder",
        "responder-ladder",
        lambda s, view: figure.ladder(analyse.responders(m.trial, s).ladder, view),
        alt=words.ladder_alt(ladder),
        legend=_with_sizes(words.ladder_legend(ladder), m),
        charts=lambda: office_chart.ladder(ladder),
    )
    yield RestsOn(words.ladder_rests_on(ladder), estimand.of_responders(m))
    yield Doubts(ladder.messages)
    yield Table(
        "responders", "Responders at each rung", lambda: tables.ladder(ladder), Discloses.NOBODY, place=Place.PAGE
    )
    yield Data("responders", lambda: tables.ladder_full(ladder), Discloses.NOBODY)


def _with_sizes(text: str, m: Material) -> str:
    return f"{text} Arms: {arm_sizes(m.arms)}."


def _curves(m: Material, who: Responders) -> Iterator[Block]:
    yield Answer(" ".join(words.curve_answer(c) for c in who.curves))
    yield Row(tuple(_curve(m, c) for c in who.curves))
    yield RestsOn(words.curves_rest_on())
    yield Doubts(tuple(f"{c.label}: {text}" for c in who.curves for text in c.messages))
    for c in who.curves:
        yield Data(f"responders {c.measure}", partial(tables.curve_full, c), Discloses.PEOPLE)


def _curve(m: Material, c: ResponderCurve) -> Picture:
    def draw(s: AnalysisSpec, view: ViewSpec) -> Figure:
        """By its measure and not by its place: other choices may leave a measure out, and then there is no picture."""
        for curve in analyse.responders(m.trial, s).curves:
            if curve.measure == c.measure:
                return figure.curve(curve, view)
        raise SpecError(f"under these choices nothing is measured of {c.label}")

    return Picture(
        f"responders_{c.measure.replace('drinks', 'amount')}",
        f"responders-{c.measure.replace('drinks', 'amount').replace('_', '-')}",
        draw,
        alt=words.curve_alt(c),
        legend=_with_sizes(words.curve_legend(c), m),
        charts=partial(office_chart.curve, c),
        sentence=words.curve_answer(c),
    )


def _levels(m: Material, who: Responders) -> Iterator[Block]:
    flow = who.flow
    if flow is None:
        yield Notice(words.NO_LEVELS)
        return
    yield Answer(words.flow_answer(flow))
    yield Picture(
        "responders_levels",
        "who-levels",
        lambda _, view: streams.plot(flow, view),
        alt=words.flow_answer(flow),
        legend=_with_sizes(words.flow_legend(flow, m.terms), m),
        moves=False,
    )
    yield RestsOn(words.flow_rests_on())
    yield Doubts(flow.messages)
    for k, arm in enumerate(flow.arms):
        yield _table(flow, k, arm)


def _table(flow: Flow, k: int, arm: str) -> Table:
    return Table(
        f"who-levels-{k}", f"WHO levels before and after, {arm}", lambda: tables.flow(flow, k), Discloses.PEOPLE
    )


RESPONDERS = Question(
    key="responders",
    title=words.TITLE,
    name=words.NAME,
    group=Group.RESULTS,
    path="responders",
    icon="stairs",
    help="A ladder of definitions, every cut of a measure, and WHO risk levels before and after.",
    blocks=blocks,
    beside=("missing",),
    unmoved=("estimand",),
    discloses=Discloses.NOBODY,
    methods=("responders", "endpoints"),
    topic=("responders",),
    numbers=code.numbers,
    usual_in_report=False,
)
