"""The people part of `trial.toml`: numbers from before randomisation, and the rows of Table 1."""

from __future__ import annotations

from typing import Any

from ketadash.core.findings import CheckFailedError, short
from ketadash.trial.model import Described
from ketadash.trial.recognise import snake

FLOW = ("screened", "enrolled")
TABLES = ("flow", "table1")
MOST_PEOPLE = 10_000_000


def flow(declaration: dict[str, Any], file: str) -> dict[str, int]:
    """``[flow] screened = 95`` and ``enrolled = 50``, those that are there.

    Raises
    ------
    DataError
        For anything but whole numbers under those names.
    """
    table = declaration.get("flow", {})
    wrong = (
        [k for k, v in table.items() if not (k in FLOW and type(v) is int and 0 <= v <= MOST_PEOPLE)]
        if (isinstance(table, dict))
        else ["flow"]
    )
    if wrong:
        raise CheckFailedError(
            "declared",
            f"{file}: '{short(wrong[0])}' cannot be so; under [flow] write screened = 95 "
            f"and enrolled = 50, whole numbers up to {MOST_PEOPLE:,}",
        )
    return dict(table)


def table_one(declaration: dict[str, Any], file: str) -> tuple[Described, ...]:
    """The rows that ``[table1]`` lists, in its order: ``age = "Age (years)"`` or a label with levels.

    Raises
    ------
    DataError
        For a row that is neither.
    """
    table = declaration.get("table1", {})
    rows = (
        {name: _row(snake(name), row) for name, row in table.items()} if isinstance(table, dict) else {"table1": None}
    )
    wrong = [name for name, row in rows.items() if row is None]
    if wrong:
        raise CheckFailedError(
            "declared",
            f"{file}: '{short(wrong[0])}' cannot be read; under [table1] write a column and its label, "
            'age = "Age (years)", or label and levels, sex = {label = "Gender", levels = {F = "Female", M = "Male"}}',
        )
    return tuple(row for row in rows.values() if row is not None)


def _row(column: str, description: Any) -> Described | None:
    """One row, or None if it cannot be read; levels may be a list or value = "label" pairs."""
    description = {"label": description} if isinstance(description, str) else description
    if (
        not isinstance(description, dict)
        or set(description) - {"label", "levels"}
        or not isinstance(description.get("label", ""), str)
    ):
        return None
    levels = description.get("levels", {})
    levels = dict.fromkeys(levels) if isinstance(levels, list) and all(isinstance(v, str) for v in levels) else levels
    if not isinstance(levels, dict) or not all(isinstance(v, str | None) for v in levels.values()):
        return None
    return Described(
        column, description.get("label"), tuple((value, label or value) for value, label in levels.items())
    )
