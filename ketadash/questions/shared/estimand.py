"""The estimand of the primary comparison, attribute by attribute (ICH E9 addendum R1), from the choices at hand."""

from __future__ import annotations

from ketadash.core.spec import AnalysisSpec, Estimand
from ketadash.core.terms import Terms


def estimand(spec: AnalysisSpec, n: int, terms: Terms) -> tuple[tuple[str, str], ...]:
    """(attribute, what it is here) pairs; `spec` must be resolved."""
    assert spec.days is not None
    averaged = (
        "population-averaged: over everybody randomised"
        if spec.estimand is Estimand.POPULATION
        else "of a typical participant (random effect 0), not of the population"
    )
    adjusted = f"adjusted for {terms.baseline}" if spec.adjust else "unadjusted"
    tests = "a positive EtG test overrides reports" if spec.etg else "EtG tests are not used"
    return (
        ("Population", f"All {n} randomised participants of the two arms"),
        ("Treatments", f"{spec.active} against {spec.control}, as randomised"),
        ("Endpoint", f"Abstinence ({terms.nothing}) on day {spec.days.last}, modelled over days {spec.days}; {tests}"),
        ("Leaving the study", spec.missing.about.strategy.format(use=terms.use)),
        (
            "Summary measure",
            f"Difference in the probability of abstinence, {averaged}; {adjusted}, {spec.trend.value} in time",
        ),
    )
