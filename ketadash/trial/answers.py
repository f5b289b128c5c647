"""What a person may be asked about a file: the keys under which a recipe keeps the answers."""

from __future__ import annotations

# Key → what the answer settles. A question is `Notes.ask(key, …)` where the reading decides, and a line here;
# docs/data-format.md says how to add one.
ASKED: dict[str, str] = {
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
    "same_day": "what counts where a participant has several rows on one day",
    "start": "where day 1 is, if nothing says when treatment started",
    "timezone": "in which time zone a stamp in UTC is a day",
}
