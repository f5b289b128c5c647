"""From bytes of any usual format to tables of texts."""

from __future__ import annotations

from collections.abc import Mapping

from ketadash.files import isolate, text
from ketadash.files.kinds import Kind, kind
from ketadash.files.limits import Limits, limits
from ketadash.files.table import Table
from ketadash.files.text import decode
from ketadash.files.unpack import bound, opened, unpacked

__all__ = ["Kind", "Limits", "Table", "bound", "decode", "files_in", "limits", "tables"]


def files_in(raw: bytes, file: str) -> Mapping[str, bytes]:
    """The file out of its packing: itself, or every file of an archive.

    Raises
    ------
    DataError
        For damage, and for more than the limits allow.
    """
    plain = unpacked(raw, file)
    inside = opened(plain, file)
    if inside is None:
        return {file: plain}
    return {name: unpacked(one, name) for name, one in inside.items()}


def tables(raw: bytes, file: str) -> list[Table]:
    """Every table of one unpacked file.

    Raises
    ------
    DataError
        For a file that is no table, damaged, or beyond the limits.
    """
    what = kind(raw, file)
    return [text.table(raw, file)] if what is Kind.TEXT else isolate.tables(raw, file, what)
