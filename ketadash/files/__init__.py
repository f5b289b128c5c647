"""From bytes of any usual format to tables of texts."""

from __future__ import annotations

from collections.abc import Mapping

from ketadash.files import isolate
from ketadash.files.formats.csv_text import decode
from ketadash.files.isolate import tables
from ketadash.files.limits import Limits, limits
from ketadash.files.memory_queue import watched
from ketadash.files.table import Table
from ketadash.files.unpack import bound, bound_files
from ketadash.files.zips import may_be_packed

__all__ = ["Limits", "Table", "bound", "bound_files", "decode", "files_in", "limits", "tables", "watched"]


def files_in(raw: bytes, file: str) -> Mapping[str, bytes]:
    """The unpacked file, or every file of an archive, by name.

    Raises
    ------
    DataError
        For damage, and for more than the limits allow.
    """
    bound(len(raw), file)
    inside = isolate.files(raw, file) if may_be_packed(raw) else None
    return {file: raw} if inside is None else inside
