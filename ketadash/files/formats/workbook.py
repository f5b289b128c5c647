"""Excel and OpenDocument workbooks, by calamine: values only; macros, links and formulas are never run."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from enum import Enum, auto
from functools import partial
from typing import Any
from zipfile import ZipFile, ZipInfo

import pandas as pd

from ketadash.core.findings import CheckFailedError, counted, listed, short
from ketadash.files import error_cells, header_rows, hidden_rows
from ketadash.files import merged as merged_cells
from ketadash.files.formats.format import Format
from ketadash.files.limits import limits
from ketadash.files.table import Table, category, headers, text_of, without_blanks
from ketadash.files.unpack import DAMAGED, entry_pieces
from ketadash.files.zips import zip_of

_LOOKED = 30  # rows in which the header is looked for
_SEEN = 60  # rows from which the head of the table is told
_ROWS, _COLUMNS = (
    re.compile(rb'<(?:\w+:)?row\s[^>]*?\br="(\d{1,9})"'),
    re.compile(rb'<(?:\w+:)?c\s[^>]*?\br="([A-Z]{1,4})\d'),
)
_CHUNK, _OVERLAP = 1 << 20, 400
_SMALL = 10_000_000  # a file that unpacks to no more is accepted however tightly it was packed


class _Kind(Enum):
    """The three kinds of workbook: two are zips, and each marks faulty cells in its own way."""

    EXCEL = auto()
    OLD_EXCEL = auto()
    OPEN_DOCUMENT = auto()


def _tables(kind: _Kind, raw: bytes, file: str) -> list[Table]:
    """Every visible sheet with a table on it.

    Raises
    ------
    DataError
        For a workbook that is damaged, protected, or beyond the limits.
    """
    import python_calamine as calamine

    notes = _bound(raw, file) if kind is not _Kind.OLD_EXCEL else ()
    try:
        book = calamine.load_workbook(io.BytesIO(raw))
        seen = [
            s.name
            for s in book.sheets_metadata
            if s.visible == calamine.SheetVisibleEnum.Visible and s.typ == calamine.SheetTypeEnum.WorkSheet
        ]
        hidden = len(book.sheet_names) - len(seen)
        if len(seen) > limits().sheets:
            raise CheckFailedError(
                "size",
                f"{file} has {len(seen)} sheets, more than the {limits().sheets} that are read; keep the trial's own",
            )
        by_name = {name: book.get_sheet_by_name(name) for name in seen}
        sheets = {name: _cells(sheet, file) for name, sheet in by_name.items()}
        merged = {name: list(sheet.merged_cell_ranges or ()) for name, sheet in by_name.items()}
    except calamine.PasswordError:
        raise CheckFailedError("readable", f"{file} is protected by a password; save it without one") from None
    except calamine.CalamineError as error:
        problem = "protected by a password" if "password" in str(error).lower() else "damaged, or no workbook"
        raise CheckFailedError("readable", f"{file} is {problem}; open it and save it again as .xlsx") from None
    unseen = _mark_faults(raw, file, sheets) if kind is _Kind.EXCEL else {}
    if kind is _Kind.OPEN_DOCUMENT:
        errors = error_cells.of_open_document(_overlapping(zip_of(raw, file), "content.xml"), _OVERLAP)
        n = sum(errors.values())
        notes += (
            (f"{counted(n, 'cell')} with an error of the spreadsheet program read as empty ({listed(errors)})",)
            if errors
            else ()
        )
    if hidden:
        notes += (f"{counted(hidden, 'hidden sheet')} passed over",)
    filled = {name: cells for name, cells in sheets.items() if any(any(row) for row in cells)}
    if not filled:
        raise CheckFailedError("empty_file", f"{file} has no sheet with anything on it; save it again with its rows")
    several = len(filled) > 1
    read = {n: _table(cells, merged[n], file, n if several else None, notes) for n, cells in filled.items()}
    return [replace(table, hidden=unseen.get(name, ())) for name, table in read.items()]


def _mark_faults(raw: bytes, file: str, sheets: dict[str, list[list[Any]]]) -> dict[str, hidden_rows.Runs]:
    """Write errors and formulas never calculated where the reader gives nothing; the hidden rows of each sheet."""
    archive = zip_of(raw, file)
    hidden_of: dict[str, hidden_rows.Runs] = {}
    for name, path in error_cells.sheets(archive).items():
        if name in sheets:
            rows = set[int]()
            error_cells.mark(sheets[name], hidden_rows.noting(_overlapping(archive, path), rows), _number)
            hidden_of[name] = hidden_rows.runs(rows)
    return hidden_of


def _cells(sheet: Any, file: str) -> list[list[Any]]:
    """A sheet's values, from its first cell on (so that the place of a row is its number in the program)."""
    last = sheet.end
    if last is None:
        return []
    n = (last[0] + 1) * (last[1] + 1)
    _bound_cells(n, f"{file} ({short(sheet.name)})")
    rows: list[list[Any]] = sheet.to_python(skip_empty_area=False)
    return rows


