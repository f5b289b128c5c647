"""What a trial's amounts are to be called: from the substance and unit it declares, else from the column's name."""

from __future__ import annotations

import re

from ketadash.core.terms import DRINKS, Terms, of_use
from ketadash.trial.model import Trial
from ketadash.trial.recognise import AMOUNTS, amount_column
from ketadash.trial.units import DEFAULT, UNITS

_ALCOHOL = re.compile(r"alcohol|ethanol|etoh|drink|drank|drunk|sober")
_OTHER = re.compile(
    r"opioid|opiate|heroin|fentanyl|methadone|cocaine|crack|cannabis|marijuana|thc|joint|nicotine|tobacco|cig|smok|vap|"
    r"amphet|meth|stimulant|benzo|pill"
)
# Counts of anything but alcohol that have a name of their own; all others are uses.
_COUNTED = ("cigarettes", "joints", "pills", "tablets", "doses", "grams")
_MEASURES = {
    "us": "standard drinks",
    "uk": "UK units",
    "au": "standard drinks (10 g)",
    "who": "standard drinks (10 g)",
    "oz": "fluid ounces of alcohol",
    "ml": "ml of alcohol",
    "grams": "grams of alcohol",
}


def terms_of(trial: Trial, amount: str | None) -> Terms:
    """The words for the column `amount`, None being the one that the trial itself declares.

    What is declared holds for the column that is read unless another is chosen; a column that somebody chose is taken
    for what its name says, since a trial of opioids may have asked about alcohol too.
    """
    own = trial.declared.amount or amount_column(trial.days.columns)
    column = amount or own or ""
    unit = trial.declared.unit if column in (own, *AMOUNTS) else None
    if _is_alcohol(trial, column, declared=column == own, unit=unit):
        unit_key = unit or DEFAULT
        if unit_key == DEFAULT:
            return DRINKS
        return Terms(many=UNITS[unit_key].many, measure=_MEASURES[unit_key], nothing="no alcohol")
    return of_use(_counted(f"{column} {trial.declared.substance or ''}".lower(), unit))


def _is_alcohol(trial: Trial, column: str, *, declared: bool, unit: str | None) -> bool:
    named = _named(_header(trial, column))
    substance = trial.declared.substance
    if substance is not None and (declared or named is None):
        return _named(substance.lower()) is True
    if named is not None:
        return named
    return column in AMOUNTS or unit is not None


def _header(trial: Trial, column: str) -> str:
    """The column's name in the file: a daily yes or no is called ``use`` once it is read."""
    header = trial.recipe.column("amount") if column == "use" else None
    return (header or column).lower()


def _named(text: str) -> bool | None:
    """Whether a name says alcohol (True) or something else (False); None if it says neither."""
    if _ALCOHOL.search(text):
        return True
    return False if _OTHER.search(text) else None


def _counted(text: str, unit: str | None) -> str:
    if unit == "grams":
        return "grams"
    return next((word for word in _COUNTED if word[:-1] in text), "uses")
