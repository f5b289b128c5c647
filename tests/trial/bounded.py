"""What the tests of the reading process's bounds share."""

from __future__ import annotations

import dressed

CSV = dressed.as_bytes(dressed.long(n=2), "csv")


def different(n: int) -> bytes:
    """A column of so many thousands of different numbers, and nothing else."""
    thousand = "".join(f"#{i:03}\n" for i in range(1000))
    return ("x\n" + "".join(thousand.replace("#", str(10_000 + k)) for k in range(n // 1000))).encode()
