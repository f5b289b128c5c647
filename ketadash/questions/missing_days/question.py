"""What if missing days were counted differently?"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ketadash import analyse
from ketadash.analyse import long_work
from ketadash.analyse.tipping_map import tipping_map
from ketadash.core.spec import AnalysisSpec, Estimand, MissingRule, ViewSpec
from ketadash.questions.missing_days import (
    alt,
    code,
    compare,
    document,
    legends,
    office_chart,
    rule,
    tables,
    tipping_strip,
    which_days,
    words,
)
from ketadash.questions.missing_days import tipping_map as map_figure
from ketadash.questions.overview import tables as overview_tables
from ketadash.questions.question import (
    Answer,
    Block,
    Data,
    Discloses,
    Doubts,
    Group,
    Growing,
    Material,
    Note,
    Part,
    Picture,
    Place,
    Question,
    RestsOn,
    Table,
    WebOnly,
)
from ketadash.questions.shared import daily, estimand, forest, office_chart_forest
from ketadash.questions.shared import tables as shared_tables
from ketadash.questions.shared import words as shared_words
from ketadash.questions.shared.theme import Figure
from ketadash.results import BinaryOutcome, Sensitivity
from ketadash.results.sensitivity import Strip, TippingMap

TOPIC = ("abstinence",)
TIPPING, ASSUMPTIONS = "tipping", "assumptions"  # its long computations


def blocks(m: Material) -> Iterator[Block]:
    """The chosen rule beside the declared one, where the conclusion tips, every rule, and which days are missing."""
    trial, spec = m.trial, m.spec
    result, declared_spec = analyse.abstinence_result(trial, spec), rule.declared(trial, spec)
    declared = analyse.abstinence_result(trial, declared_spec)
    yield Answer(words.answer(result, spec, declared, declared_spec, m.analysis_name))
    # shown under every rule, since a line that comes and goes would take the focus from the dial
    if result.counts.n_missing:
        yield Note(words.MOVE)
    yield WebOnly("dial")
    yield Picture(
        "missing_curve",
        "missing-days-curve",
        partial(_curve, m),
        alt=alt.compare(result, declared),
        legend=legends.compare(result, spec, m.analysis_name),
        charts=lambda: (
            ()  # the page Abstinence has the curve
            if rule.same(spec, declared_spec)
            else (office_chart.compared(result, declared, m.analysis_name),)
        ),
    )
    yield WebOnly("number_needed_to_treat")
    error = words.monte_carlo(result)
    yield RestsOn(
        f"{shared_words.rests_on(result, spec)}{f' {error}' if error else ''}", estimand.of_abstinence(m, result)
    )
    yield Doubts(shared_words.doubts(result), result)
    yield from _model(m, result)
    yield from daily.curves(result, "abstinence")
    if result.counts.n_missing:
        yield Part(
            "tipping", "How wrong must the assumption be before the conclusion changes?", Discloses.NOBODY, TOPIC
        )
        yield Growing(TIPPING, partial(_tipping, m))
        yield Part("assumptions", "What does every assumption about the missing days give?", Discloses.NOBODY, TOPIC)
        yield Growing(ASSUMPTIONS, partial(_assumptions, m), make=lambda: analyse.assumptions(trial, spec))
        yield Part("strips", "Participant-level endpoints, exactly", Discloses.NOBODY, ("nnt",))
        yield from _strips(m)
    yield Part("which_days", "Which days are missing?", Discloses.NOBODY)
    yield from _which_days(m)


def _curve(m: Material, spec: AnalysisSpec, view: ViewSpec) -> Figure:
    """Abstinence under `spec`, over the same with the missing days as declared."""
    result, declared = (analyse.abstinence_result(m.trial, s) for s in (spec, rule.declared(m.trial, spec)))
    return compare.plot(result, declared, view, analysis_name=m.analysis_name, day_zero=m.day_zero)


def _model(m: Material, result: BinaryOutcome) -> Iterator[Block]:
    """The estimand, and the model's tables, which files have with abstinence."""
    yield Table(
        "estimand",
        "Estimand (ICH E9 R1)",
        lambda: tables.estimand(estimand.estimand(m)),
        Discloses.NOBODY,
        place=Place.MODEL_TAB,
    )
    yield daily.fixed_effects(m, result, "missing-days-estimates", in_files=False)
    yield Table(
        "missing-days-fit-statistics",
        "Fit statistics and covariance parameters",
        lambda: shared_tables.fit_statistics({result.chosen: result.model}),
        Discloses.NOBODY,
        place=Place.MODEL_TAB,
        in_files=False,
    )


# --- where the conclusion tips ---------------------------------------------------------------------------------------


