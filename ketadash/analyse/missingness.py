"""Which days are missing: by arm, day and reason."""

from __future__ import annotations

import numpy as np

from ketadash.analyse.binary import panel_of
from ketadash.analyse.flow_and_retention import in_order, reasons
from ketadash.analyse.memo import remembered
from ketadash.analyse.outcomes import abstinence, dropout_day, last_known_day
from ketadash.core.families import PANEL
from ketadash.core.spec import AnalysisSpec, MissingRule
from ketadash.results.sensitivity import MissingDay, Missingness, Record
from ketadash.trial import Panel, Trial

WEEK = 7


@remembered(PANEL)
def missingness(trial: Trial, spec: AnalysisSpec) -> Missingness:
    """Missing days of the two arms, those after dropout and those between reported days, with reasons."""
    p = panel_of(trial, spec)
    missing, gone = np.isnan(p.amount), ~np.ma.getmaskarray(dropout_day(p))
    after = missing & (p.days > last_known_day(p)[:, None])
    reason_of_each = reasons(in_order(trial, p))
    days, why = [], {}
    for k, arm in enumerate(p.arms):
        own = p.active == k
        n = int(own.sum())
        for j, day in enumerate(p.days):
            lost, left = int(missing[own, j].sum()), int(after[own, j].sum())
            days.append(MissingDay(arm, int(day), n, n - lost, left, lost - left))
        why[arm] = _by_reason(
            reason_of_each[own & gone], after[own & gone].sum(axis=1), int((missing & ~after)[own].sum())
        )
    arms = [p.active == k for k in (0, 1)]
    return Missingness(
        arms=p.arms,
        window=(int(p.days[0]), int(p.days[-1])),
        days=tuple(days),
        people=_pair(int(missing[own].any(axis=1).sum()) for own in arms),
        dropouts=_pair(int((own & gone).sum()) for own in arms),
        reasons=why,
        n_missing=_pair(int(missing[own].sum()) for own in arms),
        n_days=_pair(int(missing[own].size) for own in arms),
    )


def _pair(values) -> tuple[int, int]:  # type: ignore[no-untyped-def]
    control, active = values
    return control, active


def _by_reason(reasons: np.ndarray, days: np.ndarray, gaps: int) -> tuple[tuple[str, int, int], ...]:
    """(reason, people, missing days), the most days first; days between reported ones have a line of their own."""
    counts = [(str(r), int((reasons == r).sum()), int(days[reasons == r].sum())) for r in sorted(set(reasons))]
    counts.sort(key=lambda row: -row[2])
    return (*counts, *([("between reported days", 0, gaps)] if gaps else []))


def records(p: Panel) -> tuple[Record, Record]:
    """By arm, how abstinent the people with missing days were in the last week they reported."""
    y, missing = abstinence(p, MissingRule.MISSING).y, np.isnan(p.amount)
    by_arm = []
    for k in (0, 1):
        own = p.active == k
        concerned = own & missing.any(axis=1)
        last = [row[~np.isnan(row)][-WEEK:] for row in y[concerned]]
        days = np.concatenate(last) if last else np.zeros(0)
        known = y[own][~np.isnan(y[own])]
        by_arm.append(
            Record(
                int(concerned.sum()),
                int(missing[own].sum()),
                float(days.mean()) if len(days) else None,
                float(known.mean()) if len(known) else None,
            )
        )
    return by_arm[0], by_arm[1]
