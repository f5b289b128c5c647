"""What the tests of the reading process's bounds share."""

from __future__ import annotations

import dressed

CSV = dressed.as_bytes(dressed.long(n=2), "csv")


def different(n: int) -> bytes:
    """A column of nothing but different numbers."""
    return b"x\n" + "\n".join(map(str, range(10**7, 10**7 + n))).encode() + b"\n"
