"""The missing-days page's own parts: numbers, tipping map and strips, estimand, tabs."""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from ketadash import analyse
from ketadash.analyse.tipping import STOPS, TippingProblem, tipping_map
from ketadash.core.spec import AnalysisSpec, MissingRule, ViewSpec
from ketadash.questions.missing_days import alt as words_alt_sensitivity
from ketadash.questions.missing_days import compare as missing_days_compare
from ketadash.questions.missing_days import tables as tables_sensitivity
from ketadash.questions.missing_days import tipping_map as map_figure
from ketadash.questions.missing_days import tipping_strip
from ketadash.questions.missing_days import words as words_missing
from ketadash.questions.nnt import words as nnt_words
from ketadash.questions.overview import tables as overview_tables
from ketadash.questions.shared import estimand as words_estimand
from ketadash.questions.shared import forest, tables, words
from ketadash.questions.shared.theme import Figure
from ketadash.results import BinaryOutcome, Estimate, Sensitivity, SensitivityRow
from ketadash.results.sensitivity import Missingness, TippingMap
from ketadash.ui import background_results, controls, long_work, show, tabs
from ketadash.ui.plot import plot
from ketadash.ui.state import Current

METHODS = ("imputation", "tipping", "outcomes", "population-average")
AT_ONCE = 50_000  # participant-days times imputations: some ten seconds of work, which starts by itself
MAP, RULES = "The tipping map", "The assumptions"


def declared(now: Current, spec: AnalysisSpec) -> AnalysisSpec:
    """An analysis with the missing days as the declared one has them."""
    planned = now.trial.declared.published
    return spec.replace(
        missing=planned.missing,
        imor_control=planned.imor_control,
        imor_active=planned.imor_active,
        dropout=planned.dropout,
    )


def curve(now: Current, spec: AnalysisSpec, view: ViewSpec) -> Figure:
    """Abstinence under `spec`, over the same with the missing days as declared."""
    result = analyse.abstinence_result(now.trial, spec)
    under = analyse.abstinence_result(now.trial, declared(now, spec))
    return missing_days_compare.plot(
        result, under, view, analysis_name=analysis_name(now), day_zero=now.trial.declared.event
    )


def analysis_name(now: Current) -> str:
    """What the trial's declared analysis is called in a picture."""
    return now.trial.declared.analysis_name or "default"


def numbers(now: Current, result: BinaryOutcome) -> None:
    """Difference and number needed to treat at the dial's position, and how exact the imputation is."""
    nnt = analyse.nnt_result(now.trial, now.spec)
    show.answer(nnt_words.answer(nnt))
    precision = words_missing.monte_carlo(result)
    show.rests_on(f"{words.rests_on(result, now.spec)}{f' {precision}' if precision else ''}")


def tipping(now: Current) -> None:
    """The map over both arms' odds ratios, as far as it is computed, and how plausible its tipping points are."""
    st.header("How wrong must the assumption be before the conclusion changes?")
    problem = analyse.tipping_problem(now.trial, now.spec)
    work = long_work.tipping_map(now.trial, now.spec, problem)

    def draw(so_far: list[tuple[Any, Estimate]]) -> None:
        if not so_far:
            return
        result = tipping_map(problem, dict(so_far))
        show.answer(words_missing.tipping(result))
        _map(now, problem, result)
        show.warn(result.messages)

    background_results.going_on(work, MAP, draw, at_once=size(now) <= AT_ONCE)


def map_of(now: Current, spec: AnalysisSpec, view: ViewSpec) -> Figure:
    """The tipping map under `spec`, once all its cells are there."""
    problem = analyse.tipping_problem(now.trial, spec)
    computed = long_work.needed(now.trial, spec, long_work.TIPPING_MAP)
    return map_figure.plot(tipping_map(problem, computed), view, odds_ratios=background_results.dial_odds_ratios(spec))


def _map(now: Current, problem: TippingProblem, result: TippingMap) -> None:
    now.moving["tipping_map"] = partial(map_of, now)
    odds_ratios = background_results.dial_odds_ratios(now.spec)
    wide, narrow = (map_figure.plot(result, view, odds_ratios=odds_ratios) for view in show.both(now.view))
    clicked = plot(
        wide,
        narrow=narrow,
        key="tipping_map",
        alt=words_alt_sensitivity.tipping_map(result),
        clicks=True,
        light=show.in_the_light(lambda v: map_figure.plot(result, v, odds_ratios=odds_ratios), now.view),
    )
    at = map_figure.stops_of(wide, clicked) if clicked is not None else None
    if at is not None:
        control, active = (controls.stop(STOPS[k]) for k in at)
        controls.ask({"missing": controls.DIAL, "imor-control": control, "imor-active": active})


