"""Rows that are nobody's: totals, means and remarks below, or between, the rows of participants."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from ketadash.core.findings import counted, listed, short
from ketadash.files import Table
from ketadash.trial import reshape
from ketadash.trial.understood import Notes

_NAMES = r"(grand|sub|column|row|overall|arm|group)?[\s_-]*(totals?|means?|averages?|avg|sums?|medians?)"
_REST = r"\W*(\([^()]*\))?\W*"
_TOTAL = re.compile(rf"\W*{_NAMES}\b(?!\s*[-_]?\d)[^\d]*{_REST}|[^\d]*[\s_:(-]{_NAMES}{_REST}", re.IGNORECASE)
# Labels so short that they could be somebody's nickname: believed only below the last participant.
_STATISTIC = re.compile(
    r"\W*(std\.?(\s*dev\.?)?|s\.?d\.?|s\.?e\.?m?\.?|standard (deviation|error)|min(imum)?|max(imum)?|count|n|overall|"
    r"percent|%|all|missing|known|valid)\s*(\([^()]*\))?\W*",
    re.IGNORECASE,
)
_OF_ONE = re.compile(r"(.+?)\s+(total|average|mean|sum|count|max|min|subtotal)\W*", re.IGNORECASE)  # "P01 Total"
_REMARK = re.compile(
    r"\s*([*\u2020\u2021\u00a7#]|notes?\b|source\b|legend\b|abbreviations?\b|generated\b|exported\b|"
    r"\(?[a-z1-9]\)\s)",
    re.IGNORECASE,
)
_LONGEST = 80  # characters of a cell that may be a label of a summary


def is_total(text: str) -> bool:
    """Whether a cell labels a row of totals or means: "Total placebo", "Mean (n = 6)", "Ketamine mean"."""
    return len(text) <= _LONGEST and bool(_TOTAL.fullmatch(text))


def is_statistic(text: str) -> bool:
    """Whether a cell may label a row of another statistic: "SD", "n", "Max"."""
    return len(text) <= _LONGEST and bool(_STATISTIC.fullmatch(text))


def is_remark(text: str) -> bool:
    """Whether a cell that stands alone in its row is a remark: it begins like one, or is a sentence."""
    return bool(_REMARK.match(text)) or len(text.split()) >= 4


def without(table: Table, notes: Notes) -> Table:
    """The table without rows of totals, means and remarks; what is left out is counted and named."""
    frame = table.frame
    if len(frame) < 2 or len(frame.columns) < 3:
        return table
    first, alone = _first_filled(frame)
    people = {str(t) for t in pd.unique(first)}
    summary = _where(lambda t: is_total(t) or _of_one(t, people), first)
    remark = alone & _where(is_remark, first)
    statistic = _where(is_statistic, first)
    last = _run_at_the_end(summary | remark | statistic)
    summary, remark = summary | (statistic & last), remark & last & ~summary
    if summary.mean() > 0.5:  # then such words are the names of this file's participants
        summary[:] = False
    for gone, what in ((summary, "of totals or means, which are no participants"), (remark, "that are remarks")):
        if gone.any():
            named = listed(dict.fromkeys(short(str(t), 30) for t in first[gone]), most=4)
            text = f"{table.name}: {counted(int(gone.sum()), 'row')} {what}, left out ({named})"
            notes.left_out(int(gone.sum()), text, reshape.lines_of(frame, gone, table.row))
    gone = summary | remark
    return replace(table, frame=frame[~gone]) if gone.any() else table


def _of_one(text: str, people: set[str]) -> bool:
    """Whether a cell labels the subtotal of one participant, as spreadsheets write them."""
    named = _OF_ONE.fullmatch(text) if len(text) <= _LONGEST else None
    return named is not None and named[1] in people


def _first_filled(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """The text of each row's first filled cell, (n,) of str; and where it is the only one, (n,) bool."""
    first, n_filled = np.full(len(frame), "", dtype=object), np.zeros(len(frame), dtype=int)
    for column in frame.columns:
        words = np.array([*(str(t).strip() for t in frame[column].cat.categories), ""], dtype=object)
        codes = frame[column].cat.codes.to_numpy()
        filled = (words != "")[codes]
        take = filled & (n_filled == 0)
        if take.any():
            first[take] = words[codes[take]]
        n_filled += filled
    return first, n_filled == 1


def _where(is_one: Callable[[str], bool], texts: np.ndarray) -> np.ndarray:
    """(n,) bool, each different text looked at once."""
    codes, distinct = pd.factorize(texts)
    return np.array([is_one(str(t)) for t in distinct], dtype=bool)[codes]


def _run_at_the_end(mask: np.ndarray) -> np.ndarray:
    """(n,) bool: the unbroken run of `mask` that ends the rows."""
    ordinary = np.flatnonzero(~mask)
    after = ordinary[-1] if len(ordinary) else -1
    return np.arange(len(mask)) > after
