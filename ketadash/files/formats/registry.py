"""Which formats are read, and which of them a file is of: told by its first bytes, never by its name."""

from __future__ import annotations

import re

from ketadash.core.findings import CheckFailedError
from ketadash.files.formats.csv_text import CSV_TEXT
from ketadash.files.formats.format import Format
from ketadash.files.formats.parquet import PARQUET
from ketadash.files.formats.r_data import R_DATA
from ketadash.files.formats.sas_spss_stata import SAS, SAS_TRANSPORT, SPSS, SPSS_PORTABLE, STATA
from ketadash.files.formats.workbook import OLD_WORKBOOK, OPEN_DOCUMENT, WORKBOOK
from ketadash.files.zips import ZIP, may_be_packed, zip_of

# The text table is not among them: it is what every file is taken for that is of no other format.
FORMATS: tuple[Format, ...] = (
    OPEN_DOCUMENT,
    WORKBOOK,
    OLD_WORKBOOK,
    SPSS,
    STATA,
    SAS_TRANSPORT,
    SAS,
    SPSS_PORTABLE,
    PARQUET,
    R_DATA,
)
_NO_TABLES = {
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"GIF8": "a GIF picture",
    b"%PDF": "a PDF",
    b"{\\rtf": "a formatted text (RTF)",
    b"7z\xbc\xaf\x27\x1c": "a 7-Zip archive",
    b"Rar!": "a RAR archive",
    b"ARROW1": "an Arrow file",
}
_NO_TABLES_IN_ZIP = {"word/document.xml": "a Word document", "ppt/presentation.xml": "a PowerPoint file"}
_REMEDY = "save the data as CSV, Excel, SPSS, SAS, Stata or Parquet"


def _begins() -> tuple[bytes, ...]:
    return tuple(begin for one in FORMATS for begin in one.begins)


def endings() -> tuple[str, ...]:
    """How names of files end that are read."""
    return tuple(ending for one in (CSV_TEXT, *FORMATS) for ending in one.endings)


def libraries() -> list[str]:
    """The modules that reading imports, those of the commonest formats first."""
    return [*dict.fromkeys(one.library for one in (*FORMATS, CSV_TEXT) if one.library)]


def looks_like_text(raw: bytes) -> bool:
    """Whether the first bytes are those of no other format."""
    return not (may_be_packed(raw) or raw.startswith(_begins())) and b"\x00" not in raw[:400]


def format_of(raw: bytes, file: str) -> Format:
    """The format of an unpacked file that is no archive.

    Raises
    ------
    CheckFailedError
        For what is certainly no table: a picture, a PDF, a web page.
    """
    for one in FORMATS:
        if raw.startswith(one.begins):
            return one
    if raw.startswith(ZIP):
        return _of_zip(raw, file)
    for begin, what in _NO_TABLES.items():
        if raw.startswith(begin):
            raise CheckFailedError("readable", f"{file} is {what}, not a table; {_REMEDY}")
    for one in FORMATS:
        if one.looks_so(raw):
            return one
    head = raw[:1000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if re.match(rb"<(!doctype html|html|table|\?xml|!--)", head):
        raise CheckFailedError(
            "readable",
            f"{file} is a web page or XML, whatever its ending says; open it in a "
            "spreadsheet program and save it as .xlsx or CSV",
        )
    if head.startswith((b"{", b"[{", b"[[")):
        raise CheckFailedError("readable", f"{file} is JSON, not a table; {_REMEDY}")
    return CSV_TEXT


def _of_zip(raw: bytes, file: str) -> Format:
    names = frozenset(zip_of(raw, file).namelist())
    for one in FORMATS:
        if one.in_zip(names):
            return one
    for part, what in _NO_TABLES_IN_ZIP.items():
        if part in names:
            raise CheckFailedError("readable", f"{file} is {what}, not a table; {_REMEDY}")
    raise CheckFailedError("readable", f"{file} is a zip archive within an archive; unpack it first")
