"""The specifications of the Overview as a table."""

from __future__ import annotations

from dataclasses import asdict

import pandas as pd

from ketadash.core.numbers import interval, level, number, ratio_digits
from ketadash.core.p_values import p_cell
from ketadash.questions.shared.full_precision import precise
from ketadash.questions.shared.heads import DAYS_USED
from ketadash.results import Estimate, Sensitivity, SensitivityRow

CHOICES = ("Missing days", "Baseline", "Trend", "Fit")  # in the order in which a specification's label names them
CHOICE_LABELS = {
    "linear": "linear, ML",
    "quadratic": "quadratic, ML",
    "linear_rspl": "linear, RSPL",
    "quadratic_rspl": "quadratic, RSPL",
    "linear_slope": "linear, random slopes",
    "quadratic_slope": "quadratic, random slopes",
}


def specifications(result: Sensitivity) -> pd.DataFrame:
    """One row a specification: difference on the last day, interaction, rows used and filled in."""
    at, day = level(result.confidence), result.last_day
    rows = []
    for r in result.rows:
        d, i = r.difference, r.interaction
        points, low, high = (None if x is None else 100 * x for x in (d.estimate, d.ci_low, d.ci_high))
        rows.append(
            dict(zip(CHOICES, map(result.terms.worded, _choices(r)), strict=True))
            | {
                f"Day {day}, points ({at})": _with(number(points, 1), interval(low, high, 1), d.ci_low),
                f"p, day {day}": p_cell(d.p),
                f"Arm × day ratio ({at})": _ratio(i),
                "p, arm × day": p_cell(i.p),
                DAYS_USED: f"{r.n_rows:,} ({r.n_imputed:,})",
            }
        )
    return pd.DataFrame(rows)


def _ratio(i: Estimate) -> str:
    digits = 2 if i.ci_low is None or i.ci_high is None else ratio_digits(i.ci_low, i.ci_high)
    return _with(number(i.estimate, digits), interval(i.ci_low, i.ci_high, digits), i.ci_low)


def _with(estimate: str, ends: str, low: float | None) -> str:
    """``39.1 (19.6–58.6)``, the estimate alone where it has no interval."""
    return estimate if low is None else f"{estimate} ({ends})"


def _choices(row: SensitivityRow) -> list[str]:
    """What the row chose, in the order of `CHOICES`; a diamond, as in the picture, marks the published row."""
    first, *others = row.choices
    return [f"◆ {first}" if row.published else first, *others]


def specifications_full(result: Sensitivity) -> pd.DataFrame:
    """The same in full precision, one column a number."""
    return precise(
        [
            {
                "specification": result.terms.worded(r.label),
                "published": r.published,
                **{f"difference_{k}": v for k, v in asdict(r.difference).items()},
                **{f"interaction_{k}": v for k, v in asdict(r.interaction).items()},
                "n_rows": r.n_rows,
                "n_imputed": r.n_imputed,
                "messages": "; ".join(r.messages),
            }
            for r in result.rows
        ]
    )
