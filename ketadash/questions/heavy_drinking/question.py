"""Did the chance of a heavy drinking day grow?"""

from __future__ import annotations

from collections.abc import Iterator

from ketadash import analyse
from ketadash.core.spec import AnalysisSpec, ViewSpec
from ketadash.questions.heavy_drinking import code, document, words
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
    Notice,
    Picture,
    Place,
    Question,
    RestsOn,
    SlidePlan,
    Table,
    needed,
)
from ketadash.questions.shared import (
    alt,
    believable,
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
from ketadash.questions.shared.answerable import tells_heavy_days
from ketadash.questions.shared.theme import Figure
from ketadash.results import BinaryOutcome, ModelFit


def blocks(m: Material) -> Iterator[Block]:
    """The curves and the odds ratios; only why not, where the amounts cannot tell heavy days."""
    result = analyse.heavy_result(m.trial, m.spec)
    if result is None:
        yield Notice(shared_words.no_heavy(m.spec, on_page=m.on_page))
        return
    yield Answer(words.answer(result))
    if m.contrast is not None and result.difference:
        yield Answer(shared_words.last_day(result, m.contrast))
    yield daily.by_day(m, result, "heavy_curve", lambda trial, s: needed(analyse.heavy_result(trial, s)))
    yield from holding.line(m, "heavy")
    not_described = believable.doubts(analyse.heavy_check(m.trial, m.spec), m)
    yield Doubts((*shared_words.doubts(result), *not_described), result)
    yield RestsOn(
        f"{shared_words.rests_on(result, m.spec)} {words.threshold(m.spec, m.terms)}", estimand.of_heavy_days(m, result)
    )
    if result.odds_ratio_per_day:
        yield Picture(
            "heavy_odds",
            "heavy-odds-ratios",
            lambda s, view: odds_ratio.plot(needed(analyse.heavy_result(m.trial, s)), view),
            alt=alt.odds(result),
            legend=legends.odds(result, m.spec),
            charts=lambda: (office_chart_daily.odds(result),),
            sentence=alt.odds(result),
        )
    yield from _tables(m, result)
    yield from daily.data(result, "heavy")


def _tables(m: Material, result: BinaryOutcome) -> Iterator[Table]:
    """By day, and GLIMMIX's tables."""
    heavy_day = m.terms.heavy_day
    yield Table(
        "by-day-heavy",
        f"Observed and modelled {heavy_day}s by day",
        lambda: tables.by_day(result),
        Discloses.NOBODY,
        deep=True,
        long=True,
    )
    yield from without_covariates.beside(m, result, analyse.heavy_result, "heavy")

    def table(key: str, caption: str, make: MakeTable, deep: bool = True) -> Table:
        return Table(key, caption, make, Discloses.NOBODY, place=Place.MODEL_TAB, deep=deep)

    def fits() -> dict[str, ModelFit]:
        return {"heavy": result.model, "heavy_slope": needed(analyse.heavy_slopes(m.trial, m.spec))}

    yield table(
        "type-iii-heavy",
        f"Type III tests of fixed effects, {heavy_day}s, by both fits",
        lambda: tables.type_iii(fits(), m.terms),
    )
    yield table(
        "estimates-heavy",
        f"Solution for fixed effects, {heavy_day}s",
        lambda: tables.coefficients(result.model, result.confidence, m.terms),
    )
    yield table(
        "odds-ratios-heavy",
        f"Odds ratio of a {heavy_day} for one more day",
        lambda: tables.odds_ratios(result),
        deep=False,
    )
    yield table(
        "fit-statistics-heavy", f"Covariance parameters, {heavy_day}s, both fits", lambda: tables.fit_statistics(fits())
    )


def card(m: Material) -> Card:
    """The arms' odds ratios per day, and the two curves."""
    title, number, text = overview_words.card_heavy(analyse.heavy_result(m.trial, m.spec), m.terms)

    def draw(spec: AnalysisSpec, view: ViewSpec) -> Figure:
        return spark.binary(needed(analyse.heavy_result(m.trial, spec)), view)

    return Card("heavy_drinking", title, number, text, draw)


HEAVY_DRINKING = Question(
    key="heavy_drinking",
    title="Did the chance of a heavy drinking day grow?",
    name="Heavy drinking",
    group=Group.RESULTS,
    path="heavy-days",
    icon="trending_up",
    help="The chance of a heavy drinking day by day.",
    blocks=blocks,
    looks=analyse.heavy_result,
    beside=("missing", "adjust"),
    unmoved=("trend",),
    discloses=Discloses.NOBODY,
    methods=("rspl", "outcomes", "containment-df"),
    topic=("heavy",),
    card=card,
    numbers=code.numbers,
    document=document.document,
    only="heavy",
    slide=SlidePlan(builds=True),
    answerable=tells_heavy_days,
)
