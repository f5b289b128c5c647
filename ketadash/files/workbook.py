"""Excel and OpenDocument workbooks, by calamine: values only; macros, links and formulas are never run."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any
from zipfile import ZipFile

import pandas as pd

from ketadash.files import faults, heads
from ketadash.files import merged as merged_cells
from ketadash.files.kinds import Kind, zip_of
from ketadash.files.limits import limits
from ketadash.files.table import Table, category, headers, text_of, without_blanks
from ketadash.findings import CheckFailedError, counted, listed, short

_LOOKED = 30  # rows in which the header is looked for
_SEEN = 60  # rows from which the head of the table is told
_ROWS, _COLUMNS = (
    re.compile(rb'<(?:\w+:)?row\s[^>]*?\br="(\d{1,9})"'),
    re.compile(rb'<(?:\w+:)?c\s[^>]*?\br="([A-Z]{1,4})\d'),
)
_CHUNK = 1 << 20


def tables(raw: bytes, file: str, kind: Kind) -> list[Table]:
    """Every visible sheet with a table on it.

    Raises
    ------
    DataError
        For a workbook that is damaged, protected, or beyond the limits.
    """
    import python_calamine as calamine

    notes = _bound(raw, file) if kind is not Kind.OLD_WORKBOOK else ()
    try:
        book = calamine.load_workbook(io.BytesIO(raw))
        seen = [s.name for s in book.sheets_metadata if s.visible == calamine.SheetVisibleEnum.Visible
                and s.typ == calamine.SheetTypeEnum.WorkSheet]  # fmt: skip
        hidden = len(book.sheet_names) - len(seen)
        if len(seen) > limits().sheets:
            raise CheckFailedError("size", f"{file} has {len(seen)} sheets, more than the {limits().sheets} that are "
                                   "read; keep the trial's own")  # fmt: skip
        found = {name: book.get_sheet_by_name(name) for name in seen}
        sheets = {name: _cells(sheet, file) for name, sheet in found.items()}
        merged = {name: list(sheet.merged_cell_ranges or ()) for name, sheet in found.items()}
    except calamine.PasswordError:
        raise CheckFailedError("readable", f"{file} is protected by a password; save it without one") from None
    except calamine.CalamineError as error:
        said = "protected by a password" if "password" in str(error).lower() else "damaged, or no workbook"
        raise CheckFailedError("readable", f"{file} is {said}; open it and save it again as .xlsx") from None
    if kind is Kind.WORKBOOK:
        _mark_faults(raw, file, sheets)
    if hidden:
        notes += (f"{counted(hidden, 'hidden sheet')} passed over",)
    filled = {name: cells for name, cells in sheets.items() if any(any(row) for row in cells)}
    if not filled:
        raise CheckFailedError("empty_file", f"{file} has no sheet with anything on it; save it again with its rows")
    several = len(filled) > 1
    return [_table(cells, merged[name], file, name if several else None, notes) for name, cells in filled.items()]


def _mark_faults(raw: bytes, file: str, sheets: dict[str, list[list[Any]]]) -> None:
    """Errors and formulas that were never calculated, written where the reader gives nothing."""
    archive = zip_of(raw, file)
    for name, path in faults.sheets(archive).items():
        if name in sheets:
            faults.mark(sheets[name], _pieces(archive, path), _number)


def _cells(sheet: Any, file: str) -> list[list[Any]]:
    """A sheet's values, from its first cell on (so that the place of a row is its number in the program)."""
    last = sheet.end
    if last is None:
        return []
    n = (last[0] + 1) * (last[1] + 1)
    _bound_cells(n, f"{file} ({short(sheet.name)})")
    found: list[list[Any]] = sheet.to_python(skip_empty_area=False)
    return found


def _bound_cells(n: int, name: str) -> None:
    if n > limits().cells:
        raise CheckFailedError("size", f"{name} reaches over {n:,} cells, more than the {limits().cells:,} that are "
                               "read; delete the empty rows and columns beyond the table")  # fmt: skip


