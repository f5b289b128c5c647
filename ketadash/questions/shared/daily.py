"""What abstinence and heavy days have in common: a yes/no outcome by day, its curve and its numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ketadash.core.spec import AnalysisSpec
from ketadash.questions.question import Block, Data, Discloses, Material, Picture, Place, Table
from ketadash.questions.shared import alt, curve, legends, office_chart_daily, tables
from ketadash.results import BinaryOutcome
from ketadash.trial import Trial

Analysis = Callable[[Trial, AnalysisSpec], BinaryOutcome]


def by_day(m: Material, result: BinaryOutcome, key: str, analysis: Analysis) -> Picture:
    """The observed points with the modelled curves; `analysis` gives the outcome under other choices."""
    return Picture(
        key,
        f"{result.outcome}-by-day",
        lambda s, view: curve.plot(analysis(m.trial, s), view, day_zero=m.day_zero, way=m.points),
        alt=alt.curve(result, m.points),
        legend=legends.curve(result, m.spec),
        charts=lambda: (office_chart_daily.binary(result),),
    )


def fixed_effects(m: Material, result: BinaryOutcome, key: str, *, in_files: bool = True) -> Table:
    """The coefficients of the fit shown."""
    return Table(
        key,
        "Solution for fixed effects, the fit shown",
        lambda: tables.coefficients(result.model, result.confidence, m.terms),
        Discloses.NOBODY,
        place=Place.MODEL_TAB,
        deep=True,
        in_files=in_files,
    )


def curves(result: BinaryOutcome, name: str) -> Iterator[Block]:
    """Its observed points and its modelled curves in full precision."""
    yield Data(f"{name} observed", lambda: tables.full(result.observed), Discloses.NOBODY)
    yield Data(f"{name} modelled", lambda: tables.full(result.modelled), Discloses.NOBODY)


def data(result: BinaryOutcome, name: str, difference: str = "") -> Iterator[Block]:
    """Its numbers in full precision, named after the outcome."""
    yield from curves(result, name)
    if difference:
        yield Data(difference, lambda: tables.full(result.difference), Discloses.NOBODY)
    estimates, tests = result.model.coefficients, result.model.tests
    yield Data(f"{name} estimates", lambda: tables.full_terms(estimates, result.terms), Discloses.NOBODY)
    yield Data(f"{name} tests", lambda: tables.full_terms(tests, result.terms), Discloses.NOBODY)
