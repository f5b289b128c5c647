"""Things in the days that are legal and yet worth a look: each a warning, none stops the analysis."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ketadash.core.findings import SHOWN, Check, counted, listed, short
from ketadash.trial.check import FURTHEST_DAY, Rows
from ketadash.trial.recognise import near

_LONG_RUN = 14  # days of the very same amount above 0
_FEW = 5  # different amounts above 0 that two people must share before chance is ruled out
_WEEK = 7
_MOST_ARMS = 50  # a column of more values is not the arm, and comparing each two of them would take hours


def checks(rows: Rows, amounts: np.ndarray | None) -> list[Check | None]:
    """Every suspicion; amounts (n rows,) float, NaN where not known."""
    usable = (rows.ids != "") & ~rows.day_bad & (np.abs(rows.day) <= FURTHEST_DAY)
    findings = [_spellings(rows), _gaps(rows, usable)]
    if amounts is not None:
        known = usable & np.isfinite(amounts)
        frame = pd.DataFrame({"id": rows.ids[known], "day": rows.day[known].astype(int), "amount": amounts[known]})
        frame = frame.drop_duplicates(["id", "day"]).sort_values(["id", "day"])
        findings += [identical_records(rows, frame), _runs(rows, frame), few_weekdays(rows, frame)]
    return findings


def _spellings(rows: Rows) -> Check | None:
    """Two arms whose names are nearly one."""
    arms = sorted({str(a) for a in rows.arms if a})
    if not 3 <= len(arms) <= _MOST_ARMS:  # two arms may well be called alike (10 mg, 20 mg)
        return None
    alike = [
        (a, b) for i, a in enumerate(arms) for b in arms[i + 1 :] if near(a, [b], cutoff=0.85) and not _numbered(a, b)
    ]
    if not alike:
        return None
    pairs = listed([f"'{a}' and '{b}'" for a, b in alike])
    return Check(
        "arm_spelling",
        "warning",
        f"{rows.file}: arms with nearly one name ({pairs}); if they are one, read them as one arm",
        len(alike),
        tuple(f"{a}, {b}" for a, b in alike[:SHOWN]),
    )


def _numbered(a: str, b: str) -> bool:
    """Whether two names differ in a number only, as doses do."""
    return [c for c in a if not c.isdigit()] == [c for c in b if not c.isdigit()]


def _gaps(rows: Rows, usable: np.ndarray) -> Check | None:
    """Participants whose rows leave out days between their first and their last."""
    days = pd.DataFrame({"id": rows.ids[usable], "day": rows.day[usable]}).drop_duplicates().groupby("id")["day"]
    first, last, n = days.min(), days.max(), days.count()
    no_zero = not (rows.day[usable] == 0).any()  # CDISC counts −1, 1: that is no gap
    span = last - first + 1 - (no_zero & (first < 0) & (last > 0)).astype(int)
    gaps = span - n
    if not (gaps > 0).any() or (gaps > 0).mean() > 0.5:  # where most have gaps, that is how the file is written
        return None
    who = list(gaps.index[gaps > 0])
    return Check(
        "day_gaps",
        "warning",
        f"{rows.file}: {counted(len(who), 'participant')} without a row for some days "
        f"between the first and the last ({listed(who)}; {int(gaps[gaps > 0].sum()):,} days): they count as "
        "missing",
        len(who),
        tuple(who[:SHOWN]),
    )


def identical_records(rows: Rows, frame: pd.DataFrame) -> Check | None:
    """Participants with the same amounts on every day, too varied to be chance."""
    different = frame[frame["amount"] > 0].drop_duplicates(["id", "amount"]).groupby("id").size()
    varied = frame[frame["id"].isin(different.index[different >= _FEW])]
    # Sums of hashes tell almost all apart; only the few that share one are looked at day by day.
    marks = pd.DataFrame(
        {"id": varied["id"], "mark": pd.util.hash_pandas_object(varied[["day", "amount"]], index=False)}
    )
    marks = marks.groupby("id")["mark"].agg(["sum", "size"])
    alike = varied[varied["id"].isin(marks.index[marks.duplicated(keep=False)])]
    same: dict[object, list[str]] = {}
    for who, g in alike.groupby("id"):
        same.setdefault((tuple(g["day"]), tuple(g["amount"])), []).append(str(who))
    twins = [group for group in same.values() if len(group) > 1]
    if not twins:
        return None
    groups = listed([" and ".join(map(short, g[:3])) for g in twins])
    return Check(
        "identical_records",
        "warning",
        f"{rows.file}: participants with the same amounts on every day ({groups}); check that nobody was entered twice",
        sum(map(len, twins)),
        tuple(g[0] for g in twins[:SHOWN]),
    )


def _runs(rows: Rows, frame: pd.DataFrame) -> Check | None:
    """The very same amount above 1, day after day: filled down rather than asked."""
    who = frame["id"].to_numpy()
    day, amount = frame["day"].to_numpy(), frame["amount"].to_numpy()
    if not (amount > 1).any():
        return None
    same = np.r_[False, (who[1:] == who[:-1]) & (np.diff(day) == 1) & (amount[1:] == amount[:-1])] & (amount > 1)
    start = np.maximum.accumulate(np.where(~same, np.arange(len(same)), 0))
    length = np.arange(len(same)) - start + 1
    long = sorted({str(w) for w in who[length >= _LONG_RUN]})
    if not long:
        return None
    return Check(
        "same_amount",
        "warning",
        f"{rows.file}: {counted(len(long), 'participant')} with one amount for "
        f"{_LONG_RUN} days or more ({listed(long)}); check that it was asked for each day",
        len(long),
        tuple(long[:SHOWN]),
    )


def few_weekdays(rows: Rows, frame: pd.DataFrame) -> Check | None:
    """Reports that come on some days of the week only, or a total that stands on every seventh day."""
    each = frame[frame["day"] > 0].groupby("id")["day"]
    if not each.ngroups or (each.max() - each.min()).max() < 2 * _WEEK:
        return None
    span = each.max() - each.min() + 1
    weekdays = pd.DataFrame({"id": frame["id"], "weekday": frame["day"] % _WEEK})[frame["day"] > 0]
    kinds = weekdays.drop_duplicates().groupby("id").size()
    few = kinds.index[(kinds <= _WEEK - 2) & (each.count() >= 3) & (span >= 2 * _WEEK)]
    if not len(few):
        return None
    who = [str(w) for w in few]
    return Check(
        "weekdays",
        "warning",
        f"{rows.file}: {counted(len(who), 'participant')} with reports on some days "
        f"of the week only ({listed(who)}); check that other days were asked about, or whether one number "
        "stands for a week",
        len(who),
        tuple(who[:SHOWN]),
    )
