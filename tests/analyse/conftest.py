"""Made-up trials, each made once, and read without a process of its own."""

from collections.abc import Iterator

import pytest
from imputed_trials import leaving
from read_here import read_here
from stratified_trials import made
from trials import frame, trial

from ketadash.files import isolate


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
