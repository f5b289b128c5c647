"""The parts that R and SAS programs are put together from, and names written so that none can end a string."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

SNIPPETS = Path(__file__).with_name("snippets")
WIDEST = 132
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


def wrapped(text: str, after: str) -> str:
    """A program whose lines of more than `WIDEST` characters go on in the next, after `after` outside quotes."""
    return "\n".join(_wrapped(line, after) for line in text.split("\n"))


def _wrapped(line: str, after: str) -> str:
    indent = len(line) - len(line.lstrip())
    if len(line) <= WIDEST or line.lstrip().startswith(("#", "/*")) or "  # " in line:
        return line
    ends = [m.end() for m in re.finditer(re.escape(after), line[:WIDEST]) if m.end() > indent + 8]
    end = next((e for e in reversed(ends) if not (line[:e].count("'") % 2 or line[:e].count('"') % 2)), None)
    if end is None:
        return line
    return f"{line[:end].rstrip()}\n{_wrapped(' ' * (indent + 4) + line[end:], after)}"


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
