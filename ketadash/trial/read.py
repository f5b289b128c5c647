"""From bytes to a table of texts: encoding, delimiter, decimal mark, ragged rows.

Cells stay text here, as categories: a column of 95,760 cells usually has a few dozen different texts, so
each is parsed once, and memory stays small.  The frame's index is the line of the file.
"""

from __future__ import annotations

import csv
import io
import re
import warnings
from dataclasses import dataclass

import pandas as pd

from ketadash.trial.model import CheckFailedError, counted, listed
from ketadash.trial.recognise import snake
from ketadash.trial.sources import Source

_DELIMITERS = (",", ";", "\t", "|")
_KNOWN_BINARY = {
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"%PDF": "a PDF",
    b"PK\x03\x04": "a spreadsheet or a zip archive",
    b"\xd0\xcf\x11\xe0": "an old Excel file",
}


@dataclass(frozen=True, eq=False)
class Table:
    """A file's cells as text: `frame` has one category column a header, indexed by line."""

    file: str
    frame: pd.DataFrame
    decimal_comma: bool


def table(source: Source) -> Table:
    """Read one delimited file.

    Raises
    ------
    DataError
        For a file that is no text, is empty, or whose rows do not fit its header.
    """
    text = decode(source.content(), source.file)
    if not text.strip():
        raise CheckFailedError("empty_file", f"{source.file} is empty; export it again with its header and its rows")
    handle = io.StringIO(text, newline=None)
    delimiter, header, line = _header(handle, source.file)
    frame = _body(handle, delimiter, len(header), line, source.file)
    frame.index = pd.RangeIndex(line + 1, line + 1 + len(frame), name="line")
    frame = _drop_surplus(frame, len(header), source.file)
    frame.columns = pd.Index(_names(header, source.file))
    frame = _drop_blank(frame)
    if frame.empty:
        raise CheckFailedError("empty_file", f"{source.file} has a header but no rows; export it again with its rows")
    # With the comma taken as delimiter, "2,5" can only be a quoted cell, and there it may be a thousands mark.
    return Table(source.file, frame, decimal_comma=delimiter != ",")


def decode(raw: bytes, file: str) -> str:
    """Text of `raw`: UTF-8 (with or without mark), UTF-16, else Windows-1252."""
    for magic, kind in _KNOWN_BINARY.items():
        if raw.startswith(magic):
            raise CheckFailedError("readable", f"{file} is {kind}, not a text table; save the data as CSV")
    encoding = _encoding(raw)
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        text = "\x00"
    if "\x00" in text:
        raise CheckFailedError("readable", f"{file} is not a text table; save the data as CSV (UTF-8)")
    return text


def _encoding(raw: bytes) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if raw.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    head = raw[:2000]
    if b"\x00" in head:  # UTF-16 without its mark: the zero bytes of plain letters all lie on one side
        if head[0::2].count(0) == 0:
            return "utf-16-le"
        if head[1::2].count(0) == 0:
            return "utf-16-be"
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _header(handle: io.StringIO, file: str) -> tuple[str, list[str], int]:
    """Delimiter, header cells and the header's last line; leaves `handle` at the first row."""
    line, start, first = 0, handle.tell(), handle.readline()
    said = None
    while not first.strip() or (said := re.fullmatch(r"sep=(.)\s*", first)):  # Excel writes sep=; above the header
        line += 1
        start, first = handle.tell(), handle.readline()
        if said:
            break
    plain = re.sub(r'"[^"]*"', "", first)
    delimiter = said.group(1) if said else max(_DELIMITERS, key=plain.count)
    handle.seek(start)
    reader = csv.reader(handle, delimiter=delimiter)
    try:
        header = next(reader, [])
    except csv.Error:
        raise CheckFailedError(
            "readable", f"{file} has no readable header; name the columns in its first line"
        ) from None
    return delimiter, header, line + reader.line_num


def _body(handle: io.StringIO, delimiter: str, width: int, above: int, file: str) -> pd.DataFrame:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            # One column more than the header has, to catch a row that is too long instead of losing its end.
            return pd.read_csv(handle, sep=delimiter, header=None, names=list(range(width + 1)), index_col=False,
                               dtype="category", na_filter=False, skip_blank_lines=False)  # fmt: skip
    except (pd.errors.ParserError, pd.errors.ParserWarning) as error:
        # pandas counts from below the header, lines from 1 and rows from 0.
        found = re.search(r"in line (\d+)|starting at row (\d+)", str(error))
        place = f" (line {above + (int(found.group(1) or 0) or int(found.group(2)) + 1)})" if found else ""
        raise CheckFailedError(
            "ragged_rows",
            f"{file} has a row{place} that does not fit its header of {width} columns, or a quote that never "
            "closes; give every row as many cells as the header",
        ) from None
    except pd.errors.EmptyDataError:
        return pd.DataFrame({i: pd.Series(dtype="category") for i in range(width + 1)})


def _drop_surplus(frame: pd.DataFrame, width: int, file: str) -> pd.DataFrame:
    """Drop the column beyond the header; an error if any row has something in it."""
    over = frame.index[~_is_blank(frame[width])] if len(frame) else frame.index
    if len(over):
        raise CheckFailedError(
            "ragged_rows",
            f"{file} has {counted(len(over), 'row')} with more cells than its header of {width} columns "
            f"({listed([f'line {n}' for n in over[:9]], len(over))}); put cells that hold the delimiter in quotes, "
            "or use semicolons if decimals are written with a comma",
        )
    return frame.drop(columns=width)


def _drop_blank(frame: pd.DataFrame) -> pd.DataFrame:
    """Drop rows without a filled cell, and columns with neither a name nor a filled cell (a spreadsheet's rim)."""
    blank = pd.DataFrame({c: _is_blank(frame[c]) for c in frame.columns})
    kept = [c for c in frame.columns if not (str(c).startswith("unnamed_") and blank[c].all())]
    return frame.loc[~blank.all(axis=1).to_numpy()][kept]


def _is_blank(column: pd.Series) -> pd.Series:
    blank = [t for t in column.cat.categories if not str(t).strip()]
    return column.isin(blank) | column.isna()


def _names(header: list[str], file: str) -> list[str]:
    names = [snake(cell) or f"unnamed_{i}" for i, cell in enumerate(header, start=1)]
    twice = sorted({n for n in names if names.count(n) > 1})
    if twice:
        raise CheckFailedError("columns", f"{file} has two columns called {listed(twice)}; rename or remove one")
    return names
