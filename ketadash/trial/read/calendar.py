"""Which calendar day a row is about: among several dates, in which time zone, and from a year, a month and a day."""

from __future__ import annotations

import re
from dataclasses import replace
from zoneinfo import ZoneInfo, available_timezones

import numpy as np
import pandas as pd

from ketadash.core.findings import CheckFailedError, counted, listed, short
from ketadash.files import Table, header_rows
from ketadash.trial import cells, dates, reshape
from ketadash.trial.recipe import DateOrder
from ketadash.trial.recognise import READING, SYNONYMS, snake
from ketadash.trial.roles import find
from ketadash.trial.understood import Notes

MADE = "date"  # the column of dates put together here
_YEAR, _MONTH = ("year", "yr", "yyyy"), ("month", "mon", "mm", "mo")
_DAY = ("day", "day_of_month", "dom", "dd", "dy")
# Names that say on which day somebody drank; another date beside one of them is when it was told.
_SURELY = ("drinking_date", "date_of_drinking", "drink_date", "use_date", "date_of_use", "tlfb_date", "tlfb_dt")
_ZONES = ("timezone", "time_zone", "tz", "tzone", "user_timezone", "local_timezone", "zone")
_UTC = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?) ?(?:Z|UTC|GMT|\+00:?00)", re.IGNORECASE)
_OFFSET = re.compile(r"(?:UTC|GMT)?([+-])(\d{1,2})(?::?(\d\d))?")
_ELSEWHERE = {
    "America/New_York": "the local day in New York",
    "America/Los_Angeles": "the local day in Los Angeles",
    "Europe/London": "the local day in London",
}
_AS_WRITTEN = "as written"


def with_dates(table: Table, notes: Notes) -> Table:
    """A long table whose date is one column of local days."""
    if table.trouble is not None or table.frame.empty:
        return table
    table = _of_parts(table, notes)
    table = _day_of_month(table, notes)
    return _local(table, notes)


def date_header(table: Table, notes: Notes) -> str | None:
    """The column of the day that a row is about."""
    given = notes.recipe.column("date")
    if given is not None:
        return find(table, READING["date"], given)
    present = {snake(str(c)): str(c) for c in reversed(table.frame.columns)}
    several = [present[n] for n in READING["date"] if n in present]
    if len(several) < 2:
        return find(table, READING["date"])
    first, others = several[0], several[1:]
    different = [c for c in others if not _same(table, first, c)]
    if different and snake(first) not in _SURELY:
        answers = {c: f"'{short(c)}'" for c in (first, *different)}
        return notes.ask(
            "date",
            f"{table.name} has several dates on a row ({listed(map(short, several))}). Which is "
            "the day that the amount is of",
            answers,
        )
    if different:
        other_names = listed(f"'{short(c)}'" for c in different)
        notes.say("date", f"The day is '{short(first)}'; {other_names} is when it was told")
    return first


def _same(table: Table, one: str, other: str) -> bool:
    return bool((cells.texts(table.frame[one]) == cells.texts(table.frame[other])).all())


def _of_parts(table: Table, notes: Notes) -> Table:
    """Year, month and day of the month as one date; the day of the month is no day of the study."""
    year, month, day = (find(table, names) for names in (_YEAR, _MONTH, _DAY))
    if year is None or month is None or day is None or notes.recipe.column("day") == day:
        return table
    if find(table, READING["date"]) is not None:
        return table
    parts = [cells.numbers(table.frame[c], False)[0] for c in (year, month, day)]
    months = [dates.month(t) for t in cells.texts(table.frame[month])]
    parts[1] = np.where(np.isnan(parts[1]), np.array([np.nan if m is None else m for m in months]), parts[1])
    y, m, d = (part[np.isfinite(part)] for part in parts)
    if not len(y) or not ((y >= 1900) & (y <= 2200)).all() or not ((m >= 1) & (m <= 12)).all():
        return table
    if not len(d) or not ((d >= 1) & (d <= 31)).all():
        return table
    known: np.ndarray = np.isfinite(np.array(parts)).all(axis=0)
    text = [
        f"{int(a):04}-{int(b):02}-{int(c):02}" if k else ""
        for a, b, c, k in zip(parts[0], parts[1], parts[2], known.tolist(), strict=True)
    ]
    notes.say("date", f"Dates from {short(year)}, {short(month)} and {short(day)}")
    frame = table.frame.drop(columns=[year, month, day]).assign(**{MADE: pd.Categorical(text)})
    return replace(table, frame=frame)


