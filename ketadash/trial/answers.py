"""What a person may be asked about a file: the keys under which a recipe keeps the answers."""

from __future__ import annotations

# Key → what the answer settles. A question is `Notes.ask(key, …)` where the reading decides, and a line here;
# docs/data-format.md says how to add one.
QUESTIONS: dict[str, str] = {
    "control": "which arm is the control; the other one is the active arm",
    "grid": "which columns of a grid are the days, and which of several such groups",
    "periods": "whether numbered columns are weeks or months, or days after all",
    "visit_days": "which days the days within visits are",
    "week_zero": "whether week 0 lies before treatment",
    "partly": "what an empty cell means beside filled ones that are summed with it",
    "blank": "what an empty cell means",
    "date": "which of several dates is the day that the amount is of",
    "date_order": "what comes first in a date written in numbers, day or month",
    "day_zero": "whether day 0 is the first day of the trial or the day before it",
    "episode": "what a row from a start to an end says of the days between",
    "same_day": "what counts where a participant has several rows on one day",
    "start": "where day 1 is, if nothing says when treatment started",
    "timezone": "in which time zone a stamp in UTC is a day",
    "no_row": "what a day without a row means, where only days of use are listed",
    "yes": "which number means yes in a column of yes and no",
    "codes": "whether numbers such as 77 and 99, far from all others, mean that nothing is known",
    "flagged": "whether amounts count on days that a column marks as missing or imputed",
    "none": "what the word none means in a column of amounts",
    "contradiction": "what counts where a yes or no contradicts the amount beside it",
    "amount": "which of several columns of amounts is the daily outcome",
    "daily": "whether an amount that never changes within a participant is a daily one",
    "unit": "what is counted, where a name says a unit that the heavy-day thresholds do not know",
    "row_units": "how amounts are counted of which a column beside them says several units",
    "substance": "which of several substances is the outcome",
    "person": "which of several columns names a participant",
    "arm_column": "which of several columns is the arm",
    "same_person": "whether identifiers that differ in case, zeros, spaces or hyphens are one participant",
    "hidden": "whether rows that are hidden in the workbook count",
    "none_arm": "whether None is the name of an arm",
    "no_arm": "what becomes of participants without an arm",
}
