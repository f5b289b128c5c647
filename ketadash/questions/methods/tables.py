"""Our numbers beside R's as a table."""

from __future__ import annotations

import pandas as pd

from ketadash.results.comparison_with_r import Comparison


def beside(c: Comparison) -> pd.DataFrame:
    """A row a number: ours, R's, the difference, how far apart they may be, and whether they agree."""
    return pd.DataFrame(
        {
            "number": [row.quantity for row in c.rows],
            "ours, now": [f"{row.ours:.8g}" for row in c.rows],
            "R": [f"{row.r:.8g}" for row in c.rows],
            "difference": [_small(row.difference) for row in c.rows],
            "tolerance": [_small(row.tolerance) for row in c.rows],
            "": ["agrees" if row.agrees else "DIFFERS" for row in c.rows],
        }
    )


def _small(x: float) -> str:
    """``2e−09``, with a true minus sign; 0 where there is none."""
    return "0" if x == 0 else f"{x:.0e}".replace("-", "−")
