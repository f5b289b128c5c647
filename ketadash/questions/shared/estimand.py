"""The estimand of the primary comparison, attribute by attribute (ICH E9 addendum R1), from the choices at hand."""

from __future__ import annotations

from ketadash.core.spec import AnalysisSpec, Estimand, MissingRule
from ketadash.core.terms import Terms

# How leaving the study (the intercurrent event) is handled under each missing-day rule.
STRATEGY = {
    MissingRule.NONABSTINENT: "Composite: days after leaving count as {use}, as do single unreported days. If "
    "leaving is not failure, it is a worst-case single imputation.",
    MissingRule.MISSING: "Hypothetical: what would have been, had people gone on reporting, if whoever did not "
    "report was like others with the same arm, baseline and record (missing at random; by likelihood).",
    MissingRule.LOCF: "Hypothetical: as if everybody had stayed as on the last reported day. Single imputation.",
    MissingRule.BEST: "None: a bound, the best case for the active arm.",
    MissingRule.WORST: "None: a bound, the worst case for the active arm.",
    MissingRule.IMOR: "Hypothetical: what would have been, had people gone on reporting, if their odds of "
    "abstinence on unreported days were the dial's multiples of what their record says (missing at random at 1). "
    "Multiple imputation.",
    MissingRule.JUMP_TO_REFERENCE: "Treatment policy by reference: whoever leaves the active arm loses the treatment's "
    "effect at once and does as the control arm does. Multiple imputation.",
    MissingRule.COPY_REFERENCE: "Treatment policy by reference: whoever leaves the active arm is as if never treated. "
    "Multiple imputation.",
}


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
        ("Leaving the study", STRATEGY[spec.missing].format(use=terms.use)),
        (
            "Summary measure",
            f"Difference in the probability of abstinence, {averaged}; {adjusted}, {spec.trend.value} in time",
        ),
    )
