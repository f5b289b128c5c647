"""Out of gzip, bzip2, xz and zip, never more than the limits allow, and only in memory."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import zlib
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import IO, Any
from zipfile import BadZipFile, ZipFile, ZipInfo

from ketadash.files.kinds import PACKED, is_archive, zip_of
from ketadash.files.limits import limits
from ketadash.findings import CheckFailedError, counted, short

_SMALL = 10_000_000  # what may unpack to this much is not asked how well it was packed
_OPEN: dict[str, Any] = {"gzip": gzip.open, "bzip2": bz2.open, "xz": lzma.open}
_DAMAGED = (
    OSError,
    EOFError,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    BadZipFile,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OverflowError,
    MemoryError,
)  # the last: a dictionary that claims gigabytes


def unpacked(raw: bytes, file: str) -> bytes:
    """The bytes out of gzip, bzip2 or xz (told by content); as they are if they are in none.

    Raises
    ------
    DataError
        For damage, and for more than the limits allow.
    """
    bound(len(raw), file)
    how = next((name for magic, name in PACKED.items() if raw.startswith(magic)), None)
    if how is None:
        return raw
    try:
        with _OPEN[how](io.BytesIO(raw), "rb") as stream:
            return _bounded(stream, len(raw), file)
    except _DAMAGED:
        raise CheckFailedError("readable", f"{file} is a damaged {how} file; pack it again") from None


def opened(raw: bytes, file: str) -> Mapping[str, bytes] | None:
    """The files in a zip archive by their names without folders; None if the bytes are no archive.

    Raises
    ------
    DataError
        For damage, a password, an archive within it, two files of one name, and more than the limits allow.
    """
    if not is_archive(raw, file):
        return None
    bound(len(raw), file)
    archive = zip_of(raw, file)
    entries = [e for e in archive.infolist() if not _hidden(e)]
    if not entries:
        raise CheckFailedError("empty_file", f"{file} is an archive with nothing in it; pack the files again")
    if len(entries) > limits().files:
        raise CheckFailedError("size", f"{file} holds {counted(len(entries), 'file')}, more than the {limits().files} "
                               "that are read; keep the trial's own")  # fmt: skip
    found: dict[str, bytes] = {}
    left = limits().bytes
    for entry in entries:
        name = PurePosixPath(entry.filename.replace("\\", "/")).name
        if name in found:
            raise CheckFailedError("files", f"{file} holds two files called {short(name)}; keep one")
        found[name] = _entry(archive, entry, file)
        left -= len(found[name])
        bound(limits().bytes - left, file)
    return found


def _hidden(entry: ZipInfo) -> bool:
    """A folder, what has no name, or what macOS and Windows put beside the files."""
    parts = PurePosixPath(entry.filename.replace("\\", "/")).parts
    return not parts or entry.is_dir() or parts[0] == "__MACOSX" or parts[-1].startswith((".", "~$")) \
        or parts[-1].lower() in ("thumbs.db", "desktop.ini")  # fmt: skip


def _entry(archive: ZipFile, entry: ZipInfo, file: str) -> bytes:
    inside = f"{short(entry.filename)} in {file}"
    if entry.flag_bits & 1:
        raise CheckFailedError("readable", f"{inside} is protected by a password; unpack it first")
    bound(entry.file_size, inside)
    try:
        with archive.open(entry) as stream:
            raw = _bounded(stream, max(1, entry.compress_size), inside)
    except _DAMAGED:
        raise CheckFailedError("readable", f"{inside} is damaged; pack it again") from None
    if is_archive(raw, inside):
        raise CheckFailedError("readable", f"{inside} is an archive within an archive; unpack it first")
    return raw


def _bounded(stream: IO[bytes], packed: int, file: str) -> bytes:
    """Read a stream until it ends or a limit is passed: a small file that unpacks to gigabytes stops early."""
    most = min(limits().bytes, max(_SMALL, packed * limits().ratio))
    raw = stream.read(most + 1)
    if len(raw) > limits().bytes:
        bound(len(raw), file)
    if len(raw) > most:
        raise CheckFailedError("size", f"{file} unpacks to more than {limits().ratio} times its size; unpack it first, "
                               "if you trust it")  # fmt: skip
    return raw


def bound(size: int, file: str) -> None:
    """DataError if `size` bytes are more than a file may have."""
    if size > limits().bytes:
        raise CheckFailedError("size", f"{file} is larger than {limits().megabytes} MB unpacked; keep only what you "
                               "analyse")  # fmt: skip
