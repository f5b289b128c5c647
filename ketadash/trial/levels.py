"""What the participants' cells say, as text: the values by which sets and subgroups are named."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

from ketadash.core.findings import short
from ketadash.trial.design_columns import is_design
from ketadash.trial.recognise import EMPTY, natural_order


def written(column: pd.Series) -> np.ndarray:
    """(n,) str: each cell's text, a number as short as it can be; "" where nothing is known."""
    if is_numeric_dtype(column):
        return np.array(["" if np.isnan(x) else f"{x:.15g}" for x in column.to_numpy(dtype=float)], dtype=object)
    words = column.astype(object).where(column.notna(), "").map(lambda cell: str(cell).strip())
    return np.array(["" if word.lower() in EMPTY else word for word in words], dtype=object)


def measured(column: pd.Series) -> bool:
    """Whether numbers that say how much, not which: a site's number is a name, and no mean of it means anything."""
    return is_numeric_dtype(column) and not is_design(str(column.name))


def levels_of(column: pd.Series) -> list[str]:
    """The different texts, in natural order, without the unknown."""
    return sorted(set(written(column)) - {""}, key=natural_order)


MOST_LEVELS = 12  # more different words than that are names or remarks, not groups


@dataclass(frozen=True, slots=True, eq=False)
class Grouping:
    """Participants by a column: level k's name, and everybody's k, -1 where nothing is known.

    `cut` says how a column of numbers was cut in two; `trouble` why there are no groups, empty where there are.
    """

    levels: tuple[str, ...]
    code: np.ndarray
    cut: str = ""
    trouble: str = ""


def grouped(column: pd.Series, cut: float | None) -> Grouping:
    """The groups of a column: its few different words, or numbers cut at `cut`, or at their median where that is None.

    A column of two numbers, such as 0 and 1, has these as its groups unless a cut is given; one of sites, each site.
    """
    name, levels, cells = short(str(column.name)), levels_of(column), written(column)
    numbers = measured(column)
    if cut is not None and not numbers:
        holds = "names that are numbers" if is_numeric_dtype(column) else "words"
        return _none(column, f"'{name}' holds {holds}, so it cannot be cut at {cut:g}: leave the cut empty")
    if len(levels) < 2:
        return _none(column, f"'{name}' is {'the same for everybody' if levels else 'empty'}, so it makes no subgroups")
    if numbers and (cut is not None or len(levels) > 2):
        return _halves(column, cut)
    if len(levels) > MOST_LEVELS:
        return _none(
            column,
            f"'{name}' has {len(levels)} levels; subgroups are made of {MOST_LEVELS} at most: choose a column of fewer",
        )
    places = {level: k for k, level in enumerate(levels)}
    return Grouping(tuple(levels), np.array([places.get(cell, -1) for cell in cells], dtype=int))


def _halves(column: pd.Series, cut: float | None) -> Grouping:
    values, name = column.to_numpy(dtype=float), short(str(column.name))
    known = np.isfinite(values)
    at = float(np.median(values[known])) if cut is None else cut
    below, inclusive = values < at, cut is None and not (values[known] < at).any()
    if inclusive:  # half or more share the least value
        below = values <= at
    levels = (f"up to {at:g}", f"more than {at:g}") if inclusive else (f"below {at:g}", f"{at:g} or more")
    for level, inside in zip(levels, (known & below, known & ~below), strict=True):
        if not inside.any():
            return _none(column, f"nobody's '{name}' is {level}: choose another value at which it is cut")
    how = f"cut at its median of {at:g}" if cut is None else f"cut at {at:g}"
    return Grouping(levels, np.where(known, np.where(below, 0, 1), -1), how)


def _none(column: pd.Series, why: str) -> Grouping:
    return Grouping((), np.full(len(column), -1), trouble=why)


def groupable(people: pd.DataFrame) -> tuple[str, ...]:
    """The participants' columns that make groups: those of numbers, and of a few different words."""
    return tuple(c for c in people.columns[2:] if not grouped(people[c], None).trouble)
