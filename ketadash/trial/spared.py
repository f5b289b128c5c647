"""What is written never takes the place of what is read."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from ketadash.core.errors import DataError, KetadashError
from ketadash.core.paths import sample_folder
from ketadash.trial.roles import SUFFIXES


def spare_what_is_read(options: Namespace) -> None:
    """Refuse a command that would write over its own data.

    Raises
    ------
    KetadashError
        If it would, or if a file of megabytes is asked for on standard output.
    """
    if getattr(options, "output", None) == "-":
        raise KetadashError("a file with its toggles has megabytes: name it, as in -o trial.html")
    for target in (getattr(options, "json", None), getattr(options, "output", None)):
        if target not in (None, "-"):
            spare(target, options.data or sample_folder(), getattr(options, "recipe", None))


def spare(target: str | Path, data: str | Path, recipe: str | Path | None = None) -> None:
    """Refuse to write over what a trial is read from: its file or the recipe, or another table or TOML beside them.

    Raises
    ------
    DataError
        If `target` is one of them; nothing has been written.
    """
    try:
        written = Path(target).resolve()
        if not written.is_file():
            return
    except OSError:  # a name that no file can have, which whoever writes it says
        return
    read = [Path(path).resolve() for path in (data, recipe) if path is not None]
    folders = {path if path.is_dir() else path.parent for path in read}
    if written in read or (written.parent in folders and written.suffix.lower() in (*SUFFIXES, ".toml")):
        raise DataError(
            f"{target} would be written over, and is or may be read as part of the trial: name another file"
        )
