"""What comes first in 03/04/2024: what every date allows, days that follow each other, and starts that fit the days."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd

from ketadash.core.findings import short
from ketadash.trial import dates, reshape
from ketadash.trial.recipe import DateOrder
from ketadash.trial.understood import Notes

_CLEARLY = 2.0  # in the wrong order of day and month, starts lie at least so many times as far apart


def possible(columns: Iterable[pd.Series]) -> list[DateOrder]:
    """The orders in which all numeric dates of the columns can be read; empty if none is numeric."""
    orders: set[DateOrder] | None = None
    for column in columns:
        distinct = [t for t in reshape.texts(column) if t.strip()]
        if dates.numeric(distinct):
            own = dates.orders(distinct) or set(DateOrder)
            orders = own if orders is None or not orders & own else orders & own
    return sorted(orders or ())


def settle(
    columns: dict[str, pd.Series],
    day: Callable[[DateOrder], np.ndarray],
    ids: np.ndarray,
    when: pd.Series | None,
    notes: Notes,
) -> DateOrder:
    """The order of all dates that one reading needs, asked where nothing settles it.

    Parameters
    ----------
    columns
        Columns of dates by what they are called.
    day
        The day since treatment started of every row, (n,) float, if dates are read in an order.
    ids
        Whose row each is, (n,).
    when
        The column of dates that are one a day, if there is one.
    """
    if notes.recipe.date_order is not None:
        return notes.recipe.date_order
    orders = possible(columns.values())
    if not orders:
        return DateOrder.DAY_FIRST  # no date tells the orders apart, so either will do
    example = next(short(t, 20) for c in columns.values() for t in reshape.texts(c) if dates.numeric([t]))
    if len(orders) == 1:
        return _decided(orders[0], example, notes)
    scores = {o: (-_steps(when, ids, o), spread(day(o), ids)) for o in orders}
    best, other = sorted(orders, key=lambda o: scores[o])
    if scores[best][0] < scores[other][0] or scores[best][1] * _CLEARLY < scores[other][1]:
        return _decided(best, example, notes)
    names = " and ".join(f"'{short(c)}'" for c in columns)
    answer = notes.ask(
        "date_order",
        f"Dates such as {example} ({names}) could be read either way round. Which comes first",
        {
            best.value: best.value.replace(" first", "") + " first, as " + _read(example, best),
            other.value: other.value.replace(" first", "") + " first, as " + _read(example, other),
        },
    )
    if notes.recipe.answer("date_order") is not None:
        notes.decide(date_order=DateOrder(answer))
    return DateOrder(answer)


def _decided(order: DateOrder, example: str, notes: Notes) -> DateOrder:
    notes.say("date_order", f"Dates such as {example} are read {order}")
    notes.decide(date_order=order)
    return order


def _read(example: str, order: DateOrder) -> str:
    return str(dates.parse([example], order)[0][0])


def _steps(column: pd.Series | None, ids: np.ndarray, order: DateOrder) -> int:
    """How many dates follow the one before by a day."""
    if column is None or not dates.numeric(reshape.texts(column)):
        return 0
    parsed = reshape.dated(column, order)[0]
    return dates.consecutive(parsed[np.lexsort((parsed, ids))], np.sort(ids))


def spread(day: np.ndarray, ids: np.ndarray) -> float:
    """How far participants' first days lie from their median, in days; people without any day add a year each."""
    first = pd.Series(day).groupby(ids).min()
    known = first[np.isfinite(first)]
    return float((known - known.median()).abs().sum()) + 365.0 * int(first.isna().sum())


def fitting(column: pd.Series, order: DateOrder | None) -> DateOrder:
    """An order in which a column can be read: the one that holds for the reading, if the column allows it."""
    orders = dates.orders([t for t in reshape.texts(column) if t.strip()]) or set(DateOrder)
    if order is not None and order in orders:
        return order
    return DateOrder.DAY_FIRST if DateOrder.DAY_FIRST in orders else DateOrder.MONTH_FIRST
