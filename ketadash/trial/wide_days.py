"""Wide grids: which headers are days, and the grid laid out as one row a participant and day."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ketadash.files import Table
from ketadash.trial import dates, reshape
from ketadash.trial.recipe import DateOrder
from ketadash.trial.recognise import ABSTINENT, AMOUNTS, USES

FEWEST = 3  # columns that make a row of days


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
    stem
        What the headers say beside the number: ``day``, ``drinks_d``, or nothing.
    ambiguous
        Whether day and month could be either way round in the headers.
    other
        Whether the headers name another substance than alcohol.
    """

    headers: tuple[str, ...]
    days: tuple[int, ...]
    dated: bool = False
    stem: str = ""
    ambiguous: bool = False
    other: bool = False


def dated_columns(table: Table, order: DateOrder | None = None) -> Across | None:
    """The columns of `table` whose headers are dates; None if there are none."""
    return _dated([str(c) for c in table.frame.columns], order)


def _dated(headers: list[str], order: DateOrder | None) -> Across | None:
    texts = [
        h
        for h in headers
        if dates.parse([h], DateOrder.DAY_FIRST)[0][0] != dates.NOT_A_DATE
        or dates.parse([h], DateOrder.MONTH_FIRST)[0][0] != dates.NOT_A_DATE
    ]
    texts = [h for h in texts if not re.fullmatch(r"\d+", h)]  # a header that is a bare number is more likely a day
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


def melted(table: Table, across: Across, value: str, day: str) -> pd.DataFrame:
    """One row a participant and day: every other column repeated, then `day` (int) and `value` (category).

    The index is the place of the participant's row, repeated.

    Raises
    ------
    DataError
        When that would be far more cells than are read.
    """
    frame, n, width = table.frame, len(table.frame), len(across.headers)
    days = set(across.headers)
    rest = [c for c in frame.columns if c not in days]
    reshape.bound(n * width, len(rest) + 2, f"{table.name}, laid out with one row a participant and day,", times=2)
    rows = np.repeat(np.arange(n), width)
    words = pd.unique(np.concatenate([np.asarray(frame[h].cat.categories, dtype=object) for h in across.headers]))
    place = pd.Index(words)  # each column's own words are looked up in it, not all words in each column
    own = [np.append(place.get_indexer(frame[h].cat.categories), -1)[frame[h].cat.codes] for h in across.headers]
    cells = np.column_stack(own).ravel()
    long = frame[rest].iloc[rows].copy()
    long[day] = np.tile(np.array(across.days), n)
    long[value] = pd.Categorical.from_codes(cells, categories=place)  # type: ignore[arg-type]  # the stubs want a list
    return long


def value_name(across: Across) -> str:
    """The name for the melted column: the headers', if it is a daily column or another substance, else drinks.

    Else drinks.
    """
    named = re.sub(r"(^|_)(d|day|dy|t)(?=_|$)", "", across.stem).strip("_")
    return named if named in (*AMOUNTS, *USES, *ABSTINENT) or across.other else "drinks"
