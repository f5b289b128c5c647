"""Designs that no model can be fitted to, refused before the fit in the same words by every estimator."""

from __future__ import annotations

from ketadash.core.errors import FitError


def refuse_too_few_rows(n: int, p: int) -> None:
    """Refuse `n` rows that cannot tell `p` columns apart.

    Raises
    ------
    FitError
        For no rows, or fewer rows than columns.
    """
    if n == 0:
        raise FitError("no rows to fit: every day in the window is missing or excluded")
    if n < p:
        raise FitError(f"{n} rows cannot tell the {p} columns of the model apart; choose a longer window")


def repeated_column(column: int, p: int) -> FitError:
    """The error for a column, counted from 0, of `p` that repeats the others."""
    return FitError(
        f"column {column + 1} of {p} of the model is constant or repeats the others; leave that variable out"
    )
