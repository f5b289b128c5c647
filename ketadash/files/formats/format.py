"""What a format is: how its files are told by their first bytes, and what reads them."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from ketadash.core.findings import CheckFailedError, short
from ketadash.files.limits import limits
from ketadash.files.table import Table, category, headers, without_blanks

Reader = Callable[[bytes, str], list[Table]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A format that is read.

    Attributes
    ----------
    name
        What sentences call a file of it: "a Parquet file".
    endings
        How names of its files end, in lower case; a table is called by the name without it.  They decide nothing else.
    tables
        Every table of an unpacked file, given its bytes and the name that messages call it.
    begins
        How its files begin: any of these.
    looks_so
        Whether first bytes that begin in no such way are nevertheless those of its files.
    in_zip
        Whether a zip that holds files of these names is one file of this format.
    library
        The module that `tables` imports, so that it can be imported before anybody waits.
    """

    name: str
    endings: tuple[str, ...]
    tables: Reader
    begins: tuple[bytes, ...] = ()
    looks_so: Callable[[bytes], bool] = lambda raw: False
    in_zip: Callable[[frozenset[str]], bool] = lambda names: False
    library: str = ""


def of_library(name: str, read: Reader) -> Reader:
    """A reader by a library of somebody else's: whatever the library raises is a file that cannot be read.

    Parameters
    ----------
    name
        The format's name.
    read
        Reads the tables; its refusals (`CheckFailedError`) and want of memory are passed on.
    """

    def tables(raw: bytes, file: str) -> list[Table]:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return read(raw, file)
        except (CheckFailedError, MemoryError):
            raise
        except Exception as error:  # each library has its own zoo of them; whichever it was, the file cannot be read
            raise CheckFailedError(
                "readable",
                f"{file} begins like {name} but cannot be read as one "
                f"({type(error).__name__}); save it again, or export it as CSV",
            ) from error

    return tables


def bound(rows: int, columns: int, name: str) -> None:
    """Refuse a table that is too large, before it is laid out.

    Raises
    ------
    CheckFailedError
        When it has more cells or columns than the limits allow.
    """
    if rows * columns > limits().cells or columns > limits().columns:
        raise CheckFailedError(
            "size", f"{name} has {rows:,} rows and {columns:,} columns, more than is read; keep only what you analyse"
        )


def plain_table(frame: pd.DataFrame, file: str, sheet: str | None = None) -> Table:
    """A frame of any types as a table of texts; places are the data set's rows, from 1.

    Raises
    ------
    CheckFailedError
        When it has no rows, or two columns of one name.
    """
    name = file if sheet is None else f"{file} ({short(sheet)})"
    columns = [pd.Series(category(frame.iloc[:, j])) for j in range(frame.shape[1])]
    texts = pd.DataFrame(dict(enumerate(columns)))
    texts.index = pd.RangeIndex(1, len(frame) + 1)
    texts.columns = pd.Index(headers([str(c) for c in frame.columns], name))
    texts = without_blanks(texts)
    if texts.empty:
        raise CheckFailedError("empty_file", f"{name} has no rows; export it again with its rows")
    return Table(file, texts, False, sheet, "row")
