"""A law that holds for each of many files, as one test that names every file in which it does not."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

ROOT = Path(__file__).parents[1]


def in_every(files: Iterable[Path]) -> Callable[[Callable[[Path], None]], Callable[[], None]]:
    """Make one test of a test of one file: a test a file would take longer to hand out than to run."""
    paths = tuple(files)

    def decorate(law: Callable[[Path], None]) -> Callable[[], None]:
        def test() -> None:
            broken: dict[str, str] = {}
            for path in paths:
                try:
                    law(path)
                except Exception as error:
                    broken[path.relative_to(ROOT).as_posix()] = f"{type(error).__name__}: {error}"
            assert paths and not broken, "\n".join(f"{name}: {why}" for name, why in broken.items())

        test.__name__, test.__doc__, test.__module__ = law.__name__, law.__doc__, law.__module__
        return test

    return decorate
