"""Results about people → tables for display (rounded text) and for download (full precision)."""

from __future__ import annotations

from dataclasses import asdict

import pandas as pd

from ketadash.core.numbers import NBSP, number, percent
from ketadash.questions.participants.words import day, difference
from ketadash.results.people import (
    Characteristic,
    DayState,
    Level,
    Participants,
    PersonRecord,
    RecordedDay,
    Share,
    Summary,
    TableOne,
)

DIFFERENCE = "Standardised difference"
INDENT = "\u2003"  # an em space: a level stands under its characteristic


def table_one(table: TableOne) -> pd.DataFrame:
    """Table 1 as journals print it: mean (SD) and median [quartiles], or n (%), with what is missing."""
    heads = [f"All (n = {sum(table.n):,})", *(f"{arm} (n = {n:,})" for arm, n in zip(table.arms, table.n, strict=True))]
    rows: list[dict[str, str]] = []
    for row in table.rows:
        if row.kind == "continuous":
            rows.append(_line(f"{row.label}, mean (SD)", [_mean(s) for s in row.summaries], heads, difference(row)))
            rows.append(_line(f"{INDENT}median [quartiles]", [_median(s) for s in row.summaries], heads))
        else:
            rows += _levels(row, heads)
        if any(s.n_missing for s in row.summaries):
            rows.append(_line(f"{INDENT}not known", [str(s.n_missing) for s in row.summaries], heads))
    return pd.DataFrame(rows)


def _levels(row: Characteristic, heads: list[str]) -> list[dict[str, str]]:
    if {level.label.lower() for level in row.levels} == {"yes", "no"}:
        yes = next(level for level in row.levels if level.label.lower() == "yes")
        return [_line(f"{row.label}, n (%)", [_share(s) for s in yes.shares], heads, difference(row))]
    head = _line(f"{row.label}, n (%)", ["", "", ""], heads, difference(row))
    return [head, *(_line(f"{INDENT}{v.label}", [_share(s) for s in v.shares], heads) for v in row.levels)]


def _line(characteristic: str, cells: list[str], heads: list[str], apart: str = "") -> dict[str, str]:
    return {"Characteristic": characteristic, **dict(zip(heads, cells, strict=True)), DIFFERENCE: apart}


def _mean(s: Summary) -> str:
    return "–" if s.mean is None else f"{number(s.mean, 1)} ({number(s.sd, 1)})"


def _median(s: Summary) -> str:
    return "–" if s.median is None else f"{number(s.median, 1)}{NBSP}[{number(s.q1, 1)},{NBSP}{number(s.q3, 1)}]"


def _share(s: Share) -> str:
    return f"{s.count:,} ({percent(s.proportion, 1)})"


def table_one_full(table: TableOne) -> pd.DataFrame:
    """The same in full precision, one row a characteristic (or level) and arm."""
    return pd.DataFrame([record for row in table.rows for record in _records(row)])


def _records(row: Characteristic) -> list[dict[str, object]]:
    rows = []
    for k, s in enumerate(row.summaries):
        levels: list[Level | None] = [*row.levels] or [None]
        for level in levels:
            share = level.shares[k] if level else None
            rows.append(
                {
                    "characteristic": row.name,
                    "label": row.label,
                    "level": level.value if level else None,
                    **(asdict(s) | {"arm": s.arm or "all"}),
                    "count": share.count if share else None,
                    "proportion": share.proportion if share else None,
                    "standardised_difference": row.standardised_difference,
                }
            )
    return rows


def leaving(result: Participants) -> pd.DataFrame:
    """Who left: arm, reason, how many, on which days."""
    rows = []
    for arm in result.flow.arms:
        if arm.never_reported:
            rows.append(
                {
                    "Arm": arm.arm,
                    "Reason": "never reported",
                    "Participants": str(arm.never_reported),
                    "First day without a report": str(result.flow.window[0]),
                }
            )
        for one in arm.left:
            days = ", ".join(str(d) for d in one.days[:20]) + (", …" if len(one.days) > 20 else "")
            rows.append(
                {
                    "Arm": arm.arm,
                    "Reason": one.reason,
                    "Participants": f"{len(one.days):,}",
                    "First day without a report": days,
                }
            )
    return pd.DataFrame(rows)


def _amount(d: RecordedDay) -> str:
    if d.amount is None:
        return "not reported"
    return "unknown" if d.state is DayState.UNKNOWN_AMOUNT else f"{d.amount:g}"


def record(r: PersonRecord) -> pd.DataFrame:
    """One participant's days."""
    test = r.terms.test[:1].upper() + r.terms.test[1:]
    return pd.DataFrame(
        [
            {
                "Day": d.day,
                r.amount_name.replace("_", " ").capitalize(): _amount(d),
                "Counted as": day(d.state, r.terms, r.threshold is not None),
                test: "" if d.test is None else "positive" if d.test else "negative",
                "Events": ", ".join(d.events),
            }
            for d in r.days
        ]
    )
