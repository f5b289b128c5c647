"""Headers that are dates without a year, such as ``Mar 26``, ``26-Mar`` or ``3/26``."""

from __future__ import annotations

import itertools
import re
from datetime import date

import numpy as np

from ketadash.core.findings import short
from ketadash.files import Table
from ketadash.trial import reshape
from ketadash.trial.recipe import DateOrder
from ketadash.trial.recognise import READING
from ketadash.trial.roles import find
from ketadash.trial.understood import Notes
from ketadash.trial.wide_days import FEWEST, Across

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMED = re.compile(r"([a-z]{3})[a-z]*\.?[\s_-]*(\d{1,2})", re.IGNORECASE)
_NAMED_LAST = re.compile(r"(\d{1,2})[\s_.-]*([a-z]{3})[a-z]*\.?", re.IGNORECASE)
_NUMERIC = re.compile(r"(\d{1,2})[/.-](\d{1,2})\.?")
_LEAP = 2024  # a year that has every day


def without_year(table: Table, people: Table | None, notes: Notes) -> Across | None:
    """The columns whose headers are dates without a year, in the year in which treatment started.

    None if there are fewer than three; where nothing says when treatment started, the year does not matter, since the
    reading stops for want of it.
    """
    month_days, ambiguous = _month_days([str(c) for c in table.frame.columns], notes.recipe.date_order)
    if len(month_days) < FEWEST or len({md for _, md in month_days}) < len(month_days):
        return None
    start = _start(table, people, notes)
    year = min((start.year + k for k in (-1, 0, 1)), key=lambda y: abs((_dated(month_days, y)[0] - start).days))
    when = _dated(month_days, year)
    notes.say(
        "start",
        f"Dates without a year, such as {short(month_days[0][0], 20)}, are those of {year}, when treatment started",
    )
    epoch = date(1970, 1, 1)
    return Across(tuple(h for h, _ in month_days), tuple((d - epoch).days for d in when), True, ambiguous=ambiguous)


def _month_days(headers: list[str], order: DateOrder | None) -> tuple[list[tuple[str, tuple[int, int]]], bool]:
    """(header, (month, day)) of each header that is a date without a year; whether they could be either way round."""
    named, numeric = list[tuple[str, tuple[int, int]]](), list[tuple[str, int, int]]()
    for header in headers:
        text = header.strip() if len(header) <= 30 else ""
        if match := _NAMED.fullmatch(text):
            month, day = match.groups()
        elif match := _NAMED_LAST.fullmatch(text):
            day, month = match.groups()
        elif match := _NUMERIC.fullmatch(text):
            numeric.append((header, int(match[1]), int(match[2])))
            continue
        else:
            continue
        if month.lower() in _MONTHS and _possible(_MONTHS.index(month.lower()) + 1, int(day)):
            named.append((header, (_MONTHS.index(month.lower()) + 1, int(day))))
    if named or len(numeric) < FEWEST:
        return named, False
    ways = {
        DateOrder.MONTH_FIRST: [(h, (a, b)) for h, a, b in numeric if _possible(a, b)],
        DateOrder.DAY_FIRST: [(h, (b, a)) for h, a, b in numeric if _possible(b, a)],
    }
    if order is not None:
        return ways[order], False
    scores = {way: (len(pairs), _steps(pairs)) for way, pairs in ways.items()}
    best = max(scores, key=lambda way: scores[way])
    return ways[best], len(set(scores.values())) == 1


def _possible(month: int, day: int) -> bool:
    try:
        date(_LEAP, month, day)
    except ValueError:
        return False
    return True


def _steps(pairs: list[tuple[str, tuple[int, int]]]) -> int:
    """How many dates follow the one before by a day."""
    when = _dated(pairs, _LEAP) if pairs else []
    return sum((b - a).days == 1 for a, b in itertools.pairwise(when))


def _dated(pairs: list[tuple[str, tuple[int, int]]], year: int) -> list[date]:
    """Dates in the order of the file from `year` on: a new year begins where the month falls back."""
    when, last = list[date](), 0
    for _, (month, day) in pairs:
        year += month < last - 6
        last = month
        leap = month == 2 and day == 29 and (year % 4 or (year % 100 == 0 and year % 400))
        when.append(date(year, 3, 1) if leap else date(year, month, day))
    return when


def _start(table: Table, people: Table | None, notes: Notes) -> date:
    """When treatment started, the middle of all participants' dates; a leap year where nothing says it."""
    if notes.recipe.start_date is not None:
        return notes.recipe.start_date
    for source in (table, people):
        column = find(source, READING["start"], notes.recipe.column("start")) if source is not None else None
        if source is None or column is None:
            continue
        order = notes.recipe.date_order or DateOrder.DAY_FIRST
        known = reshape.dated(source.frame[column], order)[0]
        known = known[~np.isnat(known)]
        if len(known):
            middle = np.sort(known.astype(np.int64))[len(known) // 2]
            return date(1970, 1, 1).fromordinal(date(1970, 1, 1).toordinal() + int(middle))
    return date(_LEAP, 1, 1)
