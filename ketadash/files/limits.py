"""How much of a file is read before it is refused; each limit is a setting of the machine that reads."""

from __future__ import annotations

import os
from dataclasses import dataclass, fields
from functools import lru_cache

from ketadash.core.errors import KetadashError

PREFIX = "KETADASH_MAX_"


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits with their defaults; ``KETADASH_MAX_MEGABYTES=50`` sets `megabytes`, and so on."""

    megabytes: int = 200  # of one file, unpacked
    ratio: int = 200  # unpacked to packed, where it unpacks to more than 10 MB
    files: int = 50  # in one archive
    sheets: int = 60  # in one workbook
    cells: int = 20_000_000  # of one sheet or data set
    columns: int = 5_000
    texts: int = 2_000_000  # different ones in the cells of one file
    participants: int = 20_000  # in one trial
    seconds: int = 60  # for reading one file
    memory: int = 4_000  # MB, for the process that reads it
    readers: int = 0  # large files read at the same time; 0: as many as the machine's memory has room for
    waiting: int = 20  # files that may wait for their turn

    @property
    def bytes(self) -> int:
        """The largest file that is read."""
        return self.megabytes * 1_000_000

    @property
    def answer(self) -> int:
        """Bytes that a reading process may hand over: the file's texts once, and a few bytes for each cell."""
        return 2 * self.bytes + 8 * self.cells


def settings() -> dict[str, str]:
    """The environment variables that set limits, for another process."""
    return {k: v for k, v in os.environ.items() if k.startswith(PREFIX)}


def limits() -> Limits:
    """The limits that apply now: the defaults, or what the environment variables set.

    Raises
    ------
    KetadashError
        For a setting that is no whole number above 0.
    """
    return _limits(tuple(os.environ.get(PREFIX + f.name.upper(), "") for f in fields(Limits)))


@lru_cache(maxsize=8)
def _limits(settings: tuple[str, ...]) -> Limits:
    values = {}
    for field, text in zip(fields(Limits), settings, strict=True):
        if text:
            if not (text.isascii() and text.isdigit() and int(text) > 0):
                raise KetadashError(f"{PREFIX}{field.name.upper()}={text}: give a whole number above 0")
            values[field.name] = int(text)
    return Limits(**values)