def assumptions(now: Current) -> None:
    """Every missing-day rule side by side, as far as they are computed: two seconds for the sample, else minutes."""
    st.header("Every assumption side by side")
    problem = analyse.assumptions_problem(now.trial, now.spec)
    work = long_work.assumptions(now.trial, now.spec, problem)

    def draw(so_far: list[tuple[MissingRule, SensitivityRow]]) -> None:
        if so_far:
            _assumptions(now, problem.together([row for _, row in so_far]))

    background_results.going_on(work, RULES, draw, at_once=size(now) <= AT_ONCE)


def forest_of(now: Current, spec: AnalysisSpec, view: ViewSpec) -> Figure:
    """Every missing-day rule under `spec`, once all of them are there."""
    rows = long_work.needed(now.trial, spec, long_work.ASSUMPTIONS).values()
    return forest.plot(analyse.assumptions_problem(now.trial, spec).together(tuple(rows)), view)


def size(now: Current) -> int:
    """Participant-days times imputations."""
    return int(analyse.panel_of(now.trial, now.spec).amount.size) * now.spec.imputations


def _assumptions(now: Current, every: Sensitivity) -> None:
    if any(r.failed is None for r in every.rows):
        now.moving["assumptions"] = partial(forest_of, now)
        show.picture(
            lambda v: forest.plot(every, v), now.view, key="assumptions", alt=words_alt_sensitivity.assumptions(every)
        )
    show.table(tables_sensitivity.assumptions(every, analysis_name(now)))
    show.rests_on(words_missing.KINDS)


def strips(now: Current) -> None:
    """Participant-level endpoints under every count of successes among the unknown, exactly."""
    st.header("Endpoints of whole participants, exactly")
    failures = now.trial.declared.published.missing is MissingRule.NONABSTINENT
    mark = analysis_name(now) if failures else None
    for one in analyse.strips(now.trial, now.spec):
        show.answer(words_missing.strip(one))
        if any(one.unknown):
            show.picture(
                partial(tipping_strip.plot, one, declared=mark),
                now.view,
                key=f"strip_{one.endpoint}",
                alt=words_alt_sensitivity.tipping_strip(one),
            )
    show.rests_on(words_missing.STRIP_RESTS_ON)


def details(now: Current, result: BinaryOutcome, days: Missingness) -> None:
    """The tabs: what is missing, the model, methods, code and downloads."""
    strips_, every = analyse.strips(now.trial, now.spec), _every(now)
    tabs.details(
        now,
        key="missing_days",
        tables=lambda: _tables(days),
        model=lambda: _model(now, result),
        method=METHODS,
        data={
            **({} if every is None else {"assumptions": overview_tables.specifications_full(every)}),
            "abstinence observed": tables.full(result.observed),
            "abstinence modelled": tables.full(result.modelled),
            **(_tipping(now) if result.counts.n_missing else {}),
            "missing days": tables.full(days.days),
            **{f"strip {s.endpoint}": tables_sensitivity.strip(s) for s in strips_},
        },
    )


def _every(now: Current) -> Sensitivity | None:
    """All the assumptions, once they are there."""
    rows = long_work.ended(now.trial, now.spec, long_work.ASSUMPTIONS)
    return analyse.assumptions_problem(now.trial, now.spec).together(tuple(rows.values())) if rows else None


def _tipping(now: Current) -> dict[str, pd.DataFrame]:
    """The tipping map's cells, once all of them are there."""
    problem = analyse.tipping_problem(now.trial, now.spec)
    cells_ = long_work.ended(now.trial, now.spec, long_work.TIPPING_MAP)
    return {"tipping map": tables_sensitivity.tipping(tipping_map(problem, cells_))} if cells_ else {}


def _tables(days: Missingness) -> None:
    show.table(tables_sensitivity.missing_by_reason(days), "Why days are missing")
    show.table(tables_sensitivity.missing_by_day(days), "Reported and missing by day", long=True)


def _model(now: Current, result: BinaryOutcome) -> None:
    n, terms = len(analyse.panel_of(now.trial, now.spec).active), analyse.terms(now.trial, now.spec)
    show.table(tables_sensitivity.estimand(words_estimand.estimand(now.spec, n, terms)), "Estimand (ICH E9 R1)")
    show.table(tables.coefficients(result.model, result.confidence, terms), "Solution for fixed effects, the fit shown")
    show.table(tables.fit_statistics({result.chosen: result.model}), "Fit statistics and covariance parameters")
