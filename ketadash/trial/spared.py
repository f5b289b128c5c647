"""What is written never takes the place of what is read."""

from __future__ import annotations

import os
from argparse import Namespace
from pathlib import Path

from ketadash.core.errors import DataError, KetadashError
from ketadash.core.paths import sample_folder
from ketadash.trial.roles import SUFFIXES


def spare_what_is_read(options: Namespace) -> None:
    """Refuse a command that would write over its own data, or whose results would have nowhere to go.

    Raises
    ------
    KetadashError
        If it would; if its file cannot be written, before hours of work and not after; or if a file of megabytes is
        asked for on standard output.
    """
    if getattr(options, "output", None) == "-":
        raise KetadashError("a file with its toggles has megabytes: name it, as in -o trial.html")
    for target in (getattr(options, "json", None), getattr(options, "output", None)):
        if target not in (None, "-"):
            _can_be_written(target)
            spare(target, options.data or sample_folder(), getattr(options, "recipe", None))


def _can_be_written(target: str) -> None:
    path = Path(target)
    try:
        if not target:
            trouble = "it has no name"
        elif path.is_dir():
            trouble = f"it is a folder; name a file in it, such as {path / 'trial'}"
        elif not path.parent.is_dir():
            trouble = f"there is no folder {path.parent} to write {path.name} to"
        else:
            trouble = "" if os.access(path if path.exists() else path.parent, os.W_OK) else "that is not allowed"
    except (OSError, ValueError) as error:  # a name that no file can have
        trouble = getattr(error, "strerror", None) or "no file can be called so"
    if trouble:
        raise KetadashError(f"cannot write {target[:200]}: {trouble}")


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
    tables = [path for folder in folders for path in folder.iterdir() if _is_read(path)]
    if written in read or (written.parent in folders and _is_read(written)) or _same(written, [*read, *tables]):
        raise DataError(
            f"{target} would be written over, and is or may be read as part of the trial: name another file"
        )


def _is_read(path: Path) -> bool:
    return path.suffix.lower() in (*SUFFIXES, ".toml")


def _same(written: Path, read: list[Path]) -> bool:
    """Whether it is one of these under another name: a hard link."""
    return any(path.is_file() and written.samefile(path) for path in read)
