"""Where the files that come with the program are, in a checkout and in an installed wheel."""

from __future__ import annotations

from pathlib import Path

from ketadash.core.errors import DataError

_PACKAGE = Path(__file__).resolve().parents[1]


def home() -> Path:
    """The folder that holds `app.py`, `pages/`, `sample_data/` and `examples/`."""
    installed = _PACKAGE / "_app"  # put there by the wheel's build, absent in a checkout
    return installed if installed.is_dir() else _PACKAGE.parent


def sample_folder() -> Path:
    """The folder of the synthetic sample trial."""
    return home() / "sample_data"


def examples() -> tuple[str, ...]:
    """The names of the real trials that come with the program."""
    return tuple(sorted(p.name for p in (home() / "examples").glob("*/") if (p / "trial.toml").exists()))


def example_folder(name: str) -> Path:
    """The folder of a real trial that comes with the program.

    Raises
    ------
    DataError
        If there is none of that name.
    """
    if name not in examples():
        raise DataError(f"there is no example '{name[:40]}'; there is {', '.join(examples()) or 'none here'}")
    return home() / "examples" / name
