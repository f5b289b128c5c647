"""Sections of the pages Missing days, Dropout and Every specification."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ketadash import analyse
from ketadash.core.spec import AnalysisSpec, MissingRule
from ketadash.export.sections import Material, Picture, Section, Table, picture
from ketadash.questions.missing_days import alt as words_alt_sensitivity
from ketadash.questions.missing_days import chart as missing_days_chart
from ketadash.questions.missing_days import compare as missing_days_compare
from ketadash.questions.missing_days import legends as missing_days_legends
from ketadash.questions.missing_days import tables as tables_sensitivity
from ketadash.questions.missing_days import tipping_map, tipping_strip
from ketadash.questions.missing_days import which_days as missing_days
from ketadash.questions.missing_days import words as words_missing
from ketadash.questions.overview import tables as overview_tables
from ketadash.questions.shared import chart_daily, forest, tables, words
from ketadash.questions.shared import chart_forest as chart_more
from ketadash.questions.shared import estimand as words_estimand
from ketadash.questions.specifications import chart as specifications_chart
from ketadash.questions.specifications import figure as specification_curve
from ketadash.questions.specifications import tables as specifications_tables
from ketadash.questions.specifications import words as specifications_words
from ketadash.questions.specifications import words as words_specifications
from ketadash.results.sensitivity import SpecificationCurve, TippingMap

ON_THE_PAGE = " Move the dial to see what other assumptions make of it."  # there is no dial in a report


def declared_rule(m: Material) -> AnalysisSpec:
    """The state at hand with the missing days as the declared analysis has them."""
    planned = m.trial.declared.published
    return m.spec.replace(
        missing=planned.missing,
        imor_control=planned.imor_control,
        imor_active=planned.imor_active,
        dropout=planned.dropout,
    )


def missing(m: Material) -> Iterator[Section]:
    """What the missing days matter: the rule at hand, every rule, the tipping map, the endpoints, which are missing."""
    spec, rule, event = m.spec, declared_rule(m), m.trial.declared.event
    result, declared = (analyse.abstinence_result(m.trial, s) for s in (spec, rule))
    n = sum(k for _, k in m.arms)
    estimand = tables_sensitivity.estimand(words_estimand.estimand(spec, n, result.terms))
    yield Section(
        "missing_days",
        "missing_days",
        "What if the missing days were otherwise?",
        words_missing.answer(result, spec, declared, rule, m.analysis_name).removesuffix(ON_THE_PAGE),
        words.rests_on(result, spec),
        (
            picture(
                "missing-days-curve",
                lambda v: missing_days_compare.plot(result, declared, v, analysis_name=m.analysis_name, day_zero=event),
                m,
                words_alt_sensitivity.compare(result, declared),
                missing_days_legends.compare(result, spec, m.analysis_name),
                (chart_daily.binary(result),),
            ),
        ),
        (Table("estimand", "Estimand (ICH E9 R1)", estimand),),
        words.doubts(result),
        {},
        ("abstinence",),
    )
    if result.counts.n_missing:
        yield _assumptions(m)
        if isinstance(found := m.ready.get("tipping"), TippingMap) and found.n_done:
            yield _tipping(m, found)
        yield _strips(m)
    yield _which(m)


def _assumptions(m: Material) -> Section:
    every, name = analyse.assumptions(m.trial, m.spec), m.analysis_name
    pictures: tuple[Picture, ...] = ()
    if any(r.failed is None for r in every.rows):
        pictures = (
            picture(
                "assumptions",
                lambda v: forest.plot(every, v),
                m,
                words_alt_sensitivity.assumptions(every),
                missing_days_legends.assumptions(every, m.arms),
                (chart_more.forest(every),),
            ),
        )
    return Section(
        "assumptions",
        "missing_days",
        "What does every assumption about the missing days give?",
        words_alt_sensitivity.assumptions(every),
        words_missing.KINDS,
        pictures,
        (Table("assumptions", "Every assumption side by side", tables_sensitivity.assumptions(every, name)),),
        full={"assumptions": overview_tables.specifications_full(every)},
        topic=("abstinence",),
    )


def _tipping(m: Material, tipping: TippingMap) -> Section:
    return Section(
        "tipping",
        "missing_days",
        "How wrong must the assumption be before the conclusion changes?",
        words_missing.tipping(tipping),
        missing_days_legends.tipping(tipping, m.arms),
        (
            picture(
                "tipping-map",
                lambda v: tipping_map.plot(tipping, v),
                m,
                words_alt_sensitivity.tipping_map(tipping),
                missing_days_legends.tipping(tipping, m.arms),
            ),
        ),
        doubts=tipping.messages,
        full={"tipping map": tables_sensitivity.tipping(tipping)},
        topic=("abstinence",),
    )


def _strips(m: Material) -> Section:
    mark = m.analysis_name if m.trial.declared.published.missing is MissingRule.NONABSTINENT else None
    found = analyse.strips(m.trial, m.spec)
    pictures = tuple(
        picture(
            f"strip-{s.endpoint.replace('_', '-')}",
            partial(tipping_strip.plot, s, declared=mark),
            m,
            words_alt_sensitivity.tipping_strip(s),
            missing_days_legends.strip(s),
        )
        for s in found
        if any(s.unknown)
    )
    return Section(
        "strips",
        "missing_days",
        "And for endpoints of whole participants, exactly?",
        " ".join(words_missing.strip(s) for s in found),
        words_missing.STRIP_RESTS_ON,
        pictures,
        full={f"strip {s.endpoint}": tables_sensitivity.strip(s) for s in found},
        topic=("nnt",),
    )


def _which(m: Material) -> Section:
    days = analyse.missingness(m.trial, m.spec)
    return Section(
        "which_days",
        "missing_days",
        "Which days are missing?",
        words_missing.missingness(days),
        missing_days_legends.missing_days(days, m.arms),
        (
            picture(
                "which-days-are-missing",
                lambda v: missing_days.plot(days, v),
                m,
                words_alt_sensitivity.missing_days(days),
                missing_days_legends.missing_days(days, m.arms),
                (missing_days_chart.missing(days),),
            ),
        ),
        (
            Table("missing-by-reason", "Why days are missing", tables_sensitivity.missing_by_reason(days)),
            Table("missing-by-day", "Reported and missing by day", tables_sensitivity.missing_by_day(days), deep=True),
        ),
        full={"missing days": tables.full(days.days)},
    )


def specifications(m: Material) -> Iterator[Section]:
    """The specification curves that are computed."""
    for name, found in m.ready.items():
        if not name.startswith("specifications ") or not isinstance(found, SpecificationCurve) or not found.rows:
            continue
        rests = " ".join(
            (
                words_specifications.published(found),
                words_specifications.kinds(found),
                words_specifications.left_out(found),
            )
        )
        yield Section(
            name.replace(" ", "_"),
            "specifications",
            f"Does the answer depend on our choices? ({found.outcome.replace('_', ' ')})",
            words_specifications.answer(found),
            rests,
            (
                picture(
                    name.replace(" ", "-"),
                    partial(specification_curve.plot, found, analysis_name=m.analysis_name),
                    m,
                    specifications_words.alt(found),
                    specifications_words.legend(found, m.arms),
                    (specifications_chart.specifications(found),),
                ),
            ),
            (
                Table(
                    name.replace(" ", "-"),
                    found.quantity,
                    specifications_tables.table(found, m.analysis_name),
                    deep=True,
                ),
            ),
            full={name: specifications_tables.full(found)},
            topic=("relapse",) if found.outcome == "relapse" else (found.outcome,),
        )