def _table(
    cells: list[list[Any]], ranges: merged_cells.Ranges, file: str, sheet: str | None, notes: tuple[str, ...]
) -> Table:
    width = max((j + 1 for row in cells for j, v in enumerate(row) if v not in ("", None)), default=0)
    name = file if sheet is None else f"{file} ({short(sheet)})"
    if width > limits().columns:
        raise CheckFailedError(
            "size", f"{name} has {width:,} columns, more than the {limits().columns:,} that are read"
        )
    top = [[text_of(v) for v in row[:width]] for row in cells[:_SEEN]]
    head = heads.find(top, max(_header(cells), heads.titles(top)), "row")
    given = merged_cells.fill(cells, ranges, head.body)
    notes += head.notes
    lost = merged_cells.unfilled(ranges, head.body, given)
    notes += (f"{counted(lost, 'merged cell')} taken for the first of the rows covered",) if lost else ()
    body = cells[head.body :]
    columns = [pd.Series(category([row[j] for row in body])) for j in range(width)]
    frame = pd.DataFrame(dict(enumerate(columns)))
    frame.index = pd.RangeIndex(head.body + 1, head.body + 1 + len(body))
    try:
        names = headers(head.names[:width], name)
    except CheckFailedError as failed:
        return Table(file, pd.DataFrame(), sheet=sheet, row="row", notes=notes, trouble=str(failed))
    frame.columns = pd.Index(names)
    labels = {names[j]: word for j, word in head.labels.items()}
    filled = {names[j]: n for j, n in given.items() if j < width}
    return Table(file, without_blanks(frame), None, sheet, "row", labels, notes=notes, above=head.above, merged=filled)


def _header(cells: list[list[Any]]) -> int:
    """The row of the header: the first with two cells or more that is half as full as what follows it."""
    filled = [sum(v not in ("", None) for v in row) for row in cells[: _LOOKED + 10]]
    for i, n in enumerate(filled[:_LOOKED]):
        if n >= 2 and 2 * n >= max(filled[i : i + 10]):
            return i
    return next((i for i, n in enumerate(filled) if n), 0)


def _bound(raw: bytes, file: str) -> tuple[str, ...]:
    """Refuse a zipped workbook that would unpack beyond the limits, before it is read; what is ignored in it."""
    archive = zip_of(raw, file)
    entries = archive.infolist()
    size = sum(e.file_size for e in entries)
    if size > 2 * limits().bytes or (size > 10_000_000 and size > limits().ratio * max(1, len(raw))):
        raise CheckFailedError("size", f"{file} unpacks to {size // 1_000_000:,} MB, {size // max(1, len(raw)):,} "
                               "times its size; save it again with nothing but the data")  # fmt: skip
    for entry in entries:
        if re.fullmatch(r"xl/worksheets/[^/]+\.xml", entry.filename):
            _bound_cells(_reach(archive, entry.filename), f"{file} ({entry.filename.rpartition('/')[2]})")
    names = [e.filename.lower() for e in entries]
    ignored = [what for what, part in (("macros", "vbaproject"), ("links to other files", "externallinks/"))
               if any(part in n for n in names)]  # fmt: skip
    return (f"{listed(ignored)} in the workbook ignored",) if ignored else ()


def _reach(archive: ZipFile, name: str) -> int:
    """Cells up to the furthest one: a reader lays out all of them, however few are filled."""
    rows, columns = 1, 1
    for piece in _pieces(archive, name):
        rows = max([rows, *(int(m) for m in _ROWS.findall(piece))])
        columns = max([columns, *(_number(m) for m in set(_COLUMNS.findall(piece)))])
    return rows * columns


def _pieces(archive: ZipFile, name: str) -> Iterator[bytes]:
    """A file of the zip in pieces that overlap a little, so that no tag is cut in two."""
    tail = b""
    with archive.open(name) as stream:
        while piece := stream.read(_CHUNK):
            yield tail + piece
            tail = piece[-400:]


def _number(letters: bytes) -> int:
    n = 0
    for letter in letters:
        n = 26 * n + letter - 64
    return n
