"""What a missing-day rule consists of: its words, how it fills days, and the same in R and SAS."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ketadash.core.choices.entry import Entry

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[Any]]


def leave_unknown(known: Array, active: Array, bad: float) -> float:
    """No value: the day is left out, or drawn from a model later."""
    return float("nan")


def as_randomised(own: Array, after: Array) -> tuple[Array, Array]:
    """Both the record and the missing days are those of the participant's own arm."""
    return own, own


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What a day without a report counts as.

    In every text, ``{use}`` stands for a day of use, and ``{control}`` and ``{active}`` for the arms.

    Attributes
    ----------
    word
        In the JSON and on the command line; never changed.
    link
        In the sidebar and in links; never changed.
    label
        In tables and pictures.
    stop
        The button on the page of missing days.
    own_button
        Whether the sidebar has a button for it; the others are listed under "more".
    help
        For the sidebar.
    missing_day
        What a missing day counts as, to stand behind a definition.
    assumes
        The same as a sentence without its full stop, and when it is right.  A day may also be heavy, so ``{bad}`` and
        ``{good}`` are the outcome's two values.
    strategy
        How leaving the study is handled, as the ICH E9 addendum names it.
    methods
        For the methods paragraph, with its references in doubled braces; of a rule that imputes, how it does so.
    fill
        (known (G, T), active (G,), bad) → what missing days are set to, one value or (G, 1) or (G, T) of them, NaN
        where unknown; `known` is 1, 0 or NaN, and `bad` is the outcome's unfavourable value.
    draw_in
        Of a rule that imputes: (own (G, T), after (G, T)) → the arms in which records are read and missing days are
        drawn, 1 active; `own` is the arm by participant and day, `after` whether the participant had left by then.
    r, sas
        The same in R and SAS, with ``<<bad>>``, ``<<good>>`` and ``<<what>>``, a day of the unfavourable kind.
    r_record, r_drawn
        The arms of `draw_in` in R.
    imputed
        Whether days are drawn from a model rather than set or left out.
    fills
        Whether missing days are given a value at all, and so enter the models.
    bound
        Whether it is an extreme that nobody believes, shown for how far the answer could go.
    by_reference
        Whether it is about those who left the active arm.
    dial
        The odds ratios (control, active) that give the same, None where none do.
    """

    word: str
    link: str
    label: str
    stop: str
    own_button: bool
    help: str
    missing_day: str
    assumes: str
    strategy: str
    methods: str
    fill: Callable[[Array, Array, float], Array | float]
    r: str
    sas: str
    glossary: Entry | None
    imputed: bool = False
    fills: bool = True
    bound: bool = False
    by_reference: bool = False
    penalises: bool = False
    dial: tuple[str, str] | None = None
    draw_in: Callable[[Array, Array], tuple[Array, Array]] = as_randomised
    r_record: str = "d$active"
    r_drawn: str = "d$active"
