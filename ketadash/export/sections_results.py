"""Sections of the pages Overview, Abstinence, Heavy drinking, Time to relapse and Number needed to treat."""

from __future__ import annotations

from collections.abc import Iterator

from ketadash import (
    analyse,
    tables,
    words,
    words_alt,
    words_legends,
    words_overview,
    words_sensitivity,
)
from ketadash.export import chart, chart_more
from ketadash.export.sections import Material, Picture, Section, Table, picture
from ketadash.figures import curve, nnt, odds_ratio, spark, survival
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
                words_legends.agreement(every, m.arms),
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
        (Table("specifications", "Difference under each specification", tables.sensitivity(every)),),
        words.doubts(found),
        {"specifications": tables.sensitivity_full(every)},
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
        words.abstinence(result),
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
        words.heavy_question(result.terms),
        words.heavy(result),
        f"{words.heavy_threshold(m.spec, result.terms)} {words.rests_on(result, m.spec)}",
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
            (chart.binary(result),),
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
                (chart.difference(result.difference, result.arms, result.confidence),),
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
                (chart.odds(result),),
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
    beside = Table("endpoints", "The three endpoints side by side", tables.endpoints(every), deep=True)
    first = next(k for k, v in every.items() if v is not None)
    return Section(
        name,
        "relapse",
        HOW_LONG[name].format(result.terms.heavy_day),
        words.time_to_event(result),
        words.survival_rests_on(result, m.spec),
        (
            picture(
                f"time-to-{called.replace(' ', '-')}",
                lambda v: survival.plot(result, v, day_zero=event),
                m,
                words_alt.survival(result),
                words_legends.survival(result),
                (chart.survival(result),),
            ),
        ),
        (
            Table(f"{name}-tests", f"Comparison of the arms, {called}", tables.survival_tests(result)),
            Table(f"{name}-summary", f"Events, medians and event-free days, {called}", tables.survival_summary(result)),
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
            words.nnt(result),
            words_legends.nnt(result, m.spec, fitted.terms),
            (chart.nnt(result),),
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
                (chart.difference(result.by_day, result.arms, result.confidence),),
                words.last_day(fitted),
            )
        )
    yield Section(
        "nnt",
        "nnt",
        "How many to treat for one more abstinent participant?",
        words.nnt(result),
        f"{words.NNT_MEANS} {words.rests_on(fitted, m.spec)}",
        tuple(pictures),
        (Table("nnt", "Risks, differences and numbers needed to treat", tables.nnt(result)),),
        words.doubts(fitted),
        {
            "nnt": tables.full((result.observed, result.observed_last_day, result.modelled)),
            "difference by day": tables.full(result.by_day),
        },
        ("nnt",),
    )
