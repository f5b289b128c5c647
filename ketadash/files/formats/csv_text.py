"""From bytes to a table of texts: encoding, delimiter, title lines, ragged rows.

Cells stay text, as categories: a column of 95,760 cells usually has a few dozen different texts, so each is parsed
once, and memory stays small.  The frame's index is the line of the file.
"""

from __future__ import annotations

import contextlib
import csv
import io
import re
import warnings
from collections.abc import Iterable

import pandas as pd
from pandas.api.types import union_categoricals

from ketadash.core.findings import CheckFailedError, counted, listed
from ketadash.files import header_rows
from ketadash.files.formats.format import Format
from ketadash.files.header_rows import Head
from ketadash.files.limits import limits
from ketadash.files.table import Table, headers, is_blank, without_blanks

_DELIMITERS = (",", ";", "\t", "|")
# Where the bytes are neither UTF-8 nor UTF-16: what is still met, and what a guess is chosen from.
_ENCODINGS = [
    "cp1252",
    "cp1250",
    "cp1251",
    "cp1253",
    "cp1254",
    "cp1255",
    "cp1256",
    "mac_roman",
    "shift_jis",
    "gb18030",
    "big5",
    "euc_kr",
]
_TITLES = 15  # lines that may stand above the header
_AHEAD = 60  # lines from which the head of the table is told
_ROW_NAMES = "row names"  # what R writes before each row without a header of its own
ROWS_AT_ONCE = 250_000  # taken at a time, so that a file of nothing but different texts is refused early
_LONGEST = 2_000_000  # characters of a line among the first: beyond, it is neither a title nor a header


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
    delimiter, ahead, ends, line = _ahead(handle, file)
    head = header_rows.find(ahead, header_rows.titles(ahead), "line")
    surely = delimiter in (" ", "\t") or text.lstrip().startswith('"')
    names = [_ROW_NAMES, *head.names] if _row_names(ahead, head, surely) else head.names
    if len(names) > limits().columns:
        raise CheckFailedError(
            "size",
            f"{file} has {len(names):,} columns, more than the {limits().columns:,} that "
            "are read; keep only what you analyse",
        )
    rows = text.count("\n") + text.count("\r")  # at most: blank lines are counted, since each would be laid out too
    if rows * len(names) > limits().cells:
        raise CheckFailedError(
            "size",
            f"{file} has {rows:,} lines under a header of {len(names):,} columns: more "
            f"than the {limits().cells:,} cells that are read; keep only what you analyse",
        )
    for _ in range(ends[head.body - 1]):
        handle.readline()
    line += ends[head.body - 1]
    frame = _body(handle, delimiter, len(names), line, file)
    frame.index = pd.RangeIndex(line + 1, line + 1 + len(frame), name="line")
    frame = _drop_surplus(frame, len(names), file)
    frame.columns = pd.Index(headers(names, file))
    frame = _without_row_numbers(without_blanks(frame))
    if frame.empty:
        raise CheckFailedError("empty_file", f"{file} has a header but no rows; export it again with its rows")
    labels = {str(c): head.labels[i] for i, c in enumerate(headers(names, file)) if i in head.labels}
    # With the comma taken as delimiter, "2,5" can only be a quoted cell, and there it may be a thousands mark.
    return Table(
        file, frame, decimal_comma=True if delimiter != "," else None, labels=labels, notes=head.notes, above=head.above
    )


def _without_row_numbers(frame: pd.DataFrame) -> pd.DataFrame:
    """Without row names that only number the rows."""
    if _ROW_NAMES in frame and all(str(t).isdigit() for t in frame[_ROW_NAMES].cat.categories):
        return frame.drop(columns=_ROW_NAMES)
    return frame


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
    if len(strange) < 40:  # too few letters to tell the encoding by
        return "cp1252"
    from charset_normalizer import from_bytes  # only needed here

    best = from_bytes(raw[:20_000], cp_isolation=_ENCODINGS).best()
    return best.encoding if best is not None else "cp1252"


def _ahead(handle: io.StringIO, file: str) -> tuple[str, list[list[str]], list[int], int]:
    """Delimiter, the first rows, the last line of each, and the lines of ``sep=;`` and nothing above them."""
    line, start, first = 0, handle.tell(), handle.readline(_LONGEST)
    match = None
    while not first.strip() or (match := re.fullmatch(r"sep=(.)\s*", first)):  # Excel writes sep=; above the header
        line += 1
        start, first = handle.tell(), handle.readline(_LONGEST)
        if match:
            break
    handle.seek(start)
    lines = [handle.readline(_LONGEST + 1) for _ in range(_AHEAD)]
    if any(len(text) > _LONGEST for text in lines):
        raise CheckFailedError(
            "size",
            f"{file} has a line of more than {_LONGEST:,} characters at its beginning, "
            "which is no header of a table; save the data again as CSV",
        )
    handle.seek(start)
    delimiter = match.group(1) if match else _delimiter(lines[: _TITLES + 5])
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=delimiter == " ")
    rows, ends = list[list[str]](), list[int]()
    with contextlib.suppress(csv.Error):  # a fault further down is reported with its line when the body is read
        for row in reader:
            rows.append(row)
            ends.append(reader.line_num)
    if not rows:
        raise CheckFailedError("readable", f"{file} has no readable header; name the columns in its first line")
    return delimiter, rows, ends, line