def _tipping(m: Material, result: TippingMap) -> Iterator[Block]:
    """The map over both arms' odds ratios as far as it is computed, and how plausible its tipping points are."""
    if not result.n_done:
        return
    yield Answer(words.tipping(result))
    yield Picture(
        "tipping_map",
        "tipping-map",
        partial(_map, m, result),
        alt=alt.tipping_map(result),
        legend=legends.tipping(result, m.arms),
        click="odds_ratios",
    )
    yield RestsOn(legends.tipping(result, m.arms))
    yield Doubts(result.messages)
    whole = result.n_done == result.n_cells
    yield Data("tipping map", lambda: tables.tipping(result), Discloses.NOBODY, offered=whole)


def _map(m: Material, result: TippingMap, spec: AnalysisSpec, view: ViewSpec) -> Figure:
    """The map, under other choices once all its cells are there; on the page, with where the dial stands."""
    if spec != m.spec:
        cells = long_work.needed(m.trial, spec, long_work.TIPPING_MAP)
        result = tipping_map(analyse.tipping_problem(m.trial, spec), cells)
    return map_figure.plot(result, view, odds_ratios=rule.odds_ratios(spec) if m.on_page else None)


# --- every rule ------------------------------------------------------------------------------------------------------


def _assumptions(m: Material, every: Sensitivity) -> Iterator[Block]:
    """Every missing-day rule side by side, as far as they are computed."""
    whole = len(every.rows) == len(analyse.assumptions_problem(m.trial, m.spec).rules)
    if whole:
        yield Answer(words.assumptions(every, typical=m.spec.estimand is Estimand.TYPICAL))
    if any(r.failed is None for r in every.rows):
        yield Picture(
            "assumptions",
            "assumptions",
            partial(_forest, m, every),
            alt=alt.assumptions(every),
            legend=legends.assumptions(every, m.arms),
            charts=lambda: (office_chart_forest.forest(every),),
        )
    yield Table(
        "assumptions",
        "Every assumption side by side",
        lambda: tables.assumptions(every, m.analysis_name),
        Discloses.NOBODY,
        place=Place.PAGE,
    )
    yield RestsOn(words.kinds(every))
    yield Data("assumptions", lambda: overview_tables.specifications_full(every), Discloses.NOBODY, offered=whole)


def _forest(m: Material, every: Sensitivity, spec: AnalysisSpec, view: ViewSpec) -> Figure:
    """Every missing-day rule, under other choices once all of them are there."""
    if spec != m.spec:
        rows = long_work.needed(m.trial, spec, long_work.ASSUMPTIONS).values()
        every = analyse.assumptions_problem(m.trial, spec).together(tuple(rows))
    return forest.plot(every, view)


# --- endpoints of participants, and the days -------------------------------------------------------------------------


def _strips(m: Material) -> Iterator[Block]:
    """Participant-level endpoints under every count of successes among the unknown, exactly."""
    for one in analyse.strips(m.trial, m.spec):
        yield Answer(words.strip(one))
        if any(one.unknown):
            yield _strip(m, one)
        if drawn := legends.drawn(one):
            yield Note(drawn)
        yield Data(f"strip {one.endpoint}", partial(tables.strip, one), Discloses.NOBODY)
    yield RestsOn(words.STRIP_RESTS_ON)


def _strip(m: Material, one: Strip) -> Picture:
    failures = m.trial.declared.published.missing is MissingRule.NONABSTINENT
    declared = m.analysis_name if failures else None
    return Picture(
        f"strip_{one.endpoint}",
        f"strip-{one.endpoint.replace('_', '-')}",
        lambda _, view: tipping_strip.plot(one, view, declared=declared),
        alt=alt.tipping_strip(one),
        legend=legends.strip(one),
        moves=False,
    )


def _which_days(m: Material) -> Iterator[Block]:
    days = analyse.missingness(m.trial, m.spec)
    legend = legends.missing_days(days, m.arms)
    yield Answer(words.missingness(days))
    yield Picture(
        "missing_days",
        "which-days-are-missing",
        lambda _, view: which_days.plot(days, view),
        alt=alt.missing_days(days),
        legend=legend,
        charts=lambda: (office_chart.missing(days),),
        moves=False,
    )
    yield RestsOn(legend)
    yield Table("missing-by-reason", "Why days are missing", lambda: tables.missing_by_reason(days), Discloses.NOBODY)
    yield Table(
        "missing-by-day",
        "Reported and missing by day",
        lambda: tables.missing_by_day(days),
        Discloses.NOBODY,
        deep=True,
        long=True,
    )
    yield Data("missing days", lambda: shared_tables.full(days.days), Discloses.NOBODY)


MISSING_DAYS = Question(
    key="missing_days",
    title="What if missing days were counted differently?",
    name="Missing days",
    group=Group.HOW_SURE,
    path="what-if",
    icon="event_busy",
    help="The answer under every assumption about them.",
    blocks=blocks,
    discloses=Discloses.NOBODY,
    methods=("imputation", "tipping", "outcomes", "population-average"),
    topic=TOPIC,
    numbers=code.numbers,
    document=document.document,
    only="sensitivity",
)
