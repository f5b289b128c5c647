"""R's .rds and .rda files, by rdata: every data frame in them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ketadash.core.findings import CheckFailedError, short
from ketadash.files.formats.format import Format, bound, of_library, plain_table
from ketadash.files.table import Table


def _tables(raw: bytes, file: str) -> list[Table]:
    """The data frames in an .rds or .rda, by their names."""
    import rdata

    days = {
        "Date": lambda x, attrs: pd.to_datetime(np.asarray(x, dtype=float), unit="D"),
        "POSIXct": lambda x, attrs: pd.to_datetime(np.asarray(x, dtype=float), unit="s"),
    }
    known: Any = {**rdata.conversion.DEFAULT_CLASS_MAP, **days}
    parsed = rdata.parser.parse_data(raw)
    content = rdata.conversion.convert(parsed, constructor_dict=known)
    objects = content if isinstance(content, dict) else {"": content}
    frames = {str(name): f for name, f in objects.items() if isinstance(f, pd.DataFrame)}
    if not frames:
        raise CheckFailedError("readable", f"{file} holds no data frame; save the data frame itself with saveRDS()")
    for name, frame in frames.items():
        bound(*frame.shape, f"{file} ({short(name)})" if name else file)
    several = len(frames) > 1
    return [plain_table(frame, file, name if several else None) for name, frame in frames.items()]


NAME = "an R data file"
R_DATA = Format(
    name=NAME,
    endings=(".rds", ".rda", ".rdata"),
    begins=(b"RDX2\n", b"RDX3\n", b"RDA2\n", b"RDA3\n", b"X\n\x00\x00\x00", b"A\n2\n", b"A\n3\n"),
    tables=of_library(NAME, _tables),
    library="rdata",
)
