"""Where the files that come with the program are, in a checkout and in an installed wheel."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def home() -> Path:
    """The folder that holds `app.py`, `pages/` and `sample_data/`."""
    installed = _PACKAGE / "_app"  # put there by the wheel's build, absent in a checkout
    return installed if installed.is_dir() else _PACKAGE.parent


def sample_folder() -> Path:
    """The folder of the synthetic sample trial."""
    return home() / "sample_data"
