"""Cells of an Excel workbook that hold an error instead of a value (#DIV/0!, #REF!), or a formula never calculated.

The reader of workbooks gives nothing for them, as for an empty cell; but a formula that failed is no day without an
answer, so they are looked up in the workbook's own text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any
from zipfile import ZipFile

NEVER = "#CALC?"  # a formula whose value was not saved
_SHEET = re.compile(rb"<(?:\w+:)?sheet\s[^>]*>")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\s[^>]*>")
_ATTRIBUTE = re.compile(rb'([\w:]+)\s*=\s*"([^"]*)"')
_ERROR = re.compile(
    rb'<(?:\w+:)?c\s([^>]*\bt="e"[^>]*)>(?:(?!</(?:\w+:)?c>).){0,2000}?<(?:\w+:)?v>([^<]{1,20})<', re.DOTALL
)
_FORMULA = re.compile(
    rb"<(?:\w+:)?c\s([^>/]*)>\s*<(?:\w+:)?f[\s>/](?:[^<>]{0,200}/>|[^<]{0,2000}</(?:\w+:)?f>)?\s*"
    rb"(?:<(?:\w+:)?v>\s*</(?:\w+:)?v>|<(?:\w+:)?v\s*/>)?\s*</(?:\w+:)?c>"
)
_OPEN_ERROR = re.compile(rb'calcext:value-type="error"[^<>]{0,400}>\s*<text:p[^<>]{0,200}>([^<]{0,20})')
_PLACE = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')


def sheets(archive: ZipFile) -> dict[str, str]:
    """The file in the workbook that holds each sheet, by the sheet's name."""
    names = set(archive.namelist())
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
        return {}
    targets = {
        r[b"Id"]: r[b"Target"]
        for r in _tags(_RELATION, archive.read("xl/_rels/workbook.xml.rels"))
        if b"Id" in r and b"Target" in r
    }
    path_of: dict[str, str] = {}
    for sheet in _tags(_SHEET, archive.read("xl/workbook.xml")):
        target = targets.get(next((v for k, v in sheet.items() if k.endswith(b":id")), b""), b"").decode()
        path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        if path in names and b"name" in sheet:
            path_of[_unescaped(sheet[b"name"].decode("utf-8", "replace"))] = path
    return path_of


def of_open_document(pieces: Iterator[bytes], overlap: int) -> dict[str, int]:
    """How many cells of an OpenDocument spreadsheet hold which error; the reader gives nothing for them either.

    Each of `pieces` but the first begins with the last `overlap` bytes of the one before.
    """
    counts: dict[str, int] = {}
    for i, piece in enumerate(pieces):
        for error in _OPEN_ERROR.finditer(piece):
            if i == 0 or error.end() > overlap:
                text = error[1].decode("utf-8", "replace").strip() or "no value"
                counts[text] = counts.get(text, 0) + 1
    return counts


def mark(cells: list[list[Any]], pieces: Iterator[bytes], number: Callable[[bytes], int]) -> None:
    """Write the error of every cell that holds one into `cells`, which have nothing there.

    Parameters
    ----------
    cells
        A sheet's rows, changed in place.
    pieces
        The sheet's own text, in pieces that overlap.
    number
        The number of a column's letters, A being 1.
    """
    for piece in pieces:
        for attributes, error in _ERROR.findall(piece):
            _write(cells, attributes, error.decode("ascii", "replace"), number)
        for attributes in _FORMULA.findall(piece):
            if b't="str"' not in attributes:  # a formula that gives an empty text is calculated
                _write(cells, attributes, NEVER, number)


def _write(cells: list[list[Any]], attributes: bytes, text: str, number: Callable[[bytes], int]) -> None:
    place = _PLACE.search(attributes)
    if place is None:
        return
    row, column = int(place[2]) - 1, number(place[1]) - 1
    if row < len(cells) and column < len(cells[row]) and cells[row][column] in ("", None):
        cells[row][column] = text


def _tags(pattern: re.Pattern[bytes], text: bytes) -> list[dict[bytes, bytes]]:
    return [dict(_ATTRIBUTE.findall(tag)) for tag in pattern.findall(text)]


def _unescaped(text: str) -> str:
    for escape, letter in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&")):
        text = text.replace(escape, letter)
    return text
