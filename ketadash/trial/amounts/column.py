"""The daily column as it is analysed: amounts, or 1 and 0; nothing where nothing is known."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ketadash.core.findings import counted, listed, short
from ketadash.files import Table
from ketadash.files.table import category
from ketadash.trial import cells, reshape
from ketadash.trial.amounts import blanks
from ketadash.trial.amounts.codes import with_yes, without_codes
from ketadash.trial.amounts.flags import without_flagged
from ketadash.trial.amounts.gate import Gate, gate_of
from ketadash.trial.amounts.unit import BEVERAGE, in_one_unit, unit_answered
from ketadash.trial.amounts.words import NOT_KNOWN, NOTHING_USED, Word, words_of
from ketadash.trial.recipe import Outcome, Shape
from ketadash.trial.recognise import ABSTINENT, EMPTY, UNKNOWN_AMOUNT, USES, snake
from ketadash.trial.understood import Notes

_OF_USE, _OF_NONE = (Word.USE_OF_UNKNOWN, Word.YES, Word.USE), (Word.NO, Word.NONE)


def daily_column(frame: pd.DataFrame, value: str, table: Table, notes: Notes, counted_name: str = "") -> pd.DataFrame:
    """The frame with its daily column: unknown codes emptied, words for none and for use obeyed.

    Days of use of an unknown amount are marked in a column of their own (`UNKNOWN_AMOUNT`); `counted_name` is
    what the headers of a grid say beside the day (``drinks``).
    """
    named = notes.recipe.column("amount") or value
    across = notes.recipe.shape is Shape.WIDE
    header = value if across else named
    counted_name = counted_name or named
    words = words_of(reshape.texts(frame[value]), table.codes.get(header, {}))
    empty = reshape.emptied(frame[value])
    column = _without_unknown(frame[value], words, reshape.unknown(table, header, notes.recipe.unknown), notes)
    outcome = notes.recipe.outcome or _outcome(named, column, words)
    if outcome is Outcome.AMOUNT and unit_answered((counted_name, table.labels.get(header, "")), notes) == BEVERAGE:
        outcome, column = Outcome.USE, _any(column)
    notes.decide(outcome=outcome)
    column = without_flagged(without_codes(column, named, outcome, notes), frame, value, notes)
    if outcome is Outcome.AMOUNT:
        column = in_one_unit(column, frame, value, notes)
        notes.say("outcome", "The cells are daily amounts" if across else f"Daily amounts from '{short(named)}'")
        return _amounts(frame, value, column, words, empty, notes)
    means = "1 or yes is a day of use" if outcome is Outcome.USE else "1 or yes is a day without use"
    where = "in the cells" if across else f"from '{short(named)}'"
    notes.say("outcome", f"Use or none {where}: {means}")
    rest = frame.drop(columns=value)
    column = with_yes(_relabelled(column, _yes_and_no(column, words, outcome)), named, outcome, notes)
    column = blanks.as_meant(column, empty, outcome, notes)
    return reshape.renamed(rest, {"": "use"}).assign(use=reshape.as_use(column, outcome))


def _without_unknown(column: pd.Series, words: Mapping[str, Word], codes: Mapping[str, str], notes: Notes) -> pd.Series:
    """The column with words and codes for a missing value emptied; their number is noted."""
    codes = {c: why for c, why in codes.items() if words.get(c, Word.UNKNOWN) is Word.UNKNOWN}
    worded = {t: f"'{short(t)}'" for t, word in words.items() if word is Word.UNKNOWN and t not in codes}
    column, n = reshape.blanked(column, {**codes, **worded})
    if n:
        notes.decide(unknown=tuple(codes))
        every = {**codes, **worded}
        text = f"{counted(n, 'cell')} with {listed(every)} mean that nothing is known ({listed(set(every.values()))})"
        notes.say("unknown", text)
    return column


def _outcome(header: str, column: pd.Series, words: Mapping[str, Word]) -> Outcome:
    """Amounts, or use, or abstinence: by the header, else by what the cells say."""
    name = snake(header)
    if name in ABSTINENT:
        return Outcome.ABSTINENT
    given = [t for t in reshape.texts(column) if t.strip()]
    counts = [t for t in given if t not in words and t.strip().lower() not in EMPTY and not _is_0_or_1(t)]
    yes_or_no = any(words.get(t) in (Word.YES, Word.NO) for t in given)
    return Outcome.USE if name in USES or (yes_or_no and not counts) else Outcome.AMOUNT


def _is_0_or_1(text: str) -> bool:
    return text.strip().lower() in ("0", "1", "0.0", "1.0", "x")


def _yes_and_no(column: pd.Series, words: Mapping[str, Word], outcome: Outcome) -> dict[str, str]:
    """Cell → yes or no as the outcome's column means them: in a column of abstinence "drank" is no."""
    meanings: dict[str, str] = {}
    for text in reshape.texts(column):
        word = words.get(text)
        if word in (Word.YES, Word.NO):
            meanings[text] = str(word)
        elif word in (Word.USE, Word.USE_OF_UNKNOWN, Word.NONE) and text.strip().lower() not in EMPTY:
            meanings[text] = "yes" if (word is not Word.NONE) == (outcome is Outcome.USE) else "no"
    return meanings


