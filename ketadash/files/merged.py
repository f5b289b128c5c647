"""Cells of a sheet that were merged over several rows: one value that stands for all of them."""

from __future__ import annotations

from typing import Any

Ranges = list[tuple[tuple[int, int], tuple[int, int]]]


def fill(cells: list[list[Any]], ranges: Ranges, first: int) -> dict[int, int]:
    """Write the value of each cell that was merged downwards into every row that it covers.

    Only in columns merged by the same blocks as the leftmost one, which says whose rows they are: a total merged over
    a weekend is no day's amount, and stays on its first row.

    Parameters
    ----------
    cells
        The sheet's rows, changed in place.
    ranges
        (first row, first column), (last row, last column) of every merged range.
    first
        The first row of data; what is merged above it belongs to the header.

    Returns
    -------
    By column: how many rows got a value (those that hold nothing of their own).
    """
    down: dict[int, list[tuple[int, int]]] = {}
    for (top, left), (bottom, _) in ranges:
        if bottom > top >= first:
            down.setdefault(left, []).append((top, bottom))
    if not down:
        return {}
    blocks = set(down[min(down)])
    given: dict[int, int] = {}
    for column, spans in down.items():
        if blocks.issuperset(spans):
            given[column] = sum(_down(cells, column, span) for span in spans)
    return {column: n for column, n in given.items() if n}


def unfilled(ranges: Ranges, first: int, given: dict[int, int]) -> int:
    """How many merged cells of the data count on their first row only."""
    return sum(bottom > top >= first and left not in given for (top, left), (bottom, _) in ranges)


def _down(cells: list[list[Any]], column: int, span: tuple[int, int]) -> int:
    top, bottom = span
    if top >= len(cells) or column >= len(cells[top]) or cells[top][column] in ("", None):
        return 0
    value, n = cells[top][column], 0
    for row in cells[top + 1 : bottom + 1]:
        if column < len(row) and row[column] in ("", None):
            row[column] = value
            n += 1
    return n
