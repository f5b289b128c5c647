"""From what the user gave (a path, a folder, uploaded bytes) to named bytes by role, and their fingerprint."""

from __future__ import annotations

import gzip
import hashlib
import io
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ketadash.trial.model import CheckFailedError, listed

MAX_BYTES = 200_000_000
ROLES = ("days", "participants", "visits", "adverse_events", "trial")  # the order of the fingerprint
_TABLE_SUFFIXES = (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".txt.gz")


@dataclass(frozen=True)
class Source:
    """One file: its name as given and its bytes as they lie on disk."""

    file: str
    raw: bytes

    def content(self) -> bytes:
        """The bytes, unpacked if they are gzip (told by content, not by name)."""
        if not self.raw.startswith(b"\x1f\x8b"):
            return self.raw
        try:
            # One byte more than allowed, so that a small file that unpacks to gigabytes stops here.
            unpacked = gzip.GzipFile(fileobj=io.BytesIO(self.raw)).read(MAX_BYTES + 1)
        except (OSError, EOFError, zlib.error):
            raise CheckFailedError("readable", f"{self.file} is a damaged gzip file; pack it again") from None
        _bound(len(unpacked), self.file)
        return unpacked


def gather(source: str | Path | bytes | Mapping[str, bytes], name: str | None) -> tuple[str, dict[str, Source]]:
    """The trial's name and its files by role.

    Raises
    ------
    DataError
        When there is no such file, none of days, two for one role, or one beyond `MAX_BYTES`.
    """
    if isinstance(source, bytes):
        _bound(len(source), name or "the file")
        return _stem(name or "uploaded file"), {"days": Source(name or "the file", source)}
    if isinstance(source, Mapping):
        given = {Path(file).name: raw for file, raw in source.items()}
        for file, raw in given.items():
            _bound(len(raw), file)
        return name or "uploaded files", {r: Source(file, given[file]) for r, file in _by_role(given).items()}
    path = Path(source)
    if path.is_dir():
        roles = _by_role(sorted(p.name for p in path.iterdir() if p.is_file()))
        return name or path.resolve().name, {role: _read(path / file) for role, file in roles.items()}
    return name or _stem(path.name), {"days": _read(path)}


def fingerprint(files: Mapping[str, Source]) -> str:
    """SHA-256 over role, length and bytes of every file, in the order of `ROLES`."""
    sha = hashlib.sha256()
    for role in ROLES:
        if role in files:
            # The length keeps bytes from moving unseen from the end of one file to the head of the next.
            sha.update(f"{role}:{len(files[role].raw)}\n".encode())
            sha.update(files[role].raw)
    return sha.hexdigest()


def _by_role(files: Iterable[str]) -> dict[str, str]:
    """Which file has which role, by its name; a lone table with any other name is the file of days."""
    files = list(files)
    roles: dict[str, str] = {}
    for file in files:
        role = _role(file)
        if role in roles:
            raise CheckFailedError("files", f"{roles[role]} and {file} are both the file of {role}; keep one")
        if role is not None:
            roles[role] = file
    if "days" not in roles:
        tables = [file for file in files if _is_table(file) and _role(file) is None]
        if len(tables) != 1:
            found = f"found: {listed(tables)}" if tables else "there is no table"
            raise CheckFailedError("files", f"no file is called days.csv ({found}); give the file of days that name")
        roles["days"] = tables[0]
    return roles


def _role(file: str) -> str | None:
    if file.lower() in ("trial.toml", "published.toml"):
        return _stem(file).lower()
    stem = _stem(file).lower()
    return stem if _is_table(file) and stem in ROLES and stem != "trial" else None


def _is_table(file: str) -> bool:
    return file.lower().endswith(_TABLE_SUFFIXES)


def _stem(file: str) -> str:
    for suffix in sorted(_TABLE_SUFFIXES, key=len, reverse=True):
        if file.lower().endswith(suffix):
            return file[: -len(suffix)]
    return Path(file).stem


def _read(path: Path) -> Source:
    try:
        _bound(path.stat().st_size, path.name)
        return Source(path.name, path.read_bytes())
    except OSError as error:
        reason = "there is no such file" if isinstance(error, FileNotFoundError) else error.strerror or "unknown reason"
        message = f"cannot read {path.name}: {reason}; check the path and its permissions"
        raise CheckFailedError("readable", message) from None


def _bound(size: int, file: str) -> None:
    if size > MAX_BYTES:
        limit = f"{MAX_BYTES // 1_000_000} MB"
        raise CheckFailedError("size", f"{file} is larger than {limit} unpacked; keep only what you analyse")
