"""The parts that R and SAS programs are put together from, and names written so that none can end a string."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

SNIPPETS = Path(__file__).with_name("snippets")
_PLACE = re.compile(r"<<(\w+)>>")


@cache
def parts(file: str) -> dict[str, str]:
    """The named parts of a file in `snippets`; a line ``#@ name`` or ``/*@ name */`` begins one."""
    text = (SNIPPETS / file).read_text(encoding="utf-8")
    pieces = re.split(r"^(?:#@ (.+)|/\*@ (.+) \*/)\n", text, flags=re.MULTILINE)[1:]
    return {(pieces[i] or pieces[i + 1]).strip(): pieces[i + 2].strip("\n") for i in range(0, len(pieces), 3)}


def part(file: str, name: str, /, **values: Any) -> str:
    """One part with its places ``<<name>>`` filled in; KeyError for a place without a value."""
    return fill_places(parts(file)[name], **values)


def fill_places(text: str, /, **values: Any) -> str:
    """A text with its places ``<<name>>`` filled in; KeyError for a place without a value."""
    return _PLACE.sub(lambda place: str(values[place.group(1)]), text)


def r_string(text: str) -> str:
    """A name as R writes it between double quotes."""
    return '"' + _printable(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def sas_string(text: str) -> str:
    """A name as SAS writes it between single quotes, where & and % are only themselves."""
    return "'" + _printable(text).replace("'", "''") + "'"


def remark(text: str) -> str:
    """A name inside a comment, which it cannot end."""
    return _printable(text).replace("*/", "* /")


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)
