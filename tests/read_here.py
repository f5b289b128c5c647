"""A file's tables, made in this very process: for tests of what comes after its reading."""

from ketadash.files import child, transfer
from ketadash.files.limits import limits, settings


def read_here(what: str, raw: bytes, file: str) -> memoryview:
    """The answer that a process of its own would give, in the same bytes but for their number before them."""
    request = transfer.Request(what, file, len(raw), limits().memory, limits().seconds, settings())
    return memoryview(b"".join(child.answer(request, raw)))[transfer.LENGTH :]
