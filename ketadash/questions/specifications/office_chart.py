"""The specification curve as a chart that office software can edit."""

from __future__ import annotations

from ketadash.questions.shared.office_chart import Chart
from ketadash.questions.shared.office_chart_forest import in_order
from ketadash.results.sensitivity import SpecificationCurve


def specifications(result: SpecificationCurve) -> Chart:
    """Every estimate with its interval in rising order."""
    rows = [(r.kind, r.difference) for r in result.rows if r.difference.estimate is not None]
    return in_order(rows, result.arms, result.confidence)
