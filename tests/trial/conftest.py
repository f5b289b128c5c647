"""A file is asked about and read again with each answer: its tables are made once."""

from collections.abc import Iterator

import pytest
from read_here import read_here

from ketadash.files import isolate
from ketadash.files.limits import settings

OF_THE_PROCESS_ITSELF = ("bounds", "bounds_of_content", "files", "work_bounds")
IN_A_PROCESS = ("fuzz_regressions", "malformed")  # what may break the process that reads it


@pytest.fixture(autouse=True, scope="module")
def each_file_is_read_once(request: pytest.FixtureRequest) -> Iterator[None]:
    """Within a module; not where it is the reading that is tested."""
    module = request.path.stem.removeprefix("test_")
    if module in OF_THE_PROCESS_ITSELF:
        yield
        return
    read, kept = isolate.read_apart if module in IN_A_PROCESS else read_here, {}

    def once(what: str, raw: bytes, file: str) -> memoryview:
        key = what, bytes(raw), file, tuple(sorted(settings().items()))
        if key not in kept:
            kept[key] = bytes(read(what, raw, file))
        return memoryview(kept[key])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(isolate, "read_apart", once)
        yield
