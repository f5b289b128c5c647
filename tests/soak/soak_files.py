"""Files that take much from whoever reads them without thought; made when wanted, none larger than an upload may be."""

from __future__ import annotations

import gzip
import io
import struct
import sys
import zipfile
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "trial"))
import dressed

MOST = 190_000_000  # bytes: the largest upload is 200 MB


def commas() -> bytes:
    """One line of nothing but separators."""
    return b"," * MOST


def quotes() -> bytes:
    """A quotation that never ends, and begins again at every byte."""
    return b'"' * MOST


def padded() -> bytes:
    """A small file of packed zeros, followed by zeros that make its ratio look harmless."""
    return gzip.compress(bytes(MOST), 9) + bytes(1_000_000)


def different(n: int = 19_000_000) -> bytes:
    """A column of different numbers."""
    return b"x\n" + b"\n".join(b"%d" % i for i in range(10**8, 10**8 + n)) + b"\n"


def workbook() -> bytes:
    """A workbook of half a megabyte whose one sheet names the furthest corner by a road that no count sees."""
    row = "<row>" + "<c><v>1</v></c>" * 16_000 + "</row>"
    xml = (
        '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        + row * 1_000
        + "</sheetData></worksheet>"
    )
    out = io.BytesIO()
    book = dressed.as_bytes(dressed.long(n=2), "xlsx")
    with zipfile.ZipFile(io.BytesIO(book)) as given, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for name in given.namelist():
            z.writestr(name, xml if name.startswith("xl/worksheets/sheet") else given.read(name))
    return out.getvalue()


def directory(n: int = 3_000_000) -> bytes:
    """An archive whose directory, behind a zip64 record, has millions of entries."""
    name = b"a"
    entry = struct.pack("<4s4B4HL2L5H2L", b"PK\x01\x02", 20, 3, 20, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + name
    size = n * len(entry)
    end64 = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, n, n, size, 0)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, size, 1)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return entry * n + end64 + locator + end


def days(people: int = 40, amounts: int = 28, arms: tuple[str, str] = ("placebo", "active"), pad: int = 0) -> bytes:
    """A sound file of participant-days; `pad` characters more in each identifier."""
    rows = [
        f"P{i:04}{'x' * pad},{arms[i % 2]},{d},{(i * 7 + d * 3) % 9}"
        for i in range(people)
        for d in range(1, amounts + 1)
    ]
    return "\n".join(["participant_id,arm,day,drinks", *rows]).encode()


def long_arms() -> bytes:
    """Two arms with names of a megabyte."""
    head = "participant_id,arm,day,drinks\n"
    rows = [f"P{i},{'ab'[i % 2] * (1_000_000 if i < 2 else 1)},{d},{(i + d) % 4}" for i in range(8) for d in (1, 2, 3)]
    return (head + "\n".join(rows)).encode()


def long_headers() -> bytes:
    """4,900 columns besides, each with a name of several thousand characters."""
    names = ",".join(f"{'h' * 5_000}{i}" for i in range(4_900))
    rows = [f"P{i},{'ab'[i % 2]},{d},{(i + d) % 4}" + ",1" * 4_900 for i in range(8) for d in (1, 2)]
    return ("participant_id,arm,day,drinks," + names + "\n" + "\n".join(rows)).encode()
