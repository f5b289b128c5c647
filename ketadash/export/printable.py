"""The one sanitiser of what is written into files: text that every format can hold, whatever names the data carry.

Each format escapes on its own what would be obeyed there (`latex.tex`, `sheets.text`, `html.escape`); none of them is
ever given a character that XML, TeX or a spreadsheet cannot hold.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

import pandas as pd

# Control characters, and the code points that are no character: XML 1.0 forbids most of them, no reader shows any.
_OF_NO_PLANE = "".join(chr(plane + end) for plane in range(0xFFFE, 0x110000, 0x10000) for end in (0, 1))
# A mark in a name that turns the direction of writing turns our numbers after it: "12 of 21" reads "21 fo 21".
TURNS_DIRECTION = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
CONTROLS = "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"
_UNPRINTABLE = re.compile(f"[{CONTROLS}{TURNS_DIRECTION}\ufdd0-\ufdef{_OF_NO_PLANE}]")
_ACCENTS = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
HEAP_OF_ACCENTS = re.compile(f"([{_ACCENTS}]{{3}})[{_ACCENTS}]+")  # a heap of accents covers the lines above
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_HALVES = re.compile("[\ud800-\udfff]")  # of a pair of UTF-16, alone: a file in UTF-8 cannot hold it
# Whatever any of the above is about: a text without it, as nearly all are, is printable as it is.
_SUSPECT = re.compile(
    f"[{CONTROLS}{TURNS_DIRECTION}\ufdd0-\ufdef{_OF_NO_PLANE}{_ACCENTS}\r\x0b\x0c\x85\u2028\u2029\ud800-\udfff]"
)
_HARMLESS = bytes(range(0x20, 0x7F)) + b"\t\n"  # nearly all of a text, and none of it suspect
_ESCAPED = ("\\b", "\\f", "\\r", "\\u")  # how JSON writes the control characters of a text
LONGEST_PROPERTY = 255  # characters of a property of a Word or PowerPoint file, such as its title
Value = TypeVar("Value")


def printable(text: str) -> str:
    r"""A text without what no file can hold and no eye can follow; line ends of any kind become the usual one.

    >>> printable("dose\x0b1\ufffe")
    'dose\n1'
    """
    if not _SUSPECT.search(text):
        return text
    text = _UNPRINTABLE.sub("", _LINE_ENDS.sub("\n", text))
    return _HALVES.sub("\ufffd", HEAP_OF_ACCENTS.sub(r"\1", text))


def as_property(text: str) -> str:
    """A text as the property of an office file may have it: one line, cut where it is too long."""
    line = " ".join(printable(text).split())
    return line if len(line) <= LONGEST_PROPERTY else f"{line[: LONGEST_PROPERTY - 1]}…"


def shortened(text: str, most: int) -> str:
    """The beginning of a text, as long as `most` of the units in which office software counts (UTF-16) allow."""
    if 2 * len(text) <= most:
        return text
    return text.encode("utf-16-le", "replace")[: 2 * most].decode("utf-16-le", "ignore")


def everywhere(value: Value) -> Value:
    """A value with every text in it made printable: in dataclasses, tuples, lists, mappings and tables."""
    made: Any = value
    if isinstance(value, str):
        made = printable(value)
    elif isinstance(value, pd.DataFrame):
        made = _table(value)
    elif isinstance(value, Mapping):
        made = {everywhere(key): everywhere(inner) for key, inner in value.items()}
    elif isinstance(value, tuple | list):
        made = type(value)([everywhere(inner) for inner in value])
    elif is_dataclass(value) and not isinstance(value, type):
        made = replace(value, **{f.name: everywhere(getattr(value, f.name)) for f in fields(value)})
    return made


def as_json(value: Any, separators: tuple[str, str] = (", ", ": ")) -> str:
    """The JSON of plain values, every text in them printable; they are gone through only where one may not be."""
    text = json.dumps(value, ensure_ascii=False, separators=separators)
    if _suspect(text) or any(written in text for written in _ESCAPED):
        return json.dumps(everywhere(value), ensure_ascii=False, separators=separators)
    return text


def _suspect(text: str) -> bool:
    """Whether a long text is: looked for among its few letters that are not plain, which takes a tenth of the time."""
    few = text.encode("utf-8", "surrogatepass").translate(None, _HARMLESS)
    return _SUSPECT.search("".join(set(few.decode("utf-8", "surrogatepass")))) is not None


def _table(frame: pd.DataFrame) -> pd.DataFrame:
    made = frame.copy(deep=False)
    for place, kind in enumerate(frame.dtypes):
        if not pd.api.types.is_numeric_dtype(kind):
            made.isetitem(place, [everywhere(x) for x in frame.iloc[:, place]])
    made.columns = pd.Index([everywhere(column) for column in frame.columns])
    return made
