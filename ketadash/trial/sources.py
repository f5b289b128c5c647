"""From what the user gave (a path, a folder, an archive, uploaded bytes) to named bytes, and their fingerprint."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ketadash.core.findings import CheckFailedError, listed, short
from ketadash.files import Table, bound, bound_files, files_in, limits, tables
from ketadash.trial.recognise import SYNONYMS
from ketadash.trial.roles import ROLES, SUFFIXES, by_name, find, stem, table_name

LONGEST_NAME = 200  # characters of what a trial is called
LONGEST_TEXT = 1_000_000  # bytes of one of the files below
TEXTS = ("trial", "published", "recipe")  # what may lie beside the data, as .toml
ORDER = (*ROLES, "trial", "recipe")  # the order of the fingerprint


_DESCRIBES = re.compile(r"data.?dictionary|codebook", re.IGNORECASE)  # REDCap's words for the columns of its exports


@dataclass(frozen=True)
class Source:
    """One file: its name as given, its bytes as they lie on disk, and as they read once unpacked."""

    file: str
    raw: bytes
    plain: bytes


@dataclass(frozen=True, eq=False)
class Given:
    """Everything that was given.

    Attributes
    ----------
    name
        What to call the trial where nothing else says.
    texts
        `trial.toml`, `published.toml` and `recipe.toml`, by what they are.
    data
        The files of data.
    tables
        Their tables, each with the file it is from.
    """

    name: str
    texts: dict[str, Source]
    data: tuple[Source, ...]
    tables: tuple[tuple[Source, Table], ...]


def gather(source: str | Path | bytes | Mapping[str, bytes], name: str | None) -> Given:
    """Open everything that was given.

    Raises
    ------
    DataError
        When there is no such file, no table in it, or a file that cannot be read or is beyond the limits.
    """
    if isinstance(source, bytes):
        return _given(stem(name or "uploaded file"), [(name or "the file", source)])
    if isinstance(source, Mapping):
        named = [(Path(file).name, raw) for file, raw in source.items()]
        return _given(name or "uploaded files", named)
    path = Path(source)
    if path.is_dir():
        wanted = [p for p in sorted(path.iterdir()) if p.is_file() and _wanted(p.name)]
        return _given(name or path.resolve().name, [(p.name, _read(p)) for p in wanted])
    alone = _given(name or stem(path.name), [(path.name, _read(path))])
    return gather(path.resolve().parent, name) if _lacks_arms(alone) and _has_people(path) else alone


def _lacks_arms(given: Given) -> bool:
    """Whether that is a file called days without a column of arms: who got what then stands elsewhere."""
    return all(by_name(stem(s.file)) == "days" and find(table, SYNONYMS["arm"]) is None for s, table in given.tables)


def _has_people(path: Path) -> bool:
    """Whether a file of participants lies beside a file."""
    beside = (p for p in path.resolve().parent.iterdir() if p.is_file() and _wanted(p.name))
    return any(by_name(stem(p.name)) == "participants" for p in beside)


def _given(name: str, files: list[tuple[str, bytes]]) -> Given:
    name = short(name, LONGEST_NAME)
    bound_files(len(files), sum(len(raw) for _, raw in files))
    sources = [s for file, raw in files for s in _opened(file, raw)]
    bound_files(len(sources), sum(len(s.plain) for s in sources))
    texts = {what: s for s in sources if (what := _text(s.file)) is not None}
    for s in texts.values():
        if len(s.plain) > LONGEST_TEXT:
            raise CheckFailedError(
                "size", f"{s.file} has more than {LONGEST_TEXT:,} bytes; keep only what it has to say"
            )
    data = tuple(s for s in sources if _text(s.file) is None)
    twice = sorted(file for file, n in Counter(s.file for s in data).items() if n > 1)
    if twice:
        raise CheckFailedError("files", f"two files are called {listed(twice)}; keep one or rename it")
    roles = [(by_name(stem(s.file)), s) for s in data]
    for role in ROLES:
        same = [s.file for r, s in roles if r == role]
        if len(same) > 1:
            raise CheckFailedError("files", f"{same[0]} and {same[1]} are both the file of {role}; keep one")
    if not data:
        raise CheckFailedError("files", "no file of participant-days was given; add one, such as days.csv")
    # Where one file is called days, a file whose name says nothing is not even opened.
    settled = any(role == "days" for role, _ in roles)
    used = [s for role, s in roles if role is not None or not settled or _DESCRIBES.search(s.file)]
    return Given(name, texts, data, tuple(_tables(used)))


def _tables(used: list[Source]) -> Iterator[tuple[Source, Table]]:
    """The tables of every file, as long as they are together within what one may have."""
    cells = texts = columns = number = 0
    for source in used:
        for table in tables(source.plain, source.file):
            cells += table.frame.size
            columns += table.frame.shape[1]
            number += 1
            texts += sum(len(table.frame[c].cat.categories) for c in table.frame.columns)
            if cells > limits().cells or texts > limits().texts:
                raise CheckFailedError(
                    "size",
                    f"the files have together more than the {limits().cells:,} cells, or "
                    f"the {limits().texts:,} different texts, that are read; keep only what you "
                    "analyse",
                )
            if number > 2 * limits().sheets or columns > 2 * limits().columns:
                raise CheckFailedError(
                    "size",
                    f"the files have together more than the {2 * limits().sheets} tables, or the "
                    f"{2 * limits().columns:,} columns, that are read; keep the trial's own",
                )
            yield source, table


def _opened(file: str, raw: bytes) -> list[Source]:
    bound(len(raw), short(file))
    inside = files_in(raw, short(file))
    if list(inside) == [short(file)]:
        return [Source(short(file), raw, inside[short(file)])]
    return [Source(short(name), plain, plain) for name, plain in inside.items() if _wanted(name)]


def fingerprint(given: Given, used: Mapping[str, Iterable[str]]) -> str:
    """SHA-256 over role, length and bytes of every file used (their names by role), in the order of `ORDER`."""
    file_of = {s.file: s for s in given.data}
    roles: dict[str, list[Source]] = {role: [file_of[file] for file in files] for role, files in used.items()}
    roles |= {what: [given.texts[what]] for what in ("trial", "recipe") if what in given.texts}
    sha, seen = hashlib.sha256(), set[str]()
    for role in ORDER:
        for source in sorted(roles.get(role, []), key=lambda s: s.file):
            if source.file not in seen:  # one workbook may hold them all
                seen.add(source.file)
                # The length keeps bytes from moving unseen from the end of one file to the head of the next.
                sha.update(f"{role}:{len(source.raw)}\n".encode())
                sha.update(source.raw)
    return sha.hexdigest()


def not_opened(given: Given) -> tuple[str, ...]:
    """Files that were given and left closed."""
    opened = {id(s) for s, _ in given.tables}
    return tuple(s.file for s in given.data if id(s) not in opened)


def table_names(given: Given) -> tuple[str, ...]:
    """What the tables are called, for a choice among them."""
    return tuple(table_name(t) for _, t in given.tables)


def _text(file: str) -> str | None:
    """Which of `TEXTS` a file is, by its name."""
    name = file.lower()
    return name.removesuffix(".toml") if name.endswith(".toml") and name.removesuffix(".toml") in TEXTS else None


def _wanted(file: str) -> bool:
    return _text(file) is not None or file.lower().endswith((*SUFFIXES, ".zip"))


def _read(path: Path) -> bytes:
    try:
        bound(path.stat().st_size, path.name)
        return path.read_bytes()
    except OSError as error:
        reason = "there is no such file" if isinstance(error, FileNotFoundError) else error.strerror or "unknown reason"
        message = f"cannot read {path.name}: {reason}; check the path and its permissions"
        raise CheckFailedError("readable", message) from None
