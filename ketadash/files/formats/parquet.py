"""Parquet files, by pyarrow."""

from __future__ import annotations

import io

import pandas as pd

from ketadash.files.formats.format import Format, bound, of_library, plain_table
from ketadash.files.table import Table


def _tables(raw: bytes, file: str) -> list[Table]:
    import pyarrow.parquet as parquet

    content = parquet.ParquetFile(io.BytesIO(raw))
    bound(content.metadata.num_rows, content.metadata.num_columns, file)
    frame: pd.DataFrame = content.read().to_pandas()
    return [plain_table(frame.reset_index() if frame.index.name is not None else frame, file)]


NAME = "a Parquet file"
PARQUET = Format(
    name=NAME,
    endings=(".parquet",),
    begins=(b"PAR1",),
    tables=of_library(NAME, _tables),
    library="pyarrow.parquet",
)
