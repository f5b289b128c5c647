"""The readings of dropout in tables."""

from __future__ import annotations

import pandas as pd

from ketadash.core.numbers import count_text as events
from ketadash.core.numbers import level
from ketadash.core.p_values import p_cell, statistic_in_cell
from ketadash.core.spec import DropoutRule
from ketadash.questions.shared.tables import points_with_interval
from ketadash.results.sensitivity import DropoutWays


def readings(result: DropoutWays) -> pd.DataFrame:
    """Relapse under each reading of dropout."""
    rows = []
    for w in result.ways:
        control, active = w.arms
        at, gap = level(w.confidence), w.difference
        rows.append(
            {
                "Dropout": DropoutRule(w.dropout).about.way,
                f"Relapsed, {control.arm}": f"{events(control.events)}/{control.n}",
                f"Relapsed, {active.arm}": f"{events(active.events)}/{active.n}",
                f"Difference by day {w.window[1]}, points ({at})": points_with_interval(gap),
                "Test": f"{w.test} {statistic_in_cell('χ²', w.logrank.chi2)}",
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
            | {"Log-rank, p": low if low == high else f"{low} to {high}", "Combinations of people": str(c.n_choices)}
        )
    return pd.DataFrame(rows)
