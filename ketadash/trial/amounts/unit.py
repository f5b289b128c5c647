"""Amounts whose name says a unit that is no drink: ounces, millilitres, glasses, bottles."""

from __future__ import annotations

import re

from ketadash.findings import short
from ketadash.trial.recognise import snake
from ketadash.trial.understood import Notes

_UNITS = {
    "oz": re.compile(r"(^|_)(oz|ounces?|fl_?oz|fluid_ounces?)(_|$)"),
    "ml": re.compile(r"(^|_)(mls?|cc|millilit(er|re)s?)(_|$)"),
    "": re.compile(r"(^|_)(glass(es)?|bottles?|cans?|pints?|shots?|lit(er|re)s?|cl|centilit(er|re)s?|servings?)(_|$)"),
}
_PURE = {"oz": "fluid ounces of pure alcohol, 0.6 a standard drink", "ml": "millilitres of pure alcohol"}
BEVERAGE = "beverage"


def unit_asked(names: tuple[str, ...], notes: Notes) -> str | None:
    """The unit that a person says, of an amount whose name or label says one that is no drink; None where none is.

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
