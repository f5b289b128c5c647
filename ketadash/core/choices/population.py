"""The analysis set: everyone randomised, or those who have one value in one column."""

from __future__ import annotations

from ketadash.core.errors import SpecError

EVERYONE = "everyone randomised"  # as the list and the link have it
KNOWN = "known"  # stands for a value: everyone of whom it is known
HOW = "write it as COLUMN=VALUE, such as pprotfl=Y, or COLUMN=known for whoever has a value there"


def population(text: str) -> str:
    """An analysis set as it is kept, ``"column=value"``; SpecError says how one is written."""
    column, sign, value = (part.strip() for part in text.partition("="))
    if not (column and sign and value):
        raise SpecError(f"population '{text[:60]}' is no analysis set; {HOW}")
    return f"{column}={value}"


def parts(text: str) -> tuple[str, str]:
    """The column and the value of an analysis set."""
    column, _, value = text.partition("=")
    return column.strip(), value.strip()


def in_words(text: str | None) -> str:
    """``"pprotfl = Y"``, ``"first_dose_day known"``."""
    if text is None:
        return EVERYONE
    column, value = parts(text)
    return f"{column} known" if value == KNOWN else f"{column} = {value}"
