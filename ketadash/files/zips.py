"""Packed files, told by their first bytes; zips, opened within bounds."""

from __future__ import annotations

import io
import struct
from zipfile import BadZipFile, ZipFile

from ketadash.core.findings import CheckFailedError

PACKED = {b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ\x00": "xz"}
ZIP = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"
MOST_DIRECTORY = 4_000_000  # bytes of a zip's directory: it is read before anything else can be bounded


def may_be_packed(raw: bytes) -> bool:
    """Whether the first bytes are those of gzip, bzip2, xz or zip."""
    return raw.startswith((*PACKED, ZIP, _EMPTY_ZIP))


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
        piece = super().read(size)
        self.count += len(piece)
        return piece


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
