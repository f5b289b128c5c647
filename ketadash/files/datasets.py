"""SAS, SPSS, Stata, Parquet and R data sets, each by the library made for it."""

from __future__ import annotations

import io
import warnings
from typing import Any

import numpy as np
import pandas as pd

from ketadash.core.findings import CheckFailedError, short
from ketadash.files.kinds import Kind
from ketadash.files.limits import limits
from ketadash.files.table import Table, category, headers, text_of, without_blanks

_READERS = {
    Kind.SAS: "read_sas7bdat",
    Kind.SAS_TRANSPORT: "read_xport",
    Kind.SPSS: "read_sav",
    Kind.SPSS_PORTABLE: "read_por",
    Kind.STATA: "read_dta",
}


def tables(raw: bytes, file: str, kind: Kind) -> list[Table]:
    """The data set, or every data frame of an R file.

    Raises
    ------
    DataError
        For a file that is damaged, holds no table, or is beyond the limits.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if kind is Kind.PARQUET:
                return [_plain(_parquet(raw, file), file)]
            if kind is Kind.R:
                return _r(raw, file)
            return [_labelled(raw, file, kind)]
    except CheckFailedError:
        raise
    except MemoryError:
        raise
    except Exception as error:  # each library has its own zoo of them; whichever it was, the file cannot be read
        raise CheckFailedError(
            "readable",
            f"{file} begins like {kind.value} but cannot be read as one "
            f"({type(error).__name__}); save it again, or export it as CSV",
        ) from error


def _bound(rows: int, columns: int, name: str) -> None:
    if rows * columns > limits().cells or columns > limits().columns:
        raise CheckFailedError(
            "size", f"{name} has {rows:,} rows and {columns:,} columns, more than is read; keep only what you analyse"
        )


def _labelled(raw: bytes, file: str, kind: Kind) -> Table:
    """SAS, SPSS and Stata, with what their columns and values are called in words."""
    import pyreadstat

    reader = getattr(pyreadstat, _READERS[kind])
    meta = reader(io.BytesIO(raw), metadataonly=True)[1]
    _bound(max(0, meta.number_rows or 0), meta.number_columns or 0, file)
    frame, meta = reader(io.BytesIO(raw))
    labels = {str(c): str(label) for c, label in (meta.column_names_to_labels or {}).items() if label}
    codes = {
        str(c): {text_of(v): text_of(w) for v, w in words.items()}
        for c, words in (meta.variable_value_labels or {}).items()
    }
    return Table(file, _plain(frame, file).frame, False, None, "row", labels, codes)


def _parquet(raw: bytes, file: str) -> pd.DataFrame:
    import pyarrow.parquet as parquet

    parquet_file = parquet.ParquetFile(io.BytesIO(raw))
    _bound(parquet_file.metadata.num_rows, parquet_file.metadata.num_columns, file)
    frame: pd.DataFrame = parquet_file.read().to_pandas()
    return frame.reset_index() if frame.index.name is not None else frame


def _r(raw: bytes, file: str) -> list[Table]:
    """The data frames in an .rds or .rda, by their names."""
    import rdata

    days = {
        "Date": lambda x, attrs: pd.to_datetime(np.asarray(x, dtype=float), unit="D"),
        "POSIXct": lambda x, attrs: pd.to_datetime(np.asarray(x, dtype=float), unit="s"),
    }
    known: Any = {**rdata.conversion.DEFAULT_CLASS_MAP, **days}
    parsed = rdata.parser.parse_data(raw)
    converted = rdata.conversion.convert(parsed, constructor_dict=known)
    objects = converted if isinstance(converted, dict) else {"": converted}
    frames = {str(name): f for name, f in objects.items() if isinstance(f, pd.DataFrame)}
    if not frames:
        raise CheckFailedError("readable", f"{file} holds no data frame; save the data frame itself with saveRDS()")
    for name, frame in frames.items():
        _bound(*frame.shape, f"{file} ({short(name)})" if name else file)
    several = len(frames) > 1
    return [_plain(frame, file, name if several else None) for name, frame in frames.items()]


def _plain(frame: pd.DataFrame, file: str, sheet: str | None = None) -> Table:
    """A frame of any types as a table of texts; places are the data set's rows, from 1."""
    name = file if sheet is None else f"{file} ({short(sheet)})"
    columns = [pd.Series(category(frame.iloc[:, j])) for j in range(frame.shape[1])]
    texts = pd.DataFrame(dict(enumerate(columns)))
    texts.index = pd.RangeIndex(1, len(frame) + 1)
    texts.columns = pd.Index(headers([str(c) for c in frame.columns], name))
    texts = without_blanks(texts)
    if texts.empty:
        raise CheckFailedError("empty_file", f"{name} has no rows; export it again with its rows")
    return Table(file, texts, False, sheet, "row")
