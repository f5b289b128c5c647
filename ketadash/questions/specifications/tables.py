"""Every specification as a table."""

from __future__ import annotations

import pandas as pd

from ketadash.core.numbers import level
from ketadash.core.p_values import p_cell
from ketadash.questions.shared.full_precision import precise
from ketadash.questions.shared.heads import DAYS_USED
from ketadash.questions.shared.tables import points_with_interval, specification_kind
from ketadash.questions.specifications.words import CHOICE
from ketadash.results.sensitivity import SpecificationCurve


def table(curve: SpecificationCurve, analysis_name: str) -> pd.DataFrame:
    """Every specification, lowest first."""
    at = level(curve.confidence)
    return pd.DataFrame(
        [
            {
                f"Points ({at})": points_with_interval(r.difference)
                if r.failed is None
                else f"not estimable: {r.failed[:80]}",
                "p": p_cell(r.difference.p),
                "Kind": specification_kind(r.kind, analysis_name),
                DAYS_USED: f"{r.n_rows:,} ({r.n_filled:,})",
            }
            | {CHOICE[name]: curve.terms.worded(value) for name, value in r.choices.items()}
            for r in curve.rows
        ]
    )


def full(curve: SpecificationCurve) -> pd.DataFrame:
    """The same in full precision."""
    return precise(
        [
            {
                **r.choices,
                "kind": r.kind,
                "difference": r.difference.estimate,
                "ci_low": r.difference.ci_low,
                "ci_high": r.difference.ci_high,
                "p": r.difference.p,
                "n_rows": r.n_rows,
                "n_filled": r.n_filled,
                "failed": r.failed,
            }
            for r in curve.rows
        ]
    )
