"""From cells of text to numbers, sexes and test results; what cannot be read is reported, never guessed."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd

from ketadash.core.findings import short
from ketadash.trial.recognise import EMPTY, SEXES, TESTS

# Each digit can be matched in one way only: a cell of a million of them takes no longer than it must.
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)(e[+-]?[0-9]+)?")
_DECIMAL_COMMA = re.compile(r"[+-]?[0-9]*,[0-9]+")
_NUMBER_COMMA = re.compile(r"[+-]?([0-9]+([.,][0-9]*)?|[.,][0-9]+)(e[+-]?[0-9]+)?")


LONGEST_TEXT = 500  # characters of a text in a column that no analysis names


def texts(column: pd.Series) -> np.ndarray:
    """Stripped text of every cell of a category column, (n,) of str."""
    return _spread(column, np.array([str(t).strip() for t in column.cat.categories], dtype=object), "")


def labels(column: pd.Series, keep: Collection[str] = ()) -> np.ndarray:
    """Stripped text, (n,) of str, with "" for what stands for an empty cell (NA, a point, …) and is not in `keep`."""
    words = [str(t).strip() for t in column.cat.categories]
    empty = EMPTY.difference(keep)
    return _spread(column, np.array(["" if w.lower() in empty else w for w in words], dtype=object), "")


def numbers(column: pd.Series, decimal_comma: bool | None) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of a category column and which cells are no numbers.

    Parameters
    ----------
    column
        Text cells as categories.
    decimal_comma
        Whether "2,5" is two and a half; None where the column itself must tell: "1,000" alone tells nothing, and is
        then unreadable rather than guessed.

    Returns
    -------
    values (n,) float, NaN where empty or unreadable; unreadable (n,) bool.
    """
    comma = _comma(column) if decimal_comma is None else decimal_comma
    parsed = [_number(str(t), comma) for t in column.cat.categories]
    values = np.array([np.nan if v is None else v for v in parsed], dtype=float)
    bad = np.array([v is None for v in parsed], dtype=bool)
    return _spread(column, values, np.nan), _spread(column, bad, False)


def sexes(column: pd.Series) -> np.ndarray:
    """F, M or None, (n,) of str; only words and letters count, as 0 and 1 may mean either."""
    words = [str(t).strip().lower() for t in column.cat.categories]
    letters = {"h": "M"} if "h" in words else {}  # homme beside f, hombre beside m: mujer
    if "h" in words and "f" not in words:
        letters["m"] = "F"
    return _spread(column, np.array([{**SEXES, **letters}.get(w) for w in words], dtype=object), None)


def tests(column: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Test results (n,) float, 1 positive, 0 negative, NaN no test; and which cells are neither (n,) bool."""
    words = [str(t).strip().lower() for t in column.cat.categories]
    results = np.array([TESTS.get(w, np.nan) for w in words], dtype=float)
    unread = np.array([w not in TESTS and w not in EMPTY for w in words], dtype=bool)
    return _spread(column, results, np.nan), _spread(column, unread, False)


def any_column(column: pd.Series, decimal_comma: bool | None) -> np.ndarray:
    """Numbers (n,) float if every filled cell is a number, else text (n,) with None for empty cells."""
    values, bad = numbers(column, decimal_comma)
    if not bad.any():
        return values
    kinds = [short(str(t).strip(), LONGEST_TEXT) for t in column.cat.categories]
    return _spread(column, np.array([None if w.lower() in EMPTY else w for w in kinds], dtype=object), None)


def n_cut(column: pd.Series) -> int:
    """How many cells hold a longer text than is kept."""
    long = np.array([len(str(t)) > LONGEST_TEXT for t in column.cat.categories], dtype=bool)
    return int(_spread(column, long, False).sum()) if long.any() else 0


def _comma(column: pd.Series) -> bool:
    """Whether a column's commas are decimal: one with other than three digits behind it can be nothing else."""
    words = [str(t).strip() for t in column.cat.categories]
    behind = [w.rpartition(",")[2] for w in words if _DECIMAL_COMMA.fullmatch(w)]
    return any(len(digits) != 3 for digits in behind)


def _number(text: str, decimal_comma: bool) -> float | None:
    word = text.strip().lower()
    if word in EMPTY:
        return np.nan
    if not (_NUMBER_COMMA if decimal_comma else _NUMBER).fullmatch(word):
        return None
    value = float(word.replace(",", "."))
    return value if np.isfinite(value) else None  # 1e999 overflows to infinity, which no analysis can use


def _spread(column: pd.Series, of_category: np.ndarray, default: Any) -> np.ndarray:
    """The value of each cell, from the value of each category; code −1 (a cell that is not there) gets `default`."""
    return np.append(of_category, np.array([default], dtype=of_category.dtype))[column.cat.codes.to_numpy()]