def _delimiter(ahead: list[str]) -> str:
    """The delimiter that splits the first lines into most cells: the header's, or, below a title, that of the rows."""
    plain = [re.sub(r'"[^"]*"', "x", text).strip("\r\n") for text in ahead]
    first = max(_DELIMITERS, key=plain[0].count)
    filled = [text for text in plain[1:] if text.strip()]
    if plain[0].count(first):
        # Particulars above the header may hold a comma where the table itself is split by something else.
        other = max(_DELIMITERS, key=lambda d: min((text.count(d) for text in filled[-5:]), default=0))
        steady = len({text.count(other) for text in filled[-5:]}) == 1 and filled[-1].count(other) > 2
        stray = len(filled) >= 5 and not any(text.count(first) for text in filled[-5:])
        return other if steady and stray and plain[0].count(first) <= 2 else first
    most_frequent = max(_DELIMITERS, key=lambda d: sum(text.count(d) for text in plain))
    if not any(text.count(most_frequent) for text in plain) and _by_spaces([t for t in plain if t.strip()]):
        return " "
    return most_frequent


def _by_spaces(lines: list[str]) -> bool:
    """Whether lines are cells with spaces between, as R's write.table writes them: the header may have one fewer."""
    n = [len(text.split()) for text in lines]
    return len(n) > 3 and len(set(n[1:])) == 1 and n[1] >= 3 and n[0] in (n[1], n[1] - 1)


def _row_names(rows: list[list[str]], head: Head, surely: bool) -> bool:
    """Whether every row has one cell more than the header, and it is a name of its own, as R writes row names.

    `surely` says that the extra cell cannot come of a decimal comma: R puts its names in quotes.
    """
    body = [row for row in rows[head.body :] if row]
    first = [row[0] for row in body]
    if (
        not surely
        or len(body) < 3
        or {len(row) for row in body} != {len(head.names) + 1}
        or len(set(first)) < len(first)
    ):
        return False
    # Rows whose last cell is empty everywhere have a delimiter at their end, and no row names.
    return any(row[-1].strip() for row in body)


def _body(handle: io.StringIO, delimiter: str, width: int, above: int, file: str) -> pd.DataFrame:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            # One column more than the header has, to catch a row that is too long instead of losing its end.
            with pd.read_csv(
                handle,
                sep=r"\s+" if delimiter == " " else delimiter,
                header=None,
                names=list(range(width + 1)),
                index_col=False,
                dtype="category",
                na_filter=False,
                skip_blank_lines=False,
                chunksize=ROWS_AT_ONCE,
            ) as parts:
                return _together(parts, file)
    except (pd.errors.ParserError, pd.errors.ParserWarning) as error:
        # pandas counts from below the header, lines from 1 and rows from 0.
        match = re.search(r"in line (\d+)|starting at row (\d+)", str(error))
        place = f" (line {above + (int(match.group(1) or 0) or int(match.group(2)) + 1)})" if match else ""
        raise CheckFailedError(
            "ragged_rows",
            f"{file} has a row{place} that does not fit its header of {width} columns, or a quote that never "
            "closes; give every row as many cells as the header",
        ) from None
    except pd.errors.EmptyDataError:
        return pd.DataFrame({i: pd.Series(dtype="category") for i in range(width + 1)})


def _together(parts: Iterable[pd.DataFrame], file: str) -> pd.DataFrame:
    """The pieces of a table one below the other; DataError as soon as it has too many different texts."""
    kept, seen = list[pd.DataFrame](), dict[str, set[str]]()
    for part in parts:
        kept.append(part)
        if len(part) < ROWS_AT_ONCE and len(kept) == 1:
            return part
        for column in part.columns:
            seen.setdefault(column, set()).update(part[column].cat.categories)
        if sum(map(len, seen.values())) > limits().texts:
            raise CheckFailedError(
                "size",
                f"{file} has more than {limits().texts:,} different texts in its cells, "
                "which are not read; keep only the columns you analyse",
            )
    columns = {c: union_categoricals([part[c] for part in kept], sort_categories=True) for c in kept[0].columns}
    return pd.DataFrame(columns)


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


CSV_TEXT = Format(
    name="a text table",
    endings=(".csv", ".tsv", ".txt", ".tab", ".dat"),
    tables=lambda raw, file: [table(raw, file)],
    library="charset_normalizer",
)
