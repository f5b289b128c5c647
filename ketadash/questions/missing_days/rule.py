"""The chosen missing-day rule beside the declared one, and where it stands among the odds ratios of missing days."""

from __future__ import annotations

from ketadash.core.spec import AnalysisSpec, MissingRule
from ketadash.trial import Trial


def declared(trial: Trial, spec: AnalysisSpec) -> AnalysisSpec:
    """An analysis with the missing days as the trial's declared one has them."""
    planned = trial.declared.published
    return spec.replace(
        missing=planned.missing,
        imor_control=planned.imor_control,
        imor_active=planned.imor_active,
        dropout=planned.dropout,
    )


def same(one: AnalysisSpec, other: AnalysisSpec) -> bool:
    """Whether two analyses take the missing days to be the same."""
    return all(getattr(one, name) == getattr(other, name) for name in ("missing", "imor_control", "imor_active"))


def odds_ratios(spec: AnalysisSpec) -> tuple[float, float] | None:
    """A rule as odds ratios of the (control, active) arm's missing days; None for a rule that is none."""
    if spec.missing is MissingRule.IMOR:
        return spec.imor_control, spec.imor_active
    place = spec.missing.about.dial
    return None if place is None else (float(place[0]), float(place[1]))
