"""How the modelled last day stands under other errors, and under the other plain reading of missing days."""

from __future__ import annotations

from ketadash import analyse
from ketadash.core.numbers import points_text
from ketadash.core.spec import AnalysisSpec, MissingRule, Uncertainty
from ketadash.questions.shared import believable
from ketadash.questions.shared.words import ends_and_zero, interval_of
from ketadash.results import BinaryOutcome
from ketadash.trial import Trial


def how_it_stands(trial: Trial, spec: AnalysisSpec, result: BinaryOutcome) -> str:
    """One sentence on what else the last day's difference could have been; empty where there is none."""
    if not result.difference or believable.gives_no_verdict(result):
        return ""
    robust = spec.uncertainty is Uncertainty.ROBUST
    errors = Uncertainty.MODEL if robust else Uncertainty.ROBUST
    named = "with the model's own errors" if robust else "with errors clustered by participant"
    parts = [_part(trial, spec.replace(uncertainty=errors), named)]
    if result.counts.n_missing:
        left_out = spec.missing is MissingRule.MISSING
        other = MissingRule.NONABSTINENT if left_out else MissingRule.MISSING
        read = f"with missing days counted as {result.terms.use}" if left_out else "with missing days left out"
        parts.append(_part(trial, _under(spec, other), read))
    day = result.difference[-1].day
    return (
        f"The modelled difference on day {day} is {' and '.join(parts)}; whether chance alone could give it is on the "
        "page Chance."
    )


def _under(spec: AnalysisSpec, rule: MissingRule) -> AnalysisSpec:
    """The spec under another rule, without what belongs to its own alone."""
    plain = AnalysisSpec()
    dropout = plain.dropout if spec.dropout.about.imputed else spec.dropout  # which does not enter abstinence
    return spec.replace(missing=rule, imor_control=plain.imor_control, imor_active=plain.imor_active, dropout=dropout)


def _part(trial: Trial, spec: AnalysisSpec, named: str) -> str:
    result = analyse.abstinence_result(trial, spec)
    if not result.difference:
        return f"not estimable {named}"
    if believable.gives_no_verdict(result):
        return f"not to be relied on {named}, whose fit did not converge"
    gap = result.difference[-1]
    ends = ends_and_zero(gap.ci_low, gap.ci_high, interval_of(result))
    return f"{points_text(gap.probability)} points {named} ({ends})"
