"""Days written with a word: ``Day 1``, ``D-3``, ``Week 2 Day 1``."""

from __future__ import annotations

import re

import pandas as pd

from ketadash.trial import reshape

_DAY = re.compile(
    r"(?:(?:study|trial|treatment|tlfb)[\s_.-]*)?(?:days?|dag|tag|jour|d[ií]a|giorno|dzie[nń]|d|dy)[\s_.:#]*"
    r"([-−–+]?)\s*(\d{1,4})(?:\.0)?",
    re.IGNORECASE,
)
_WEEK_AND_DAY = re.compile(r"(?:week|wk|w)[\s_.-]*(\d{1,3})[\s_.,:/-]*(?:day|d)[\s_.-]*(\d)", re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?\d{1,5}(?:\.0+)?")
_MINUS = ("-", "−", "–")


def numbered(column: pd.Series) -> pd.Series:
    """A column of days with numbers for its words; as it is if any filled cell is neither.

    A hyphen before the number is a minus only where other cells have none: ``Day-1`` … ``Day-14`` are days 1 to 14.
    """
    texts = {t: t.strip() for t in reshape.texts(column) if t.strip()}
    words = {t: match for t, word in texts.items() if (match := _DAY.fullmatch(word))}
    weeks = {t: match for t, word in texts.items() if (match := _WEEK_AND_DAY.fullmatch(word))}
    if weeks and len(weeks) == len(texts) and all(1 <= int(f[2]) <= 7 and int(f[1]) > 0 for f in weeks.values()):
        return _mapped(column, {t: 7 * (int(f[1]) - 1) + int(f[2]) for t, f in weeks.items()})
    if not words or any(t not in words and not _NUMBER.fullmatch(word) for t, word in texts.items()):
        return column
    hyphened = {t: f[1] in _MINUS for t, f in words.items()}
    minus = not all(hyphened.values()) or len(words) < len(texts)
    return _mapped(column, {t: (-1 if minus and hyphened[t] else 1) * int(f[2]) for t, f in words.items()})


def _mapped(column: pd.Series, days: dict[str, int]) -> pd.Series:
    kinds = {t: str(days[t]) if t in days else t for t in reshape.texts(column)}
    return column.map(kinds).astype(str).astype("category")
