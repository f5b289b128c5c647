"""From bytes to a table of texts: encoding, delimiter, title lines, ragged rows.

Cells stay text, as categories: a column of 95,760 cells usually has a few dozen different texts, so each is parsed
once, and memory stays small.  The frame's index is the line of the file.
"""

from __future__ import annotations

import csv
import io
import re
import warnings

import pandas as pd

from ketadash.files.limits import limits
from ketadash.files.table import Table, headers, is_blank, without_blanks
from ketadash.findings import CheckFailedError, counted, listed

_DELIMITERS = (",", ";", "\t", "|")
# Where the bytes are neither UTF-8 nor UTF-16: what is still met, and what a guess is chosen from.
_ENCODINGS = ["cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "mac_roman", "shift_jis",
              "gb18030", "big5", "euc_kr"]  # fmt: skip
_TITLES = 15  # lines that may stand above the header


def table(raw: bytes, file: str) -> Table:
    """Read one delimited text.

    Raises
    ------
    DataError
        For a file that is no text, is empty, or whose rows do not fit its header.
    """
    text = decode(raw, file)
    if not text.strip():
        raise CheckFailedError("empty_file", f"{file} is empty; export it again with its header and its rows")
    handle = io.StringIO(text, newline=None)
    delimiter, header, line, notes = _header(handle, file)
    if len(header) > limits().columns:
        raise CheckFailedError("size", f"{file} has {len(header):,} columns, more than the {limits().columns:,} that "
                               "are read; keep only what you analyse")  # fmt: skip
    rows = text.count("\n") + text.count("\r")  # or fewer; every one of them would be laid out, blank ones too
    if rows * len(header) > limits().cells:
        raise CheckFailedError(
            "size",
            f"{file} has {rows:,} lines under a header of {len(header):,} columns: more "
            f"than the {limits().cells:,} cells that are read; keep only what you analyse",
        )
    frame = _body(handle, delimiter, len(header), line, file)
    frame.index = pd.RangeIndex(line + 1, line + 1 + len(frame), name="line")
    frame = _drop_surplus(frame, len(header), file)
    frame.columns = pd.Index(headers(header, file))
    frame = without_blanks(frame)
    if frame.empty:
        raise CheckFailedError("empty_file", f"{file} has a header but no rows; export it again with its rows")
    # With the comma taken as delimiter, "2,5" can only be a quoted cell, and there it may be a thousands mark.
    return Table(file, frame, decimal_comma=True if delimiter != "," else None, notes=notes)


def decode(raw: bytes, file: str) -> str:
    """Text of `raw`: UTF-8 (with or without mark), UTF-16, else the likeliest of the usual code pages."""
    encoding = _encoding(raw)
    try:
        text = raw.decode(encoding)
    except (UnicodeDecodeError, LookupError):
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
        return _code_page(raw)
    return "utf-8"


def _code_page(raw: bytes) -> str:
    """Western European, unless the letters say otherwise clearly: a handful of accents can be many languages'."""
    strange = bytes(b for b in raw[:200_000] if b >= 0x80)
    if len(strange) < 40:  # too few to tell by
        return "cp1252"
    from charset_normalizer import from_bytes  # only needed here

    found = from_bytes(raw[:20_000], cp_isolation=_ENCODINGS).best()
    return found.encoding if found is not None else "cp1252"


def _header(handle: io.StringIO, file: str) -> tuple[str, list[str], int, tuple[str, ...]]:
    """Delimiter, header cells, the header's last line, and titles passed over; leaves `handle` at the first row."""
    line, start, first = 0, handle.tell(), handle.readline()
    said = None
    while not first.strip() or (said := re.fullmatch(r"sep=(.)\s*", first)):  # Excel writes sep=; above the header
        line += 1
        start, first = handle.tell(), handle.readline()
        if said:
            break
    handle.seek(start)
    ahead = [handle.readline() for _ in range(_TITLES + 5)]
    delimiter = said.group(1) if said else _delimiter(ahead)
    titles = _titles(ahead, delimiter)
    handle.seek(start)
    for _ in range(titles):
        handle.readline()
    line += titles
    reader = csv.reader(handle, delimiter=delimiter)
    try:
        header = next(reader, [])
    except csv.Error:
        raise CheckFailedError(
            "readable", f"{file} has no readable header; name the columns in its first line"
        ) from None
    notes = (f"{counted(titles, 'line')} above the header passed over",) if titles else ()
    return delimiter, header, line + reader.line_num, notes


def _delimiter(ahead: list[str]) -> str:
    """What splits the first lines into most cells: the header's own, or, under a title, the rows'."""
    plain = [re.sub(r'"[^"]*"', "", text) for text in ahead]
    first = max(_DELIMITERS, key=plain[0].count)
    if plain[0].count(first):
        return first
    return max(_DELIMITERS, key=lambda d: sum(text.count(d) for text in plain))


def _titles(ahead: list[str], delimiter: str) -> int:
    """How many lines stand above the header: each with one filled cell at most, where the next ones have three."""
    filled = []
    for text in ahead:
        cells = re.sub(r'"[^"]*"', "x", text).rstrip("\r\n").split(delimiter)
        filled.append(sum(bool(c.strip()) for c in cells))
    above = 0
    while above < min(_TITLES, len(filled) - 1) and filled[above] <= 1:
        above += 1
    return above if above and filled[above] >= 3 and all(n >= 3 or n == 0 for n in filled[above : above + 2]) else 0


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
    over = frame.index[~is_blank(frame[width])] if len(frame) else frame.index
    if len(over):
        raise CheckFailedError(
            "ragged_rows",
            f"{file} has {counted(len(over), 'row')} with more cells than its header of {width} columns "
            f"({listed([f'line {n}' for n in over[:9]], len(over))}); put cells that hold the delimiter in quotes, "
            "or use semicolons if decimals are written with a comma",
        )
    return frame.drop(columns=width)
