"""Rows of an Excel sheet that nobody sees: hidden by a filter, or by hand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

Runs = tuple[tuple[int, int], ...]  # first and last row of each run, as the program numbers them
_ROW = re.compile(rb"<(?:\w+:)?row\s([^>]*\bhidden=\"(?:1|true)\"[^>]*)>")
_NUMBER = re.compile(rb'\br="(\d{1,7})"')


def noting(pieces: Iterator[bytes], rows: set[int]) -> Iterator[bytes]:
    """The pieces of a sheet's own text as they are, its hidden rows added to `rows` on the way."""
    for piece in pieces:
        for attributes in _ROW.findall(piece):
            place = _NUMBER.search(attributes)
            if place is not None:
                rows.add(int(place[1]))
        yield piece


def runs(rows: Iterable[int]) -> Runs:
    """Row numbers as unbroken runs."""
    ranges: list[tuple[int, int]] = []
    for row in sorted(rows):
        if ranges and row == ranges[-1][1] + 1:
            ranges[-1] = (ranges[-1][0], row)
        else:
            ranges.append((row, row))
    return tuple(ranges)
