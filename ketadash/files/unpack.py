"""Out of gzip, bzip2, xz and zip, never more than the limits allow, and only in memory."""

from __future__ import annotations

import bz2
import copy
import lzma
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any
from zipfile import BadZipFile, ZipFile, ZipInfo

from ketadash.core.findings import CheckFailedError, counted, short
from ketadash.files.limits import limits
from ketadash.files.zips import PACKED, is_archive, taken_from, zip_of

_SMALL = 10_000_000  # a file that unpacks to no more is accepted however tightly it was packed
_PIECE, _STEP = 1 << 16, 1 << 20  # bytes given to what unpacks, and taken from it, at a time
_NEW: dict[str, Callable[[], Any]] = {
    "gzip": lambda: zlib.decompressobj(31),
    "bzip2": bz2.BZ2Decompressor,
    "xz": lzma.LZMADecompressor,
}
DAMAGED = (
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
)


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
        return _within(_streams(raw, how), file)
    except DAMAGED:
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
        raise CheckFailedError(
            "size",
            f"{file} holds {counted(len(entries), 'file')}, more than the {limits().files} "
            "that are read; keep the trial's own",
        )
    contents: dict[str, bytes] = {}
    left = limits().bytes
    for entry in entries:
        name = PurePosixPath(entry.filename.replace("\\", "/")).name
        if name in contents:
            raise CheckFailedError("files", f"{file} holds two files called {short(name)}; keep one")
        contents[name] = _entry(archive, entry, file)
        left -= len(contents[name])
        bound(limits().bytes - left, file)
    return contents


def _hidden(entry: ZipInfo) -> bool:
    """A folder, what has no name, or what macOS and Windows put beside the files."""
    parts = PurePosixPath(entry.filename.replace("\\", "/")).parts
    return (
        not parts
        or entry.is_dir()
        or parts[0] == "__MACOSX"
        or parts[-1].startswith((".", "~$"))
        or parts[-1].lower() in ("thumbs.db", "desktop.ini")
    )


def _entry(archive: ZipFile, entry: ZipInfo, file: str) -> bytes:
    inside = f"{short(entry.filename)} in {file}"
    if entry.flag_bits & 1:
        raise CheckFailedError("readable", f"{inside} is protected by a password; unpack it first")
    bound(entry.file_size, inside)
    try:
        raw = _within(entry_pieces(archive, entry), inside)
    except DAMAGED:
        raise CheckFailedError("readable", f"{inside} is damaged; pack it again") from None
    if is_archive(raw, inside):
        raise CheckFailedError("readable", f"{inside} is an archive within an archive; unpack it first")
    return raw


def _streams(raw: bytes, how: str) -> Iterator[tuple[bytes, int]]:
    """The pieces that come out of one packed stream after another, each with the bytes read for it.

    What is padding or lies behind the last stream is not read, and so lends no bomb the look of a large file.
    """
    magic, at = next(m for m, name in PACKED.items() if name == how), 0
    while raw.startswith(magic, at):
        stream = _NEW[how]()
        while not stream.eof:
            piece = raw[at : at + _PIECE]
            if not piece:
                raise EOFError
            at += len(piece)
            given = len(piece)
            for out in _out_of(stream, piece):
                yield out, given
                given = 0
        at -= len(stream.unused_data)
        if how == "gzip":  # zeros may stand behind a stream, and nothing else but the next one
            rest = raw[at:].lstrip(b"\x00")
            at = len(raw) - len(rest)
            if rest and not rest.startswith(magic):
                raise zlib.error


def _out_of(stream: Any, piece: bytes) -> Iterator[bytes]:
    """What comes out of one piece, a little at a time."""
    out = stream.decompress(piece, _STEP)
    yield out
    while not stream.eof:
        left = getattr(stream, "unconsumed_tail", b"")
        if not left and (getattr(stream, "needs_input", False) or not out):
            return
        out = stream.decompress(left, _STEP)
        yield out


def entry_pieces(archive: ZipFile, entry: ZipInfo) -> Iterator[tuple[bytes, int]]:
    """The pieces of one file of a zip, each with the packed bytes that were read for it, whatever the zip claims."""
    before, whole = taken_from(archive), copy.copy(entry)
    whole.file_size = 1 << 62  # else it would be unpacked as far as it claims to reach
    with archive.open(whole) as stream:
        while piece := stream.read(_PIECE):
            now = taken_from(archive)
            yield piece, now - before
            before = now


def _within(pieces: Iterator[tuple[bytes, int]], file: str) -> bytes:
    """The pieces together, unless a limit is passed: a small file that unpacks to gigabytes stops early."""
    parts, size, packed = list[bytes](), 0, 0
    for piece, read in pieces:
        parts.append(piece)
        size += len(piece)
        packed += read
        bound(size, file)
        if size > max(_SMALL, packed * limits().ratio):
            raise CheckFailedError(
                "size", f"{file} unpacks to more than {limits().ratio} times its size; unpack it first, if you trust it"
            )
    return b"".join(parts)


def bound(size: int, file: str) -> None:
    """DataError if `size` bytes are more than a file may have."""
    if size > limits().bytes:
        raise CheckFailedError(
            "size", f"{file} is larger than {limits().megabytes} MB unpacked; keep only what you analyse"
        )


def bound_files(count: int, size: int) -> None:
    """DataError if there are more files than are read as one trial, or more bytes in all of them."""
    if count > limits().files:
        raise CheckFailedError(
            "size", f"{count:,} files are more than the {limits().files} that are read; keep the trial's own"
        )
    if size > 2 * limits().bytes:
        raise CheckFailedError(
            "size", f"the files have together more than {2 * limits().megabytes} MB; keep only what you analyse"
        )
