"""Could chance alone have given this?  Shuffles, what the models miss, and who carries the results."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from ketadash.analyse.model_check import abstinence_check, heavy_check
from ketadash.core.spec import PValues
from ketadash.questions.chance import code, document, figure, office_chart, tables, words
from ketadash.questions.question import (
    Answer,
    Block,
    Data,
    Discloses,
    Doubts,
    Group,
    Growing,
    Material,
    Notice,
    Part,
    Picture,
    Question,
    RestsOn,
    Row,
    Table,
)
from ketadash.questions.shared import estimand
from ketadash.questions.shared.office_chart import Chart
from ketadash.results.chance import Influence, Randomisation

TITLE = "Could chance alone have given this?"
SHUFFLES, INFLUENCE = "randomisation", "influence"
SUPPRESSED = "Who carries a result points at single people, so it is not shown while small counts are suppressed."


def blocks(m: Material) -> Iterator[Block]:
    """What shuffling gives, whether the models describe the days, and whether one participant carries a result."""
    yield Part("chance_shuffles", TITLE, Discloses.NOBODY, ("chance",), heading=False)
    yield Growing(SHUFFLES, partial(_shuffles, m))
    yield Part("chance_models", "Do the models describe the days?", Discloses.NOBODY, ("chance",))
    yield from _models(m)
    yield Part("chance_people", "Does one participant carry the result?", Discloses.PEOPLE, ("chance",))
    if m.suppress:
        yield Notice(SUPPRESSED)
    else:
        yield Growing(INFLUENCE, partial(_people, m))


def _shuffles(m: Material, r: Randomisation) -> Iterator[Block]:
    """The histograms as far as they are; none while p-values are hidden, since they show them."""
    yield Answer(words.answer(r, m.p_values))
    if not r.n_done:
        return
    if m.p_values is not PValues.HIDDEN and any(c.statistic is not None for c in r.contrasts):
        yield Picture(
            "chance_shuffles",
            "shuffles",
            lambda _, view: figure.shuffles(r, view),
            alt=words.alt(r, m.p_values),
            legend=words.legend(r, m.arms),
            charts=lambda: (office_chart.shuffles(r),),
            moves=False,
        )
    yield RestsOn(
        " ".join(filter(None, (words.rests_on(r), words.intervals_rest_on(r)))),
        estimand.named(estimand.SHARP_NULL),
    )
    yield Doubts(r.messages)
    yield Table("shuffles", "What shuffling gave", lambda: tables.shuffles(r), Discloses.NOBODY)
    yield Data("shuffles", lambda: tables.shuffles_full(r), Discloses.NOBODY)


def _models(m: Material) -> Iterator[Block]:
    both = (abstinence_check(m.trial, m.spec), heavy_check(m.trial, m.spec))
    checks = [c for c in both if c is not None]
    yield Answer(words.check_answer(checks, m.terms))
    labels = [[words.label(x, c.outcome, m.terms) for x in c.measures] for c in checks]
    rows = figure.rows_of(checks, labels)
    if rows:
        yield Picture(
            "chance_models",
            "model-check",
            lambda _, view: figure.model_check(rows, view),
            alt=words.check_alt(rows, words.check_answer(checks, m.terms)),
            legend=words.check_legend(m.arms),
            charts=lambda: (office_chart.model_check(rows),),
            moves=False,
        )
        yield RestsOn(words.check_rests_on())
        yield Table(
            "model-check",
            "The days and what the models expect",
            lambda: tables.checks(checks, m.terms),
            Discloses.NOBODY,
        )


def _people(m: Material, results: Sequence[Influence]) -> Iterator[Block]:
    """Each headline without each participant, as far as it is computed."""
    if not results:
        return
    yield Answer(words.influence_answer(results, m.p_values))
    drawn = [r for r in results if any(w.estimate.estimate is not None for w in r.without)]
    yield Row(
        tuple(
            Picture(
                f"influence_{r.headline}",
                f"influence-{r.headline}",
                partial(_one, r),
                alt=words.influence_alt(r),
                legend=words.influence_legend(r, m.arms),
                charts=partial(_chart, r),
                sentence=words.influence_alt(r),
                moves=False,
            )
            for r in drawn
        )
    )
    yield Table("influence", "Who moves each result most", lambda: tables.influence(results), Discloses.PEOPLE)
    yield Data("influence", lambda: tables.influence_full(results), Discloses.PEOPLE)


def _chart(r: Influence) -> tuple[Chart, ...]:
    return (office_chart.influence(r),)


def _one(r: Influence, _: object, view: object) -> figure.Figure:
    return figure.influence(r, view)  # type: ignore[arg-type]


CHANCE = Question(
    key="chance",
    title=TITLE,
    name="Chance",
    group=Group.HOW_SURE,
    path="chance",
    icon="shuffle",
    help="What shuffling the allocation gives, whether the models fit the days, and who carries the result.",
    blocks=blocks,
    beside=("missing",),
    discloses=Discloses.NOBODY,
    methods=("uncertainty",),
    topic=("chance",),
    numbers=code.numbers,
    documents=document.DOCUMENTS,
    usual_in_report=False,
)
