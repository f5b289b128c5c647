"""Amounts whose name says a unit that is no drink: ounces, millilitres, glasses, bottles."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from ketadash.core.findings import CheckFailedError, counted, listed, short
from ketadash.trial import cells, reshape
from ketadash.trial.recognise import AMOUNTS, EMPTY, snake
from ketadash.trial.understood import Notes
from ketadash.trial.units import UNITS

_UNITS = {
    "oz": re.compile(r"(^|_)(oz|ounces?|fl_?oz|fluid_ounces?)(_|$)"),
    "ml": re.compile(r"(^|_)(mls?|cc|millilit(er|re)s?)(_|$)"),
    "": re.compile(r"(^|_)(glass(es)?|bottles?|cans?|pints?|shots?|lit(er|re)s?|cl|centilit(er|re)s?|servings?)(_|$)"),
}
_PURE = {"oz": "fluid ounces of pure alcohol, 0.6 a standard drink", "ml": UNITS["ml"].name}
BEVERAGE = "beverage"


def unit_answered(names: tuple[str, ...], notes: Notes) -> str | None:
    """The unit answered for amounts whose name or label mentions one other than drinks; None for any others.

    `BEVERAGE` means that what was drunk is measured, not the alcohol in it: use can be told from none, no heavy day.
    """
    if notes.recipe.unit is not None or notes.declared_unit is not None:
        return None
    name, unit = next(((n, u) for n in names for u, pattern in _UNITS.items() if pattern.search(snake(n))), ("", None))
    if unit is None:
        return None
    answers = {"drinks": "standard drinks of 14 g: one of them is one drink"}
    answers = {**({unit: _PURE[unit]} if unit else {}), **answers}
    answers[BEVERAGE] = "amounts of a beverage: use is told from none, and no heavy day can be"
    meant = notes.ask("unit", f"'{short(name)}' does not count standard drinks. What does it count?", answers)
    if meant in _PURE or meant == "drinks":
        notes.decide(unit="us" if meant == "drinks" else meant)
    return meant


_COLUMN = re.compile(r"(^|_)(unit|units|uom|sudosu|unit_of_measure|measure_unit|amount_type)$")
_MOST_KINDS = 12  # of unit in one column
_DRINKS_OF = {  # unit → standard drinks in one
    "drink": 1.0,
    "drinks": 1.0,
    "standard drink": 1.0,
    "standard drinks": 1.0,
    "sd": 1.0,
    "std drinks": 1.0,
    "std": 1.0,
    "us drinks": 1.0,
    "g": 1 / 14,
    "gr": 1 / 14,
    "gram": 1 / 14,
    "grams": 1 / 14,
    "g alcohol": 1 / 14,
    "grams of alcohol": 1 / 14,
    "unit": 8 / 14,
    "units": 8 / 14,
    "uk unit": 8 / 14,
    "uk units": 8 / 14,
}


def in_one_unit(column: pd.Series, frame: pd.DataFrame, value: str, notes: Notes) -> pd.Series:
    """The amounts of `value` in one unit, as asked, where a column beside them says several.

    Raises
    ------
    DataError
        When they are to be converted in the file.
    """
    amounts = cells.numbers(column, None)[0]
    for header in (str(c) for c in frame.columns if _COLUMN.search(snake(str(c))) and str(c) != value):
        unit_words = {
            t: " ".join(t.lower().split()) for t in reshape.texts(frame[header]) if t.strip().lower() not in EMPTY
        }
        each = frame[header].astype(str).map(unit_words).where(amounts > 0)
        kinds = sorted(set(each.dropna()))
        if snake(header) in AMOUNTS or not 1 < len(kinds) <= _MOST_KINDS or any(map(str.isdigit, kinds)):
            continue
        return _converted(column, amounts, each, kinds, (header, value), notes)
    return column


def _converted(
    column: pd.Series, amounts: np.ndarray, each: pd.Series, kinds: list[str], names: tuple[str, str], notes: Notes
) -> pd.Series:
    """The amounts (n,) in drinks, or as they stand; `each` is a row's unit, `names` its header and theirs."""
    header, value = names
    known, several = all(k in _DRINKS_OF for k in kinds), listed(map(short, kinds), most=6)
    answers = {"stop": "in several units: they have to be converted in the file"}
    if known:
        answers = {"convert": "in standard drinks of 14 g, each as its row says (a UK unit is 8 g)"}
    answers["numbers"] = "the numbers as they stand: the column is about something else"
    n = int(each.notna().sum())
    meant = notes.ask(
        "row_units",
        f"'{short(header)}' says several units ({several}) of the amounts in '{short(value)}' ({counted(n, 'row')}). "
        "How are they counted?",
        answers,
        count=n,
        provisional="numbers",
    )
    if meant == "stop":
        text = f"'{short(value)}' is in several units ({several}, says '{short(header)}')"
        raise CheckFailedError("amount", f"{text}; write all of them in standard drinks")
    if meant != "convert":
        return column
    factor = each.map(_DRINKS_OF).astype(float).to_numpy()
    texts = [
        f"{a * f:.12g}" if np.isfinite(f) else t for a, f, t in zip(amounts, factor, column.astype(str), strict=True)
    ]
    return pd.Series(texts, index=column.index).astype("category")