def _bound_cells(n: int, name: str) -> None:
    if n > limits().cells:
        raise CheckFailedError(
            "size",
            f"{name} reaches over {n:,} cells, more than the {limits().cells:,} that are "
            "read; delete the empty rows and columns beyond the table",
        )


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
    head = header_rows.find(top, max(_header(cells), header_rows.titles(top)), "row")
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
    filled = [short(names[j]) for j in sorted(given) if j < width]
    notes += (f"merged cells of {listed(filled)} hold for all the rows covered",) if filled else ()
    return Table(file, without_blanks(frame), None, sheet, "row", labels, notes=notes, above=head.above)


def _header(cells: list[list[Any]]) -> int:
    """The row of the header: the first with two cells or more that is half as full as what follows it."""
    filled = [sum(v not in ("", None) for v in row) for row in cells[: _LOOKED + 10]]
    for i, n in enumerate(filled[:_LOOKED]):
        if n >= 2 and 2 * n >= max(filled[i : i + 10]):
            return i
    return next((i for i, n in enumerate(filled) if n), 0)


def _bound(raw: bytes, file: str) -> tuple[str, ...]:
    """Refuse a zipped workbook that unpacks beyond the limits, before it is laid out; what is ignored in it."""
    archive = zip_of(raw, file)
    entries = archive.infolist()
    size = packed = 0
    for entry in entries:
        reach = _Reach()
        for piece, read in _pieces(archive, entry):
            size += len(piece)
            packed += read
            if size > min(2 * limits().bytes, max(_SMALL, limits().ratio * packed)):
                raise CheckFailedError(
                    "size",
                    f"{file} unpacks to more than {size // 1_000_000:,} MB, "
                    f"{size // max(1, packed):,} times its size; save it again with nothing but "
                    "the data",
                )
            reach.look(piece)
        if re.fullmatch(r"xl/worksheets/[^/]+\.xml", entry.filename):
            _bound_cells(reach.cells, f"{file} ({entry.filename.rpartition('/')[2]})")
    names = [e.filename.lower() for e in entries]
    ignored = [
        what
        for what, part in (("macros", "vbaproject"), ("links to other files", "externallinks/"))
        if any(part in n for n in names)
    ]
    return (f"{listed(ignored)} in the workbook ignored",) if ignored else ()


def _pieces(archive: ZipFile, entry: ZipInfo) -> Iterator[tuple[bytes, int]]:
    """A file of the zip as far as it can be unpacked: whether it may be damaged is for the library to say."""
    with contextlib.suppress(*DAMAGED):
        yield from entry_pieces(archive, entry)


def _overlapping(archive: ZipFile, name: str) -> Iterator[bytes]:
    """A file of the zip in pieces that overlap, so that no cell's tag is cut in two."""
    text = b""
    for piece, _ in _pieces(archive, archive.getinfo(name)):
        text += piece
        if len(text) >= _CHUNK:
            yield text
            text = text[-_OVERLAP:]
    yield text


class _Reach:
    """Cells up to the furthest one: a reader lays out all of them, however few are filled."""

    def __init__(self) -> None:
        self._rows, self._columns, self._tail = 1, 1, b""

    def look(self, piece: bytes) -> None:
        """Look through the next piece, and again through the end of the one before: a tag may be cut in two."""
        text = self._tail + piece
        self._rows = max([self._rows, *map(int, _ROWS.findall(text))])
        self._columns = max([self._columns, *(_number(m) for m in set(_COLUMNS.findall(text)))])
        self._tail = text[-_OVERLAP:]

    @property
    def cells(self) -> int:
        return self._rows * self._columns


def _number(letters: bytes) -> int:
    n = 0
    for letter in letters:
        n = 26 * n + letter - 64
    return n


_CALAMINE = "python_calamine"
WORKBOOK = Format(
    name="an Excel workbook",
    endings=(".xlsx", ".xlsm", ".xlsb"),
    in_zip=lambda names: any(name.startswith("xl/") for name in names),
    tables=partial(_tables, _Kind.EXCEL),
    library=_CALAMINE,
)
OLD_WORKBOOK = Format(
    name="an old Excel workbook",
    endings=(".xls",),
    begins=(b"\xd0\xcf\x11\xe0",),
    tables=partial(_tables, _Kind.OLD_EXCEL),
    library=_CALAMINE,
)
OPEN_DOCUMENT = Format(
    name="an OpenDocument spreadsheet",
    endings=(".ods",),
    in_zip=lambda names: {"mimetype", "content.xml"} <= names,
    tables=partial(_tables, _Kind.OPEN_DOCUMENT),
    library=_CALAMINE,
)
