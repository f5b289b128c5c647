"""How each state of a day is drawn, on the map and in a record."""

from __future__ import annotations

from dataclasses import dataclass

from ketadash.core.spec import ViewSpec
from ketadash.results.people import DayState


@dataclass(frozen=True, slots=True)
class StateInk:
    """How a kind of day is drawn: the sign tells it apart without colour, where cells can hold one."""

    sign: str
    light: str
    dark: str


# From calm to dark red the luminance falls (rises, on dark paper: see the tests), so the order survives any colour
# blindness and a black-and-white print; the two kinds beside the order have a hue and a sign of their own.
STATES = {
    DayState.ABSTINENT: StateInk("", "#A9D3EA", "#1F4A66"),
    DayState.USE: StateInk("•", "#F2A93B", "#C98718"),
    DayState.HEAVY: StateInk("▪", "#8F1D14", "#FF9C85"),
    DayState.OVERRIDDEN: StateInk("E", "#9B6FB0", "#A783C4"),
    DayState.MISSING: StateInk("×", "#EEF0F2", "#222B31"),
    DayState.UNKNOWN_AMOUNT: StateInk("?", "#C9A66B", "#8F7342"),
}
PALE = 0.5


def colour_of(state: DayState, view: ViewSpec) -> str:
    """The colour of a kind of day."""
    return STATES[state].dark if view.dark else STATES[state].light
