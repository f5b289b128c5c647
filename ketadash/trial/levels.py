"""What the participants' cells say, as text: the values by which sets and subgroups are named."""

from __future__ import annotations

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

from ketadash.trial.recognise import EMPTY, natural_order


def written(column: pd.Series) -> np.ndarray:
    """(n,) str: each cell's text, a number as short as it can be; "" where nothing is known."""
    if is_numeric_dtype(column):
        return np.array(["" if np.isnan(x) else f"{x:.15g}" for x in column.to_numpy(dtype=float)], dtype=object)
    words = column.astype(object).where(column.notna(), "").map(lambda cell: str(cell).strip())
    return np.array(["" if word.lower() in EMPTY else word for word in words], dtype=object)


def levels_of(column: pd.Series) -> list[str]:
    """The different texts, in natural order, without the unknown."""
    return sorted(set(written(column)) - {""}, key=natural_order)
