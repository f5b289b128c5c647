"""Were people abstinent on more days?"""

from __future__ import annotations

from collections.abc import Iterator

from ketadash import analyse
from ketadash.core.spec import AnalysisSpec, ViewSpec
from ketadash.questions.abstinence import code, document, every_arm, words
from ketadash.questions.overview import spark
from ketadash.questions.overview import words as overview_words
from ketadash.questions.question import (
    Answer,
    Block,
    Card,
    Discloses,
    Doubts,
    Group,
    MakeTable,
    Material,
    Picture,
    Place,
    Question,
    RestsOn,
    SlidePlan,
    Table,
)
from ketadash.questions.shared import (
    alt,
    believable,
    curve,
    daily,
    estimand,
    holding,
    legends,
    odds_ratio,
    office_chart_daily,
    tables,
    without_covariates,
)
from ketadash.questions.shared import words as shared_words
from ketadash.questions.shared.theme import Figure
from ketadash.results import BinaryOutcome, ModelFit


def blocks(m: Material) -> Iterator[Block]:
    """The curves, the difference by day, the odds ratios, and the fits."""
    result = analyse.abstinence_result(m.trial, m.spec)
    yield Answer(words.answer(result, m.contrast))
    yield daily.by_day(m, result, "abstinence_curve", analyse.abstinence_result)
    yield from holding.line(m, "abstinence")
    not_described = believable.doubts(analyse.abstinence_check(m.trial, m.spec), m)
    yield Doubts((*shared_words.doubts(result), *not_described), result)
    yield RestsOn(shared_words.rests_on(result, m.spec), estimand.of_abstinence(m, result))
    if result.difference:
        yield Picture(
            "abstinence_difference",
            "abstinence-difference",
            lambda s, view: curve.difference(analyse.abstinence_result(m.trial, s), view, chosen=m.contrast),
            alt=alt.difference(result, m.contrast),
            legend=legends.difference(result, m.spec),
            charts=lambda: (office_chart_daily.difference(result.difference, result.arms, result.confidence),),
            sentence=shared_words.last_day(result),
        )
    yield Table(
        "by-day",
        "Observed and modelled abstinence by day",
        lambda: tables.by_day(result),
        Discloses.NOBODY,
        deep=True,
        long=True,
    )
    yield from _models(m, result)
    if result.odds_ratio_per_day:
        yield Picture(
            "abstinence_odds",
            "abstinence-odds-ratios",
            lambda s, view: odds_ratio.plot(analyse.abstinence_result(m.trial, s), view),
            alt=alt.odds(result),
            legend=legends.odds(result, m.spec),
            charts=lambda: (office_chart_daily.odds(result),),
            sentence=alt.odds(result),
            moves=False,
            place=Place.MODEL_TAB,
        )
    yield from daily.data(result, "abstinence", difference="abstinence difference")
    yield from every_arm.blocks(m)


def _models(m: Material, result: BinaryOutcome) -> Iterator[Block]:
    """GLIMMIX's tables, and the odds ratio per day."""

    def each_fit() -> dict[str, ModelFit]:
        models = analyse.abstinence_models(m.trial, m.spec)
        return {name: fit for name, fit in models.items() if name.startswith(m.spec.trend.value)}

    def table(key: str, caption: str, make: MakeTable, deep: bool = True) -> Table:
        return Table(key, caption, make, Discloses.NOBODY, place=Place.MODEL_TAB, deep=deep)

    yield table(
        "type-iii", "Type III tests of fixed effects, by each fit", lambda: tables.type_iii(each_fit(), m.terms)
    )
    yield daily.fixed_effects(m, result, "estimates")
    yield from without_covariates.beside(m, result, analyse.abstinence_result, "abstinence")
    yield table(
        "odds-ratios", "Odds ratio of abstinence for one more day", lambda: tables.odds_ratios(result), deep=False
    )
    yield table(
        "fit-statistics",
        "Fit statistics and covariance parameters, all fits",
        lambda: tables.fit_statistics(analyse.abstinence_models(m.trial, m.spec)),
    )


def card(m: Material) -> Card:
    """The modelled difference on the last day, and the two curves."""
    title, number, text = overview_words.card_abstinence(analyse.abstinence_result(m.trial, m.spec))

    def draw(spec: AnalysisSpec, view: ViewSpec) -> Figure:
        return spark.binary(analyse.abstinence_result(m.trial, spec), view)

    return Card("abstinence", title, number, text, draw)


ABSTINENCE = Question(
    key="abstinence",
    title="Were people abstinent on more days?",
    name="Abstinence",
    group=Group.RESULTS,
    path="abstinent-days",
    icon="water_drop",
    help="Observed and modelled abstinence by day.",
    blocks=blocks,
    looks=analyse.abstinence_result,
    beside=("missing", "trend", "estimand"),
    discloses=Discloses.NOBODY,
    methods=("logistic-mixed-model", "random-slopes", "population-average", "containment-df"),
    topic=("abstinence",),
    card=card,
    numbers=code.numbers,
    document=document.document,
    only="abstinence",
    slide=SlidePlan(builds=True),
)
