"""How much memory this machine, or the container on it, has."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

ASSUMED = 8_000_000_000  # where the system does not tell


@lru_cache(maxsize=1)
def memory() -> int:
    """Bytes: the machine's, or less where a container is allowed less."""
    return min([_physical(), *of_container(Path("/proc/self/cgroup"), Path("/sys/fs/cgroup"))])


def _physical() -> int:
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):  # Windows
        return ASSUMED


def of_container(own: Path, root: Path) -> list[int]:
    """The limits of the control groups that this process is in, of version 2 and of version 1, and of those above."""
    places = [root / "memory.max", root / "memory" / "memory.limit_in_bytes"]
    for line in _read(own).splitlines():
        number, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        folder, name = (root, "memory.max") if number == "0" else (root / "memory", "memory.limit_in_bytes")
        if number == "0" or "memory" in controllers.split(","):
            inside = Path(path.lstrip("/"))
            places += [folder / part / name for part in (inside, *inside.parents)]
    texts = [_read(place).strip() for place in places]
    return [int(text) for text in texts if text.isdigit() and int(text) > 0]  # "max" is no limit


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except (OSError, ValueError):
        return ""
