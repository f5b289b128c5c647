"""Sections of the pages Overview, Abstinence, Heavy drinking, Time to relapse and Number needed to treat."""

from __future__ import annotations

from collections.abc import Iterator

from ketadash import analyse
from ketadash.export.sections import Material, Picture, Section, Table, picture
from ketadash.questions.abstinence import words as abstinence_words
from ketadash.questions.heavy_drinking import words as heavy_drinking_words
from ketadash.questions.nnt import chart as nnt_chart
from ketadash.questions.nnt import figure as nnt
from ketadash.questions.nnt import tables as nnt_tables
from ketadash.questions.nnt import words as nnt_words
from ketadash.questions.overview import agreement as overview_agreement
from ketadash.questions.overview import agreement as words_sensitivity
from ketadash.questions.overview import spark
from ketadash.questions.overview import tables as overview_tables
from ketadash.questions.overview import words as words_overview
from ketadash.questions.relapse import chart as relapse_chart
from ketadash.questions.relapse import figure as survival
from ketadash.questions.relapse import tables as relapse_tables
from ketadash.questions.relapse import words as relapse_words
from ketadash.questions.shared import alt as words_alt
from ketadash.questions.shared import chart_daily, curve, odds_ratio, tables, words
from ketadash.questions.shared import chart_forest as chart_more
from ketadash.questions.shared import legends as words_legends
from ketadash.results import BinaryOutcome, TimeToEvent


def overview(m: Material) -> Iterator[Section]:
    """Who did better, and how many specifications agree."""
    found = analyse.abstinence_result(m.trial, m.spec)
    every = analyse.sensitivity(m.trial, m.spec)
    said = f"{words_overview.overview(found)} {words_sensitivity.agreement(every)}"
    pictures = []
    if any(r.failed is None for r in every.rows):
        pictures.append(
            picture(
                "agreement",
                lambda v: spark.agreement(every, v),
                m,
                words_sensitivity.agreement(every),
                overview_agreement.legend(every, m.arms),
                (chart_more.agreement(every),),
            )
        )
    yield Section(
        "overview",
        "overview",
        "Who did better, by how much, and how sure are we?",
        said,
        words.rests_on(found, m.spec),
        tuple(pictures),
        (Table("specifications", "Difference under each specification", overview_tables.specifications(every)),),
        words.doubts(found),
        {"specifications": overview_tables.specifications_full(every)},
        ("abstinence",),
    )


def abstinence(m: Material) -> Iterator[Section]:
    """Abstinence by day."""
    result = analyse.abstinence_result(m.trial, m.spec)
    models = analyse.abstinence_models(m.trial, m.spec)
    pair = {k: v for k, v in models.items() if k.startswith(m.spec.trend.value)}
    yield Section(
        "abstinence",
        "abstinence",
        "Were people abstinent on more days?",
        abstinence_words.answer(result),
        words.rests_on(result, m.spec),
        _daily(m, result),
        (
            Table("odds-ratios", "Odds ratio of abstinence for one more day", tables.odds_ratios(result)),
            Table(
                "type-iii",
                "Type III tests of fixed effects, by both fits",
                tables.type_iii(pair, result.terms),
                deep=True,
            ),
            Table(
                "estimates",
                "Solution for fixed effects, the fit shown",
                tables.coefficients(result.model, result.confidence, result.terms),
                deep=True,
            ),
            Table(
                "fit-statistics",
                "Fit statistics and covariance parameters, all four fits",
                tables.fit_statistics(models).rename_axis("").reset_index(),
                deep=True,
            ),
            Table("by-day", "Observed and modelled abstinence by day", tables.by_day(result), deep=True),
        ),
        words.doubts(result),
        {
            "abstinence observed": tables.full(result.observed),
            "abstinence modelled": tables.full(result.modelled),
            "abstinence difference": tables.full(result.difference),
            "abstinence estimates": tables.full_terms(result.model.coefficients, result.terms),
            "abstinence tests": tables.full_terms(result.model.tests, result.terms),
        },
        ("abstinence",),
    )


def heavy(m: Material) -> Iterator[Section]:
    """Heavy days by day; nothing where the amounts cannot tell them."""
    result = analyse.heavy_result(m.trial, m.spec)
    if result is None:
        return
    of = result.terms.heavy_day
    yield Section(
        "heavy",
        "heavy_drinking",
        heavy_drinking_words.title(result.terms),
        heavy_drinking_words.answer(result),
        f"{heavy_drinking_words.threshold(m.spec, result.terms)} {words.rests_on(result, m.spec)}",
        _daily(m, result),
        (
            Table("odds-ratios-heavy", f"Odds ratio of a {of} for one more day", tables.odds_ratios(result)),
            Table(
                "type-iii-heavy",
                f"Type III tests of fixed effects, {of}s",
                tables.type_iii({"heavy": result.model}, result.terms),
                deep=True,
            ),
            Table(
                "estimates-heavy",
                f"Solution for fixed effects, {of}s",
                tables.coefficients(result.model, result.confidence, result.terms),
                deep=True,
            ),
            Table(
                "fit-statistics-heavy",
                f"Covariance parameters, {of}s",
                tables.fit_statistics({"heavy": result.model}).rename_axis("").reset_index(),
                deep=True,
            ),
            Table("by-day-heavy", f"Observed and modelled {of}s by day", tables.by_day(result), deep=True),
        ),
        words.doubts(result),
        {
            "heavy observed": tables.full(result.observed),
            "heavy modelled": tables.full(result.modelled),
            "heavy estimates": tables.full_terms(result.model.coefficients, result.terms),
            "heavy tests": tables.full_terms(result.model.tests, result.terms),
        },
        ("heavy",),
    )


