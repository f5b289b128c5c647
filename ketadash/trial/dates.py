"""Calendar dates as they are written, and what 03/04 means."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np

from ketadash.trial.recipe import DateOrder
from ketadash.trial.recognise import EMPTY

_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ][\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?")
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)")
_NUMERIC = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})(?: [\d:]+(?: ?[ap]m)?)?", re.IGNORECASE)
_NAMED = re.compile(r"(\d{1,2})[-\s.]*([a-z]{3})[a-z]*\.?[-\s.,]*(\d{4}|\d{2})(?:[: ][\d:.]+)?", re.IGNORECASE)
_NAMED_FIRST = re.compile(r"([a-z]{3})[a-z]*\.?\s*(\d{1,2}),?\s+(\d{4})", re.IGNORECASE)
_MONTHS = {
    "jan": 1,
    "feb": 2,
    "mar": 3,
    "apr": 4,
    "may": 5,
    "jun": 6,
    "jul": 7,
    "aug": 8,
    "sep": 9,
    "oct": 10,
    "nov": 11,
    "dec": 12,
}
_SERIAL = re.compile(r"([2-7]\d{4})(?:\.0+)?")  # days since 1900 as Excel counts them: 1954 to 2118
_EPOCH = date(1899, 12, 30)
NOT_A_DATE = np.datetime64("NaT", "D")


def orders(texts: Sequence[str]) -> set[DateOrder]:
    """The orders in which every numeric date of `texts` is possible; both where nothing tells."""
    possible = set(DateOrder)
    for text in texts:
        match = _NUMERIC.fullmatch(text.strip())
        if match is None:
            continue
        if match.group(2) == "." or int(match.group(1)) > 12:  # 3.4.2024 is written where the day comes first
            possible.discard(DateOrder.MONTH_FIRST)
        elif int(match.group(3)) > 12:
            possible.discard(DateOrder.DAY_FIRST)
    return possible


def numeric(texts: Sequence[str]) -> bool:
    """Whether any date is written in numbers whose order matters."""
    return any(_NUMERIC.fullmatch(t.strip()) for t in texts)


def parse(texts: Sequence[str], order: DateOrder) -> tuple[np.ndarray, np.ndarray]:
    """Dates (n,) datetime64[D], NaT where empty or unreadable; and which are unreadable, (n,) bool."""
    parsed = [_parse(t.strip(), order) for t in texts]
    empty = np.array([t.strip().lower() in EMPTY for t in texts], dtype=bool)
    dates = np.array([NOT_A_DATE if d is None else np.datetime64(d, "D") for d in parsed], dtype="datetime64[D]")
    return dates, np.isnat(dates) & ~empty


def _parse(text: str, order: DateOrder) -> date | None:
    if match := _ISO.fullmatch(text) or _COMPACT.fullmatch(text):
        return _date(*match.groups())
    if match := _NUMERIC.fullmatch(text):
        a, _, b, year = match.groups()
        day, month = (a, b) if order is DateOrder.DAY_FIRST else (b, a)
        return _date(year, month, day)
    if match := _NAMED.fullmatch(text):
        day, name, year = match.groups()
        return _date(year, _MONTHS.get(name.lower(), 0), day)
    if match := _NAMED_FIRST.fullmatch(text):
        name, day, year = match.groups()
        return _date(year, _MONTHS.get(name.lower(), 0), day)
    if match := _SERIAL.fullmatch(text):
        return _EPOCH + timedelta(days=int(match.group(1)))
    return None


def _date(year: str | int, month: str | int, day: str | int) -> date | None:
    y = int(year)
    if y < 100:
        y += 2000 if y < 70 else 1900
    try:
        return date(y, int(month), int(day)) if 1900 <= y <= 2200 else None
    except ValueError:
        return None


def written(texts: Sequence[str]) -> bool:
    """Whether every filled text is a date that no number could be."""
    filled = [t.strip() for t in texts if t.strip().lower() not in EMPTY]
    return (
        bool(filled)
        and not any(re.fullmatch(r"[+-]?[\d.]+", t) for t in filled)
        and not any(parse([t], DateOrder.DAY_FIRST)[1][0] and parse([t], DateOrder.MONTH_FIRST)[1][0] for t in filled)
    )


def month(text: str) -> int | None:
    """The number of a month's name."""
    return _MONTHS.get(text.strip()[:3].lower())


def consecutive(dates: np.ndarray, groups: np.ndarray | None = None) -> int:
    """How many dates follow the one before by one day, within groups: the order that is right has most."""
    step = np.diff(dates.astype("datetime64[D]").astype(np.int64))
    same = np.ones(len(step), dtype=bool) if groups is None else groups[1:] == groups[:-1]
    known = ~np.isnat(dates)
    return int(((step == 1) & same & known[1:] & known[:-1]).sum())
