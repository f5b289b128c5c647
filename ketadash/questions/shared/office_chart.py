"""A result as a chart that office software can draw and edit: series of numbers, and how they are to look.

Plotly's figures cannot be handed to PowerPoint; these are made from the same results, with the same colours,
dashes and markers, in full precision.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from ketadash.core.numbers import level
from ketadash.core.spec import ViewSpec
from ketadash.questions.shared import theme
from ketadash.questions.shared.theme import ArmInk
from ketadash.results import CurvePoint, ObservedPoint, SurvivalPoint

PRINT = ViewSpec()  # exports are light
PERCENT = "0%"


@dataclass(frozen=True, slots=True)
class Series:
    """One row of points: ``line``, ``points`` (with error bars if there are any) or ``edge``, a band's thin limit.

    `minus` and `plus` are the lengths of error bars, along the axis `along`; `label` names the last point, `texts`
    each.  `step` says that the points are the corners of a step curve already.
    """

    name: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    kind: str
    colour: str
    dash: str = "solid"
    symbol: str = "circle"
    minus: tuple[float, ...] = ()
    plus: tuple[float, ...] = ()
    along: str = "y"
    label: str | None = None
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Axis:
    """An axis: title, range, distance of its ticks, number format; `at` says where it crosses the other."""

    title: str
    low: float
    high: float
    step: float | None = None
    form: str = "General"
    hidden: bool = False
    log: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """What a native chart shows; `key` says in words what its signs are, `counts` is a table under the days."""

    x: Axis
    y: Axis
    series: tuple[Series, ...]
    key: str
    zero: float | None = None
    counts: tuple[tuple[str, ...], ...] = field(default=())


def arm_names(arms: tuple[str, str]) -> dict[str, ArmInk]:
    """Each arm's ink as on screen in the light."""
    return theme.arm_ink(PRINT, arms)


def percent_axis(title: str, low: float = 0.0, high: float = 1.0) -> Axis:
    """Fractions as percent."""
    return Axis(title, low, high, 0.2 if high - low > 0.5 else 0.1, PERCENT)


def day_axis(first: int, last: int, title: str = "Day") -> Axis:
    """Days with round steps between ticks."""
    span = max(last - first, 1)
    step = next((s for s in (1, 2, 7, 14, 28, 56, 84, 168) if span / s <= 12), 364)
    return Axis(title, first, max(last, first + 1), step, "0")


def days_of(points: Sequence[CurvePoint] | Sequence[ObservedPoint] | Sequence[SurvivalPoint]) -> tuple[float, ...]:
    """The days at which points stand."""
    return tuple(float(p.day) for p in points)


def band_edges(points: Sequence[CurvePoint], name: str, ink: ArmInk, confidence: float) -> list[Series]:
    """The lower and the upper edge of a curve's band, as two lines."""
    if not points:
        return []
    at = level(confidence)
    return [
        Series(
            f"{name}, {at} {end}", days_of(points), tuple(getattr(p, f"ci_{end}") for p in points), "edge", ink.colour
        )
        for end in ("low", "high")
    ]


def whole_tenths(low: float, high: float) -> tuple[float, float]:
    """A range in whole tenths around ``low … high``."""
    return math.floor(10 * low) / 10, math.ceil(10 * high) / 10


def nice(low: float, high: float) -> tuple[float, float, float]:
    """A range around ``low … high`` and a step, both round: 1, 2 or 5 times a power of ten."""
    span = max(high - low, 1e-6)
    rough = span / 6
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(k * power for k in (1, 2, 5, 10) if k * power >= rough)
    digits = max(0, -math.floor(math.log10(step)) + 1)
    return round(math.floor(low / step) * step, digits), round(math.ceil(high / step) * step, digits), step