def _daily(m: Material, result: BinaryOutcome) -> tuple[Picture, ...]:
    """The curve, the difference by day and the odds ratios of a daily outcome."""
    name, event = result.outcome, m.trial.declared.event
    pictures = [
        picture(
            f"{name}-by-day",
            lambda v: curve.plot(result, v, day_zero=event),
            m,
            words_alt.curve(result),
            words_legends.curve(result, m.spec),
            (chart_daily.binary(result),),
        )
    ]
    if result.difference and name == "abstinence":
        pictures.append(
            picture(
                f"{name}-difference",
                lambda v: curve.difference(result, v),
                m,
                words_alt.difference(result),
                words_legends.difference(result, m.spec),
                (chart_daily.difference(result.difference, result.arms, result.confidence),),
                words.last_day(result),
            )
        )
    if result.odds_ratio_per_day:
        alt = words_alt.odds(result)
        pictures.append(
            picture(
                f"{name}-odds-ratios",
                lambda v: odds_ratio.plot(result, v),
                m,
                alt,
                words_legends.odds(result, m.spec),
                (chart_daily.odds(result),),
                alt,
            )
        )
    return tuple(pictures)


HOW_LONG = {
    "relapse": "How long until relapse?",
    "first_use": "How long until the first use?",
    "first_heavy_day": "How long until the first {}?",
}


def relapse(m: Material) -> Iterator[Section]:
    """Each of the three endpoints, the side-by-side table with the first."""
    every = analyse.time_to_event(m.trial, m.spec)
    for name, result in every.items():
        if result is not None:
            yield _time_to(m, name, result, every)


def _time_to(m: Material, name: str, result: TimeToEvent, every: dict[str, TimeToEvent | None]) -> Section:
    called, event = name.replace("_", " "), m.trial.declared.event
    beside = Table("endpoints", "The three endpoints side by side", relapse_tables.endpoints(every), deep=True)
    first = next(k for k, v in every.items() if v is not None)
    return Section(
        name,
        "relapse",
        HOW_LONG[name].format(result.terms.heavy_day),
        relapse_words.answer(result),
        relapse_words.rests_on(result, m.spec),
        (
            picture(
                f"time-to-{called.replace(' ', '-')}",
                lambda v: survival.plot(result, v, day_zero=event),
                m,
                relapse_words.alt(result),
                relapse_words.legend(result),
                (relapse_chart.survival(result),),
            ),
        ),
        (
            Table(f"{name}-tests", f"Comparison of the arms, {called}", relapse_tables.tests(result)),
            Table(f"{name}-summary", f"Events, medians and event-free days, {called}", relapse_tables.summary(result)),
            *((beside,) if name == first else ()),
        ),
        (*result.cox.messages, *result.rmst.messages, *result.warnings),
        {f"{called} curve": tables.full(result.curve)},
        ("relapse",),
    )


def needed(m: Material) -> Iterator[Section]:
    """Numbers needed to treat."""
    result = analyse.nnt_result(m.trial, m.spec)
    fitted = analyse.abstinence_result(m.trial, m.spec)
    pictures = [
        picture(
            "number-needed-to-treat",
            lambda v: nnt.plot(result, v),
            m,
            nnt_words.answer(result),
            nnt_words.legend(result, m.spec, fitted.terms),
            (nnt_chart.nnt(result),),
        )
    ]
    if result.by_day:
        pictures.append(
            picture(
                "nnt-by-day",
                lambda v: nnt.by_day(result, v),
                m,
                words_alt.difference(fitted),
                f"{words_legends.difference(fitted, m.spec)} Right: number needed to treat.",
                (chart_daily.difference(result.by_day, result.arms, result.confidence),),
                words.last_day(fitted),
            )
        )
    yield Section(
        "nnt",
        "nnt",
        "How many to treat for one more abstinent participant?",
        nnt_words.answer(result),
        f"{nnt_words.MEANS} {words.rests_on(fitted, m.spec)}",
        tuple(pictures),
        (Table("nnt", "Risks, differences and numbers needed to treat", nnt_tables.table(result)),),
        words.doubts(fitted),
        {
            "nnt": tables.full((result.observed, result.observed_last_day, result.modelled)),
            "difference by day": tables.full(result.by_day),
        },
        ("nnt",),
    )
