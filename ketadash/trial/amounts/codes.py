"""Numbers in the daily column that may be codes: 1 and 2 for yes and no, 77 and 99 for nothing known."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ketadash.core.findings import counted, listed, short
from ketadash.trial import cells, reshape
from ketadash.trial.recipe import Outcome
from ketadash.trial.recognise import snake
from ketadash.trial.understood import Notes

# What questionnaires write for refused, not known, skipped; more than 200 is refused as an amount anyway.
_CODES = (66.0, 77.0, 88.0, 96.0, 97.0, 98.0, 99.0)
_BESIDE_YES_AND_NO = (7.0, 8.0, 9.0, *_CODES, 777.0, 888.0, 998.0, 999.0, -1.0, -7.0, -8.0, -9.0, -77.0, -88.0, -99.0)
_APART = 2.0  # a code is at least so many times the largest real amount
_LARGE = ("gram", "ml", "millil", "kcal", "calorie")  # units in which 77 is an ordinary amount


def without_codes(column: pd.Series, header: str, outcome: Outcome, notes: Notes) -> pd.Series:
    """The column with codes for a missing value (-9, 99) emptied, after the question which numbers are codes."""
    values = cells.numbers(column, None)[0]
    missing_codes = _yes_no_codes(values) if outcome is not Outcome.AMOUNT else _amount_codes(values, header)
    if not missing_codes:
        return column
    codes = [f"{code:g}" for code in missing_codes]
    n = int(np.isin(values, missing_codes).sum())
    rest = values[np.isfinite(values) & ~np.isin(values, missing_codes)]
    beside = f"the other amounts, at most {rest.max():g}" if outcome is Outcome.AMOUNT else "yes and no"
    amounts = "they are amounts" if outcome is Outcome.AMOUNT else "they are a yes"
    meant = notes.ask(
        "codes",
        f"'{short(header)}' has {listed(codes, most=8)} in {counted(n, 'cell')} beside {beside}. Do they mean that "
        "nothing is known?",
        {"unknown": "nothing is known of these days", "amounts": amounts},
        count=n,
    )
    return reshape.blanked(column, dict.fromkeys(codes, ""))[0] if meant == "unknown" else column


def _amount_codes(values: np.ndarray, header: str) -> list[float]:
    """Codes far above every other amount; none where the unit makes such amounts ordinary."""
    if any(word in snake(header) for word in _LARGE):
        return []
    present = [c for c in _CODES if (values == c).any()]
    rest = values[np.isfinite(values) & ~np.isin(values, present)]
    return [c for c in present if len(rest) and c >= _APART * max(1.0, float(rest.max()))]


def _yes_no_codes(values: np.ndarray) -> list[float]:
    """Numbers that are neither yes nor no, in a column of nothing else but such codes and 0 and 1, or 1 and 2."""
    distinct = set(np.unique(values[np.isfinite(values)]).tolist())
    codes = sorted(distinct & set(_BESIDE_YES_AND_NO))
    rest = distinct - set(codes)
    return codes if rest in ({0.0, 1.0}, {1.0, 2.0}, {0.0}, {1.0}) else []


def with_yes(column: pd.Series, header: str, outcome: Outcome, notes: Notes) -> pd.Series:
    """A column of 1 and 2 as yes and no, as asked; any other as it is."""
    values = cells.numbers(column, None)[0]
    if set(np.unique(values[np.isfinite(values)]).tolist()) != {1.0, 2.0}:
        return column
    means = "no use" if outcome is Outcome.ABSTINENT else "use"
    meant = notes.ask(
        "yes",
        f"'{short(header)}' is coded 1 and 2, and the file does not say which is yes. Which one means {means}?",
        {"1": f"1 means {means}, 2 the opposite", "2": f"2 means {means}, 1 the opposite"},
    )
    meanings = {t: "yes" if float(t) == float(meant) else "no" for t in reshape.texts(column) if _is_number(t)}
    return column.map({t: meanings.get(t, t) for t in reshape.texts(column)}).astype(str).astype("category")


def _is_number(text: str) -> bool:
    try:
        return float(text) in (1.0, 2.0)
    except ValueError:
        return False
