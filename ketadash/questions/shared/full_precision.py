"""Tables in full precision, for downloads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from ketadash.core.p_values import PValue


def precise(records: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """One row a record, in which p-values stay what they are: pandas would make plain numbers of them."""
    rows = list(records)
    frame = pd.DataFrame(rows)
    for c in frame.columns:
        cells = [row.get(c) for row in rows]
        if any(isinstance(cell, PValue) for cell in cells):
            frame[c] = pd.Series(cells, dtype=object)
    return frame
