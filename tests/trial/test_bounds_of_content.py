"""Files that are much larger than they look: lines and columns of millions, archives that lie."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile

import dressed
import pytest
from bounded import CSV, different
from sweeps import others_slow

from ketadash import files
from ketadash.core.errors import DataError
from ketadash.files import isolate, transfer
from ketadash.trial import load


# The process that reads more than 8 MB is a calm one, which waits for all others of a busy machine.
@pytest.mark.parametrize("n", others_slow([3_000_000, 20_000_000], 3_000_000))
@pytest.mark.parametrize("char", [b",", b'"', b"x", b" x"])
def test_a_line_of_millions_is_no_header(char, n):
    with pytest.raises(DataError, match="a line of more than 2,000,000 characters"):
        files.tables(char * n, "x.csv")
    with pytest.raises(DataError, match="a line of more than 2,000,000 characters"):
        files.tables(b"a,b\n" + char * n, "x.csv")


def test_a_column_of_nothing_but_different_texts(monkeypatch):
    monkeypatch.setenv("KETADASH_MAX_TEXTS", "500000")
    with pytest.raises(DataError, match="more than 500,000 different texts"):
        files.tables(different(600_000), "x.csv")
    book = dressed.as_bytes(dressed.long(n=2), "xlsx")
    monkeypatch.setenv("KETADASH_MAX_TEXTS", "5")
    with pytest.raises(DataError, match="different texts in its cells"):
        files.tables(book, "x.xlsx")


def test_long_tables_are_the_same_in_pieces(monkeypatch):
    from ketadash.files.formats import csv_text as text

    lines = ["a,b", *(f"{i % 700},{i % 13}" for i in range(5_000))]
    whole = text.table("\n".join(lines).encode(), "x").frame
    monkeypatch.setattr(text, "ROWS_AT_ONCE", 1_000)
    assert text.table("\n".join(lines).encode(), "x").frame.equals(whole)
    lines[4_401] += ",8,9"
    with pytest.raises(DataError, match="line 4402"):
        text.table("\n".join(lines).encode(), "x")


def test_padding_makes_no_bomb_smaller():
    packed = gzip.compress(b"," * 60_000_000, 9)
    with pytest.raises(DataError, match="unpacks to more than 200 times its size"):
        files.files_in(packed + bytes(1_000_000), "x.gz")
    assert files.files_in(gzip.compress(CSV) + bytes(1_000), "x.gz") == {"x.gz": CSV}
    assert files.files_in(gzip.compress(CSV) + gzip.compress(b"more"), "x.gz") == {"x.gz": CSV + b"more"}
    with pytest.raises(DataError, match="damaged gzip"):
        files.files_in(gzip.compress(CSV) + b"rubbish", "x.gz")


def claiming(raw: bytes, name: bytes, packed: int | None, size: int) -> bytes:
    """A zip whose directory lies about one file's sizes."""
    at = raw.rfind(name) - 46
    changed = bytearray(raw)
    if packed is not None:
        struct.pack_into("<L", changed, at + 20, packed)
    struct.pack_into("<L", changed, at + 24, size)
    return bytes(changed)


def zipped(content: dict[str, bytes], first: bytes = b"") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for name, raw in content.items():
            z.writestr(name, raw)
    return out.getvalue()


def test_the_ratio_is_that_of_what_is_really_unpacked():
    bomb = zipped({"days.csv": bytes(60_000_000)})
    padded = bomb[: bomb.rfind(b"PK\x01\x02")] + bytes(2_000_000)
    # The directory moves behind two megabytes of zeros, which the entry claims as its own.
    directory = bytearray(bomb[bomb.rfind(b"PK\x01\x02") :])
    struct.pack_into("<L", directory, directory.rfind(b"PK\x05\x06") + 16, len(padded))
    lying = claiming(padded + bytes(directory), b"days.csv", 2_000_000, 60_000_000)
    with pytest.raises(DataError, match="unpacks to more than 200 times its size"):
        files.files_in(lying, "x.zip")


def test_a_workbook_that_lies_about_its_size():
    content = {"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b" " * 90_000_000}
    with pytest.raises(DataError, match="unpacks to more than"):
        files.tables(claiming(zipped(content), b"xl/workbook.xml", None, 9), "x.xlsx")


def test_a_directory_of_millions_by_the_long_road():
    """The record of a zip64 says how long the directory is, whatever the short one says."""
    n = 100_000
    entry = struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"a"
    local = struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0, 0, 0, 0, 0, 0, 0, 1, 0) + b"a"
    long = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, n, n, n * len(entry), len(local))
    place = struct.pack("<4sLQL", b"PK\x06\x07", 0, len(local) + n * len(entry), 1)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, 100, 0xFFFFFFFF, 0)
    with pytest.raises(DataError, match="lists far more files than are read"):
        files.files_in(local + entry * n + long + place + end, "x.zip")


def test_several_files_are_bounded_together(monkeypatch):
    monkeypatch.setenv("KETADASH_MAX_FILES", "3")
    with pytest.raises(DataError, match="4 files are more than the 3"):
        load({f"{i}.csv": CSV for i in range(4)})
    monkeypatch.setenv("KETADASH_MAX_CELLS", str(CSV.count(b"\n") * 12))
    with pytest.raises(DataError, match="the files have together more than"):
        load({f"{i}.csv": CSV.replace(b"S01", b"S%d" % i) for i in range(3)})
    with pytest.raises(DataError, match=r"trial.toml has more than 1,000,000 bytes"):
        load({"days.csv": CSV, "trial.toml": b"#" * 1_100_000})


def test_what_is_asked_and_answered_survives_the_way():
    request = transfer.Request("tables", "ä\udc80\n", 3, 4, 5, {"KETADASH_MAX_CELLS": "7"})
    assert transfer.request_of(request.packed()[transfer.LENGTH :]) == request
    [table] = isolate.tables("id;wért\n1;2,5\n".encode(), "ä\n.csv")
    assert list(table.frame.columns) == ["id", "wért"] and table.file == "ä\n.csv"
