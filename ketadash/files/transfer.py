"""What goes between a process that asks for a reading and the one that reads: JSON about it, then bytes and Arrow.

Nothing of it is ever unpickled or evaluated, so that a reading process that a file has taken over can answer lies about
that file and nothing else.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from ketadash.core.findings import CheckFailedError, short
from ketadash.files.limits import limits
from ketadash.files.table import LONGEST_HEADER, Table

READY = b"r"  # what a process says once it has started
STATUS = struct.Struct("<i")  # what a host puts behind an answer: how the child ended, negative for a signal
LONGEST_CELL = 5_000  # characters of a cell that are read
LENGTH = 8  # bytes before a request and before an answer that say how long it is


@dataclass(frozen=True, slots=True)
class Request:
    """What a reading process is asked for.

    Attributes
    ----------
    what
        ``unpack`` or ``tables``.
    file
        What messages call the file; it stands in no command line, where every user of the machine could read it.
    size
        Bytes of the file, which follow.
    memory
        MB that the process may use beside what it begins with.
    seconds
        How long it may take.
    settings
        The limits in force, as environment variables.
    """

    what: str
    file: str
    size: int
    memory: int
    seconds: int
    settings: Mapping[str, str]

    def packed(self) -> bytes:
        """The request as bytes, with its length before it."""
        line = json.dumps(asdict(self)).encode()
        return len(line).to_bytes(LENGTH) + line


def request_of(line: bytes) -> Request:
    """The request that `Request.packed` packed, its length taken off."""
    return Request(**json.loads(line))


def _answer(head: Mapping[str, Any], bodies: Sequence[Any]) -> list[Any]:
    """An answer in pieces: the length of all that follows, that of its head, the head as JSON, the bodies."""
    line = json.dumps(head).encode()
    length = LENGTH + len(line) + sum(len(body) for body in bodies)
    return [length.to_bytes(LENGTH) + len(line).to_bytes(LENGTH) + line, *bodies]


def packed_refusal(error: CheckFailedError) -> list[Any]:
    """A refusal as bytes."""
    return _answer({"check": error.check.name, "message": str(error)}, [])


def packed_files(files: Mapping[str, bytes] | None) -> list[Any]:
    """Unpacked files as bytes; None: the file is not packed."""
    if files is None:
        return _answer({"files": None}, [])
    return _answer({"files": [[name, len(raw)] for name, raw in files.items()]}, list(files.values()))


def packed_tables(tables: list[Table]) -> list[Any]:
    """Tables as bytes: about each one, then each one's cells as an Arrow stream.

    Raises
    ------
    DataError
        When they hold more different texts than the limits allow.
    """
    import pyarrow as pa

    heads, bodies = list[dict[str, Any]](), list[Any]()
    _bound(tables)
    for t in tables:
        names = [str(i) for i in range(t.frame.shape[1])]
        columns = [pa.array(_cut(t.frame.iloc[:, i])) for i in range(t.frame.shape[1])]
        content = pa.table([*columns, pa.array(t.frame.index.to_numpy())], names=[*names, "place"])
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, content.schema) as stream:
            stream.write_table(content)
        bodies.append(sink.getvalue())
        heads.append(
            {
                "columns": list(t.frame.columns),
                "sheet": None if t.sheet is None else short(t.sheet, LONGEST_HEADER),
                "row": t.row,
                "labels": {k: short(v, LONGEST_HEADER) for k, v in t.labels.items()},
                "codes": {k: {c: short(w, LONGEST_HEADER) for c, w in v.items()} for k, v in t.codes.items()},
                "notes": [short(note, 1_000) for note in t.notes],
                "trouble": t.trouble,
                "comma": t.decimal_comma,
                "above": [[short(name, LONGEST_HEADER), short(value, LONGEST_HEADER)] for name, value in t.above],
                "hidden": t.hidden,
                "file": t.file,
                "size": len(bodies[-1]),
            }
        )
    return _answer({"tables": heads}, bodies)


def _cut(column: pd.Series) -> pd.Series:
    """A column whose texts all end: one of a megabyte would hold up whoever asked at every look at it."""
    texts = [str(text) for text in column.cat.categories]
    if max(map(len, texts), default=0) <= LONGEST_CELL:
        return column
    codes, different = pd.factorize(np.array([short(text, LONGEST_CELL) for text in texts], dtype=object))
    return pd.Series(
        pd.Categorical.from_codes(np.append(codes, -1)[column.cat.codes].tolist(), categories=pd.Index(different))
    )


def _bound(tables: list[Table]) -> None:
    """DataError for more tables or different texts than the process that asked could take in quickly."""
    if len(tables) > limits().sheets:
        raise CheckFailedError(
            "size",
            f"{tables[0].file} holds {len(tables):,} tables, more than the {limits().sheets} that are read; keep the "
            "trial's own",
        )
    different = sum(len(t.frame[c].cat.categories) for t in tables for c in t.frame.columns)
    if different > limits().texts:
        raise CheckFailedError(
            "size",
            f"{tables[0].file} has {different:,} different texts in its cells, more than "
            f"the {limits().texts:,} that are read; keep only the columns you analyse",
        )


def files_of(answer: memoryview) -> Mapping[str, bytes] | None:
    """What `packed_files` packed; DataError for a refusal."""
    head, rest = _opened(answer)
    if head["files"] is None:
        return None
    files, at = dict[str, bytes](), 0
    for name, size in head["files"]:
        files[name] = bytes(rest[at : at + size])
        at += size
    return files


def tables_of(answer: memoryview) -> list[Table]:
    """What `packed_tables` packed; DataError for a refusal."""
    import pyarrow as pa

    head, rest = _opened(answer)
    tables, at = list[Table](), 0
    for one in head["tables"]:
        body = pa.py_buffer(rest[at : at + one["size"]])
        at += one["size"]
        content = pa.ipc.open_stream(body).read_all()
        content.validate(full=True)  # else lengths that lie would be believed
        frame: pd.DataFrame = content.to_pandas()
        frame.index = pd.Index(frame.pop("place").to_numpy())
        frame.columns = pd.Index(one["columns"])
        tables.append(
            Table(
                one["file"],
                frame,
                one["comma"],
                one["sheet"],
                one["row"],
                one["labels"],
                one["codes"],
                tuple(one["notes"]),
                one["trouble"],
                tuple((name, value) for name, value in one["above"]),
                tuple((first, last) for first, last in one["hidden"]),
            )
        )
    return tables


def _opened(answer: memoryview) -> tuple[dict[str, Any], memoryview]:
    """The head of an answer and its bodies; DataError for a refusal."""
    end = LENGTH + int.from_bytes(answer[:LENGTH])
    head: dict[str, Any] = json.loads(bytes(answer[LENGTH:end]))
    if "message" in head:
        raise CheckFailedError(head["check"], head["message"])
    return head, answer[end:]
