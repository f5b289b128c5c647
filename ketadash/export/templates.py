"""Empty files to fill in: CSV, and a workbook with its dictionary and drop-downs."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

ROWS = 2_000  # rows that have drop-down lists


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a template: its name, its meaning, what is allowed, two examples."""

    name: str
    meaning: str
    allowed: str
    examples: tuple[Any, Any]
    needed: bool = False
    among: tuple[str, ...] = ()  # for a drop-down
    least: float | None = None  # for a check of numbers
    whole: bool = False


_YES_NO = ("yes", "no")
SHEETS: dict[str, tuple[Field, ...]] = {
    "days": (
        Field(
            "participant_id",
            "The same text in all of a person's rows; no names, no dates of birth",
            "any text",
            ("P001", "P001"),
            needed=True,
        ),
        Field(
            "day",
            "Day since treatment: 1 is the day after it, 0 and below lie before",
            "whole number",
            (1, 2),
            needed=True,
            least=-3660,
            whole=True,
        ),
        Field(
            "drinks",
            "Standard drinks that day; 0 for none, empty where nothing is known",
            "0 or more",
            (0, 3.5),
            needed=True,
            least=0,
        ),
        Field(
            "etg_positive",
            "Urine ethyl glucuronide test that day; empty for no test",
            "yes, no",
            ("", "no"),
            among=_YES_NO,
        ),
    ),
    "participants": (
        Field(
            "participant_id",
            "As in the sheet days; also people without any day",
            "any text",
            ("P001", "P002"),
            needed=True,
        ),
        Field("arm", "The treatment allocated", "one of two or more names", ("active", "control"), needed=True),
        Field("sex", "For the heavy-day threshold", "F, M", ("F", "M"), among=("F", "M")),
        Field(
            "baseline_drinks",
            "Drinks before treatment, such as per week; one number a person",
            "0 or more",
            (35, 42),
            least=0,
        ),
        Field("baseline_heavy_days", "Heavy drinking days before treatment", "0 or more", (4, 6), least=0),
        Field("received", "Whether the allocated treatment was received", "yes, no", ("yes", "yes"), among=_YES_NO),
        Field("dropout_reason", "Why somebody left; empty for who stayed", "any text", ("", "moved away")),
        Field("age", "Any further column is kept for Table 1", "number or text", (44, 51)),
    ),
    "visits": (
        Field("participant_id", "As in the sheet days", "any text", ("P001", "P001"), needed=True),
        Field("day", "Day of the visit", "whole number", (7, 14), needed=True, least=-3660, whole=True),
        Field("craving", "A measure: a column of numbers each, under any name", "number", (12, 9)),
    ),
    "adverse_events": (
        Field("participant_id", "As in the sheet days", "any text", ("P001", "P002"), needed=True),
        Field("event", "What happened, in one term", "any text", ("headache", "nausea"), needed=True),
        Field("day", "When, if known", "whole number", (1, 3), least=-3660, whole=True),
        Field("severity", "How bad", "mild, moderate, severe", ("mild", "mild"), among=("mild", "moderate", "severe")),
    ),
}
DICTIONARY = ("sheet", "column", "needed", "meaning", "allowed", "example")


def text(sheet: str = "days", *, arm: bool = True) -> str:
    """A sheet as CSV with its two example rows; `arm` puts the arm into the days, for a trial of one file."""
    fields = list(SHEETS[sheet])
    if arm and sheet == "days":
        fields.insert(1, next(f for f in SHEETS["participants"] if f.name == "arm"))
    rows = [[f.name for f in fields], *([str(f.examples[i]) for f in fields] for i in (0, 1))]
    if arm and sheet == "days":  # one participant has one arm
        rows[2][1] = rows[1][1]
    return "".join(",".join(row) + "\r\n" for row in rows)


def workbook() -> bytes:
    """All sheets empty, the columns needed in bold, with drop-downs, number checks and a dictionary with examples."""
    import xlsxwriter

    held = io.BytesIO()
    book = xlsxwriter.Workbook(held, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    needed = book.add_format({"bold": True, "bottom": 1})
    optional = book.add_format({"italic": True, "bottom": 1})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    for name, fields in SHEETS.items():
        sheet = book.add_worksheet(name)
        sheet.freeze_panes(1, 1)
        for column, field in enumerate(fields):
            sheet.set_column(column, column, max(12, len(field.name) + 2))
            sheet.write_string(0, column, field.name, needed if field.needed else optional)
            sheet.write_comment(0, column, f"{field.meaning}. Allowed: {field.allowed}.")
            if rule := _rule(field):
                sheet.data_validation(1, column, ROWS, column, rule)
    book.get_worksheet_by_name("days").activate()
    _dictionary(book.add_worksheet("dictionary"), needed, wrapped)
    book.close()
    return held.getvalue()


def _rule(field: Field) -> dict[str, Any] | None:
    messages = {
        "input_title": field.name[:32],
        "input_message": f"{field.meaning}. {field.allowed}."[:255],
        "error_title": "Not allowed here",
        "error_message": f"Allowed: {field.allowed}.",
    }
    if field.among:
        return {"validate": "list", "source": list(field.among), **messages}
    if field.least is not None:
        kind = "integer" if field.whole else "decimal"
        return {"validate": kind, "criteria": ">=", "value": field.least, **messages}
    return None


def _dictionary(sheet: Any, head: Any, wrapped: Any) -> None:
    for column, (title, width) in enumerate(zip(DICTIONARY, (16, 22, 8, 60, 24, 20), strict=True)):
        sheet.set_column(column, column, width, wrapped)
        sheet.write_string(0, column, title, head)
    rows = [(name, f) for name, fields in SHEETS.items() for f in fields]
    for row, (name, f) in enumerate(rows, start=1):
        example = ", ".join(str(x) for x in f.examples if x != "")
        for column, cell in enumerate((name, f.name, "yes" if f.needed else "no", f.meaning, f.allowed, example)):
            sheet.write_string(row, column, cell)
