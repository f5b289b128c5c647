"""Tables as CSV and Excel files that no spreadsheet takes for formulas; every table that is downloaded passes here.

Arms, reasons and events come from files, and a spreadsheet runs a text that begins with ``=``, ``+``, ``-`` or ``@``.
Such texts, in cells and headers, get an apostrophe in front, which spreadsheets read as "text"; numbers are left alone.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Mapping
from typing import Any

import pandas as pd

from ketadash.export.printable import printable, shortened

_SIGNS = r"[=+\-@\uff1d\uff0b\uff0d\uff20]"
_START = re.compile(rf"\s*{_SIGNS}|\s*[\t\n]")
_WITHIN = re.compile(rf"([;\t\n]\s*)(?={_SIGNS})")  # where a spreadsheet set to another country begins a cell
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_LONGEST = 32_767  # characters that a cell of Excel holds
_FORBIDDEN = re.compile(r"[\[\]:*?/\\'\x00-\x1f]")  # in the name of a sheet


def text(value: str) -> str:
    """A text that a spreadsheet shows as it is and never runs."""
    safe = _WITHIN.sub(r"\1'", printable(value))
    return "'" + safe if _START.match(safe) else safe


def csv(frame: pd.DataFrame) -> bytes:
    """A table as CSV in UTF-8, numbers in full precision."""
    return _safe(frame).to_csv(index=False).encode("utf-8", "replace")


def workbook(sheets: Mapping[str, pd.DataFrame]) -> bytes:
    """Tables as an Excel file, a sheet each; made in memory, with neither formulas nor links in it."""
    import xlsxwriter

    held = io.BytesIO()
    # in_memory: otherwise each sheet is written to a temporary file first
    book = xlsxwriter.Workbook(
        held, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    bold = book.add_format({"bold": True})
    taken: set[str] = set()
    for number, (name, frame) in enumerate(sheets.items(), 1):
        sheet_name = shortened(_FORBIDDEN.sub(" ", printable(name)).strip(), 31).strip() or f"Sheet {number}"
        if sheet_name.lower() in taken or sheet_name.lower() == "history":  # Excel keeps the name History for itself
            sheet_name = f"{shortened(sheet_name, 24)} ({number})"
        taken.add(sheet_name.lower())
        sheet = book.add_worksheet(sheet_name)
        sheet.freeze_panes(1, 0)
        for column, head in enumerate(_safe(frame).columns):
            sheet.write_string(0, column, shortened(str(head), _LONGEST), bold)
            for row, value in enumerate(frame.iloc[:, column], 1):
                _write(sheet, row, column, value)
    book.close()
    return held.getvalue()


def _write(sheet: Any, row: int, column: int, value: Any) -> None:
    if isinstance(value, str):
        sheet.write_string(row, column, shortened(text(value), _LONGEST))
    elif isinstance(value, list | tuple | dict):
        sheet.write_string(row, column, shortened(text(str(value)), _LONGEST))
    elif value is None or pd.isna(value):
        return
    elif isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, int | float) or hasattr(value, "dtype"):
        number = float(value)
        if math.isfinite(number):
            sheet.write_number(row, column, number)
        else:
            sheet.write_string(row, column, text(str(number)))  # Excel has no infinity
    else:
        sheet.write_string(row, column, shortened(text(str(value)), _LONGEST))


def _safe(frame: pd.DataFrame) -> pd.DataFrame:
    """The table with its texts, headers among them, made safe."""
    safe = frame.copy(deep=False)
    for i, kind in enumerate(frame.dtypes):
        if not pd.api.types.is_numeric_dtype(kind):
            safe.isetitem(i, [_cell(value) for value in frame.iloc[:, i]])
    safe.columns = pd.Index([text(str(c)) for c in frame.columns])
    return safe


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return text(value)
    if value is None or isinstance(value, bool | int | float) or hasattr(value, "dtype") or value is pd.NA:
        return value
    return text(str(value))
