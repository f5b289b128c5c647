"""Which column is the daily amount, where several could be."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ketadash.core.findings import Check, counted, listed, short
from ketadash.files import Table
from ketadash.trial import cells, reshape
from ketadash.trial.recognise import ABSTINENT, AMOUNTS, SYNONYMS, USES, snake
from ketadash.trial.roles import find
from ketadash.trial.understood import Notes

_FEWEST_DAYS, _FEWEST_PEOPLE = 5, 3  # needed before an amount that never changes is taken for a baseline value


def daily_header(table: Table, value: str | None, notes: Notes) -> str | None:
    """The header of the daily column: `value`, or another column of amounts if the recipe's answer names it."""
    if value is None or notes.recipe.column("amount") is not None or snake(value) not in (*AMOUNTS, *USES):
        return value
    numbers = {c: v for c in _named(table, AMOUNTS) if (v := _numbers(table, c)) is not None}
    if value in numbers and _never_changes(table, numbers[value], notes):
        value = _instead_of_a_baseline(table, value, numbers, notes)
    if value not in numbers:
        return value
    others = [
        c
        for c in numbers
        if c != value and not _never_changes(table, numbers[c], notes) and not _proportional(numbers[value], numbers[c])
    ]
    if not others:
        return value
    every = [value, *others]
    return notes.ask(
        "amount",
        f"{table.name} has several columns of daily amounts that differ: {listed([short(c) for c in every])}. Which "
        "one is the daily outcome?",
        {c: f"'{short(c)}', {_mean(numbers[c]):.2g} a day of use on average" for c in every},
        option="--amount",
    )


def _named(table: Table, names: tuple[str, ...]) -> list[str]:
    headers = {snake(str(c)): str(c) for c in reversed(table.frame.columns)}
    return [headers[n] for n in names if n in headers]


def _numbers(table: Table, column: str) -> np.ndarray | None:
    """The amounts of a column (n,), NaN where empty; None where most cells are no numbers."""
    values, bad = cells.numbers(table.frame[column], table.decimal_comma)
    return values if np.isfinite(values).any() and bad.mean() < 0.5 else None


def _mean(values: np.ndarray) -> float:
    """The mean of the amounts above 0."""
    above = values[values > 0]
    return float(above.mean()) if len(above) else 0.0


def _never_changes(table: Table, values: np.ndarray, notes: Notes) -> bool:
    """Whether each of several participants has one amount above 0 on all of many days, and not all the same one."""
    who = find(table, SYNONYMS["participant_id"], notes.recipe.column("participant_id"))
    if who is None:
        return False
    each = pd.Series(values).groupby(table.frame[who].cat.codes.to_numpy())
    n, different, least = each.count(), each.nunique(), each.min()
    return bool(
        len(n) >= _FEWEST_PEOPLE
        and (different == 1).all()
        and n.median() >= _FEWEST_DAYS
        and (least > 0).all()
        and least.nunique() > 1
    )


def _instead_of_a_baseline(table: Table, value: str, numbers: dict[str, np.ndarray], notes: Notes) -> str:
    """A column that changes from day to day; where there is none, `value`, and a question."""
    daily = [c for c, v in numbers.items() if c != value and not _never_changes(table, v, notes)]
    daily = daily or [c for c in _named(table, (*USES, *ABSTINENT)) if len(reshape.texts(table.frame[c])) > 1]
    if daily:
        notes.say(
            "amount",
            f"'{short(value)}' has one value a participant: a baseline; the daily column is '{short(daily[0])}'",
        )
        return daily[0]
    n = counted(int(np.isfinite(numbers[value]).sum()), "row")
    meant = notes.ask(
        "daily",
        f"'{short(value)}' has one value a participant on all of {n}. Is it the amount of each day?",
        {"daily": "yes, the amount of each day", "baseline": "no, a usual amount: the days are in another column"},
    )
    if meant == "baseline":
        notes.checks.append(
            Check(
                "columns",
                "error",
                f"{table.name} has no other column of daily amounts than "
                f"'{short(value)}'; name the one that is (--amount), or add it",
                1,
            )
        )
    return value


def _proportional(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether two columns count the same in two units (or are equal): a constant ratio where both are known."""
    both = np.isfinite(one) & np.isfinite(other)
    if (np.isfinite(one) != np.isfinite(other)).any():
        return False
    above = both & ((one > 0) | (other > 0))
    if not above.any():
        return True
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = other[above] / one[above]
    return bool(np.isfinite(ratio).all() and np.ptp(ratio) <= 0.02 * abs(float(np.mean(ratio))))
