"""What a file is, told by its first bytes, never by its name."""

from __future__ import annotations

import io
import re
import struct
from enum import StrEnum
from zipfile import BadZipFile, ZipFile

from ketadash.core.findings import CheckFailedError


class Kind(StrEnum):
    """Formats that are read, by what they are called in sentences."""

    TEXT = "a text table"
    WORKBOOK = "an Excel workbook"
    OLD_WORKBOOK = "an old Excel workbook"
    OPEN_DOCUMENT = "an OpenDocument spreadsheet"
    SAS = "a SAS data set"
    SAS_TRANSPORT = "a SAS transport file"
    SPSS = "an SPSS file"
    SPSS_PORTABLE = "an SPSS portable file"
    STATA = "a Stata file"
    PARQUET = "a Parquet file"
    R = "an R data file"


PACKED = {b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ\x00": "xz"}
ZIP = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"
MOST_DIRECTORY = 4_000_000  # bytes of a zip's directory: it is read before anything else can be bounded
_SAS = bytes(12) + bytes.fromhex("c2ea8160b31411cfbd92080009c7318c181f1011")
_BEGINS = {
    b"$FL2": Kind.SPSS,
    b"$FL3": Kind.SPSS,
    b"<stata_dta>": Kind.STATA,
    b"HEADER RECORD*******LIB": Kind.SAS_TRANSPORT,
    _SAS: Kind.SAS,
    b"PAR1": Kind.PARQUET,
    b"RDX2\n": Kind.R,
    b"RDX3\n": Kind.R,
    b"RDA2\n": Kind.R,
    b"RDA3\n": Kind.R,
    b"X\n\x00\x00\x00": Kind.R,
    b"A\n2\n": Kind.R,
    b"A\n3\n": Kind.R,
    b"\xd0\xcf\x11\xe0": Kind.OLD_WORKBOOK,
}
_OTHERS = {
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"GIF8": "a GIF picture",
    b"%PDF": "a PDF",
    b"{\\rtf": "a formatted text (RTF)",
    b"7z\xbc\xaf\x27\x1c": "a 7-Zip archive",
    b"Rar!": "a RAR archive",
    b"ARROW1": "an Arrow file",
}


def may_be_packed(raw: bytes) -> bool:
    """Whether the first bytes are those of gzip, bzip2, xz or zip."""
    return raw.startswith((*PACKED, ZIP, _EMPTY_ZIP))


def looks_like_text(raw: bytes) -> bool:
    """Whether the first bytes are those of no other format."""
    return not raw.startswith((*PACKED, ZIP, _EMPTY_ZIP, *_BEGINS)) and b"\x00" not in raw[:400]


def kind(raw: bytes, file: str) -> Kind:
    """The format of an unpacked file that is no archive.

    Raises
    ------
    DataError
        For what is certainly no table: a picture, a PDF, a web page.
    """
    for begin, name in _BEGINS.items():
        if raw.startswith(begin):
            return name
    if raw.startswith(ZIP):
        return _of_zip(raw, file)
    for begin, what in _OTHERS.items():
        if raw.startswith(begin):
            raise CheckFailedError("readable", f"{file} is {what}, not a table; {_REMEDY}")
    # Stata before version 13: its version, then the byte order (1 or 2) and a 1.
    if len(raw) > 3 and 104 <= raw[0] <= 115 and raw[1] in (1, 2) and raw[2] == 1:
        return Kind.STATA
    if b"ASCII SPSS PORT FILE" in raw[:400]:
        return Kind.SPSS_PORTABLE
    head = raw[:1000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if re.match(rb"<(!doctype html|html|table|\?xml|!--)", head):
        raise CheckFailedError(
            "readable",
            f"{file} is a web page or XML, whatever its ending says; open it in a "
            "spreadsheet program and save it as .xlsx or CSV",
        )
    if head.startswith((b"{", b"[{", b"[[")):
        raise CheckFailedError("readable", f"{file} is JSON, not a table; {_REMEDY}")
    return Kind.TEXT


_REMEDY = "save the data as CSV, Excel, SPSS, SAS, Stata or Parquet"
_NO_TABLES = {"word/document.xml": "a Word document", "ppt/presentation.xml": "a PowerPoint file"}


def _of_zip(raw: bytes, file: str) -> Kind:
    names = set(zip_of(raw, file).namelist())
    if "mimetype" in names and "content.xml" in names:
        return Kind.OPEN_DOCUMENT
    if any(n.startswith("xl/") for n in names):
        return Kind.WORKBOOK
    for part, what in _NO_TABLES.items():
        if part in names:
            raise CheckFailedError("readable", f"{file} is {what}, not a table; {_REMEDY}")
    raise CheckFailedError("readable", f"{file} is a zip archive within an archive; unpack it first")


def is_archive(raw: bytes, file: str) -> bool:
    """Whether the bytes are a zip that holds files rather than a workbook or a document."""
    if raw.startswith(_EMPTY_ZIP):
        return True
    if not raw.startswith(ZIP):
        return False
    names = set(zip_of(raw, file).namelist())
    return not ("[Content_Types].xml" in names or {"mimetype", "content.xml"} <= names)


class _Taken(io.BytesIO):
    """The bytes of a zip, with a count of those that were read, and a bound on its directory.

    `ZipFile` reads the directory in one go, wherever the records at the end (there are several kinds) say that it is.
    """

    count = 0
    most: int | None = MOST_DIRECTORY

    def read(self, size: int | None = -1, /) -> bytes:
        if self.most is not None:
            left = len(self.getbuffer()) - self.tell()
            if (left if size is None or size < 0 else min(size, left)) > self.most:
                raise BadZipFile
        chunk = super().read(size)
        self.count += len(chunk)
        return chunk


def zip_of(raw: bytes, file: str) -> ZipFile:
    """The zip, its directory read; DataError if it is damaged or its directory absurdly long."""
    taken = _Taken(raw)
    try:
        archive = ZipFile(taken)
    except (BadZipFile, struct.error, ValueError, NotImplementedError, OSError):
        raise CheckFailedError(
            "readable",
            f"{file} is damaged, or lists far more files than are read: it cannot be unpacked; save it again",
        ) from None
    taken.most = None
    return archive


def taken_from(archive: ZipFile) -> int:
    """How many bytes were read so far from a zip that `zip_of` opened."""
    assert isinstance(archive.fp, _Taken)
    return archive.fp.count
