"""SAS, SPSS and Stata data sets, by pyreadstat, with what their columns and values are called in words."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from ketadash.files.formats.format import Format, bound, of_library, plain_table
from ketadash.files.table import Table, text_of


def _tables(reader: str, raw: bytes, file: str) -> list[Table]:
    """The data set, by the function of pyreadstat that reads its kind."""
    import pyreadstat

    read = getattr(pyreadstat, reader)
    meta = read(io.BytesIO(raw), metadataonly=True)[1]
    bound(max(0, meta.number_rows or 0), meta.number_columns or 0, file)
    frame, meta = read(io.BytesIO(raw))
    labels = {str(c): str(label) for c, label in (meta.column_names_to_labels or {}).items() if label}
    codes = {
        str(c): {text_of(v): text_of(w) for v, w in words.items()}
        for c, words in (meta.variable_value_labels or {}).items()
    }
    return [replace(plain_table(frame, file), labels=labels, codes=codes)]


def _is_old_stata(raw: bytes) -> bool:
    """Stata before version 13: its version, then the byte order (1 or 2) and a 1."""
    return len(raw) > 3 and 104 <= raw[0] <= 115 and raw[1] in (1, 2) and raw[2] == 1


def _is_portable_spss(raw: bytes) -> bool:
    return b"ASCII SPSS PORT FILE" in raw[:400]


def _format(
    name: str,
    reader: str,
    endings: tuple[str, ...],
    begins: tuple[bytes, ...],
    looks_so: Callable[[bytes], bool] = lambda raw: False,
) -> Format:
    return Format(
        name=name,
        endings=endings,
        begins=begins,
        looks_so=looks_so,
        tables=of_library(name, partial(_tables, reader)),
        library="pyreadstat",
    )


_SAS_BEGINS = bytes(12) + bytes.fromhex("c2ea8160b31411cfbd92080009c7318c181f1011")
SAS = _format("a SAS data set", "read_sas7bdat", (".sas7bdat",), (_SAS_BEGINS,))
SAS_TRANSPORT = _format("a SAS transport file", "read_xport", (".xpt",), (b"HEADER RECORD*******LIB",))
SPSS = _format("an SPSS file", "read_sav", (".sav", ".zsav"), (b"$FL2", b"$FL3"))
STATA = _format("a Stata file", "read_dta", (".dta",), (b"<stata_dta>",), _is_old_stata)
SPSS_PORTABLE = _format("an SPSS portable file", "read_por", (".por",), (), _is_portable_spss)
