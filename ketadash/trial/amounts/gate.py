"""A yes or no beside the amount: a questionnaire that asks for the amount only where there was some (skip logic)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ketadash.trial import cells
from ketadash.trial.amounts.words import Word, words_of
from ketadash.trial.recognise import ABSTINENT, USES, snake
from ketadash.trial.reshape import texts

# such a column may be about any substance, not the one that is counted
_GENERAL = frozenset(("used", "any_use", "use_day", "no_use"))
_YES, _NO = frozenset((Word.YES, Word.USE)), frozenset((Word.NO, Word.NONE))


@dataclass(frozen=True, eq=False)
class Gate:
    """A column of yes and no that goes with the amounts.

    Attributes
    ----------
    header
        Its name.
    used
        (n,) float: 1 a day of use, 0 a day of none, NaN where it does not say.
    conflicts
        (n,) bool: no use with an amount, or use with an amount of 0.
    """

    header: str
    used: np.ndarray
    conflicts: np.ndarray


def gate_of(frame: pd.DataFrame, value: str, amounts: np.ndarray) -> Gate | None:
    """The yes/no column ("gate") that goes with a column of amounts (n,), NaN where empty; None if there is none."""
    names = {snake(str(c)): str(c) for c in frame.columns if c != value}
    for name in (*USES, *ABSTINENT):
        if name not in names:
            continue
        used = _used(frame[names[name]], amounts, abstinent=name in ABSTINENT)
        if used is None:
            continue
        conflicts = ((used == 0) & (amounts > 0)) | ((used == 1) & (amounts == 0))
        both = np.isfinite(used) & np.isfinite(amounts)
        if not ((used == 1) & (amounts > 0)).any() or not (used == 0).any():
            continue
        if conflicts.sum() > (0.05 if name in _GENERAL else 0.5) * max(1, both.sum()):
            continue  # it is about something else
        return Gate(names[name], used, conflicts)
    return None


def _used(column: pd.Series, amounts: np.ndarray, *, abstinent: bool) -> np.ndarray | None:
    """(n,) 1 use, 0 none, NaN unknown; None for a column that is neither."""
    given = texts(column)
    words = words_of(given, {})
    meanings: dict[str, float] = {}
    numbers = cells.numbers(column, False)[0]
    codes = set(np.unique(numbers[np.isfinite(numbers)]).tolist())
    yes = 1.0
    if codes and codes <= {1.0, 2.0}:  # 1 yes and 2 no, or the other way round, as the amounts say
        first, second = amounts[numbers == 1], amounts[numbers == 2]
        if (first > 0).any() == (second > 0).any():
            return None
        yes = 1.0 if (first > 0).any() != abstinent else 2.0
    elif not codes <= {0.0, 1.0}:
        return None
    for text in given:
        word = words.get(text)
        if word in _YES or word in _NO:
            positive = word in _YES
            # "Drank" and "abstinent" say it whatever the column is called.
            meanings[text] = float(positive) if word in (Word.USE, Word.NONE) or not abstinent else float(not positive)
    by_words = column.map({t: meanings.get(t, np.nan) for t in given}).astype(float).to_numpy()
    coded = np.where(np.isfinite(numbers), (numbers == yes) != abstinent, np.nan)
    used = np.where(np.isfinite(by_words), by_words, coded)
    return used if np.isfinite(used).any() else None
