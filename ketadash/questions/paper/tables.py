"""Printed numbers beside ours, as a table."""

from __future__ import annotations

import pandas as pd

from ketadash.core.spec import PValues
from ketadash.questions.paper.printed import Reproduced
from ketadash.questions.paper.words import difference, mark


def table(rows: tuple[Reproduced, ...], how: PValues = PValues.SHOWN) -> pd.DataFrame:
    """One row a printed number; the values of p-values are left out if they are hidden."""
    made = pd.DataFrame(
        [
            {
                "Section": r.printed.section,
                "Number": r.printed.what,
                "Printed": r.printed.printed,
                "Ours": r.shown,
                "Difference": difference(r),
                "Agrees": mark(r),
                "Note": "" if r.agrees else r.printed.note,  # which says why a number may differ
            }
            for r in rows
        ]
    )
    if how is PValues.HIDDEN:
        made.loc[[r.is_p for r in rows], ["Printed", "Ours", "Difference", "Agrees", "Note"]] = "hidden"
    return made
