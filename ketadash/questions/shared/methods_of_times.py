"""What the methods paragraph says of time to relapse and the other endpoints, and of tests beside self-report."""

from __future__ import annotations

from ketadash.analyse.outcomes import relapse_in_words
from ketadash.core.choices.endpoint import Endpoint
from ketadash.core.choices.endpoint.relapse_rules import relapse_rule
from ketadash.core.spec import AnalysisSpec, ReadingOfTests
from ketadash.core.terms import DRINKS, Terms


def relapse(spec: AnalysisSpec, terms: Terms, *, can_tell_heavy: bool, pooled: bool) -> str:
    """What relapse was, how arms were compared, and which other endpoints were; `pooled`: over imputations."""
    assert spec.days is not None
    horizon = spec.tau if spec.tau is not None else spec.days.last
    others = [
        f"time to {e.about.methods.format(heavy=terms.heavy_day)}"
        for e in Endpoint
        if not e.about.takes_dropout and (can_tell_heavy or not e.about.needs_heavy_days)
    ]
    imputed = spec.dropout.about.imputed
    verb = "were" if len(others) > 1 else "was"
    *start, end = others
    named = f"{', '.join(start)} and {end}" if start else end
    missing = "missing days imputed" if imputed else "dropout censored"
    rest = f"{named[:1].upper()}{named[1:]} {verb} analysed likewise, with {missing}."
    answered = can_tell_heavy or not relapse_rule(spec.relapse).needs_heavy_days
    return f"{_definition(spec, terms, answered)} {_comparison(spec, answered, horizon, pooled)} {rest}"


def _definition(spec: AnalysisSpec, terms: Terms, answered: bool) -> str:
    if not answered:
        return "Relapse was not analysed, since the amounts cannot tell a heavy day."
    return spec.dropout.about.methods.format(first=f"Time to relapse was the time to {relapse_in_words(spec, terms)}")


def _comparison(spec: AnalysisSpec, answered: bool, horizon: int, pooled: bool) -> str:
    mean = f"the difference in restricted mean event-free time up to day {horizon} {{royston}}"
    if spec.dropout.about.competes and answered:
        return (
            "The share without relapse is one minus the Aalen–Johansen cumulative incidence {aalen}, with log(−log) "
            "intervals; arms were compared by Gray's test {gray}, the cause-specific hazard ratio from a Cox model "
            "(Efron "
            f"ties) {{efron}} and {mean}."
        )
    curve = "Kaplan–Meier curves {kaplan} with log(−log) intervals"
    each = ", each pooled over imputations" if spec.dropout.about.imputed and pooled else ""
    return (
        f"{curve} were compared by the log-rank test {{mantel}}, the hazard ratio from a Cox model (Efron ties) "
        f"{{efron}} and {mean}{each}."
    )


def tests(spec: AnalysisSpec, terms: Terms) -> str:
    """What tests did to the days reported."""
    etg = spec.tests is None and terms.test == DRINKS.test
    one = "urine ethyl glucuronide (EtG) test" if etg else f"test ({spec.tests})" if spec.tests else "test"
    if not spec.etg:
        return f"{one[:1].upper()}{one[1:].replace('test', 'tests', 1)} were not used to correct reported days."
    if spec.tested is ReadingOfTests.DAYS:
        return (
            f"Days reported as abstinent between a positive {one} and the visit before it were counted as {terms.day}s."
        )
    needed = spec.tested is ReadingOfTests.REQUIRED
    unknown = "; a week without a test was unknown, whatever was reported" if needed else ""
    return f"A positive {one} counted as use in its week, where relapse counts weeks, and against no day{unknown}."
