"""Missing days, assumptions and tipping points in tables."""

from __future__ import annotations

import pandas as pd

from ketadash.core.numbers import level
from ketadash.core.p_values import p_cell
from ketadash.questions.shared.full_precision import precise
from ketadash.questions.shared.heads import DAYS_USED
from ketadash.questions.shared.tables import points_with_interval, specification_kind
from ketadash.questions.shared.words import imor
from ketadash.results import Sensitivity
from ketadash.results.sensitivity import Missingness, Strip, TippingMap


def assumptions(result: Sensitivity, analysis_name: str) -> pd.DataFrame:
    """One row a missing-day rule: its kind, the last day's difference and the days it rests on."""
    at = level(result.confidence)
    return pd.DataFrame(
        [
            {
                "Missing days are": result.terms.worded(r.label),
                "Kind": specification_kind(r.kind, analysis_name),
                f"Day {result.last_day}, points ({at})": points_with_interval(r.difference),
                "p": p_cell(r.difference.p),
                DAYS_USED: f"{r.n_rows:,} ({r.n_imputed:,})",
            }
            for r in result.rows
        ]
    )


def missing_by_day(result: Missingness) -> pd.DataFrame:
    """How many reported on each day, and how many did not, by whether they had left."""
    return pd.DataFrame(
        [
            {
                "Arm": d.arm,
                "Day": str(d.day),
                "Participants": str(d.n),
                "Reported": str(d.reported),
                "Missing, had left": str(d.after_dropout),
                "Missing, reported later": str(d.gaps),
            }
            for d in result.days
        ]
    )


def missing_by_reason(result: Missingness) -> pd.DataFrame:
    """Why days are missing, as far as the data say."""
    rows = [
        {"Arm": arm, "Reason": reason, "Participants": str(people) if people else "–", "Missing days": f"{days:,}"}
        for arm, reasons in result.reasons.items()
        for reason, people, days in reasons
    ]
    return pd.DataFrame(rows, columns=["Arm", "Reason", "Participants", "Missing days"])


def strip(result: Strip) -> pd.DataFrame:
    """Every count of successes among the unknown, in full precision."""
    control, active = result.arms
    return precise(
        [
            {
                "endpoint": result.endpoint,
                f"successes among unknown, {control}": i,
                f"successes among unknown, {active}": j,
                "difference": float(result.difference[i, j]),
                "ci_low": float(result.ci_low[i, j]),
                "ci_high": float(result.ci_high[i, j]),
                "p_fisher": result.p[i, j],
            }
            for i in range(result.unknown[0] + 1)
            for j in range(result.unknown[1] + 1)
        ]
    )


def tipping(result: TippingMap) -> pd.DataFrame:
    """The map's cells in full precision; an arm without missing days has one row only."""
    axes = [range(len(result.stops)) if v else (result.stops.index(1.0),) for v in result.varies]
    return pd.DataFrame(
        [
            {
                "imor_control": imor(result.stops[i]),
                "imor_active": imor(result.stops[j]),
                "difference": float(result.estimate[i, j]),
                "ci_low": float(result.ci_low[i, j]),
                "ci_high": float(result.ci_high[i, j]),
                "missing_days_abstinent_control": result.implied[0][i],
                "missing_days_abstinent_active": result.implied[1][j],
            }
            for i in axes[0]
            for j in axes[1]
        ]
    )


def estimand(pairs: tuple[tuple[str, str], ...]) -> pd.DataFrame:
    """The estimand's attributes."""
    return pd.DataFrame([{"Attribute": name, "Here": text} for name, text in pairs])
