"""Printed numbers beside ours, as a table."""

from __future__ import annotations

import pandas as pd

from ketadash.published import Reproduced
from ketadash.words_paper import difference, mark


def table(found: tuple[Reproduced, ...]) -> pd.DataFrame:
    """One row a printed number."""
    return pd.DataFrame(
        [
            {
                "Section": r.printed.section,
                "Number": r.printed.what,
                "Printed": r.printed.printed,
                "Ours": r.shown,
                "Difference": difference(r),
                "Agrees": mark(r),
                "Note": r.printed.note,
            }
            for r in found
        ]
    )
