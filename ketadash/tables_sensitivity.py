"""The sensitivity analyses → tables for display (rounded text) and for download (full precision)."""

from __future__ import annotations

import pandas as pd

from ketadash.results import Estimate, Sensitivity
from ketadash.results_sensitivity import DropoutWays, Missingness, SpecificationCurve, Strip, TippingMap
from ketadash.spec import DropoutRule
from ketadash.words import events, imor, interval, level, number, p_cell
from ketadash.words_dropout import WAY
from ketadash.words_specifications import CHOICE


def kind(of: str, called: str) -> str:
    """What a row is to the analysis that the trial declares, which is `called` so."""
    return f"◆ {called}" if of == "published" else of


def assumptions(result: Sensitivity, called: str) -> pd.DataFrame:
    """One row a missing-day rule: its kind, the last day's difference and the days it rests on."""
    at = level(result.confidence)
    return pd.DataFrame(
        [
            {
                "Missing days are": result.terms.said(r.label),
                "Kind": kind(r.kind, called),
                f"Day {result.last_day}, points ({at})": _points(r.difference),
                "p": p_cell(r.difference.p),
                "Days used (filled in)": f"{r.n_rows:,} ({r.n_imputed:,})",
            }
            for r in result.rows
        ]
    )


def _points(e: Estimate) -> str:
    if e.estimate is None:
        return "not estimable"
    low, high = (None if x is None else 100 * x for x in (e.ci_low, e.ci_high))
    ends = "" if low is None else f" ({interval(low, high, 1)})"
    return number(100 * e.estimate, 1) + ends


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
    return pd.DataFrame(
        [
            {
                "endpoint": result.endpoint,
                f"successes among unknown, {control}": i,
                f"successes among unknown, {active}": j,
                "difference": float(result.difference[i, j]),
                "ci_low": float(result.ci_low[i, j]),
                "ci_high": float(result.ci_high[i, j]),
                "p_fisher": float(result.p[i, j]),
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


def dropout(result: DropoutWays) -> pd.DataFrame:
    """Relapse under each reading of dropout."""
    rows = []
    for w in result.ways:
        control, active = w.arms
        at, gap = level(w.confidence), w.difference
        rows.append(
            {
                "Dropout": WAY[DropoutRule(w.dropout)],
                f"Relapsed, {control.arm}": f"{events(control.events)}/{control.n}",
                f"Relapsed, {active.arm}": f"{events(active.events)}/{active.n}",
                f"Difference by day {w.window[1]}, points ({at})": _points(gap),
                "Test": f"{w.test} χ² {number(w.logrank.chi2)}",
                "p": p_cell(w.logrank.p),
            }
        )
    return pd.DataFrame(rows)


def counted(result: DropoutWays) -> pd.DataFrame:
    """How many dropouts are taken to have relapsed, and the log-rank p over who of them it could be."""
    control, active = (a.arm for a in result.ways[0].arms)
    both = any(c.active for c in result.counted) and any(c.control for c in result.counted)
    rows = []
    for c in result.counted:
        low, high = p_cell(c.p_low), p_cell(c.p_high)
        rows.append(
            (
                {f"{control} dropouts relapsed": str(c.control), f"{active} dropouts relapsed": str(c.active)}
                if both
                else {"Dropouts who relapsed": str(c.control + c.active)}
            )
            | {"Log-rank, p": low if low == high else f"{low} to {high}", "Choices of who": str(c.n_choices)}
        )
    return pd.DataFrame(rows)


def specifications(curve: SpecificationCurve, called: str) -> pd.DataFrame:
    """Every specification, lowest first."""
    at = level(curve.confidence)
    return pd.DataFrame(
        [
            {
                f"Points ({at})": _points(r.difference) if r.failed is None else f"not estimable: {r.failed[:80]}",
                "p": p_cell(r.difference.p),
                "Kind": kind(r.kind, called),
                "Days used (filled in)": f"{r.n_rows:,} ({r.n_filled:,})",
            }
            | {CHOICE[name]: curve.terms.said(value) for name, value in r.choices.items()}
            for r in curve.rows
        ]
    )


def specifications_full(curve: SpecificationCurve) -> pd.DataFrame:
    """The same in full precision."""
    return pd.DataFrame(
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


def estimand(pairs: tuple[tuple[str, str], ...]) -> pd.DataFrame:
    """The estimand's attributes."""
    return pd.DataFrame([{"Attribute": name, "Here": text} for name, text in pairs])
