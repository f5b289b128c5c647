"""Made-up trials, each made once, and read without a process of its own."""

from collections.abc import Iterator

import pytest
from imputed_trials import (
    leaving,
)
from stratified_trials import made
from trials import frame, trial

from ketadash.files import child, isolate, transfer
from ketadash.files.limits import limits, settings


def read_here(what: str, raw: bytes, file: str) -> memoryview:
    """The answer that a process of its own would give, in the same bytes but for their number before them."""
    request = transfer.Request(what, file, len(raw), limits().memory, limits().seconds, settings())
    return memoryview(b"".join(child.answer(request, raw)))[transfer.LENGTH :]


@pytest.fixture(autouse=True, scope="module")
def files_are_read_here() -> Iterator[None]:
    """What is tested is what comes after: that another process reads is tested with the files."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(isolate, "read_apart", read_here)
        yield


@pytest.fixture(scope="session")
def gaps():
    """Single days missing, in both arms."""
    return trial(frame(3))


@pytest.fixture(scope="session")
def dropouts():
    return trial(leaving(1))


@pytest.fixture(scope="session")
def with_strata():
    return made()
