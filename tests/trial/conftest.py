"""A file is asked about and read again with each answer: the process that reads files is asked for its tables once."""

from collections.abc import Iterator

import pytest

from ketadash.files import isolate
from ketadash.files.limits import settings

OF_THE_PROCESS_ITSELF = ("bounds", "bounds_of_content", "files", "fuzz_regressions", "malformed", "work_bounds")


@pytest.fixture(autouse=True, scope="module")
def each_file_is_read_once(request: pytest.FixtureRequest) -> Iterator[None]:
    """Within a module; not where it is the reading that is tested."""
    if request.path.stem.removeprefix("test_") in OF_THE_PROCESS_ITSELF:
        yield
        return
    read, kept = isolate.read_apart, {}

    def once(what: str, raw: bytes, file: str) -> memoryview:
        key = what, bytes(raw), file, tuple(sorted(settings().items()))
        if key not in kept:
            kept[key] = bytes(read(what, raw, file))
        return memoryview(kept[key])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(isolate, "read_apart", once)
        yield
