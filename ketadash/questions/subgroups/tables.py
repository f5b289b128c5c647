"""Effects by subgroup in tables."""

from __future__ import annotations

import pandas as pd

from ketadash.core.numbers import level, number, points_beside
from ketadash.core.p_values import cell_of_statistic, p_cell
from ketadash.core.spec import SubgroupEndpoint
from ketadash.questions.subgroups import words
from ketadash.results.subgroups import SubgroupLevel, Subgroups


def effects(result: Subgroups) -> pd.DataFrame:
    """A row a level, and one of everyone."""
    return pd.DataFrame([_row(one, result) for one in (*result.levels, result.overall)])


def _row(one: SubgroupLevel, result: Subgroups) -> dict[str, str]:
    control, active = one.arms
    gap, at = one.difference, level(result.confidence)
    row = {
        "Level": one.level,
        active.arm: words.arm_text(active) if one.shown else "–",
        control.arm: words.arm_text(control) if one.shown else "–",
        f"Difference, points ({at})": "–"
        if gap.estimate is None
        else points_beside(gap.estimate, gap.ci_low, gap.ci_high),
    }
    if result.endpoint == SubgroupEndpoint.RELAPSE:
        row[f"Odds ratio ({at})"] = words.odds_ratio(one)
    return row | {"Note": one.message}


def interaction(result: Subgroups) -> pd.DataFrame:
    """The one test."""
    test = result.interaction
    df = "–" if test.df is None else str(test.df) if test.df_den is None else f"{test.df}, {number(test.df_den, 1)}"
    statistic = cell_of_statistic(number(test.statistic))
    row = {"Test": test.name or "none", "Statistic": statistic, "df": df, "p": p_cell(test.p)}
    return pd.DataFrame([row | {"Note": test.message}])


def full(result: Subgroups) -> pd.DataFrame:
    """Everything in full precision, a row an arm of a level."""
    rows = [
        {
            "level": one.level,
            "arm": arm.arm,
            "n": arm.n,
            "events": arm.events,
            "mean": arm.mean,
            "difference": one.difference.estimate,
            "difference_ci_low": one.difference.ci_low,
            "difference_ci_high": one.difference.ci_high,
            "odds_ratio": None if one.odds_ratio is None else one.odds_ratio.estimate,
            "odds_ratio_ci_low": None if one.odds_ratio is None else one.odds_ratio.ci_low,
            "odds_ratio_ci_high": None if one.odds_ratio is None else one.odds_ratio.ci_high,
            "note": one.message,
        }
        for one in (*result.levels, result.overall)
        for arm in one.arms
    ]
    return pd.DataFrame(rows)
