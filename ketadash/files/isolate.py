"""Workbooks and data sets are read in another process: a damaged or hostile one can take nothing else with it.

The process gets the bytes through a pipe and gives tables back as Arrow, which is data and nothing else; no file is
written.  It may use so much memory and so many seconds as `limits` says, and is gone when it has answered.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pandas as pd

from ketadash.files.kinds import Kind
from ketadash.files.limits import limits
from ketadash.files.table import Table
from ketadash.findings import CheckFailedError

_KEPT = ("PATH", "SYSTEMROOT", "LANG", "LC_ALL", "TMPDIR", "TEMP", "HOME")  # and the limits; nothing else of ours


def tables(raw: bytes, file: str, kind: Kind) -> list[Table]:
    """The tables of a workbook or data set.

    Raises
    ------
    DataError
        If the file cannot be read, or not within the limits.
    """
    try:
        done = subprocess.run(
            [sys.executable, "-c", "from ketadash.files import child; child.main()", kind.name, file],
            input=raw, capture_output=True, timeout=limits().seconds, env=_environment(), check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise CheckFailedError("size", f"{file} took longer than {limits().seconds} seconds to read; keep only what "
                               "you analyse, or save it as CSV") from None  # fmt: skip
    except (OSError, ValueError):  # a name that no command line can carry, or no process to be had
        raise CheckFailedError("readable", f"{file} could not be read just now; try again, or save it as CSV") from None
    if done.returncode == 0:
        return unframed(done.stdout, file)
    if done.returncode == 3:
        raise CheckFailedError("size", f"{file} needs more memory to read than the {limits().memory:,} MB allowed; "
                               "keep only what you analyse, or save it as CSV")  # fmt: skip
    raise CheckFailedError("readable", f"{file} begins like {kind.value} but is damaged; save it again, or export it "
                           "as CSV")  # fmt: skip


def _environment() -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if k in _KEPT or k.startswith("KETADASH_MAX_")}
    # One thread each: pools of threads reserve memory that the limit would count.
    return kept | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p), "OPENBLAS_NUM_THREADS": "1",
                   "OMP_NUM_THREADS": "1", "ARROW_DEFAULT_MEMORY_POOL": "system", "PYTHONUTF8": "1"}  # fmt: skip


def framed(found: list[Table]) -> bytes:
    """Tables as bytes: one line of JSON about them, then each one's cells as an Arrow stream."""
    import pyarrow as pa

    heads, bodies = list[dict[str, Any]](), list[bytes]()
    for t in found:
        names = [str(i) for i in range(t.frame.shape[1])]
        columns = [pa.array(t.frame.iloc[:, i]) for i in range(t.frame.shape[1])]
        content = pa.table([*columns, pa.array(t.frame.index.to_numpy())], names=[*names, "place"])
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, content.schema) as stream:
            stream.write_table(content)
        bodies.append(sink.getvalue().to_pybytes())
        heads.append({"columns": list(t.frame.columns), "sheet": t.sheet, "row": t.row, "labels": dict(t.labels),
                      "codes": {k: dict(v) for k, v in t.codes.items()}, "notes": t.notes, "trouble": t.trouble,
                      "comma": t.decimal_comma, "above": t.above, "merged": dict(t.merged),
                      "size": len(bodies[-1])})  # fmt: skip
    return b"".join([json.dumps({"tables": heads}).encode(), b"\n", *bodies])


def refused(error: CheckFailedError) -> bytes:
    """A refusal as bytes."""
    return json.dumps({"check": error.check.name, "message": str(error)}).encode() + b"\n"


def unframed(raw: bytes, file: str) -> list[Table]:
    """What `framed` or `refused` packed; DataError for a refusal."""
    import pyarrow as pa

    line, _, rest = raw.partition(b"\n")
    said = json.loads(line)
    if "message" in said:
        raise CheckFailedError(said["check"], said["message"])
    found = []
    for head in said["tables"]:
        body, rest = rest[: head["size"]], rest[head["size"] :]
        frame: pd.DataFrame = pa.ipc.open_stream(body).read_all().to_pandas()
        frame.index = pd.Index(frame.pop("place").to_numpy())
        frame.columns = pd.Index(head["columns"])
        found.append(Table(file, frame, head["comma"], head["sheet"], head["row"], head["labels"], head["codes"],
                           tuple(head["notes"]), head["trouble"], tuple((k, v) for k, v in head["above"]),
                           head["merged"]))  # fmt: skip
    return found