def _day_of_month(table: Table, notes: Notes) -> Table:
    """Without a column of days that only repeats the date: its day of the month, or its weekday."""
    recipe = notes.recipe
    day, date = find(table, SYNONYMS["day"]), find(table, READING["date"], recipe.column("date"))
    if day is None or date is None or recipe.column("day") is not None:
        return table
    number = cells.numbers(table.frame[day], False)[0]
    weekdays = [t for t in reshape.texts(table.frame[day]) if t.strip()]
    if weekdays and all(header_rows.is_weekday(t) for t in weekdays):
        repeats = True
    else:
        distinct = [t for t in reshape.texts(table.frame[date]) if t.strip()]
        fits = [_days_of_month(table, date, order) for order in dates.orders(distinct)]
        repeats = any(
            bool(
                np.isfinite(number).any()
                and (number == day_of_month)[np.isfinite(number)].all()
                and len(np.unique(day_of_month[np.isfinite(day_of_month)])) > 1
            )
            for day_of_month in fits
        )
        repeats = repeats and _spans_months(table, date)
    if not repeats:
        return table
    notes.say("date", f"Days from '{short(date)}'; '{short(day)}' is the day of its month or week")
    return replace(table, frame=table.frame.drop(columns=day))


def _days_of_month(table: Table, date: str, order: DateOrder) -> np.ndarray:
    when = reshape.dated(table.frame[date], order)[0]
    first = when.astype("datetime64[M]").astype("datetime64[D]")
    return np.where(np.isnat(when), np.nan, (when - first).astype(float) + 1)


def _spans_months(table: Table, date: str) -> bool:
    """Whether the dates span months; within one month, a day of the month may be the day of the study."""
    when = reshape.dated(table.frame[date], DateOrder.DAY_FIRST)[0]
    return len(np.unique(when[~np.isnat(when)].astype("datetime64[M]"))) > 1


def _local(table: Table, notes: Notes) -> Table:
    """Stamps in UTC as the local day: in the zone that a column gives, else as answered."""
    present = {snake(str(c)): str(c) for c in reversed(table.frame.columns)}
    date = find(table, READING["date"], notes.recipe.column("date"))
    if date is None:
        return table
    texts = reshape.texts(table.frame[date])
    stamps = {t: match for t in texts if (match := _UTC.fullmatch(t.strip()))}
    if not stamps or all(not re.search(r"[1-9]", match[2]) for match in stamps.values()):
        return table  # midnight everywhere: dates that a program wrote as times
    column = next((present[n] for n in _ZONES if n in present), None)
    if column is None:
        zone = _zone_answered(table, date, notes)
        zones = pd.Series(pd.Categorical([zone] * len(table.frame)), index=table.frame.index)
    else:
        zones = table.frame[column]
        notes.say("timezone", f"'{short(date)}' is in UTC: the local day counts, by '{short(column)}'")
    return replace(table, frame=table.frame.assign(**{date: _in_zones(table.frame[date], zones, stamps, table)}))


def _zone_answered(table: Table, date: str, notes: Notes) -> str:
    answers = {_AS_WRITTEN: "the day in UTC, as written", **_ELSEWHERE}
    given = notes.recipe.answer("timezone")
    if given is not None and _zone(given) is not None:
        answers.setdefault(given, f"the local day in {given}")
    return notes.ask(
        "timezone",
        f"{table.name}: the times in '{short(date)}' are in UTC, and nothing says where "
        "people were. Which day counts (any other zone can be named in the recipe, such as Europe/Berlin)",
        answers,
    )


def _in_zones(column: pd.Series, zones: pd.Series, stamps: dict[str, re.Match[str]], table: Table) -> pd.Categorical:
    """Local dates of stamps; cells that are none stay as they are."""
    words = cells.texts(column).astype(object)
    stamped = column.isin(list(stamps)).to_numpy()
    moments = pd.to_datetime([f"{match[1]}T{match[2]}Z" for match in stamps.values()], utc=True, format="ISO8601")
    place = pd.Index(list(stamps)).get_indexer(pd.Index(column[stamped].astype(object)))
    when = pd.DatetimeIndex(moments)[place]
    local = words[stamped]
    where = cells.texts(zones)[stamped]
    for name in set(where) - {_AS_WRITTEN}:
        zone = _zone(str(name))
        if zone is None:
            n = counted(int((where == name).sum()), "row")
            raise CheckFailedError(
                "dates",
                f"{table.name}: '{short(str(name))}' is no time zone ({n}); write such as America/Denver or -07:00",
            )
        mine = where == name
        local[mine] = when[mine].tz_convert(zone).strftime("%Y-%m-%d").to_numpy()
    words[stamped] = local
    return pd.Categorical(words)


def _zone(name: str) -> ZoneInfo | str | None:
    """A zone by its name or its hours from UTC."""
    if name in available_timezones():
        return ZoneInfo(name)
    if match := _OFFSET.fullmatch(name.strip()):
        sign, hours, minutes = match.groups()
        return f"{sign}{int(hours):02}:{minutes or '00'}" if int(hours) <= 14 else None
    return None