def _any(column: pd.Series) -> pd.Series:
    """Amounts as use (1) and none (0)."""
    values = cells.numbers(column, None)[0]
    meanings = {t: "1" if v > 0 else "0" for t, v in zip(column, values, strict=True) if np.isfinite(v)}
    return _relabelled(column, meanings)


def _relabelled(column: pd.Series, meanings: Mapping[str, str]) -> pd.Series:
    if not meanings:
        return column
    return column.map({t: meanings.get(t, t) for t in reshape.texts(column)}).astype(str).astype("category")


def _amounts(
    frame: pd.DataFrame, value: str, column: pd.Series, words: Mapping[str, Word], empty: np.ndarray, notes: Notes
) -> pd.DataFrame:
    """Amounts, with the days of use of an unknown amount marked: by a word, or by a yes or no beside them."""
    drank = [t for t in reshape.texts(column) if words.get(t) in _OF_USE]
    nones = [t for t in reshape.texts(column) if t.strip().lower() == "none"]
    nones_are_0 = bool(nones) and _are_zero(column, nones, value, notes)
    none = [t for t in reshape.texts(column) if words.get(t) in _OF_NONE and (t not in nones or nones_are_0)]
    marked = column.isin(drank).to_numpy()
    column = _relabelled(column, {**dict.fromkeys(drank, ""), **dict.fromkeys(none, "0")})
    values = cells.numbers(column, None)[0]
    gate = gate_of(frame, value, values)
    if gate is not None:
        if gate.conflicts.any():
            column = _settled(gate, column, value, notes)
            values = cells.numbers(column, None)[0]
        column, unknown = _filled_by(gate, column, values, value, notes)
        marked = marked | unknown
    column = blanks.as_meant(column, empty & reshape.emptied(column) & ~marked, Outcome.AMOUNT, notes)
    if not marked.any():
        return frame.assign(**{value: column})
    notes.say("amount", f"{counted(int(marked.sum()), 'day')} of use of an unknown amount")
    kept = reshape.renamed(frame.assign(**{value: column}), {"": UNKNOWN_AMOUNT})
    return kept.assign(**{UNKNOWN_AMOUNT: category(np.where(marked, "1", "").tolist())})


def _are_zero(column: pd.Series, nones: list[str], value: str, notes: Notes) -> bool:
    """Whether "none" is 0: certain where a column has empty cells too, and so no need of another word for them.

    "None" with a capital is what Python writes for an empty cell.
    """
    n = int(column.isin(nones).sum())
    empty = reshape.emptied(column) & ~column.isin(nones).to_numpy()
    if empty.any() and all(t.strip() != "None" for t in nones):
        notes.say("amount", f"{counted(n, 'cell')} with '{nones[0].strip()}' beside empty cells: none is read as 0")
        return True
    meant = notes.ask(
        "none",
        f"'{short(value)}' has the word '{nones[0].strip()}' in {counted(n, 'cell')}. What does it mean?",
        {"zero": NOTHING_USED, "unknown": f"{NOT_KNOWN} (Python writes None so)"},
        count=n,
    )
    return meant == "zero"


def _settled(gate: Gate, column: pd.Series, value: str, notes: Notes) -> pd.Series:
    """The amounts after the question which to believe, the amount or the yes/no column, where the two contradict."""
    n = int(gate.conflicts.sum())
    meant = notes.ask(
        "contradiction",
        f"'{short(gate.header)}' contradicts '{short(value)}' on {counted(n, 'day')}: no use with an amount, or use "
        "with 0. Which counts?",
        {"amount": f"'{short(value)}', the amount", "yes or no": f"'{short(gate.header)}', the yes or no"},
        count=n,
    )
    if meant == "amount":
        return column
    # on these days the yes-or-no column says what they are
    return column.astype(object).mask(gate.conflicts, "").astype("category")


def _filled_by(
    gate: Gate, column: pd.Series, values: np.ndarray, value: str, notes: Notes
) -> tuple[pd.Series, np.ndarray]:
    """The amounts, 0 where empty on a day of "no"; and the days of "yes" on which they are empty."""
    none = (gate.used == 0) & np.isnan(values)
    unknown = (gate.used == 1) & np.isnan(values)
    if none.any():
        n = counted(int(none.sum()), "day")
        notes.say("amount", f"'{short(gate.header)}' says no use where '{short(value)}' is empty: {n} of 0")
        column = column.astype(object).mask(none, "0").astype("category")
    return column, unknown
