"""What a person knows about each file of `cases/`: the days that it holds, and what has to be asked to read them.

Most files tell the same twelve people's fourteen days, written down once in `cases/the_days.csv`; what else is
expected is worked out here from the file's own text, never with ketadash.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

FILES = Path(__file__).parent / "cases"
Days = dict[tuple[str, int], float]  # (participant, day) → what was used that day; days that are not known are absent


@dataclass(frozen=True)
class Case:
    """One file or folder: `answers` are what a person says when asked; none where it is read right unasked."""

    days: Callable[[], Days]
    answers: dict[str, str] = field(default_factory=dict)


def rows(name: str) -> Iterator[dict[str, str]]:
    """The rows of a CSV file as they stand."""
    with (FILES / name).open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


def the_days() -> Days:
    """The twelve people's fourteen days."""
    return {(row["participant_id"], day): float(row[str(day)])
            for row in rows("the_days.csv") for day in range(1, 15) if row[str(day)]}  # fmt: skip


def used() -> Days:
    """The same as use (1) and none (0)."""
    return {key: float(amount > 0) for key, amount in the_days().items()}


def blank_is_none() -> Days:
    """An empty cell of the grid is a day of none."""
    return {(row["participant_id"], day): float(row[f"Day {day}"] or 0)
            for row in rows("25_blank_is_none.csv") for day in range(1, 15)}  # fmt: skip


CASES: dict[str, Case] = {
    "25_blank_is_none.csv": Case(blank_is_none, {"blank": "none"}),
}
