"""Wide grids: which headers are days, and the grid laid out as one row a participant and day."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ketadash.files import Table
from ketadash.trial import dates
from ketadash.trial.recipe import DateOrder
from ketadash.trial.recognise import AMOUNTS, EMPTY, snake

FEWEST = 3  # columns that make a row of days
_LONGEST = 200  # characters of a header that counts days
_NUMBERED = re.compile(r"(.*?)([\s_.:(#-]*)(\d{1,4})\)?(?:\.0)?")
_MINUS = re.compile(r"(?:^|[\s_.])(?:m|minus|neg|pre|b|before)$", re.IGNORECASE)
_NOT_DAYS = re.compile(r"week|^wk|visit|month|question|item|^q$|score|phone|year", re.IGNORECASE)
_DAYS = re.compile(r"^$|day|^dy?$|^t$|date|drink|unit|alc|use|tlfb|sdu|gram", re.IGNORECASE)
_WORDS = {"y", "n", "yes", "no", "x", "true", "false"}


@dataclass(frozen=True, slots=True)
class Across:
    """The day columns of a wide grid.

    Attributes
    ----------
    headers
        Their headers in the file, in order.
    days
        The day of each, or its date (proleptic ordinal) where `dated`.
    dated
        Whether the headers are dates.
    called
        What the headers say beside the number: ``day``, ``drinks_d``, or nothing.
    ambiguous
        Whether day and month could be either way round in the headers.
    """

    headers: tuple[str, ...]
    days: tuple[int, ...]
    dated: bool = False
    called: str = ""
    ambiguous: bool = False


def across(table: Table, order: DateOrder | None = None) -> Across | None:
    """The day columns of `table`; None if it has none."""
    headers = [str(c) for c in table.frame.columns]
    dated = _dated(headers, order)
    if dated is not None:
        return dated
    groups: dict[str, list[tuple[str, int]]] = {}
    for header in headers:
        if found := _numbered(header):
            called, day = found
            groups.setdefault(called, []).append((header, day))
    fitting = [(called, g) for called, g in groups.items() if _fits(table, called, g)]
    if not fitting:
        return None
    called, group = max(fitting, key=lambda item: (bool(_DAYS.search(item[0])), len(item[1])))
    ordered = sorted(_signed(headers, group), key=lambda item: item[1])
    return Across(tuple(h for h, _ in ordered), tuple(d for _, d in ordered), called=called)


def _numbered(header: str) -> tuple[str, int] | None:
    # A header of a hundred thousand hyphens would keep the pattern busy for minutes.
    found = _NUMBERED.fullmatch(header.strip()) if len(header) <= _LONGEST else None
    if found is None:
        return None
    called, between, number = found.groups()
    minus = _MINUS.search(called)
    name = called[: minus.start()] if minus else called
    sign = -1 if minus or (between.endswith("-") and not called) else 1
    return snake(name), sign * int(number)


def _signed(headers: list[str], group: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """A hyphen before the number is a minus where other headers of the group have none (day-7 … day7)."""
    hyphened = {h: bool(re.search(r"-\s*\d+\)?(?:\.0)?$", h)) for h, _ in group}
    if all(hyphened.values()) or not any(hyphened.values()):
        return group
    return [(h, -abs(d) if hyphened[h] else d) for h, d in group]


def _fits(table: Table, called: str, group: list[tuple[str, int]]) -> bool:
    """Enough columns, a name that may be a day's, distinct days, and cells that are numbers, yes or no."""
    days = [d for _, d in _signed([], group)]
    if len(group) < FEWEST or _NOT_DAYS.search(called) or len(set(days)) < len(days):
        return False
    words = {str(t).strip().lower() for h, _ in group for t in table.frame[h].cat.categories}
    filled = words - EMPTY
    daily = [w for w in filled if w in _WORDS or re.fullmatch(r"[+-]?\d+([.,]\d+)?", w)]
    return not filled or 2 * len(daily) >= len(filled)


def _dated(headers: list[str], order: DateOrder | None) -> Across | None:
    texts = [h for h in headers if dates.parse([h], DateOrder.DAY_FIRST)[0][0] != dates.NOT_A_DATE
             or dates.parse([h], DateOrder.MONTH_FIRST)[0][0] != dates.NOT_A_DATE]  # fmt: skip
    texts = [h for h in texts if not re.fullmatch(r"\d+", h)]  # a bare number is rather a day
    if len(texts) < FEWEST:
        return None
    possible = dates.orders(texts) if order is None else {order}
    parsed = {o: dates.parse(texts, o)[0] for o in sorted(possible or set(DateOrder))}
    right = max(parsed, key=lambda o: (int((~np.isnat(parsed[o])).sum()), dates.consecutive(parsed[o])))
    scores = {dates.consecutive(p) for p in parsed.values()}
    ambiguous = order is None and dates.numeric(texts) and len(parsed) > 1 and len(scores) == 1
    known = [(h, d) for h, d in zip(texts, parsed[right], strict=True) if not np.isnat(d)]
    if len(known) < FEWEST or len({d for _, d in known}) < len(known):
        return None
    known.sort(key=lambda item: item[1])
    return Across(tuple(h for h, _ in known), tuple(int(d.astype(int)) for _, d in known), True, ambiguous=ambiguous)


def melted(table: Table, found: Across, value: str, day: str) -> pd.DataFrame:
    """One row a participant and day: every other column repeated, then `day` (int) and `value` (category).

    The index is the place of the participant's row, repeated.
    """
    frame, n, width = table.frame, len(table.frame), len(found.headers)
    rest = [c for c in frame.columns if c not in set(found.headers)]
    rows = np.repeat(np.arange(n), width)
    words = pd.unique(np.concatenate([np.asarray(frame[h].cat.categories, dtype=object) for h in found.headers]))
    cells = np.column_stack([pd.Categorical(frame[h], categories=words).codes for h in found.headers]).ravel()
    long = frame[rest].iloc[rows].copy()
    long[day] = np.tile(np.array(found.days), n)
    long[value] = pd.Categorical.from_codes(cells.astype(np.int64).tolist(), categories=pd.Index(words))
    return long


def value_name(found: Across) -> str:
    """What the melted column is called: what the headers call it, if that is an amount's name, else drinks."""
    named = re.sub(r"_?(d|day|dy|t)$", "", found.called)
    return named if named in AMOUNTS else "drinks"
