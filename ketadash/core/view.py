"""How results are shown (`ViewSpec`): the choices that change colours, sizes and marks, and never a number."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class PValues(StrEnum):
    """How p-values are shown outside the analysis that a trial declares."""

    SHOWN = "shown"
    LABELLED = "labelled"
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewSpec:
    """The choices that change how a result looks and no number."""

    dark: bool = False
    narrow: bool = False
    presenting: bool = False
    p_values: PValues = PValues.SHOWN  # in the analysis at hand
    p_values_outside: PValues = PValues.SHOWN  # where a page departs from the declared analysis by a choice of its own
