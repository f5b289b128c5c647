"""A table as it stands in a file: headers and cells as text, before anything is understood."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd

from ketadash.core.findings import CheckFailedError, listed, short


@dataclass(frozen=True, eq=False)
class Table:
    """One table of a file.

    Attributes
    ----------
    file, sheet
        The file's name as given, and the sheet's or data set's where the file holds several.
    frame
        One category column of texts for each header, in the file's own words; the index is the place of each row.
    row
        What a place is called: ``line`` of a text, ``row`` of a sheet or data set.
    decimal_comma
        Whether "2,5" is two and a half; None where each column must tell.
    labels
        What a column is called in words, where the file says (SPSS, Stata, SAS).
    codes
        The words behind a column's values (SPSS, Stata): ``{"arm": {"1": "ketamine"}, "drinks": {"-9": "refused"}}``.
    notes
        What was left out of the reading.
    trouble
        Why it cannot be used, to be said only if it is.
    above
        What stands above the header in pairs: ``(("Arm", "placebo"), …)``.
    hidden
        Rows that the workbook hides, the first and last place of each run.
    """

    file: str
    frame: pd.DataFrame
    decimal_comma: bool | None = None
    sheet: str | None = None
    row: str = "line"
    labels: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    trouble: str | None = None
    above: tuple[tuple[str, str], ...] = ()
    hidden: tuple[tuple[int, int], ...] = ()

    @property
    def name(self) -> str:
        """How messages call it."""
        return self.file if self.sheet is None else f"{self.file} ({short(self.sheet)})"


def text_of(value: Any) -> str:
    """A cell's value as text: 3.0 → "3", midnight → its date, nothing → ""."""
    if value is None or value is pd.NaT or value is pd.NA:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool | np.bool_):
        return "1" if value else "0"
    if isinstance(value, float | np.floating):
        number = float(value)
        whole = number.is_integer() and abs(number) < 1e15
        return "" if np.isnan(number) else f"{number:.0f}" if whole else repr(number)
    if isinstance(value, pd.Timestamp | datetime):
        return value.date().isoformat() if value.time().isoformat() == "00:00:00" else value.isoformat(" ", "minutes")
    if isinstance(value, date):
        return value.isoformat()
    return value.decode("utf-8", "replace").strip() if isinstance(value, bytes) else str(value).strip()


def category(values: Sequence[Any] | pd.Series) -> pd.Categorical:
    """Values as categories of text; each different value is turned into text once."""
    codes, distinct = pd.factorize(pd.Series(values))
    words = np.array([*(text_of(v) for v in distinct), ""], dtype=object)
    return pd.Categorical(words[codes])


def is_blank(column: pd.Series) -> np.ndarray:
    """(n,) bool: cells with nothing in them."""
    blank = [t for t in column.cat.categories if not str(t).strip()]
    return (column.isin(blank) | column.isna()).to_numpy()


def without_blanks(frame: pd.DataFrame) -> pd.DataFrame:
    """Without rows of nothing, and without columns that have neither a name nor a filled cell (a sheet's rim)."""
    blank = {c: is_blank(frame[c]) for c in frame.columns}
    kept = [c for c in frame.columns if not (str(c).startswith(UNNAMED) and blank[c].all())]
    if not kept or frame.empty:
        return frame[kept]
    return frame.loc[~np.logical_and.reduce([blank[c] for c in kept])][kept]


UNNAMED = "(unnamed "
LONGEST_HEADER = 300  # characters; a survey's question may be longer, and is cut
_REDCAP = "Complete?"  # what an export with labels calls the last column of every form


def headers(cells: Sequence[str], name: str) -> list[str]:
    """Headers as written, numbered where empty.

    Raises
    ------
    DataError
        When two columns have the same.
    """
    names = [" ".join(cell.split()) or f"{UNNAMED}{i})" for i, cell in enumerate(cells, start=1)]
    names = [_cut(n, i) if len(n) > LONGEST_HEADER else n for i, n in enumerate(names, start=1)]
    names = [f"{n} ({i})" if n == _REDCAP and names.index(n) < i - 1 else n for i, n in enumerate(names, start=1)]
    twice = sorted({short(name) for name, n in Counter(names).items() if n > 1})
    if twice:
        raise CheckFailedError("columns", named_twice(name, twice))
    return names


def _cut(name: str, place: int) -> str:
    """A header cut short, with its place, so that two long ones that begin alike stay two."""
    return f"{short(name, LONGEST_HEADER - 10)} ({place})"


def named_twice(name: str, columns: list[str]) -> str:
    """The message for a table with two columns of one name."""
    return f"{name} has two columns called {listed(columns)}; rename or remove one"
