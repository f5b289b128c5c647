"""Responders as tables."""

from __future__ import annotations

import pandas as pd

from ketadash.core.numbers import count_text, interval, level, number, percent
from ketadash.core.p_values import p_cell
from ketadash.questions.shared.full_precision import precise
from ketadash.questions.shared.tables import points_with_interval
from ketadash.results.endpoints import ArmEndpoint, Flow, Ladder, ResponderCurve


def ladder(result: Ladder) -> pd.DataFrame:
    """A row a rung."""
    at = level(result.confidence)
    rows = []
    for r in result.rungs:
        control, active = r.arms
        rows.append(
            {
                "At this rung or above": r.label,
                f"{control.arm} ({at})": _share(control),
                f"{active.arm} ({at})": _share(active),
                f"Points apart ({at})": points_with_interval(r.difference),
                "p": p_cell(r.difference.p),
                "Cohen's h": number(r.cohen_h),
            }
        )
    return pd.DataFrame(rows)


def _share(arm: ArmEndpoint) -> str:
    if arm.value is None or arm.events is None or arm.ci_low is None or arm.ci_high is None:
        return "–"
    ends = interval(100 * arm.ci_low, 100 * arm.ci_high, 0)
    unknown = f", {arm.n_unknown} unknown" if arm.n_unknown else ""
    return f"{percent(arm.value)} ({ends}; {count_text(arm.events)}/{arm.n}{unknown})"


def ladder_full(result: Ladder) -> pd.DataFrame:
    """The same in full precision, a row a rung and arm."""
    rows = [
        {
            "key": r.key,
            "arm": a.arm,
            "n": a.n,
            "n_unknown": a.n_unknown,
            "events": a.events,
            "share": a.value,
            "ci_low": a.ci_low,
            "ci_high": a.ci_high,
            "difference": r.difference.estimate,
            "difference_ci_low": r.difference.ci_low,
            "difference_ci_high": r.difference.ci_high,
            "p": r.difference.p,
            "cohen_h": r.cohen_h,
        }
        for r in result.rungs
        for a in r.arms
    ]
    return precise(rows)


def curve_full(c: ResponderCurve) -> pd.DataFrame:
    """Every step."""
    return pd.DataFrame(
        {
            "arm": [arm for arm, steps in zip(c.arms, c.curves, strict=True) for _ in steps],
            "cut": [s.cut for steps in c.curves for s in steps],
            "share": [s.share for steps in c.curves for s in steps],
        }
    )


def flow(result: Flow, arm: int) -> pd.DataFrame:
    """One arm's counts, before in rows and after in columns."""
    counts = result.counts[arm]
    return pd.DataFrame(
        [
            {"Before": name} | {f"{after} after": count_text(counts[b][a]) for a, after in enumerate(result.levels)}
            for b, name in enumerate(result.levels)
        ]
    )
