"""The number needed to treat as a table."""

from __future__ import annotations

import pandas as pd

from ketadash.core.numbers import count_text as events
from ketadash.core.numbers import interval, level, number, percent
from ketadash.questions.nnt.words import short as nnt_short
from ketadash.questions.shared.heads import DIFFERENCE_POINTS
from ketadash.results import Nnt, NntResult


def table(result: NntResult) -> pd.DataFrame:
    """Each number needed to treat in a column, headed by its definition: risks, difference and intervals."""
    columns = (result.observed, result.observed_last_day, result.modelled)
    cells = [_row(n, result) for n in columns]
    heads = [n.definition[:1].upper() + n.definition[1:] for n in columns]
    return pd.DataFrame([{"": row} | {h: t[row] for h, t in zip(heads, cells, strict=True)} for row in cells[0]])


def _row(n: Nnt, result: NntResult) -> dict[str, str]:
    control, active = result.arms
    counts = {r.arm: f" ({events(r.events)}/{r.n})" for r in n.counts} if n.counts else {}
    low, high = (None if x is None else 100 * x for x in (n.ci_low, n.ci_high))
    return {
        control: percent(n.risk_control, 1) + counts.get(control, ""),
        active: percent(n.risk_active, 1) + counts.get(active, ""),
        DIFFERENCE_POINTS: number(None if n.risk_difference is None else 100 * n.risk_difference, 1),
        f"{level(result.confidence)} (points)": interval(low, high, 1),
        "NNT, rounded up": nnt_short(n),
        "NNT with interval": n.text,
        "Interval by": n.interval,
    }
