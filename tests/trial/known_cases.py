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

    `days` is None where the right answer is that the file holds no days: it is then refused; `ids` is
    how the file numbers the people. `amounts_alone` says that the answers differ in how much was drunk, not in how many
    days there are or were without.
    """

    days: Callable[[], Days] | None
    answers: dict[str, str] = field(default_factory=dict)
    ids: str = "P{:02}"
    amounts_alone: bool = False


def rows(name: str) -> Iterator[dict[str, str]]:
    """The rows of a CSV file as they stand."""
    with (FILES / name).open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


def the_days() -> Days:
    """The twelve people's fourteen days."""
    return {
        (row["participant_id"], day): float(row[str(day)])
        for row in rows("the_days.csv")
        for day in range(1, 15)
        if row[str(day)]
    }


def used() -> Days:
    """The same as use (1) and none (0)."""
    return {key: float(amount > 0) for key, amount in the_days().items()}


def blank_is_none() -> Days:
    """An empty cell of the grid is a day of none."""
    return {
        (row["participant_id"], day): float(row[f"Day {day}"] or 0)
        for row in rows("25_blank_is_none.csv")
        for day in range(1, 15)
    }


def numbered() -> Days:
    """The days of people who are numbered 421001 to 421012."""
    return {(f"4210{who[1:]}", day): amount for (who, day), amount in the_days().items()}


def heavy_only() -> Days:
    """Only the days of use are listed; the others, before the end date too, are not known."""
    return {
        (row["participant_id"], int(row["day"])): float(row["drinks"])
        for row in rows("33_heavy_with_end_date/days.csv")
    }


def alcohol_rows() -> Days:
    """The rows of alcohol of a table that has rows of tobacco too."""
    return {
        (row["participant_id"], int(row["day"])): float(row["units"])
        for row in rows("47c_mixed_substances_one_row.csv")
        if row["substance"] == "alcohol" and row["units"]
    }


def amount_unknown() -> Days:
    """Days of use without an amount are known, and their amount is not (see test_amounts.py for what they count as)."""
    return {
        (row["participant_id"], int(row["day"])): float(row["drinks"])
        for row in rows("08l_drank_amount_unknown.csv")
        if row["drinks"]
    }


def beverages() -> Days:
    """Beer, wine and liquor of a day together; a day on which all three are empty is not known."""
    found: Days = {}
    for row in rows("01_beverages_grid.csv"):
        for day in range(1, 15):
            parts = [row[f"alc_{kind}_drinks_d{day:02}"] for kind in ("beer", "wine", "hliq")]
            if any(parts):
                found[row["pid"], day] = sum(float(part or 0) for part in parts)
    return found


def with_days_before() -> Days:
    """The 28 days before treatment, numbered backwards from day -1, and the fourteen."""
    before = {
        (row["participant_id"], day - 29): float(row[f"bl_day{day}"])
        for row in rows("19_bl_day.csv")
        for day in range(1, 29)
        if row[f"bl_day{day}"]
    }
    return before | the_days()


CASES: dict[str, Case] = {
    "01_beverages_grid.csv": Case(beverages, {"grid": "alc_beer_drinks_d+alc_wine_drinks_d+alc_hliq_drinks_d"}),
    "01c_two_substances_grid.csv": Case(the_days, {"grid": "alc_d"}),
    "02b_weekly_w.csv": Case(None, {"periods": "periods"}),
    "18_w1d1.csv": Case(the_days),
    "18b_W1_D1.csv": Case(the_days),
    "19_bl_day.csv": Case(with_days_before),
    "20_audit_and_day_drinks.csv": Case(the_days),
    "21_mar_1.csv": Case(the_days),
    "04b_float_ids_arm_in_both": Case(numbered, ids="4210{:02}"),
    "08_skip_logic.csv": Case(the_days),
    "12c_drank_1_2.csv": Case(used, {"yes": "1"}),
    "14_hidden_rows.xlsx": Case(the_days, {"hidden": "shown"}),
    "24_two_spellings.csv": Case(the_days, {"same_person": "one"}),
    "30_drinks_and_standard_drinks.csv": Case(the_days, {"amount": "standard_drinks"}, amounts_alone=True),
    "33_heavy_with_end_date": Case(heavy_only, {"no_row": "unknown"}),
    "47c_mixed_substances_one_row.csv": Case(alcohol_rows, {"substance": "alcohol"}),
    "08l_drank_amount_unknown.csv": Case(amount_unknown),
    "11_recordid_per_entry.csv": Case(the_days),
    "12a_spss_labels_only.sav": Case(the_days),
    "12b2_spss_yes1_no0.sav": Case(used),
    "12b_spss_yes1_no2.sav": Case(used),
    "16f_totals_named_by_arm.xlsx": Case(the_days),
    "17b_none_mixed.csv": Case(the_days),
    "32b_drug_and_group.csv": Case(the_days),
    "52_unblinding": Case(the_days),
    "07_events_to_sum.csv": Case(the_days, {"same_day": "sum"}, amounts_alone=True),
    "09_redcap_repeating.csv": Case(the_days),
    "09c_redcap_checkbox.csv": Case(the_days),
    "10_qualtrics_3_headers.csv": Case(the_days),
    "13_merged_ids.xlsx": Case(the_days),
    "22_year_month_day.csv": Case(the_days, {"start": "first date"}),
    "25_blank_is_none.csv": Case(blank_is_none, {"blank": "none"}),
    "28_iso_days_us_start": Case(the_days),
    "29_date_and_drinking_date.csv": Case(the_days),
    "34_two_header_rows.xlsx": Case(the_days),
    "38_utc_timestamps.csv": Case(the_days),
    "39_ema_beeps.csv": Case(the_days, {"same_day": "sum"}),
    "41_day_text.csv": Case(the_days),
}
