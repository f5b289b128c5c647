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
    """One file or folder: `answers` are what a person says when asked; none where it is read right unasked.

    `ids` is how the file numbers the people.
    """

    days: Callable[[], Days]
    answers: dict[str, str] = field(default_factory=dict)
    ids: str = "P{:02}"


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


def numbered() -> Days:
    """The days of people who are numbered 421001 to 421012."""
    return {(f"4210{who[1:]}", day): amount for (who, day), amount in the_days().items()}


def amount_unknown() -> Days:
    """Days of use without an amount are known, and their amount is not (see test_amounts.py for what they count as)."""
    return {
        (row["participant_id"], int(row["day"])): float(row["drinks"])
        for row in rows("08l_drank_amount_unknown.csv")
        if row["drinks"]
    }


CASES: dict[str, Case] = {
    "04b_float_ids_arm_in_both": Case(numbered, ids="4210{:02}"),
    "08_skip_logic.csv": Case(the_days),
    "08l_drank_amount_unknown.csv": Case(amount_unknown),
    "11_recordid_per_entry.csv": Case(the_days),
    "12a_spss_labels_only.sav": Case(the_days),
    "12b2_spss_yes1_no0.sav": Case(used),
    "12b_spss_yes1_no2.sav": Case(used),
    "16f_totals_named_by_arm.xlsx": Case(the_days),
    "17b_none_mixed.csv": Case(the_days),
    "32b_drug_and_group.csv": Case(the_days),
    "52_unblinding": Case(the_days),
    "25_blank_is_none.csv": Case(blank_is_none, {"blank": "none"}),
}
