"""A table in every format that is read, the few included that no library at hand writes (.ods, .xls)."""

from __future__ import annotations

import bz2
import io
import lzma
import re
import shutil
import struct
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

import dressed
import pandas as pd
import rdata

TEXTS = ("csv", "semicolon", "tab", "bar", "utf-16", "cp1252", "gz", "bz2", "xz")
SHEETS = ("xlsx", "ods", "xls")
SETS = ("parquet", "sav", "zsav", "por", "xpt", "dta", "dta114", "rds", "rda", "sas7bdat")
NAMED = ("sav", "zsav", "por", "xpt", "dta", "dta114", "sas7bdat")  # no header of theirs can be a date
FORMATS = (*TEXTS, *SHEETS, *SETS)
ENDING = {
    "semicolon": "csv",
    "bar": "txt",
    "tab": "tsv",
    "utf-16": "csv",
    "cp1252": "csv",
    "gz": "csv.gz",
    "bz2": "csv.bz2",
    "xz": "csv.xz",
    "dta114": "dta",
}
_OF_SETS = {
    "participant_id": "subjid",
    "Infusion date": "TRTSDT",
    "Date": "ADT",
    "last_day": "END_DAY",
    "followup_6m_abstinent": "abst6m",
    "baseline_drinks": "BLDRINKS",
}


def written(frame: pd.DataFrame, how: str) -> bytes:
    """`frame` in the format `how`; whatever the writer raises where it cannot hold such cells."""
    if how in SHEETS:
        return book({"Sheet1": frame}, how)
    if how in ("bar", "bz2", "xz"):
        text = frame.to_csv(index=False, sep="|" if how == "bar" else ",")
        raw = text.encode()
        return {"bar": bytes, "bz2": bz2.compress, "xz": lzma.compress}[how](raw)
    if how in ("rds", "rda"):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "x"
            plain = frame.reset_index(drop=True)
            rdata.write_rds(path, plain) if how == "rds" else rdata.write_rda(path, {"d": plain, "x": [1, 2]})
            return path.read_bytes()
    if how in NAMED:  # these allow letters, digits and underscores
        frame = frame.rename(columns=_OF_SETS if how in ("xpt", "por") else {})
        frame = frame.rename(columns=lambda c: re.sub(r"-(?=\d)", "m", str(c).replace(" ", "_")))
    return _sas(frame.to_csv(index=False)) if how == "sas7bdat" else dressed.as_bytes(frame, how)


def book(sheets: dict[str, pd.DataFrame], how: str) -> bytes:
    """A workbook, a sheet a table."""
    return {"xlsx": dressed.workbook, "ods": _ods, "xls": _xls}[how](sheets)


def has_sas() -> bool:
    """Whether .sas7bdat can be written here: only R's haven does."""
    return bool(shutil.which("Rscript")) and _sas("a,b\n1,x\n") != b""


@cache
def _sas(text: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "x.csv").write_text(text, encoding="utf-8")
        script = f'suppressWarnings(haven::write_sas(read.csv("{folder}/x.csv"), "{folder}/x.sas7bdat"))'
        done = subprocess.run(["Rscript", "-e", script], capture_output=True, check=False)
        return (Path(folder) / "x.sas7bdat").read_bytes() if done.returncode == 0 else b""


def _ods(sheets: dict[str, pd.DataFrame]) -> bytes:
    ns = "urn:oasis:names:tc:opendocument:xmlns:"
    body = "".join(
        f'<table:table table:name="{escape(name)}">{_ods_rows(frame)}</table:table>' for name, frame in sheets.items()
    )
    content = (
        f'<?xml version="1.0"?><office:document-content xmlns:office="{ns}office:1.0" '
        f'xmlns:table="{ns}table:1.0" xmlns:text="{ns}text:1.0"><office:body><office:spreadsheet>{body}'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", f'<?xml version="1.0"?><m:manifest xmlns:m="{ns}manifest:1.0"/>')
    return out.getvalue()


def _ods_rows(frame: pd.DataFrame) -> str:
    rows = [list(frame.columns), *frame.astype(object).where(frame.notna(), "").to_numpy().tolist()]
    return "".join(f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows)


def _ods_cell(value: object) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f'<table:table-cell office:value-type="float" office:value="{value}"/>'
    return f'<table:table-cell office:value-type="string"><text:p>{escape(str(value))}</text:p></table:table-cell>'


def _xls(sheets: dict[str, pd.DataFrame]) -> bytes:
    """BIFF8 in an OLE2 container: numbers and labels and nothing else."""
    names = [str(n).encode("utf-16-le")[:62] for n in sheets]
    bodies = [_biff_sheet(frame) for frame in sheets.values()]
    start = len(_biff(0x0809, struct.pack("<HHHHII", 0x0600, 5, 0, 1997, 0, 0)))
    at = start + sum(4 + 8 + len(n) for n in names) + 4
    head = _biff(0x0809, struct.pack("<HHHHII", 0x0600, 5, 0, 1997, 0, 0))
    for name, body in zip(names, bodies, strict=True):
        head += _biff(0x0085, struct.pack("<IBBBB", at, 0, 0, len(name) // 2, 1) + name)
        at += len(body)
    return _ole(head + _biff(0x000A, b"") + b"".join(bodies))


def _biff(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def _biff_sheet(frame: pd.DataFrame) -> bytes:
    out = [
        _biff(0x0809, struct.pack("<HHHHII", 0x0600, 16, 0, 1997, 0, 0)),
        _biff(0x0200, struct.pack("<IIHHH", 0, len(frame) + 1, 0, frame.shape[1], 0)),
    ]
    for i, row in enumerate([list(frame.columns), *frame.astype(object).to_numpy().tolist()]):
        for j, value in enumerate(row):
            if isinstance(value, int | float) and not isinstance(value, bool):
                if value == value:
                    out.append(_biff(0x0203, struct.pack("<HHHd", i, j, 0, float(value))))
            elif value is not None:
                text = str(value).encode("utf-16-le")[:8_000]
                out.append(_biff(0x0204, struct.pack("<HHHHB", i, j, 0, len(text) // 2, 1) + text))
    return b"".join([*out, _biff(0x000A, b"")])


def _ole(stream: bytes) -> bytes:
    """A compound file with one stream, ``Workbook``, in sectors of 512 bytes."""
    stream += bytes(max(4096, -(-len(stream) // 512) * 512) - len(stream))
    n = len(stream) // 512
    fats = 1
    while fats * 128 < n + 1 + fats:
        fats += 1
    chain = [*range(1, n), 0xFFFFFFFE, 0xFFFFFFFE, *[0xFFFFFFFD] * fats]
    chain += [0xFFFFFFFF] * (fats * 128 - len(chain))
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, fats, n, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    sectors = [n + 1 + i for i in range(fats)]
    header += struct.pack("<109I", *(sectors + [0xFFFFFFFF] * 109)[:109])
    directory = _ole_entry("Root Entry", 5, 1, 0xFFFFFFFE, 0) + _ole_entry("Workbook", 2, 0xFFFFFFFF, 0, len(stream))
    return header + stream + directory + bytes(256) + struct.pack(f"<{len(chain)}I", *chain)


def _ole_entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    text = name.encode("utf-16-le")
    return (
        text
        + bytes(64 - len(text))
        + struct.pack("<HBB", len(text) + 2, kind, 1)
        + struct.pack("<III", 0xFFFFFFFF, 0xFFFFFFFF, child)
        + bytes(36)
        + struct.pack("<IQ", start, size)
    )
