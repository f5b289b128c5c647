"""What an empty cell means, where no day of none is written."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from ketadash.core.findings import counted
from ketadash.trial import reshape
from ketadash.trial.amounts.words import NOT_KNOWN, NOTHING_USED
from ketadash.trial.recipe import Outcome
from ketadash.trial.recognise import EMPTY, TESTS
from ketadash.trial.understood import Notes


def as_meant(column: pd.Series, empty: np.ndarray, outcome: Outcome, notes: Notes) -> pd.Series:
    """The daily column with its empty cells (n,) filled or left as the recipe answers; a refusal stays unknown.

    Somebody who writes down only what was drunk leaves the other days empty; somebody who could not be asked, too.
    """
    filled = [t for t in reshape.texts(column) if t.strip() and t.strip().lower() not in EMPTY]
    use = outcome is not Outcome.ABSTINENT
    if not empty.any() or not filled or any(_means_none(t, use) for t in filled):
        return column
    # where words stop the reading of amounts, any of them may mean none
    if sum(map(_is_read, filled)) < len(filled) / 2:
        return column
    n = int(empty.sum())
    meant = notes.ask(
        "blank",
        f"No day of none is written, and {counted(n, 'cell is', 'cells are')} empty. What does an empty cell mean?",
        {"none": NOTHING_USED, "unknown": NOT_KNOWN},
        count=n,
    )
    if meant == "unknown":
        return column
    zero = "0" if use else "1"
    return pd.Series(np.where(empty, zero, column.astype(object)), index=column.index).astype(str).astype("category")


def _is_read(text: str) -> bool:
    """Whether a cell is a number, yes or no."""
    word = text.strip().lower()
    return word in TESTS or bool(re.fullmatch(r"[+-]?[\d., ]+(e[+-]?\d+)?", word))


def _means_none(text: str, use: bool) -> bool:
    word = text.strip().lower()
    if word in TESTS:
        return TESTS[word] == (0.0 if use else 1.0)
    try:
        return use and float(word.replace(",", ".")) == 0
    except ValueError:
        return False
